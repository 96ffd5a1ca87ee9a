// soak [--handshakes N] [--rekeys N] [--toy]: two production engines with production SA tables make and end N
// tunnels (real Diffie-Hellman unless --toy), then renew N SAs in virtual time, and the octets allocated at
// the end are compared with those after the first tenth. Exit 1 when they grew.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "esp/sa_table.hpp"
#include "ike/engine/drive.hpp"
#include "ike/engine/engine.hpp"
#include "world/allocated.hpp"
#include "world/settings.hpp"
#include "world/toy_group.hpp"

namespace {

using namespace causeway;

/// A gateway: engine and SA table. Its tunnel always carries traffic, as far as the engine can tell.
struct End : sa::UsageSource {
    explicit End(std::uint64_t seed) : random(seed) {}
    std::string name;
    IpAddress address{};
    world::Random random;
    Instant now{};
    std::unique_ptr<esp::SaTable> table;
    std::unique_ptr<ike::Engine> engine;
    std::size_t installed = 0;
    std::uint64_t established = 0;
    std::uint64_t renewed = 0;
    std::uint64_t renewed_phase1 = 0;

    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId) const override {
        sa::Usage usage;
        usage.packets_in = 1;
        usage.last_in = now;
        return usage;
    }
};

class Pair {
 public:
    Pair(bool real_groups, const std::map<std::string, std::string>& values) : real_(real_groups) {
        west_.name = "west";
        west_.address = IpAddress::v4(0xc0000201);
        east_.name = "east";
        east_.address = IpAddress::v4(0xc6336401);
        for (auto* end : {&west_, &east_}) {
            world::Settings settings;
            settings.peer = end == &west_ ? "east" : "west";
            settings.address = other(*end).address.text();
            settings.values = values;
            if (end == &east_) {
                std::swap(settings.local_net, settings.remote_net);
            }
            const auto model = world::make_model(settings);
            end->table = std::make_unique<esp::SaTable>();
            end->now = now_;
            const auto& tunnel = (*model)->peers.front().tunnels.front();
            const esp::Tunnel policy{tunnel.reqid, tunnel.local, tunnel.remote, true};
            end->table->set_tunnels({&policy, 1});
            end->engine = std::make_unique<ike::Engine>(now_, *model, end->random, *end);
        }
        settle();
    }

    End& west() { return west_; }
    End& east() { return east_; }

    void give(End& end, ike::Input input) {
        end.engine->handle(now_, std::move(input));
        settle();
    }

    /// To the next deadline of either end, or by `at_most`.
    void next(Duration at_most) {
        Instant until = now_ + at_most;
        for (auto* end : {&west_, &east_}) {
            if (const auto timeout = end->engine->next_timeout()) {
                until = std::min(until, std::max(*timeout, now_));
            }
        }
        now_ = until;
        for (auto* end : {&west_, &east_}) {
            end->now = now_;
            const auto timeout = end->engine->next_timeout();
            if (timeout && *timeout <= now_) {
                end->engine->handle_timeout(now_);
            }
        }
        settle();
    }
    void pass(Duration duration) {
        const Instant end = now_ + duration;
        while (now_ < end) {
            next(end - now_);
        }
    }

 private:
    End& other(const End& end) { return &end == &west_ ? east_ : west_; }

    void settle() {
        for (bool busy = true; busy;) {
            busy = false;
            for (auto* end : {&west_, &east_}) {
                busy =
                    ike::perform_outputs(
                        *end->engine, [&](auto&& one) { perform(*end, std::forward<decltype(one)>(one)); }) ||
                    busy;
                if (!inputs_.empty()) {
                    auto [to, input] = std::move(inputs_.front());
                    inputs_.pop_front();
                    to->engine->handle(now_, std::move(input));
                    busy = true;
                }
                static_cast<void>(end->table->take_events());
            }
        }
    }

    void perform(End& end, ike::Transmit&& transmit) {
        inputs_.emplace_back(&other(end),
                             ike::Datagram{transmit.remote, transmit.local, std::move(transmit.payload)});
    }
    void perform(End& end, const ike::StartDh& job) {
        ike::DhDone done;
        done.job = job.job;
        done.key = job.key;
        if (!done.key) {
            done.key = real_ ? crypto::generate_dh_key(job.group).value_or(nullptr)
                             : world::toy_key(job.group, end.random);
        }
        if (!job.peer_public.empty()) {
            auto shared = done.key->agree(job.peer_public);
            done.shared = shared ? std::move(*shared) : Secret{};
        }
        inputs_.emplace_back(&end, std::move(done));
    }
    void perform(End& end, const ike::Lookup& lookup) {
        inputs_.emplace_back(
            &end,
            ike::LookupDone{lookup.peer, {{other(end).address, end.address}}, std::chrono::seconds(60), {}});
    }
    static void perform(End& end, const ike::InstallSa& install) {
        end.installed += end.table->install(install.pair, install.outbound) ? 1U : 0U;
    }
    static void perform(End& end, const ike::ActivateOutbound& activate) {
        end.table->activate_outbound(activate.id);
    }
    static void perform(End& end, const ike::RemoveSa& remove) {
        end.table->remove(remove.id);
        --end.installed;
    }
    static void perform(End& end, const ike::Report& report) {
        end.established += report.event.code == EventCode::phase2_established ? 1U : 0U;
        end.renewed += report.event.code == EventCode::phase2_rekeyed ? 1U : 0U;
        end.renewed_phase1 += report.event.code == EventCode::phase1_superseded ? 1U : 0U;
    }
    // Nobody here moves, falls silent or has a name.
    static void perform(End&, const ike::Keepalive&) {}
    static void perform(End&, const ike::LookupName&) {}
    static void perform(End&, const ike::DoubtSa&) {}
    static void perform(End&, const ike::MoveSa&) {}
    static void perform(End&, const ike::NothingComesBack&) {}
    static void perform(End&, const ike::PathFound&) {}
    static void perform(End&, const ike::CommandOutcome&) {}

