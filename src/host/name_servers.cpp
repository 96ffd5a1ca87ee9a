#include "host/name_servers.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "host/outside.hpp"

namespace causeway::host {

namespace {

/// resolv.conf(5) names a handful; nobody's file is longer.
constexpr std::size_t max_octets = 16384;

}  // namespace

std::vector<IpAddress> name_servers_in(std::string_view text) {
    std::vector<IpAddress> servers;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        constexpr std::string_view keyword = "nameserver";
        if (!line.starts_with(keyword)) {
            continue;
        }
        line.remove_prefix(keyword.size());
        const std::size_t begin = line.find_first_not_of(" \t");
        if (begin == 0 || begin == std::string_view::npos) {
            continue;
        }
        line = line.substr(begin, line.find_first_of(" \t\r#;%", begin) - begin);
        if (const auto address = IpAddress::parse(line);
            address && std::find(servers.begin(), servers.end(), *address) == servers.end()) {
            servers.push_back(*address);
        }
    }
    return servers;
}

std::vector<IpAddress> name_servers() {
    std::string text = first_octets(SystemFile::resolv_conf, max_octets);
    const std::vector<IpAddress> direct = name_servers_in(text);
    const bool forwarded = std::any_of(direct.begin(), direct.end(), [](const IpAddress& server) {
        return server.is_loopback() || server.is_unspecified();
    });
    if (forwarded || direct.empty()) {
        constexpr std::array behind{SystemFile::resolv_conf_of_openwrt,
                                    SystemFile::resolv_conf_of_old_openwrt,
                                    SystemFile::resolv_conf_of_systemd, SystemFile::resolv_conf_of_dnsmasq};
        for (const SystemFile file : behind) {
            text += "\n" + first_octets(file, max_octets);
        }
    }
    return name_servers_in(text);
}

std::vector<std::string> search_domains_in(std::string_view text) {
    constexpr std::size_t most = 6;
    constexpr std::string_view blanks = " \t\r";
    std::vector<std::string> domains;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t keyword = line.find_first_of(blanks);
        if (keyword == std::string_view::npos ||
            (line.substr(0, keyword) != "search" && line.substr(0, keyword) != "domain")) {
            continue;
        }
        domains.clear();
        line.remove_prefix(keyword);
        while (domains.size() < most) {
            line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
            const std::string_view word = line.substr(0, line.find_first_of(blanks));
            if (word.empty()) {
                break;
            }
            domains.emplace_back(word);
            line.remove_prefix(word.size());
        }
    }
    return domains;
}

std::string resolv_conf() {
    return first_octets(SystemFile::resolv_conf, max_octets);
}

}  // namespace causeway::host
