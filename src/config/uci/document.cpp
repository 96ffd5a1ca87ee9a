#include "config/uci/document.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

#include "base/secret.hpp"

namespace causeway::config::uci {

Texts::~Texts() {
    for (auto& block : blocks_) {
        wipe({reinterpret_cast<std::uint8_t*>(block.data()), block.size()});
    }
}

std::string_view Texts::keep(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    constexpr std::size_t usual_block = std::size_t{1} << 14U;
    if (blocks_.empty() || blocks_.back().size() - used_ < text.size()) {
        blocks_.emplace_back(std::max(usual_block, text.size()));
        used_ = 0;
    }
    auto* const at = blocks_.back().data() + used_;
    std::ranges::copy(text, at);
    used_ += text.size();
    return {at, text.size()};
}

std::string_view Texts::keep_once(std::string_view text) {
    constexpr std::size_t enough = 4096;
    if (const auto known = once_.find(text); known != once_.end()) {
        return *known;
    }
    return once_.size() < enough ? *once_.insert(keep(text)).first : keep(text);
}

const Option* Section::find(std::string_view option) const {
    const auto found =
        by_name
            ? by_name->find(options, option)
            : static_cast<std::size_t>(std::ranges::find(options, option, &Option::name) - options.begin());
    return found != options.size() ? &options[found] : nullptr;
}

const Section* Document::find(std::string_view name) const {
    const auto found = by_name.find(sections, name);
    return found != sections.size() ? &sections[found] : nullptr;
}

std::string anonymous_name(std::size_t number, std::string_view type) {
    std::uint32_t hash = 5381;
    for (const char c : type) {
        hash = hash * 33 + static_cast<unsigned char>(c);
    }
    return fmt::format("cfg{:02x}{:04x}", number, hash & 0xffff);
}

bool same_content(const Document& a, const Document& b) {
    const auto same_value = [](const Value& x, const Value& y) { return x.text == y.text; };
    const auto same_option = [&](const Option& x, const Option& y) {
        return x.name == y.name && x.is_list == y.is_list &&
               std::ranges::equal(x.values, y.values, same_value);
    };
    const auto same_section = [&](const Section& x, const Section& y) {
        return x.type == y.type && x.name == y.name && x.anonymous == y.anonymous &&
               std::ranges::equal(x.options, y.options, same_option);
    };
    return std::ranges::equal(a.sections, b.sections, same_section);
}

}  // namespace causeway::config::uci
