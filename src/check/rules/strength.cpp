// How good a suite is, and what a FRITZ!Box is known to take.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "check/rules/suites.hpp"
#include "config/vpncfg/strategies.hpp"

namespace causeway::check {
namespace {

using config::Phase1Proposal;
using config::Phase2Proposal;
using crypto::CipherId;
using crypto::GroupId;
using crypto::HashId;
using crypto::IntegrityId;

bool is_weak(CipherId cipher) {
    return cipher == CipherId::des_cbc || cipher == CipherId::tdes_cbc;
}
bool is_weak(GroupId group) {
    return group == GroupId::modp768 || group == GroupId::modp1024 || group == GroupId::modp1536;
}

std::string listed(const std::vector<std::string_view>& words) {
    return fmt::format("{}", fmt::join(words, " and "));
}

template <class Strategy, class Proposal>
bool in_strategy(const Strategy& strategy, const Proposal& suite) {
    return std::ranges::any_of(config::vpncfg::proposals(strategy, true, Place{}),
                               [&](const auto& one) { return one.text() == suite.text(); });
}

bool box_has(CipherId cipher) {
    return !crypto::info(cipher).is_aead();
}
bool box_has(GroupId group) {
    return group != GroupId::modp4096 && group != GroupId::ecp256 && group != GroupId::ecp384 &&
           group != GroupId::ecp521 && group != GroupId::x25519;
}

}  // namespace

std::string weakness(const Phase1Proposal& suite) {
    std::vector<std::string_view> weak;
    if (is_weak(suite.cipher)) {
        weak.push_back(crypto::info(suite.cipher).name);
    }
    if (suite.hash == HashId::md5) {
        weak.push_back(crypto::info(suite.hash).name);
    }
    if (is_weak(suite.group)) {
        weak.push_back(crypto::info(suite.group).name);
    }
    return listed(weak);
}

std::string weakness(const Phase2Proposal& suite) {
    std::vector<std::string_view> weak;
    if (is_weak(suite.cipher)) {
        weak.push_back(crypto::info(suite.cipher).name);
    }
    if (suite.integrity == IntegrityId::hmac_md5_96) {
        weak.push_back(crypto::info(suite.integrity).name);
    }
    if (suite.pfs && is_weak(*suite.pfs)) {
        weak.push_back(crypto::info(*suite.pfs).name);
    }
    return listed(weak);
}

// With a box the suite that people report to work (config/vpncfg/strategies): AES-256, SHA2-512 and group 2. Larger groups
// are taken by some boxes, and which is not known.
Phase1Proposal better_than(const Phase1Proposal& suite, bool box) {
    auto better = suite;
    if (box || is_weak(suite.cipher)) {
        better.cipher = CipherId::aes_cbc_256;
    }
    if (box || suite.hash == HashId::md5) {
        better.hash = box ? HashId::sha2_512 : HashId::sha2_256;
    }
    if (!box && is_weak(suite.group)) {
        better.group = GroupId::modp2048;
    }
    return better;
}

Phase2Proposal better_than(const Phase2Proposal& suite, bool box) {
    auto better = suite;
    if (box || is_weak(suite.cipher)) {
        better.cipher = CipherId::aes_cbc_256;
    }
    if (box || suite.integrity == IntegrityId::hmac_md5_96) {
        better.integrity = box ? IntegrityId::hmac_sha2_512_256 : IntegrityId::hmac_sha2_256_128;
    }
    if (!box && suite.pfs && is_weak(*suite.pfs)) {
        better.pfs = GroupId::modp2048;
    }
    return better;
}

bool box_may_take(const Phase1Proposal& suite) {
    return in_strategy(config::vpncfg::widest_phase1(), suite);
}
bool box_may_take(const Phase2Proposal& suite) {
    return in_strategy(config::vpncfg::widest_phase2(suite.pfs ? "/pfs" : "/no-pfs"), suite);
}

std::string beyond_box(const Phase1Proposal& suite) {
    std::vector<std::string_view> what;
    if (!box_has(suite.cipher)) {
        what.push_back(crypto::info(suite.cipher).name);
    }
    if (suite.hash == HashId::sha2_256 || suite.hash == HashId::sha2_384) {
        what.push_back(crypto::info(suite.hash).name);
    }
    if (!box_has(suite.group)) {
        what.push_back(crypto::info(suite.group).name);
    }
    return listed(what);
}

std::string beyond_box(const Phase2Proposal& suite) {
    std::vector<std::string_view> what;
    if (!box_has(suite.cipher)) {
        what.push_back(crypto::info(suite.cipher).name);
    }
    if (suite.integrity == IntegrityId::hmac_sha2_256_128 ||
        suite.integrity == IntegrityId::hmac_sha2_384_192) {
        what.push_back(crypto::info(suite.integrity).name);
    }
    if (suite.pfs && !box_has(*suite.pfs)) {
        what.push_back(crypto::info(*suite.pfs).name);
    }
    return listed(what);
}

}  // namespace causeway::check
