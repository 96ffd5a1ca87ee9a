// A tunnel's SA pairs in a test, and what is to be done with them in short words.
#pragma once

#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "ike/engine/child_sas.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Words = std::vector<std::string>;
using Tell = ChildSas::Tell;
using Outbound = ChildSas::Outbound;
using Partner = ChildSas::Partner;

inline const Loss loss{finding<FindingId::peer_deleted>(),
                       finding<FindingId::deletes_each_sa>(field<"count">({}))};
inline const Finding why = finding<FindingId::taken_down>();

inline constexpr sa::SaId id(unsigned number) {
    return sa::SaId{number};
}

/// What is to be done, in short.
struct Word {
    std::string operator()(const InstallSa& one) const {
        return fmt::format("install {}{}", number(one.pair->id), one.outbound ? " both ways" : "");
    }
    std::string operator()(const ActivateOutbound& one) const {
        return fmt::format("send on {}", number(one.id));
    }
    std::string operator()(const RemoveSa& one) const { return fmt::format("remove {}", number(one.id)); }
    std::string operator()(const MoveSa& one) const {
        return fmt::format("move {} {} {}", number(one.id), one.local.text(), one.remote.text());
    }
    std::string operator()(const child::TellPeer& one) const { return fmt::format("delete {:x}", one.spi); }
    std::string operator()(const child::Up& one) const {
        return std::string(one.renewal ? "renewed" : "up") + (one.crossed ? ", crossed" : "") +
               (one.disclaimed ? ", disclaimed" : "");
    }
    std::string operator()(const child::FellBack& one) const {
        return one.initiator ? "fell back to ours" : "fell back to the peer's";
    }
    std::string operator()(const child::Down&) const { return "down"; }
    std::string operator()(const child::CarrierLost& one) const {
        return fmt::format("lost{}{}", one.cause == child::Cause::silence ? " in silence" : "",
                           one.left_until ? ", not all" : "");
    }
    std::string operator()(const child::RenewalDue&) const { return "renewal due"; }

    static std::uint64_t number(sa::SaId one) { return static_cast<std::uint64_t>(one); }
};

inline Words words(const ChildSas::Changes& changes) {
    Words all;
    for (const auto& change : changes) {
        all.push_back(std::visit(Word{}, change));
    }
    return all;
}

struct Usages final : sa::UsageSource {
    std::map<sa::SaId, sa::Usage> all;
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId one) const override {
        const auto found = all.find(one);
        return found == all.end() ? std::nullopt : std::optional(found->second);
    }
};

inline Endpoint at(const char* address, std::uint16_t port = 500) {
    return {*IpAddress::parse(address), port};
}

struct Made {
    bool initiator = true;
    std::uint64_t begun = 0;  ///< 0: just now
    std::uint8_t nonce = 1;
    Endpoint local = at("192.0.2.1");
    Endpoint remote = at("198.51.100.1");
    sa::Encapsulation encapsulation = sa::Encapsulation::none;
    Duration life = seconds(3600);
};

class ChildSasTest : public ::testing::Test {
 protected:
    /// Pair N has the SPIs 0xaN for us and 0xbN for the peer.
    MadePair pair(unsigned number, const Made& made) {
        auto pair = std::make_shared<sa::SaPair>();
        pair->id = id(number);
        pair->inbound.spi = 0xa0 + number;
        pair->outbound.spi = 0xb0 + number;
        pair->local_outer = made.local;
        pair->remote_outer = made.remote;
        pair->encapsulation = made.encapsulation;
        MadePair one;
        one.number = number;
        one.pair = pair;
        one.initiator = made.initiator;
        one.begun = made.begun != 0 ? made.begun : ++steps;
        one.installed = ++steps;
        one.nonces = {made.nonce};
        one.established = now;
        one.expires = now + made.life;
        one.rekey_at = now + made.life - seconds(600);
        return one;
    }
    Words ours(unsigned number, Made made = {}) {
        made.initiator = true;
        return words(sas.add(pair(number, made), Outbound::now, now));
    }
    Words theirs(unsigned number, Made made = {}) {
        made.initiator = false;
        return words(sas.add(pair(number, made), Outbound::confirmed, now));
    }
    /// One of ours carries, and one that the peer has begun has replaced it.
    void replace_ours() {
        ours(1);
        theirs(2);
        (void)sas.confirm(id(2), now);
    }
    Words timeout(Duration later = {}) {
        now += later;
        return words(sas.handle_timeout(now, here, usages));
    }
    [[nodiscard]] Duration wait() const { return *sas.next_timeout() - now; }
    [[nodiscard]] unsigned carrier() const { return sas.carrier() != nullptr ? sas.carrier()->number : 0; }

    ChildSas sas;
    Instant now{seconds(1000)};
    std::uint64_t steps = 10;
    ChildSas::Circumstances here{.wanted = true, .deletes_at_once = true};
    Usages usages;
};

}  // namespace causeway::ike
