// A peer for the prober, and the time: what is sent goes to functions that answer or do not.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/random.hpp"
#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "codec/isakmp/vendor.hpp"
#include "codec/isakmp/version2.hpp"
#include "crypto/ikev1_keys.hpp"
#include "negotiation/phase1.hpp"
#include "probe/prober.hpp"

namespace causeway::probe {

using isakmp::ExchangeType;
using isakmp::Header;
using isakmp::NotifyType;
using isakmp::Payload;
using isakmp::PayloadType;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Different every time, and the same in every run.
class Counting final : public RandomSource {
 public:
    void fill(std::span<std::uint8_t> octets) override {
        for (auto& octet : octets) {
            ++count_;
            octet = static_cast<std::uint8_t>(count_ * 37 + count_ / 251);
        }
    }

 private:
    unsigned count_ = 0;
};

inline const IpAddress peer_address = IpAddress::v4(0xc6336470);
inline const IpAddress own_address = IpAddress::v4(0xcb007138);

inline Settings both_ports() {
    Settings settings;
    settings.remote = {peer_address, 500};
    settings.nat_t = Endpoint{peer_address, 4500};
    settings.local = {own_address, 40500};
    settings.local_nat_t = Endpoint{own_address, 44500};
    return settings;
}

/// A message as it arrives, without the marker of port 4500.
struct Seen {
    Port port = Port::ike;
    Header header;
    std::vector<Payload> payloads;
    Instant at{};

    [[nodiscard]] bool is(ExchangeType type) const {
        return header.version == 0x10 && header.exchange == type;
    }
    [[nodiscard]] bool version2() const { return header.version == 0x20; }
    [[nodiscard]] bool has(PayloadType type) const { return isakmp::find(payloads, type) != nullptr; }
    /// Message 1 of Main Mode.
    [[nodiscard]] bool opens() const { return is(ExchangeType::main) && has(PayloadType::sa); }
};

inline Seen seen(const Outgoing& out, Instant at) {
    Bytes message = out.octets;
    if (out.port == Port::nat_t) {
        EXPECT_EQ(Bytes(message.begin(), message.begin() + 4), Bytes(4, 0)) << "no non-ESP marker";
        message.erase(message.begin(), message.begin() + 4);
    }
    Seen one{.port = out.port, .header = *isakmp::decode_header(message), .payloads = {}, .at = at};
    one.payloads =
        isakmp::decode_payloads(one.header.next_payload, ByteView(message).subspan(isakmp::header_octets),
                                isakmp::Trailing::none)
            ->payloads;
    return one;
}

inline Bytes marked(Port port, Bytes message) {
    if (port == Port::nat_t) {
        message.insert(message.begin(), 4, 0);
    }
    return message;
}

// What a responder sends.

inline Header answering(const Header& request, ExchangeType exchange) {
    Header header;
    header.cky_i = request.cky_i;
    header.cky_r = {9, 9, 9, 9, 9, 9, 9, 9};
    header.exchange = exchange;
    return header;
}

inline Bytes notification(const Seen& request, NotifyType type,
                          ExchangeType exchange = ExchangeType::informational) {
    isakmp::Notification said;
    said.type = type;
    const std::vector<Payload> payloads{{PayloadType::notification, isakmp::encode(said)}};
    return isakmp::encode_message(answering(request.header, exchange), payloads);
}

/// Takes the first of these suites that is offered, by its own order; refuses when none is.
class Responder {
 public:
    explicit Responder(std::vector<std::string> takes, bool nat_t = true,
                       isakmp::Vendor make = isakmp::Vendor::avm)
        : takes_(std::move(takes)), nat_t_(nat_t), make_(make) {}

    [[nodiscard]] std::optional<negotiation::Phase1Choice> choose(const Seen& request) const {
        std::vector<config::Phase1Proposal> accepted;
        for (const auto& word : takes_) {
            const auto all = common_suites();
            const auto found = std::ranges::find(all, word, [](const auto& suite) { return suite.text(); });
            EXPECT_NE(found, all.end()) << word;
            accepted.push_back(*found);
        }
        const auto offer = isakmp::decode_sa(isakmp::find(request.payloads, PayloadType::sa)->body);
        const auto choice = negotiation::choose_phase1(accepted, *offer);
        return choice ? std::optional(*choice) : std::nullopt;
    }

