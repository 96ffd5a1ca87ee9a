#include "host/legacy_iptables.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <string>
#include <sys/types.h>
#include <unistd.h>

namespace causeway::host {

LegacyRules legacy_filter() {
    // One name in a line (net/netfilter/x_tables.c of Linux); no file without iptables in the kernel.
    const int fd = ::open("/proc/net/ip_tables_names", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? LegacyRules::none : LegacyRules::unknown;
    }
    std::array<char, 256> octets{};
    const ssize_t got = ::read(fd, octets.data(), octets.size());
    ::close(fd);
    if (got < 0) {
        return LegacyRules::unknown;
    }
    const std::string names = "\n" + std::string(octets.data(), static_cast<std::size_t>(got));
    return names.find("\nfilter\n") == std::string::npos ? LegacyRules::none : LegacyRules::there;
}

}  // namespace causeway::host
