#include "check/router/uci_file.hpp"

#include "config/uci/parse.hpp"
#include "config/words.hpp"

namespace causeway::check {

Result<UciFile> UciFile::read(const config::NamedText& file) {
    const FileName name(file.name);
    auto document = config::uci::parse(file.text);
    if (!document) {
        auto error = std::move(document.error());
        error.place.file = name;
        return fail(std::move(error));
    }
    return UciFile(name, std::move(*document));
}

Place UciFile::place(const config::uci::Section& section, std::string_view option) const {
    const auto* const found = section.find(option);
    return place(found == nullptr ? section.at : found->values.front().at);
}

std::string UciFile::text(const config::uci::Section& section, std::string_view option) {
    const auto* const found = section.find(option);
    return found == nullptr ? std::string() : std::string(found->values.front().text);
}

std::vector<Sourced<std::string>> UciFile::words(const config::uci::Section& section,
                                                 std::string_view option) const {
    std::vector<Sourced<std::string>> out;
    if (const auto* const found = section.find(option)) {
        for (const auto& value : found->values) {
            for (const auto word : config::split_words(value.text)) {
                out.push_back({std::string(word), place(value.at)});
            }
        }
    }
    return out;
}

bool UciFile::flag(const config::uci::Section& section, std::string_view option, bool otherwise) {
    return config::parse_boolean(text(section, option)).value_or(otherwise);
}

}  // namespace causeway::check