    bool real_;
    Instant now_{std::chrono::hours(1)};
    End west_{1};
    End east_{2};
    std::deque<std::pair<End*, ike::Input>> inputs_;
};

/// Compares what is held at the tenths of a run. What may grow is a margin for the allocator's own habits: a
/// leak of one small object in each round of a long run is more.
class Flatness {
 public:
    explicit Flatness(std::uint64_t rounds) : rounds_(rounds), margin_(rounds >= 10'000 ? 65'536 : 16'384) {}
    void at(std::uint64_t round) {
        if (round % std::max<std::uint64_t>(rounds_ / 10, 1) == 0) {
            samples_.push_back(test::allocated());
        }
    }
    /// Says so; true when it is flat.
    [[nodiscard]] bool report(const char* what, std::uint64_t done) const {
        const std::size_t warm = samples_.front();
        const std::size_t end = samples_.back();
        const std::size_t most = *std::max_element(samples_.begin(), samples_.end());
        const bool flat = end <= warm + margin_;
        std::printf("%s: %llu, octets allocated after a tenth %zu, at the end %zu, most %zu: %s\n", what,
                    static_cast<unsigned long long>(done), warm, end, most, flat ? "flat" : "GROWN");
        return flat;
    }

 private:
    std::uint64_t rounds_;
    std::size_t margin_;
    std::vector<std::size_t> samples_;
};

bool handshakes(std::uint64_t count, bool real_groups) {
    Pair pair(real_groups, {{"esp", "aes128-sha1-modp1024"}});
    Flatness flatness(count);
    for (std::uint64_t round = 1; round <= count; ++round) {
        End& caller = round % 2 == 0 ? pair.west() : pair.east();
        pair.give(caller, ike::CommandUp{});
        if (pair.west().installed != 1 || pair.east().installed != 1) {
            std::printf("handshake %llu made no tunnel\n", static_cast<unsigned long long>(round));
            return false;
        }
        pair.give(caller, ike::CommandDown{});
        pair.pass(std::chrono::seconds(3));
        if (pair.west().installed != 0 || pair.east().installed != 0) {
            std::printf("handshake %llu left an SA behind\n", static_cast<unsigned long long>(round));
            return false;
        }
        flatness.at(round);
    }
    return flatness.report("handshakes", pair.west().established);
}

bool rekeys(std::uint64_t count) {
    Pair pair(false, {{"esp", "aes128-sha1-modp1024"}, {"esp-lifetime", "600"}, {"ike-lifetime", "3600"}});
    pair.give(pair.west(), ike::CommandUp{});
    Flatness flatness(count);
    std::uint64_t seen = 0;
    for (std::uint64_t step = 0; seen < count; ++step) {
        pair.next(std::chrono::seconds(60));
        if (step > 1000 * count || pair.west().installed == 0 || pair.west().installed > 6) {
            std::printf("after %llu renewals %zu SA pairs\n", static_cast<unsigned long long>(seen),
                        pair.west().installed);
            return false;
        }
        if (pair.west().renewed > seen) {
            // The replaced pair and finished exchanges are gone after a minute or so: the same moment each
            // time.
            seen = pair.west().renewed;
            pair.pass(std::chrono::seconds(100));
            flatness.at(seen);
        }
    }
    std::printf("renewals of Phase 1 among them: %llu\n",
                static_cast<unsigned long long>(pair.west().renewed_phase1));
    return flatness.report("renewals", seen);
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t handshake_count = 10'000;
    std::uint64_t rekey_count = 100'000;
    bool real_groups = true;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const auto number = [&](std::uint64_t& value) {
            const std::string_view text = ++i < argc ? argv[i] : "";
            return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{};
        };
        if (word == "--toy") {
            real_groups = false;
        } else if (!(word == "--handshakes" && number(handshake_count)) &&
                   !(word == "--rekeys" && number(rekey_count))) {
            std::fprintf(stderr, "soak [--handshakes N] [--rekeys N] [--toy]\n");
            return 2;
        }
    }
    const bool flat_handshakes = handshake_count == 0 || handshakes(handshake_count, real_groups);
    const bool flat_rekeys = rekey_count == 0 || rekeys(rekey_count);
    return flat_handshakes && flat_rekeys ? 0 : 1;
}
