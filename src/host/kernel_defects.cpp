#include "host/kernel_defects.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <fmt/format.h>
#include <optional>
#include <sys/utsname.h>

namespace causeway::host {
namespace {

using Version = std::array<unsigned, 3>;

/// "7.0-rc1" is 7.0.0: a release candidate has what its release has. Nothing: it does not begin with two numbers.
std::optional<Version> version_of(std::string_view release) {
    Version version{};
    std::size_t parts = 0;
    const char* at = release.data();
    const char* const end = at + release.size();
    while (parts < version.size()) {
        const auto [next, error] = std::from_chars(at, end, version[parts]);
        if (error != std::errc{}) {
            break;
        }
        ++parts;
        at = next;
        if (at == end || *at != '.') {
            break;
        }
        ++at;
    }
    return parts >= 2 ? std::optional(version) : std::nullopt;
}

}  // namespace

std::string udp_send_defect(std::string_view release) {
    const auto version = version_of(release);
    const bool wrong = version && *version >= Version{7, 0, 0} && *version <= Version{7, 1, 4};
    return wrong ? fmt::format("Linux {} corrupts UDP segmentation", release) : std::string();
}

std::string tun_udp_defect(std::string_view release) {
    const auto version = version_of(release);
    const bool wrong = version && *version < Version{6, 8, 5};
    return wrong ? fmt::format("Linux {} may lose datagrams that were joined", release) : std::string();
}

std::string kernel_release() {
    utsname system{};
    return ::uname(&system) == 0 ? system.release : "";
}

}  // namespace causeway::host
