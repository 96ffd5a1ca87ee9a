// What must not be felt: no link is struck, so the slightest loss or change is a failure.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "esp/octets.hpp"
#include "sim/faults.hpp"

namespace causeway::sim {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

void Faults::names_fail() {
    const unsigned node = any_node();
    const auto trouble = s_.dice.pick(std::vector{Names::Trouble::nxdomain, Names::Trouble::servfail,
                                                  Names::Trouble::silent, Names::Trouble::wrong});
    const Instant until = s_.agenda.now() + s_.dice.spread(seconds(1), minutes(20));
    // Not while somebody waits for the name: what the fault's end promises would not hold.
    const bool awaited = std::any_of(s_.links.begin(), s_.links.end(), [&](const Link& link) {
        return !link.healthy && (link.plan->first.node == node || link.plan->second.node == node);
    });
    if (busy(node) || awaited || names_right_at_[node] > s_.agenda.now()) {
        return;
    }
    // Nobody, a private address, the asking gateway's own neighbour, or another gateway.
    const IpAddress wrong = s_.dice.pick(std::vector{IpAddress::v4(0xc633640aU), IpAddress::v4(0xc0a80001U),
                                                     s_.network.public_address(any_node())});
    names_right_at_[node] = until;
    s_.count("names");
    s_.say("mischief", "{} {} for {:.1f} s", s_.plan.gateways[node].host,
           trouble == Names::Trouble::wrong    ? "is said to be " + wrong.text()
           : trouble == Names::Trouble::silent ? "gets no answer"
                                               : "does not exist",
           seconds_of(until - s_.agenda.now()));
    s_.names.trouble(s_.plan.gateways[node].host, trouble, until, wrong);
}

void Faults::line_disorder() {
    const unsigned node = any_node();
    auto& site = s_.network.site(node);
    const Line before = s_.plan.gateways[node].line;
    const Duration length = s_.dice.spread(seconds(30), minutes(30));
    for (Line* line : {&site.up, &site.down}) {
        line->duplicate = s_.dice.unit() * 0.3;
        line->reorder = s_.dice.unit() * 0.3;
        line->reorder_by = s_.dice.spread(milliseconds(20), seconds(1));
        line->jitter = s_.dice.between({}, milliseconds(100));
    }
    s_.count("disorder");
    s_.say("mischief", "{}'s line doubles and reorders for {:.1f} s", name(node), seconds_of(length));
    s_.agenda.in(length, [this, node, before] {
        for (Line* line : {&s_.network.site(node).up, &s_.network.site(node).down}) {
            line->duplicate = before.duplicate;
            line->reorder = before.reorder;
            line->jitter = before.jitter;
        }
    });
}

void Faults::smaller_mtu() {
    const unsigned node = any_node();
    const auto mtu = 576 + s_.dice.below(900);
    s_.network.site(node).up.mtu = s_.network.site(node).down.mtu = mtu;
    s_.count("mtu");
    s_.say("mischief", "{}'s line carries {} octets at most", name(node), mtu);
    s_.agenda.in(s_.dice.spread(minutes(1), minutes(60)), [this, node] {
        s_.network.site(node).up.mtu = s_.network.site(node).down.mtu = s_.plan.gateways[node].line.mtu;
    });
}

void Faults::reload_same() {
    const unsigned node = any_node();
    if (s_.nodes[node]->running()) {
        s_.count("reload-same");
        s_.say("mischief", "{} is reloaded, nothing has changed", name(node));
        s_.nodes[node]->reload(model_of(s_.plan, node));
    }
}

/// Sequence numbers or kilobytes run out, at one end or at both in the same instant.
void Faults::exhausted() {
    Link& link = any_link();
    s_.count("exhausted");
    const auto ends = s_.dice.below(3);
    for (const bool first : {true, false}) {
        const auto& mine = first ? link.plan->first : link.plan->second;
        if (ends == (first ? 1U : 2U) || !s_.nodes[mine.node]->running()) {
            continue;
        }
        if (const auto* held = s_.nodes[mine.node]->sending(s_.dice.pick(mine.reqids))) {
            s_.say("mischief", "{}'s pair {:08x} is about to be used up", name(mine.node),
                   held->pair->inbound.spi);
            s_.nodes[mine.node]->input(sa::Exhausted{held->pair->id, false});
        }
    }
}

/// Somebody on the way who has no keys.
void Faults::forger() {
    Link& link = any_link();
    const unsigned node = (s_.dice.chance(0.5) ? link.plan->first : link.plan->second).node;
    s_.count("forger");
    s_.say("mischief", "somebody writes to {}", name(node));
    const auto times = 1 + s_.dice.below(6);
    for (std::uint64_t i = 0; i < times; ++i) {
        s_.agenda.in(s_.dice.spread(milliseconds(1), seconds(20)),
                     [this, node, &link] { forge(node, link); });
    }
}

namespace {

Bytes clear_informational(Dice& dice, const isakmp::Header& like) {
    using isakmp::NotifyType;
    isakmp::Header header = like;
    header.exchange = isakmp::ExchangeType::informational;
    header.flags = 0;
    header.message_id = static_cast<std::uint32_t>(dice.next());
    Bytes cookies;
    append(cookies, header.cky_i);
    append(cookies, header.cky_r);
    isakmp::Payload payload;
    if (dice.chance(0.5)) {
        payload = {
            isakmp::PayloadType::delete_,
            isakmp::encode(isakmp::Delete{isakmp::doi_ipsec, isakmp::Protocol::isakmp, 16, {cookies}})};
    } else {
        isakmp::Notification notification;
        notification.type = dice.pick(std::vector{NotifyType::no_proposal_chosen, NotifyType::invalid_cookie,
                                                  NotifyType::invalid_spi, NotifyType::initial_contact,
                                                  NotifyType::authentication_failed});
        notification.spi = cookies;
        payload = {isakmp::PayloadType::notification, isakmp::encode(notification)};
    }
    return isakmp::encode_message(header, std::vector{payload});
}

}  // namespace

void Faults::forge(unsigned node, Link& link) {
    (void)link;
    const auto& ring = recorded_[node];
    const auto& old = ring[s_.dice.below(ring.size())];
    if (!old.usable) {
        return;
    }
    Packet packet = old.packet;
    packet.forged = true;
    packet.first_copy = false;
    // The destination was translated when it arrived; a forger in the same street writes to it directly.
    const Endpoint elsewhere{IpAddress::v4(0xcb007100U + static_cast<std::uint32_t>(s_.dice.below(200))),
                             static_cast<std::uint16_t>(s_.dice.chance(0.5) ? packet.source.port : 40'000)};
    if (s_.dice.chance(0.5)) {
        packet.source = elsewhere;
    }
    switch (s_.dice.below(4)) {
        case 0:  // sent again as it was
            break;
        case 1:  // one bit of it
            packet.probe.reset();
            packet.octets[s_.dice.below(packet.octets.size())] ^=
                static_cast<std::uint8_t>(1U << s_.dice.below(8));
            break;
        case 2:
            packet.probe.reset();
            if (packet.kind == Carried::ike) {
                if (const auto header = isakmp::decode_header(packet.octets)) {
                    packet.octets = clear_informational(s_.dice, *header);
                }
            } else if (packet.octets.size() > 12) {  // the next number, and nothing right behind it
                esp::store32(&packet.octets[4], esp::load32(&packet.octets[4]) +
                                                    1000 * static_cast<std::uint32_t>(s_.dice.below(5)));
                packet.octets[packet.octets.size() - 1] ^= 0x5a;
            }
            break;
        default:  // cut, or nothing but noise
            packet.probe.reset();
            if (s_.dice.chance(0.5)) {
                packet.octets.resize(s_.dice.below(packet.octets.size()));
            } else {
                for (auto& octet : packet.octets) {
                    octet = static_cast<std::uint8_t>(s_.dice.next());
                }
            }
    }
    s_.forged_arrives(node, packet);
}

/// First messages from everywhere, begun and never finished.
void Faults::flood() {
    const unsigned node = any_node();
    const auto& ring = recorded_[node];
    for (const auto& old : ring) {
        if (!old.usable || old.packet.kind != Carried::ike) {
            continue;
        }
        const auto header = isakmp::decode_header(old.packet.octets);
        if (!header || header->cky_r != isakmp::Cookie{} || header->encrypted()) {
            continue;
        }
        s_.count("flood");
        s_.say("mischief", "{} is flooded with first messages", name(node));
        for (int i = 0; i < 600; ++i) {
            Packet packet = old.packet;
            packet.forged = true;
            packet.source.address =
                IpAddress::v4(0xcb000000U + static_cast<std::uint32_t>(s_.dice.below(0x10000)));
            for (unsigned at = 0; at < 8; ++at) {
                packet.octets[at] = static_cast<std::uint8_t>(s_.dice.next() | 1U);
            }
            s_.agenda.in(milliseconds(i * 10),
                         [this, node, packet]() mutable { s_.forged_arrives(node, packet); });
        }
        return;
    }
}

/// The edge of the replay window: packets held back until they are just inside and just outside.
void Faults::window_drill() {
    Link& link = any_link();
    if (!link.healthy) {
        return;
    }
    s_.count("window");
    s_.window_drill(link, s_.dice.chance(0.5));
}

}  // namespace causeway::sim
