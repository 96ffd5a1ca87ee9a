#include "config/ipsecconf/conn_view.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/words.hpp"

namespace causeway::config::ipsecconf {

Place ConnView::place(std::string_view key) const {
    const auto* const setting = conns_.find(conn_, key);
    return setting != nullptr ? document_.place(setting->at) : place();
}

std::optional<Sourced<std::string>> ConnView::text(std::string_view key) const {
    const auto* const setting = conns_.find(conn_, key);
    return setting != nullptr
               ? std::optional(Sourced<std::string>{setting->value, document_.place(setting->at)})
               : std::nullopt;
}

std::vector<Sourced<std::string>> ConnView::list(std::string_view key) const {
    std::vector<Sourced<std::string>> items;
    const auto* const setting = conns_.find(conn_, key);
    if (setting == nullptr) {
        return items;
    }
    const std::string_view whole = setting->value;
    for (std::size_t begin = 0; begin <= whole.size();) {
        const auto end = std::min(whole.find(',', begin), whole.size());
        auto item = whole.substr(begin, end - begin);
        const auto blanks = std::min(item.find_first_not_of(" \t\r\n"), item.size());
        item.remove_prefix(blanks);
        item = item.substr(0, item.find_last_not_of(" \t\r\n") + 1);
        if (!item.empty()) {
            auto place = document_.place(setting->at);
            place.column += setting->plain ? static_cast<std::uint32_t>(begin + blanks) : 0;
            items.push_back({std::string(item), std::move(place)});
        }
        begin = end + 1;
    }
    return items;
}

std::optional<Sourced<bool>> ConnView::boolean(std::string_view key) {
    return one_of<bool>(key, {{"yes", true}, {"no", false}});
}

std::optional<Sourced<Duration>> ConnView::duration(std::string_view key) {
    const auto written = text(key);
    if (!written) {
        return std::nullopt;
    }
    const auto time = parse_duration(written->value);
    if (!time) {
        unreadable(*written, key, "a number of seconds, or one with s, m, h or d behind it");
        return std::nullopt;
    }
    return Sourced<Duration>{*time, written->place};
}

void ConnView::unreadable(const Sourced<std::string>& written, std::string_view key,
                          std::string_view wanted) {
    refuse(finding<FindingId::ipsec_value_unreadable>(written.place, field<"option">(std::string(key)),
                                                      of_this(), field<"value">(printable(written.value, 60)),
                                                      field<"wanted">(std::string(wanted))));
}

}  // namespace causeway::config::ipsecconf
