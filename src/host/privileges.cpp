#include "host/privileges.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <linux/capability.h>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace causeway::host {

namespace {

constexpr std::array kept{CAP_NET_ADMIN, CAP_NET_RAW};

constexpr std::uint64_t kept_mask() {
    std::uint64_t mask = 0;
    for (const int capability : kept) {
        mask |= std::uint64_t{1} << capability;
    }
    return mask;
}

/// capabilities(7): sets of 64 bits, handed over in two halves. glibc has no wrapper.
struct Sets {
    std::uint64_t effective = 0;
    std::uint64_t permitted = 0;
    std::uint64_t inheritable = 0;
    bool operator==(const Sets&) const = default;
};

using Halves = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

bool get(Sets& sets) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    Halves halves{};
    if (::syscall(SYS_capget, &header, halves.data()) != 0) {
        return false;
    }
    const auto whole = [&](auto field) {
        return std::uint64_t{halves[1].*field} << 32 | std::uint64_t{halves[0].*field};
    };
    sets = {whole(&__user_cap_data_struct::effective), whole(&__user_cap_data_struct::permitted),
            whole(&__user_cap_data_struct::inheritable)};
    return true;
}

bool set(const Sets& sets) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    Halves halves{};
    for (unsigned half = 0; half < halves.size(); ++half) {
        halves[half] = {static_cast<std::uint32_t>(sets.effective >> (32 * half)),
                        static_cast<std::uint32_t>(sets.permitted >> (32 * half)),
                        static_cast<std::uint32_t>(sets.inheritable >> (32 * half))};
    }
    return ::syscall(SYS_capset, &header, halves.data()) == 0;
}

/// The bounding set needs CAP_SETPCAP to shrink; who has not got it cannot gain anything by it after
/// no_new_privs.
void shrink_bounding_set(std::vector<std::string>& refused) {
    for (unsigned long capability = 0; capability < 64; ++capability) {
        const int there = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (there < 0) {
            return;  // the kernel knows no more
        }
        if (there == 1 && (kept_mask() >> capability & 1) == 0 &&
            ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
            refused.push_back(
                fmt::format("capability {} of the bounding set: {}", capability, std::strerror(errno)));
            return;
        }
    }
}

}  // namespace

std::vector<std::string> give_up_privileges() {
    std::vector<std::string> refused;
    const auto note = [&](const char* what) {
        refused.push_back(fmt::format("{}: {}", what, std::strerror(errno)));
    };
    Sets sets;
    if (!get(sets)) {
        note("reading the capabilities");
        return refused;
    }
    if ((sets.effective >> CAP_SETPCAP & 1) != 0) {
        shrink_bounding_set(refused);
    }
    const bool root = ::geteuid() == 0;
    const std::uint64_t left = sets.permitted & kept_mask();
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) {
        note("clearing the ambient capabilities");
    }
    // Root's children get theirs from being root, within the bounding set; others inherit them as ambient
    // ones.
    const Sets wanted{left, left, root ? 0 : left};
    // Where an init system has seen to it, its filter may forbid the call as well.
    if (!(sets == wanted) && !set(wanted)) {
        note("dropping capabilities");
    }
    for (const int capability : kept) {
        if (!root && (left >> capability & 1) != 0) {
            // Without ambient capabilities (before Linux 4.3) nft lacks the rights, and says so itself.
            static_cast<void>(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0));
        }
    }
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        note("no_new_privs");
    }
    return refused;
}

std::string needs_capability(std::string_view capability) {
    return fmt::format(
        "causewayd needs {}{}", capability,
        ::geteuid() == 0 ? ", which its container or its unit must give it" : ": start it as root");
}

}  // namespace causeway::host
