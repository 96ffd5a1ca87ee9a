#include "host/outside.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/types.h>
#include <unistd.h>
#include <utility>

namespace causeway::host {

namespace {

constexpr std::size_t longest_device_name = 15;  // IFNAMSIZ

Outside& named() {
    static Outside outside;
    return outside;
}

}  // namespace

bool is_device_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_device_name && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return c > ' ' && c < '\x7f' && c != '/' && c != ':' && c != '"' && c != '\\';
           });
}

std::string path_of(SystemFile file, const std::string& device) {
    switch (file) {
        case SystemFile::resolv_conf:
            return "/etc/resolv.conf";
        case SystemFile::resolv_conf_of_openwrt:
            return "/tmp/resolv.conf.d/resolv.conf.auto";
        case SystemFile::resolv_conf_of_old_openwrt:
            return "/tmp/resolv.conf.auto";
        case SystemFile::resolv_conf_of_systemd:
            return "/run/systemd/resolve/resolv.conf";
        case SystemFile::resolv_conf_of_dnsmasq:
            return "/run/dnsmasq/resolv.conf";
        case SystemFile::hosts:
            return "/etc/hosts";
        case SystemFile::ip_forward:
            return "/proc/sys/net/ipv4/ip_forward";
        case SystemFile::rp_filter:
            return fmt::format("/proc/sys/net/ipv4/conf/{}/rp_filter", device);
        case SystemFile::iptables_tables:
            break;
    }
    return "/proc/net/ip_tables_names";
}

Result<Descriptor> open_file(SystemFile file, const std::string& device) {
    if (named().open) {
        return named().open(file, device);
    }
    if (file == SystemFile::rp_filter && !is_device_name(device)) {
        return fail(Errc::unacceptable, fmt::format("'{}' is no name of a device", device));
    }
    const std::string path = path_of(file, device);
    Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!opened) {
        return fail(errno == ENOENT ? Errc::not_found : Errc::system,
                    fmt::format("{}: {}", path, std::strerror(errno)));
    }
    return opened;
}

std::string first_octets(SystemFile file, std::size_t limit, const std::string& device) {
    const auto opened = open_file(file, device);
    std::string text;
    if (opened) {
        text.resize(limit);
        const ssize_t got = ::read(opened->get(), text.data(), text.size());
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    return text;
}

void reach_out_by(Outside outside) {
    named() = std::move(outside);
}

const Outside& outside() {
    return named();
}

}  // namespace causeway::host
