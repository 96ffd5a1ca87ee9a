#include "host/name_servers.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace causeway::host {

namespace {

/// resolv.conf(5) names a handful; nobody's file is longer.
constexpr std::size_t max_octets = 16384;

std::string content(const char* path) {
    std::string text;
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        text.resize(max_octets);
        const ssize_t got = ::read(fd, text.data(), text.size());
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        ::close(fd);
    }
    return text;
}

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
    std::string text = content("/etc/resolv.conf");
    const std::vector<IpAddress> direct = name_servers_in(text);
    const bool forwarded = std::any_of(direct.begin(), direct.end(), [](const IpAddress& server) {
        return server.is_loopback() || server.is_unspecified();
    });
    if (forwarded || direct.empty()) {
        constexpr std::array behind{"/tmp/resolv.conf.d/resolv.conf.auto", "/tmp/resolv.conf.auto",
                                    "/run/systemd/resolve/resolv.conf", "/run/dnsmasq/resolv.conf"};
        for (const char* path : behind) {
            text += "\n" + content(path);
        }
    }
    return name_servers_in(text);
}

}  // namespace causeway::host