    /// To message 1 of Main Mode.
    [[nodiscard]] Bytes message_2(const Seen& request) const {
        const auto choice = choose(request);
        if (!choice) {
            return notification(request, NotifyType::no_proposal_chosen);
        }
        std::vector<Payload> payloads{{PayloadType::sa, isakmp::encode(choice->reply)}};
        if (nat_t_) {
            payloads.push_back(
                {PayloadType::vendor_id, to_bytes(isakmp::vendor_id(isakmp::Vendor::nat_t_rfc3947))});
        }
        payloads.push_back({PayloadType::vendor_id, to_bytes(isakmp::vendor_id(make_))});
        return isakmp::encode_message(answering(request.header, ExchangeType::main), payloads);
    }

    /// To message 3; the addresses are what the responder sees of the caller, and its own.
    [[nodiscard]] static Bytes message_4(const Seen& request, crypto::HashId hash, const Endpoint& caller,
                                         const Endpoint& own) {
        const auto hash_of = [&](const Endpoint& end) {
            return crypto::nat_d_hash(hash, request.header.cky_i, request.header.cky_r, end.address.octets(),
                                      end.port);
        };
        const std::vector<Payload> payloads{{PayloadType::key_exchange, Bytes(128, 1)},
                                            {PayloadType::nonce, Bytes(16, 2)},
                                            {PayloadType::nat_d, hash_of(caller)},
                                            {PayloadType::nat_d, hash_of(own)}};
        Header header = answering(request.header, ExchangeType::main);
        return isakmp::encode_message(header, payloads);
    }

 private:
    std::vector<std::string> takes_;
    bool nat_t_;
    isakmp::Vendor make_;
};

/// Runs one probe to its end in time that is only counted. `answer`: what comes back, and nothing for silence.
class Trial {
 public:
    using Answer = std::function<std::optional<Bytes>(const Seen&)>;

    explicit Trial(Settings settings, Answer answer, Duration round_trip = milliseconds(10))
        : settings_(std::move(settings)),
          answer_(std::move(answer)),
          round_trip_(round_trip),
          prober(
              settings_, random_,
              [](crypto::GroupId group) -> Result<Bytes> {
                  return Bytes(crypto::info(group).public_octets, 7);
              },
              now) {}

    Report finish() {
        for (unsigned turns = 0; turns < 10000; ++turns) {
            while (const auto out = prober.next(now)) {
                sent.push_back(seen(*out, now));
                if (auto back = answer_(sent.back())) {
                    coming_.emplace(now + round_trip_,
                                    Arriving{out->port, marked(out->port, std::move(*back))});
                }
            }
            const auto wake = prober.wake_at();
            if (!wake) {
                return prober.report(now);
            }
            if (!coming_.empty() && coming_.begin()->first <= *wake) {
                now = std::max(now, coming_.begin()->first);
                const auto arriving = coming_.begin()->second;
                coming_.erase(coming_.begin());
                prober.receive(
                    now, arriving.port,
                    {settings_.remote.address, arriving.port == Port::ike ? ike() : std::uint16_t{4500}},
                    arriving.octets);
            } else {
                now = std::max(now, *wake);
            }
        }
        ADD_FAILURE() << "the probe does not end";
        return prober.report(now);
    }

    [[nodiscard]] std::size_t count(const std::function<bool(const Seen&)>& which) const {
        return static_cast<std::size_t>(std::ranges::count_if(sent, which));
    }

 private:
    struct Arriving {
        Port port;
        Bytes octets;
    };
    [[nodiscard]] std::uint16_t ike() const { return settings_.remote.port; }

    Counting random_;
    Settings settings_;
    Answer answer_;
    Duration round_trip_;
    std::multimap<Instant, Arriving> coming_;

 public:
    Instant now{seconds(1000)};
    std::vector<Seen> sent;
    Prober prober;
};

inline std::optional<Bytes> nobody(const Seen& /*request*/) {
    return std::nullopt;
}

}  // namespace causeway::probe
