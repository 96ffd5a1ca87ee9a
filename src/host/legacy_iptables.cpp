#include "host/legacy_iptables.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <sys/types.h>
#include <unistd.h>

#include "host/outside.hpp"

namespace causeway::host {

LegacyRules legacy_filter() {
    // One name in a line (net/netfilter/x_tables.c of Linux); no file without iptables in the kernel.
    const auto file = open_file(SystemFile::iptables_tables);
    if (!file) {
        return file.error().code == Errc::not_found ? LegacyRules::none : LegacyRules::unknown;
    }
    std::array<char, 256> octets{};
    const ssize_t got = ::read(file->get(), octets.data(), octets.size());
    if (got < 0) {
        return LegacyRules::unknown;
    }
    const std::string names = "\n" + std::string(octets.data(), static_cast<std::size_t>(got));
    return names.find("\nfilter\n") == std::string::npos ? LegacyRules::none : LegacyRules::there;
}

}  // namespace causeway::host
