// What a stranger answers to `causeway probe`: hostile datagrams, ICMP and time. Whatever comes, the probe stays
// within its bounds, ends, and can be printed.
//
// The input is a row of events: an octet that says what happens; for a datagram two octets of its length, then
// itself. Unless the event says otherwise it has the cookie of a question that was asked, so that it is read.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "cli/probe_json.hpp"
#include "codec/isakmp/payloads.hpp"
#include "crypto/algorithm.hpp"
#include "probe/prober.hpp"
#include "probe/words.hpp"

namespace {

using namespace causeway;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

/// The same in every run.
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

constexpr std::size_t cookie_octets = 8;
constexpr std::size_t marker_octets = 4;  // RFC 3948 2.2, on port 4500
constexpr unsigned turns_max = 1000;

// Of an event's octet.
constexpr std::uint8_t kind_bits = 0x03;      ///< 0: time passes; 1, 2: a datagram on port 500, 4500; 3: ICMP
constexpr std::uint8_t question_bits = 0x1c;  ///< whose cookie: the last question, the one before, ...
constexpr std::uint8_t own_cookie = 0x20;     ///< as it stands in the input
constexpr std::uint8_t elsewhere = 0x40;      ///< from another address
constexpr std::uint8_t second_port = 0x80;    ///< of ICMP

probe::Settings settings(bool aggressive) {
    const IpAddress peer = IpAddress::v4(0xc6336470);
    const IpAddress own = IpAddress::v4(0xcb007138);
    probe::Settings made;
    made.remote = {peer, 500};
    made.nat_t = Endpoint{peer, 4500};
    made.local = {own, 40500};
    made.local_nat_t = Endpoint{own, 44500};
    if (aggressive) {
        made.identity = isakmp::Identification{};
    }
    return made;
}

class Trial {
 public:
    explicit Trial(bool aggressive)
        : settings_(settings(aggressive)),
          prober_(
              settings_, random_,
              [](crypto::GroupId group) -> Result<Bytes> {
                  return Bytes(crypto::info(group).public_octets, 7);
              },
              now_) {}

    /// Sends what is due, then lets time pass until something is.
    void advance() {
        while (const auto out = prober_.next(now_)) {
            const std::size_t in_front = out->port == probe::Port::nat_t ? marker_octets : 0;
            require(out->octets.size() >= in_front + cookie_octets);
            cookies_.push_back(to_bytes(ByteView(out->octets).subspan(in_front, cookie_octets)));
        }
        if (const auto wake = prober_.wake_at()) {
            now_ = std::max(now_, *wake);
        }
    }

    void arrive(std::uint8_t event, Bytes octets) {
        const auto port = (event & kind_bits) == 1 ? probe::Port::ike : probe::Port::nat_t;
        const std::size_t in_front = port == probe::Port::nat_t ? marker_octets : 0;
        const std::size_t back = (event & question_bits) >> 2U;
        if ((event & own_cookie) == 0 && back < cookies_.size()) {
            octets.insert(octets.begin(), in_front, 0);
            octets.resize(std::max(octets.size(), in_front + cookie_octets));
            const Bytes& cookie = cookies_[cookies_.size() - 1 - back];
            std::copy(cookie.begin(), cookie.end(), octets.begin() + static_cast<std::ptrdiff_t>(in_front));
        }
        Endpoint from = port == probe::Port::ike ? settings_.remote : *settings_.nat_t;
        if ((event & elsewhere) != 0) {
            from.address = IpAddress::v4(0xc6336471);
        }
        prober_.receive(now_, port, from, octets);
    }

    void unreachable(std::uint8_t event) {
        prober_.unreachable(now_, (event & second_port) == 0 ? probe::Port::ike : probe::Port::nat_t);
    }

    /// Nobody says any more.
    probe::Report finish() {
        for (unsigned turns = 0; prober_.wake_at(); ++turns) {
            require(turns < turns_max);
            advance();
        }
        return prober_.report(now_);
    }

 private:
    Counting random_;
    probe::Settings settings_;
    Instant now_{std::chrono::seconds(1000)};
    std::vector<Bytes> cookies_;  ///< of what was sent, the last one last
    probe::Prober prober_;
};

bool is_printable(const std::string& text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

void judge(const probe::Report& report, const probe::Settings& asked) {
    require(report.sent <= probe::packets_max && report.took <= asked.time_max);
    require(report.unknown_vendors.size() <= probe::unknown_vendors_max);
    for (const auto& suite : report.accepted) {
        require(std::ranges::find(report.offered, suite) != report.offered.end());
    }
    require(report.accepted.empty() || report.accepted.size() + report.rest.size() == report.offered.size());
    for (const auto& row : probe::rows(report)) {
        require(is_printable(row.label) && is_printable(row.text));
    }
    require(std::ranges::all_of(probe::meaning(report), is_printable));
    require(!cli::to_json(report, "peer.example").empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteView left(data, size);
    const bool aggressive = !left.empty() && (left.front() & 1U) != 0;
    Trial trial(aggressive);
    left = left.subspan(std::min<std::size_t>(left.size(), 1));
    while (!left.empty()) {
        const std::uint8_t event = left.front();
        left = left.subspan(1);
        const auto kind = event & kind_bits;
        if (kind == 0) {
            trial.advance();
        } else if (kind == kind_bits) {
            trial.unreachable(event);
        } else if (left.size() >= 2) {
            const std::size_t told = std::size_t{left[0]} << 8U | left[1];
            left = left.subspan(2);
            const std::size_t octets = std::min(told, left.size());
            trial.arrive(event, to_bytes(left.first(octets)));
            left = left.subspan(octets);
        } else {
            break;
        }
    }
    judge(trial.finish(), settings(aggressive));
    return 0;
}
