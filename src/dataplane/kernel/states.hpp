// An SA pair as the two states that the kernel keeps of it, and the suites by the kernel's names. Pure; used by the
// kernel's data plane and by the test of what this kernel can.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/algorithm.hpp"
#include "host/xfrm_messages.hpp"
#include "sa/sa.hpp"

namespace causeway::dataplane {

/// An algorithm as the kernel's crypto API calls it, and OpenWrt's packages that bring it; AES itself is in every kernel
/// of theirs.
struct KernelAlgorithm {
    std::string_view name;  ///< empty: the kernel's ESP is not used with it
    std::string_view packages;
};
KernelAlgorithm kernel_algorithm(crypto::CipherId cipher);
KernelAlgorithm kernel_algorithm(crypto::IntegrityId integrity);
/// OpenWrt's packages that a suite needs beside kmod-ipsec4, sorted.
std::vector<std::string> packages_of(crypto::CipherId cipher, crypto::IntegrityId integrity);

/// The interface id that states, policies and device of ours have, made from the device's name: a restarted daemon knows
/// its own by it, and two daemons on one machine keep apart.
std::uint32_t interface_id(std::string_view device);

/// Between whom the packets of a pair travel, and how.
struct Outer {
    Endpoint local{};
    Endpoint remote{};
    sa::Encapsulation encapsulation = sa::Encapsulation::none;
};

/// The states borrow the pair's keys: they must not outlive it.
struct PairStates {
    host::XfrmState inbound;
    host::XfrmState outbound;
};
/// Nothing for a suite that has no name in the kernel.
std::optional<PairStates> states_of(const sa::SaPair& pair, const Outer& outer, std::uint32_t if_id);

}  // namespace causeway::dataplane
