// What must hold after every event.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <malloc.h>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/hash.hpp"
#include "esp/octets.hpp"
#include "ike/limits.hpp"
#include "sim/trials.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define CAUSEWAY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAUSEWAY_SANITIZED 1
#endif
#endif

namespace causeway::sim {

namespace {

/// With one peer: the established ones, what is begun beside them by both ends, and what lives out its time.
constexpr std::size_t most_ike_sas_per_peer = ike::limits::ike_sas_per_peer + 8;
/// Each SA has an end, a renewal, liveness, a keepalive; each of its exchanges two; each pair three.
constexpr std::size_t most_timers_per_peer = 160;
/// Beyond what the run began with, for each gateway and link; a leak of a few octets an hour shows in a day.
constexpr std::size_t most_octets_each = std::size_t{224} * 1024;
/// What two ISAKMP SAs at each end of a link remember of their messages fits in (four octets each, and room
/// to grow): the one in use and the one before.
static_assert(most_octets_each * 3 >=
              2 * 2 * sizeof(std::uint32_t) * 9 / 8 *
                  (ike::limits::remembered_datagrams + ike::limits::remembered_message_ids));
constexpr std::size_t most_octets_half_open = std::size_t{6} * 1024;
constexpr Duration relapse_time = std::chrono::seconds(30);
/// Diffie-Hellman computations of a gateway in `work_window`: what it may do for callers that have proved
/// nothing, and for each of its tunnels a few attempts by either end.
constexpr Duration work_window = std::chrono::seconds(10);
constexpr std::size_t most_work = 200;
constexpr std::size_t most_work_per_tunnel = 16;
/// Longer than any margin before the end of an ISAKMP SA.
constexpr Duration time_to_renew = std::chrono::minutes(10);
constexpr Duration between_counts = std::chrono::minutes(10);
constexpr Duration known_within = std::chrono::minutes(1);
/// Each tunnel has its own as well.
constexpr std::size_t most_timers_per_tunnel = 12;

std::size_t octets_in_use() {
#ifdef CAUSEWAY_SANITIZED
    return 0;  // the sanitizer's allocator does not tell, and finds leaks itself
#else
    return mallinfo2().uordblks;
#endif
}

bool same(const sa::EspSa& a, const sa::EspSa& b) {
    return a.encryption_key == b.encryption_key && a.integrity_key == b.integrity_key;
}

/// What nobody without keys can change.
std::string fingerprint(const Node& node) {
    std::string text;
    for (const auto& peer : node.status().peers) {
        for (const auto& sa : peer.ike_sas) {
            if (sa.established) {
                text += fmt::format("{} {} {} {}\n", sa.cky_i, sa.cky_r, sa.local.text(), sa.remote.text());
            }
        }
        for (const auto& tunnel : peer.tunnels) {
            text += fmt::format("{}: {}\n", tunnel.display_name, tunnel.sas.size());  // begun ones, too
        }
    }
    for (const auto& [id, held] : node.held()) {
        text += fmt::format("{} {} {}\n", static_cast<std::uint64_t>(id), held.outbound, held.remote.text());
    }
    return text;
}

/// Where each SA's messages and packets go.
std::set<std::string> directions(const Node& node) {
    std::set<std::string> all;
    for (const auto& peer : node.status().peers) {
        for (const auto& sa : peer.ike_sas) {
            all.insert(fmt::format("{} {}", sa.cky_i, sa.remote.text()));
        }
    }
    for (const auto& [id, held] : node.held()) {
        all.insert(fmt::format("{} {}", static_cast<std::uint64_t>(id), held.remote.text()));
    }
    return all;
}

}  // namespace

void Simulation::not_accepted(Node& node, const Packet& packet, esp::Drop why) {
    if (!packet.probe || !packet.first_copy || packet.damaged || packet.forged) {
        return;
    }
    const Link& link = links[packet.probe->link];
    if (why == esp::Drop::replayed && packet.octets.size() >= 8) {
        // Overtaken by more than a window: it may be dropped.
        const Node& from = end_of(link, packet.probe->from_first);
        const auto last =
            sequences_.find(std::uint64_t{from.index()} << 32U | esp::load32(packet.octets.data()));
        if (last != sequences_.end() && last->second - esp::load32(packet.octets.data() + 4) >=
                                            plan.gateways[node.index()].replay_window) {
            return;
        }
    }
    if (link.healthy && link.epoch == packet.probe->epoch) {
        fail("lost", fmt::format("{} dropped a good packet: {}", node.name(), esp::drop_text(why)));
    }
}

std::optional<std::string> Simulation::why_not_carrying(const Link& link, unsigned tunnel) const {
    for (const bool first : {true, false}) {
        const Node& from = end_of(link, first);
        const Node& to = end_of(link, !first);
        if (!from.running() || !to.running()) {
            return from.running() ? to.name() + " does not run" : from.name() + " does not run";
        }
        const Held* out = from.sending((first ? link.plan->first : link.plan->second).reqids[tunnel]);
        if (out == nullptr) {
            return fmt::format("{} has no SA to send on (tunnel {})", from.name(), tunnel);
        }
        if (to.by_inbound_spi(out->pair->outbound.spi) == nullptr) {
            return fmt::format("{} sends on SPI {:08x}, which {} does not know (tunnel {})", from.name(),
                               out->pair->outbound.spi, to.name(), tunnel);
        }
    }
    return std::nullopt;
}

std::optional<std::string> Simulation::why_not_carrying(const Link& link) const {
    for (unsigned tunnel = 0; tunnel < link.plan->tunnels; ++tunnel) {
        if (auto why = why_not_carrying(link, tunnel)) {
            return why;
        }
    }
    return std::nullopt;
}

/// What does not carry is a tunnel that only traffic raises, and there was none.
bool Simulation::lapsed(const Link& link) const {
    for (unsigned tunnel = 0; tunnel < link.plan->tunnels; ++tunnel) {
        if (!why_not_carrying(link, tunnel)) {
            continue;
        }
        for (const bool first : {true, false}) {
            const Node& node = end_of(link, first);
            const std::string name = fmt::format("{}-lan{}", end_of(link, !first).name(),
                                                 tunnel == 0 ? std::string() : std::to_string(tunnel + 1));
            const auto status = node.running() ? node.status() : status::Engine{};
            bool unwanted = false;
            for (const auto& peer : status.peers) {
                unwanted =
                    unwanted || std::any_of(peer.tunnels.begin(), peer.tunnels.end(), [&](const auto& one) {
                        return one.display_name == name && !one.wanted;
                    });
            }
            if (!unwanted) {
                return false;
            }
        }
    }
    return true;
}

void Simulation::check_links() {
    for (auto& link : links) {
        if (!std::exchange(link.dirty, false) || !link.healthy) {
            continue;
        }
        if (const auto why = why_not_carrying(link)) {
            torn_down(link, "nothing was wrong, yet " + *why);
        }
    }
}

void Simulation::sa_changed(Node& node) {
    for (auto& link : links) {
        link.dirty =
            link.dirty || link.plan->first.node == node.index() || link.plan->second.node == node.index();
    }
}

void Simulation::installed(Node& node, const Held& held) {
    sa_changed(node);
    trials_->installed(node, held);
    const auto& mine = *held.pair;
    sequences_.erase(std::uint64_t{node.index()} << 32U |
                     mine.outbound.spi);  // hours later it may come again
    for (const auto& [id, other] : node.held()) {
        if (other.pair->outbound.spi == mine.outbound.spi && !same(other.pair->outbound, mine.outbound)) {
            fail("two-keys", fmt::format("{} has two keys for SPI {:08x}", node.name(), mine.outbound.spi));
        }
    }
    for (const auto& link : links) {
        if (link.plan->first.node != node.index() && link.plan->second.node != node.index()) {
            continue;
        }
        const Node& peer = end_of(link, link.plan->second.node == node.index());
        const Held* theirs = peer.by_inbound_spi(mine.outbound.spi);
        if (theirs == nullptr || theirs->pair->outbound.spi != mine.inbound.spi) {
            continue;
        }
        if (!same(theirs->pair->inbound, mine.outbound) || !same(theirs->pair->outbound, mine.inbound)) {
            fail("two-keys", fmt::format("{} and {} have different keys for SPI {:08x}", node.name(),
                                         peer.name(), mine.outbound.spi));
        }
        if (theirs->pair->cipher != mine.cipher || theirs->pair->integrity != mine.integrity ||
            theirs->pair->encapsulation != mine.encapsulation) {
            fail("agreement", fmt::format("{} and {} have different suites for SPI {:08x}", node.name(),
                                          peer.name(), mine.outbound.spi));
        }
        if (!(theirs->pair->local == mine.remote) || !(theirs->pair->remote == mine.local)) {
            fail("agreement", fmt::format("{} and {} have different selectors for SPI {:08x}", node.name(),
                                          peer.name(), mine.outbound.spi));
        }
    }
}

bool Simulation::sends(Node& node, Packet& packet) {
    ++replies_;
    reply_octets_ += packet.octets.size();
    if (readable_in(packet.octets)) {
        fail("clear", fmt::format("{} sends a packet in clear", node.name()));
    }
    if (packet.kind == Carried::ike) {
        const auto& peculiar = plan.gateways[node.index()].peculiar;
        const Bytes made = peculiar.any() ? packet.octets : Bytes{};
        Manners::before_leaving(peculiar, packet.octets);
        if (const auto wrong = wire_->sent(node.index(), packet.octets)) {
            fail(wrong->check, fmt::format("{}: {}", node.name(), wrong->what));
        }
        if (peculiar.any() && !manners_->leaves(node.index(), peculiar, packet.octets)) {
            return false;
        }
        return trials_->leaves(node, packet, !peculiar.any() || made == packet.octets);
    }
    const std::uint32_t spi = esp::load32(packet.octets.data());
    const std::uint32_t sequence = esp::load32(packet.octets.data() + 4);
    auto& last = sequences_[std::uint64_t{node.index()} << 32U | spi];
    if (sequence <= last) {
        fail("sequence",
             fmt::format("{} sends number {} after {} on SPI {:08x}", node.name(), sequence, last, spi));
    }
    last = sequence;
    return true;
}

/// What carries is from before one of the clocks stood still: it ends at one of its ends while the
/// other believes it good, and only one of them may be able to call.
bool Simulation::out_of_step(const Link& link) const {
    for (unsigned tunnel = 0; tunnel < link.plan->tunnels; ++tunnel) {
        for (const bool first : {true, false}) {
            const Held* out =
                end_of(link, first).sending((first ? link.plan->first : link.plan->second).reqids[tunnel]);
            if (out != nullptr && out->since < link.clocks_apart) {
                return true;
            }
        }
    }
    return false;
}

// What was begun during a fault may end shortly after it, such as a lifetime whose renewal the fault held up:
// then the tunnel was not over it yet, and the bound still counts from the same moment. A peer that ends an
// SA and does not say so leaves the other end to notice.
void Simulation::torn_down(Link& link, std::string what) {
    const bool late = agenda.now() - link.heal > relapse_time || link.relapsed;
    const bool untold = late && !effective(link).deletes;
    if (const bool lapse = lapsed(link); lapse || untold || (late && out_of_step(link))) {
        const std::string_view kind = lapse ? "(lapses)" : untold ? "(untold)" : "(out of step)";
        say("link", "{}: {}", kind, what);
        ++outcome_.faults[std::string(kind)];
        link.cls = lapse ? Class::start : untold ? Class::early_delete : Class::sleep;
        link.heal = agenda.now();
        link.deadline = link.heal + bound_of(link.cls, effective(link));
    } else if (late) {
        return fail("torn-down", std::move(what));
    } else {
        say("link", "relapse: {}", what);
        ++outcome_.faults["(relapses)"];
        link.relapsed = true;
    }
    link.healthy = false;
    ++link.epoch;
    for (auto& one : link.through) {
        one = {};
    }
    watch_deadline(link);
    schedule(link, {});
}

void Simulation::agreed(Node& node, const crypto::DhKey& key, ByteView peer_public, ByteView secret) {
    auto& work = work_[node.index()];
    if (agenda.now() - work.since > work_window) {
        work = {agenda.now(), 0};
    }
    std::size_t most = most_work;
    for (const auto& link : plan.links) {
        if (link.first.node == node.index() || link.second.node == node.index()) {
            most += most_work_per_tunnel * (1 + link.tunnels);
        }
    }
    if (++work.done > most) {
        fail("cost", fmt::format("{} has computed {} secrets in {:.1f} s", node.name(), work.done,
                                 seconds_of(agenda.now() - work.since)));
    }
    if (auto* observer = wire_->observer()) {
        observer->knows_secret(key.public_value(), peer_public, secret);
    }
}

void Simulation::broken(Node& node, std::string_view check, std::string what) {
    fail(check, node.name() + ": " + what);
}

void Simulation::forged_arrives(unsigned number, Packet& packet) {
    Node& node = *nodes[number];
    if (!node.running()) {
        return;
    }
    // The address that it was written to may have gone meanwhile.
    packet.destination.address = node.site().address;
    const std::string before = fingerprint(node);
    const std::size_t octets = packet.octets.size();
    const bool ike = packet.kind == Carried::ike;
    replies_ = 0;
    reply_octets_ = 0;
    node.arrival(packet);
    if (const std::string after = fingerprint(node); after != before) {
        fail("forged", fmt::format("a datagram of somebody without keys changed {} from\n{}to\n{}",
                                   node.name(), before, after));
    }
    // Several are no more than what came: a refusal, and questions to where the peer is known to be and to
    // where the recording came from.
    if (ike && ((replies_ > 1 && reply_octets_ > octets) || reply_octets_ > 3 * octets)) {
        fail("amplified",
             fmt::format("{} answers {} octets of somebody without keys with {} datagrams of {} octets",
                         node.name(), octets, replies_, reply_octets_));
    }
}

void Simulation::forged_first_arrives(unsigned number, Packet& packet) {
    Node& node = *nodes[number];
    if (!node.running()) {
        return;
    }
    const std::size_t octets = packet.octets.size();
    replies_ = 0;
    reply_octets_ = 0;
    node.arrival(packet);
    if (replies_ > 1 || reply_octets_ > 3 * octets) {
        fail("amplified",
             fmt::format("{} answers a first message of {} octets with {} datagrams of {} octets",
                         node.name(), octets, replies_, reply_octets_));
    }
}

void Simulation::late_arrives(unsigned number, Packet& packet) {
    Node& node = *nodes[number];
    if (!node.running()) {
        return;
    }
    packet.destination.address = node.site().address;
    const auto before = directions(node);
    const auto from = packet.source.address;
    node.arrival(packet);
    for (const auto& one : directions(node)) {
        if (!before.contains(one) && one.find(from.text()) != std::string::npos) {
            fail("forged",
                 fmt::format("a message that somebody held back has moved {} to {}", node.name(), one));
        }
    }
}

/// Make before break: an ISAKMP SA that served ends only when another one serves.
void Simulation::phase1_closed(const Node& node, const Event& event) {
    const Link* link = link_of(node.index(), event.subject);
    if (link == nullptr || !link->healthy || agenda.now() - link->healthy_since < time_to_renew ||
        plan.trial == Trial::phase1_lost || link->clocks_apart != Instant{}) {
        return;
    }
    bool wanted = false;
    for (const bool first : {true, false}) {
        const auto& mine = first ? link->plan->first : link->plan->second;
        const auto& theirs = first ? link->plan->second : link->plan->first;
        wanted = wanted || (mine.start == config::StartAction::start && mine.knows != Knows::any &&
                            can_be_called(plan, theirs.node));
    }
    for (const auto& peer : node.status().peers) {
        if (wanted && peer.name == event.subject &&
            std::ranges::none_of(peer.ike_sas, [](const auto& sa) { return sa.established.has_value(); })) {
            fail("phase1-gap",
                 fmt::format("{} has no ISAKMP SA with {} any more although nothing was wrong: {}",
                             node.name(), event.subject, event.field("why")));
        }
    }
}

void Simulation::window_drill(Link& link, bool from_first) {
    Node& from = end_of(link, from_first);
    Node& to = end_of(link, !from_first);
    const unsigned window = plan.gateways[to.index()].replay_window;
    if (window > 64 || !from.running() || !to.running() ||
        agenda.now() - link.last_sent < std::chrono::seconds(3)) {
        return;  // packets under way would fall out of the window
    }
    std::vector<Packet> packets;
    network.divert = [&](Packet& packet) {
        if (packet.probe) {
            packets.push_back(packet);
        }
        return packet.probe.has_value();
    };
    for (unsigned i = 0; i < window + 2; ++i) {
        send(link, 0, from_first, false);
    }
    network.divert = {};
    const auto arrived = [&](std::size_t i) {
        Packet copy = packets[i];
        copy.destination.address = to.site().address;
        to.arrival(copy);
        return sent_[packets[i].probe->id % remembered_probes].arrived;
    };
    if (packets.size() != window + 2) {
        return;  // cut in pieces, or the pair changed
    }
    const auto expect = [&](std::size_t i, bool accepted, std::string_view where) {
        packets[i].forged = !accepted;
        if (arrived(i) != accepted && outcome_.failures.empty()) {
            fail("window", fmt::format("{} {} a packet {} a window of {}", to.name(),
                                       accepted ? "drops" : "accepts", where, window));
        }
    };
    for (unsigned i = 1; i <= window; ++i) {
        if (i != 2) {
            expect(i, true, "within");
        }
    }
    expect(0, false, "left of");
    expect(window + 1, true, "right of");
    expect(2, true, "at the edge of");
    for (const unsigned again : {2U, 5U, window + 1}) {
        packets[again].forged = true;
        arrived(again);  // a second time out is found by came_out()
    }
}

void Simulation::begin_checks() {
    // The first of these makes libcrypto load its tables, for good: they are no gateway's.
    static_cast<void>(crypto::prf(crypto::HashId::sha1, {}, {}));
    octets_at_first_ = octets_in_use();
    agenda.in(between_counts, [this] { count_everything(); });
    agenda.in(known_within, [this] { check_causes(); });
}

void Simulation::count_everything() {
    std::size_t half_open = 0;
    bool all_asked = true;
    for (const auto& node : nodes) {
        if (!node->running()) {
            all_asked = false;  // asleep, it keeps its exchanges
            continue;
        }
        const auto status = node->status();
        half_open += status.half_open;
        if (status.half_open > ike::limits::half_open_total) {
            fail("limits", fmt::format("{} has {} unfinished exchanges", node->name(), status.half_open));
        }
        for (const auto& peer : status.peers) {
            const auto too_old = [&](const auto& sa) {
                return sa.expires_at && *sa.expires_at + std::chrono::seconds(1) < node->local_now();
            };
            if (std::any_of(peer.ike_sas.begin(), peer.ike_sas.end(), too_old)) {
                fail("lifetime", fmt::format("{} keeps an ISAKMP SA beyond its lifetime", node->name()));
            }
            if (peer.ike_sas.size() > most_ike_sas_per_peer) {
                fail("limits", fmt::format("{} has {} ISAKMP SAs with {}", node->name(), peer.ike_sas.size(),
                                           peer.name));
            }
            for (const auto& tunnel : peer.tunnels) {
                if (std::any_of(tunnel.sas.begin(), tunnel.sas.end(), too_old)) {
                    fail("lifetime", fmt::format("{} keeps a pair beyond its lifetime", node->name()));
                }
                if (tunnel.sas.size() > ike::limits::child_sas_per_tunnel) {
                    fail("limits", fmt::format("{} has {} pairs for {}", node->name(), tunnel.sas.size(),
                                               tunnel.display_name));
                }
            }
        }
        std::size_t tunnels = 0;
        for (const auto& peer : status.peers) {
            tunnels += peer.tunnels.size();
        }
        if (status.timers > most_timers_per_peer * status.peers.size() + most_timers_per_tunnel * tunnels +
                                status.half_open * 2) {
            fail("limits", fmt::format("{} has {} timers", node->name(), status.timers));
        }
    }
    const std::size_t octets = plan.observed ? 0 : octets_in_use();
    // Of every SPI that was ever used the last number is kept here, not by a gateway: a node and its bucket
    // each.
    const std::size_t of_checks =
        sequences_.size() * 4 * sizeof(void*) + sequences_.bucket_count() * sizeof(void*);
    if (all_asked && octets > octets_at_first_ + trials_->octets() + of_checks +
                                  most_octets_each * (nodes.size() + links.size()) +
                                  most_octets_half_open * half_open) {
        fail("memory", fmt::format("{} octets are in use, {} at the beginning", octets, octets_at_first_));
    }
    agenda.in(between_counts, [this] { count_everything(); });
}

}  // namespace causeway::sim
