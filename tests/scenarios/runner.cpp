#include "runner.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <exception>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>

#include "codec/isakmp/payloads.hpp"
#include "negotiation/words.hpp"

namespace causeway::scenarios {

using isakmp::ExchangeType;
using isakmp::Payload;
using isakmp::PayloadType;

namespace {

std::vector<std::string> words_of(const std::string& text) {
    std::stringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

std::string join(const std::vector<std::string>& words, std::size_t from) {
    std::string text;
    for (std::size_t i = from; i < words.size(); ++i) {
        text += (text.empty() ? "" : " ") + words[i];
    }
    return text;
}

std::string exchange_name(const isakmp::Header& header) {
    std::string name = "other";
    switch (header.exchange) {
        case ExchangeType::main:
            name = "main";
            break;
        case ExchangeType::aggressive:
            name = "aggressive";
            break;
        case ExchangeType::quick:
            name = "quick";
            break;
        case ExchangeType::informational:
            name = "info";
            break;
        default:
            break;
    }
    // As RFC 2409 5 writes HDR*.
    return name + (header.encrypted() ? "*" : "");
}

std::string text_of(const world::Seen& seen) {
    return fmt::format("{} {}", exchange_name(seen.header),
                       seen.readable ? world::Observer::describe(seen.payloads) : "unreadable");
}

Duration duration(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string unit(end, text.data() + text.size());
    if (error != std::errc{} || (unit != "s" && unit != "ms" && unit != "min" && unit != "h")) {
        throw std::runtime_error(fmt::format("'{}' is no duration", text));
    }
    const double seconds = unit == "ms"    ? value / 1000
                           : unit == "min" ? value * 60
                           : unit == "h"   ? value * 3600
                                           : value;
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

/// RFC 2409 6.2: the prime of the second Oakley group.
Bytes modp1024_prime() {
    return *from_hex(
        "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
        "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
        "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff");
}

Bytes public_value(const std::string& what, Bytes value) {
    if (what == "0" || what == "1") {
        Bytes small(128, 0);
        small.back() = what == "1" ? 1 : 0;
        return small;
    }
    if (what == "p" || what == "p-1") {
        Bytes prime = modp1024_prime();
        prime.back() = static_cast<std::uint8_t>(prime.back() - (what == "p" ? 0 : 1));
        return prime;
    }
    if (what == "short") {
        value.pop_back();
    } else if (what == "long") {
        value.push_back(1);
    } else if (what == "empty") {
        value.clear();
    } else {
        value.back() = static_cast<std::uint8_t>(value.back() ^ 1U);
    }
    return value;
}

}  // namespace

Runner::Runner() : world_(world::World::west_and_east()) {
    world_->on_send = [this](const world::Flight& flight) {
        if (flight.seen.header.message_id == 0) {
            newest_phase1_ = flight.payload;
        }
        for (const auto& payload : flight.seen.payloads) {
            const auto notification = isakmp::decode_notification(payload.body);
            if (payload.type == PayloadType::notification && notification &&
                notification->type == isakmp::NotifyType::r_u_there && !flight.seen.repeated) {
                asked_[flight.from].push_back(notification->data);
            }
        }
    };
}

std::string Runner::run(std::istream& story) {
    std::string line;
    unsigned number = 0;
    while (std::getline(story, line)) {
        ++number;
        if (const auto comment = line.find('#'); comment != std::string::npos) {
            line.erase(comment);
        }
        if (words_of(line).empty()) {
            continue;
        }
        try {
            step(line);
        } catch (const std::exception& error) {
            std::string text = fmt::format("line {}: {}\n  {}\non the wire: {}\n", number, line, error.what(),
                                           on_the_wire());
            for (const char* name : {"west", "east"}) {
                for (const auto& event : world_->gateway(name).events) {
                    text += fmt::format("  {} said {}: {}\n", name, describe(event.code).name, event.text());
                }
            }
            return text;
        }
    }
    if (!begun_) {
        return "the story never begins";
    }
    return {};
}

void Runner::need(bool condition, const std::string& otherwise) {
    if (!condition) {
        throw std::runtime_error(otherwise);
    }
}

world::Gateway& Runner::gateway(const std::string& name) {
    need(name == "west" || name == "east", fmt::format("nobody is called '{}'", name));
    return world_->gateway(name);
}

world::Gateway& Runner::other(const world::Gateway& one) {
    return world_->gateway(one.name == "west" ? "east" : "west");
}

std::string Runner::on_the_wire() const {
    std::string text;
    for (const auto& flight : world_->wire()) {
        text += fmt::format("[{} {}{}] ", flight.from, text_of(flight.seen),
                            flight.seen.repeated ? " again" : "");
    }
    return text.empty() ? "nothing" : text;
}

void Runner::step(const std::string& line) {
    const Words words = words_of(line);
    if (!begun_) {
        return before_begin(words, line);
    }
    if (words.size() > 2 && words[1] == "->") {
        return arrow(line);
    }
    if (words[0] == "expect") {
        return expect(words, line);
    }
    act(words);
}

void Runner::before_begin(const Words& words, const std::string& line) {
    if (words[0] == "story") {
        return;
    }
    if (words[0] == "begin") {
        begun_ = true;
        for (const char* name : {"east", "west"}) {
            const auto started = world_->start(world_->gateway(name));
            need(started.has_value(), started ? "" : started.error().text());
        }
        return;
    }
    need(words.size() >= 3, "a setting is: west|east|both KEY VALUE");
    if (words[1] == "nat") {
        const bool ports = words.size() > 3 && words[3] == "ports";
        const auto port_500 =
            words.size() > 4 ? std::optional(static_cast<std::uint16_t>(std::stoi(words[4]))) : std::nullopt;
        world_->put_behind_nat(gateway(words[0]), words[2], ports, port_500);
        return;
    }
    if (words[0] == "name") {
        world_->publish(words[1], join(words, 2));
        return;
    }
    for (const char* name : {"west", "east"}) {
        if (words[0] == name || words[0] == "both") {
            world_->gateway(name).settings.values[words[1]] = join(words, 2);
        }
    }
    need(words[0] == "west" || words[0] == "east" || words[0] == "both", "not understood: " + line);
}

void Runner::arrow(const std::string& line) {
    std::vector<std::string> parts;
    std::stringstream stream(line);
    for (std::string part; std::getline(stream, part, ';');) {
        parts.push_back(part);
    }
    const Words words = words_of(parts[0]);
    need(words.size() >= 4, "an arrow is: west -> east EXCHANGE PAYLOADS");
    need(!world_->wire().empty(), "nothing is on the wire");
    world::Flight flight = std::move(world_->wire().front());
    world_->wire().pop_front();
    last_ = flight.seen.header;
    if (last_.exchange == ExchangeType::main || last_.exchange == ExchangeType::aggressive) {
        last_phase1_ = last_;
    }
    const std::string expected = join(words, 3);
    need(flight.from == words[0] && other(gateway(flight.from)).name == words[2],
         fmt::format("it is {} who sends: {}", flight.from, text_of(flight.seen)));
    need(text_of(flight.seen) == expected, fmt::format("what travels is: {}", text_of(flight.seen)));
    bool again = false;
    Words what_becomes{"delivered"};
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const Words one = words_of(parts[i]);
        if (one == Words{"again"}) {
            again = true;
        } else if (one[0] == "port") {
            need(std::to_string(flight.destination.port) == one.at(1),
                 fmt::format("it goes to port {}", flight.destination.port));
        } else {
            what_becomes = one;
        }
    }
    need(again == flight.seen.repeated, again ? "these octets were not on the wire before"
                                              : "these octets were on the wire before: say 'again'");
    fate(std::move(flight), what_becomes);
}

void Runner::fate(world::Flight flight, const Words& words) {
    if (words[0] == "lost") {
        return;
    }
    if (words[0] == "held") {
        held_[words.at(1)] = std::move(flight);
        return;
    }
    if (words[0] == "altered") {
        alter(flight, words);
    } else {
        need(words[0] == "delivered" || words[0] == "twice", fmt::format("'{}' is no fate", words[0]));
    }
    world_->deliver(flight);
    if (words[0] == "twice") {
        world_->deliver(flight);
    }
}

void Runner::alter(world::Flight& flight, const Words& words) {
    auto payloads = flight.seen.payloads;
    const std::string& what = words.at(1);
    if (what == "octet") {
        // One bit of the last block, whatever it means.
        flight.payload.back() = static_cast<std::uint8_t>(flight.payload.back() ^ 1U);
        return;
    }
    const PayloadType type = what == "KE"      ? PayloadType::key_exchange
                             : what == "HASH"  ? PayloadType::hash
                             : what == "NONCE" ? PayloadType::nonce
                             : what == "NAT-D" ? PayloadType::nat_d
                             : what == "VID"   ? PayloadType::vendor_id
                                               : PayloadType::none;
    need(type != PayloadType::none, fmt::format("'{}' cannot be altered", what));
    bool found = false;
    for (auto& payload : payloads) {
        if (payload.type == type) {
            payload.body = public_value(words.size() > 2 ? words[2] : "bit", payload.body);
            found = true;
        }
    }
    need(found, "there is no such payload in it");
    const auto changed = world_->observer().rewritten(
        flight.payload, payloads,
        type == PayloadType::hash ? world::Observer::Hash::keep : world::Observer::Hash::renew);
    need(changed.has_value(), "it cannot be written anew");
    flight.payload = *changed;
}

void Runner::act(const Words& words) {
    if (words[0] == "pass") {
        return world_->pass(duration(words.at(1)), words.size() > 2 && words[2] == "delivering");
    }
    if (words[0] == "settle") {
        world_->settle();
        return;
    }
    if (words[0] == "quiet") {
        return need(world_->wire().empty(), "something is on the wire");
    }
    if (words[0] == "lose") {
        return world_->wire().clear();
    }
    if (words[0] == "deliver") {
        const auto found = held_.find(words.at(1));
        need(found != held_.end(), fmt::format("nothing is held as '{}'", words.at(1)));
        world_->deliver(found->second);
        return;
    }
    if (words[0] == "name") {
        return world_->publish(words.at(1), join(words, 2));
    }
    if (words[0] == "forge") {
        return forge(words);
    }
    auto& who = gateway(words[0]);
    const std::string& what = words.at(1);
    if (what == "up") {
        world_->input(who, ike::CommandUp{who.settings.peer});
    } else if (what == "down") {
        world_->input(who, ike::CommandDown{who.settings.peer});
    } else if (what == "stops") {
        world_->input(who, ike::CommandShutdown{});
    } else if (what == "traffic") {
        world_->packet_without_sa(who);
    } else if (what == "restarts") {
        const auto started = world_->start(who);
        need(started.has_value(), "cannot start");
    } else if (what == "reloads") {
        if (words.size() > 3) {
            who.settings.values[words[2]] = join(words, 3);
        }
        auto model = world::make_model(who.settings);
        need(model.has_value(), "cannot read");
        world_->observer().knows_psk((*model)->peers.front().pre_shared_key.view());
        world_->input(who, ike::Reload{*model});
    } else if (what == "exhausts") {
        // west exhausts its newest pair [nearly]: sequence numbers or kilobytes, as the data plane tells it.
        need(!who.installed.empty() && words.size() >= 5,
             "a pair is exhausted: west exhausts its older pair");
        const auto id = words[3] == "newest" ? who.installed.rbegin()->first : who.installed.begin()->first;
        world_->input(who, sa::Exhausted{id, words.size() == 5});
    } else if (what == "moves") {
        world_->move(who, words.at(2));
    } else if (what == "uplink") {
        world_->change_uplink(who, words.at(2));
    } else if (what == "rebinds") {
        world_->rebind_nat(who);
    } else if (what == "says") {
        // east says N:INITIAL-CONTACT: a notify of its own under the newest ISAKMP SA.
        const Payload payload = notify(words.at(2), {});
        const auto made =
            world_->observer().composed(newest_phase1_, ExchangeType::informational, ++said_, {payload});
        need(made.has_value(), "there is no ISAKMP SA");
        world_->deliver({who.name, {who.address, 500}, {other(who).address, 500}, *made, {}});
    } else if (what == "sends") {
        // One packet through the tunnel, checked at the other end.
        const bool in_vain = words.size() == 4 && words[2] == "in" && words[3] == "vain";
        const bool unknown = words.size() == 3 && words[2] == "unknown";
        need(in_vain || unknown || words.size() == 2, "a packet is sent: west sends [in vain | unknown]");
        const auto carried = in_vain   ? world_->packet_in_vain(who)
                             : unknown ? world_->packet_unknown(who, other(who))
                                       : world_->packet(who, other(who));
        need(carried.has_value(), carried ? "" : carried.error().text());
    } else {
        need(false, fmt::format("'{}' is nothing a gateway does", what));
    }
}

Payload Runner::notify(const std::string& name, Bytes spi) {
    isakmp::Notification notification;
    bool known = false;
    for (std::uint32_t type = 1; type < 40000 && !known; ++type) {
        known = "N:" + name_of(static_cast<isakmp::NotifyType>(type)) == name;
        if (known) {
            notification.type = static_cast<isakmp::NotifyType>(type);
        }
    }
    need(known, fmt::format("there is no notify '{}'", name));
    notification.spi = std::move(spi);
    return {PayloadType::notification, isakmp::encode(notification)};
}

void Runner::forge(const Words& words) {
    // forge west <- N:INVALID-COOKIE [without cookies]: anybody on the way can write this.
    need(words.size() >= 4 && words[2] == "<-", "a forgery is: forge west <- PAYLOAD");
    auto& victim = gateway(words[1]);
    Payload payload;
    isakmp::Header header;
    header.cky_i = last_phase1_.cky_i;
    header.cky_r = last_phase1_.cky_r;
    header.exchange = ExchangeType::informational;
    header.message_id = 0x12345678;
    if (words[3] == "D:ISAKMP" || words[3] == "D:ESP") {
        isakmp::Delete deletion;
        const bool isakmp = words[3] == "D:ISAKMP";
        deletion.protocol = isakmp ? isakmp::Protocol::isakmp : isakmp::Protocol::esp;
        deletion.spi_octets = isakmp ? 16 : 4;
        Bytes spi;
        if (isakmp) {
            append(spi, header.cky_i);
            append(spi, header.cky_r);
        } else if (const auto* sending = victim.sending(); sending != nullptr) {
            const std::uint32_t number = sending->pair->outbound.spi;
            for (int shift = 24; shift >= 0; shift -= 8) {
                spi.push_back(static_cast<std::uint8_t>(number >> static_cast<unsigned>(shift)));
            }
        }
        deletion.spis = {spi};
        payload = {PayloadType::delete_, isakmp::encode(deletion)};
    } else {
        Bytes spi;
        if (const auto* sending = victim.sending();
            sending != nullptr && words[3] == "N:INVALID-SPI" && words.size() == 4) {
            spi = negotiation::spi_octets(sending->pair->outbound.spi);
        }
        payload = notify(words[3], std::move(spi));
    }
    world::Flight flight;
    flight.source = {other(victim).address, 500};
    flight.destination = {victim.address, 500};
    flight.payload = isakmp::encode_message(header, std::span<const Payload>(&payload, 1));
    world_->deliver(flight);
}

void Runner::expect(const Words& words, const std::string& line) {
    auto& who = gateway(words.at(1));
    const std::string& what = words.at(2);
    const auto status = who.engine->status(world_->now());
    const auto& peer = status.peers.front();
    if (what == "tunnel") {
        const bool up = who.sending() != nullptr;
        need(up == (words.at(3) == "up"), fmt::format("{}'s tunnel is {}: {}", who.name, up ? "up" : "down",
                                                      status::sentence_of(peer.tunnels.front().why_down)));
        need(up != peer.tunnels.front().down_since.has_value(), "status tells another story");
    } else if (what == "code") {
        // expect west code psk-differs: of why its tunnel is down.
        const auto& why = peer.tunnels.front().why_down;
        need(why && why->code == words.at(3),
             fmt::format("it is {}: {}", why ? why->code : "nothing", status::sentence_of(why)));
    } else if (what == "finding") {
        // expect west finding one-way-traffic: it stands against the peer or its tunnel.
        const auto& tunnel = peer.tunnels.front();
        const auto has_code = [&](const status::Standing& one) { return one.what.code == words.at(3); };
        need(std::ranges::any_of(peer.findings, has_code) || std::ranges::any_of(tunnel.findings, has_code),
             "it does not stand");
    } else if (what == "findings") {
        // expect west findings none
        need(peer.findings.empty() && peer.tunnels.front().findings.empty(), "something stands");
    } else if (what == "stranger") {
        // expect west stranger 192.0.2.1 unknown-peer
        need(std::ranges::any_of(status.strangers,
                                 [&](const status::Stranger& one) {
                                     return one.address == words.at(3) && one.why.what.code == words.at(4);
                                 }),
             "nobody like that has called");
    } else if (what == "holds") {
        const std::size_t esp = who.installed.size();
        need(std::to_string(peer.ike_sas.size()) == words.at(3) && std::to_string(esp) == words.at(5),
             fmt::format("{} holds {} ISAKMP SAs and {} ESP pairs", who.name, peer.ike_sas.size(), esp));
    } else if (what == "says") {
        const std::string text = join(words, 4);
        const std::string key = who.name + words.at(3);
        for (std::size_t i = heard_[key]; i < who.events.size(); ++i) {
            const auto& event = who.events[i];
            if (describe(event.code).name == words.at(3) && event.text().find(text) != std::string::npos) {
                heard_[key] = i + 1;
                return;
            }
        }
        need(false, fmt::format("{} did not say so", who.name));
    } else if (what == "silent") {
        // expect west silent EVENT: since what it was last heard to say of that kind.
        for (std::size_t i = heard_[who.name + words.at(3)]; i < who.events.size(); ++i) {
            need(describe(who.events[i].code).name != words.at(3),
                 fmt::format("{} said: {}", who.name, who.events[i].text()));
        }
    } else if (what == "never") {
        for (const auto& event : who.events) {
            need(describe(event.code).name != words.at(3),
                 fmt::format("{} said: {}", who.name, event.text()));
        }
    } else if (what == "outcome") {
        need(!who.outcomes.empty(), "no outcome was told");
        const auto outcome = who.outcomes.front();
        who.outcomes.erase(who.outcomes.begin());
        need(outcome.done == (words.at(3) == "done") && outcome.why.find(join(words, 4)) != std::string::npos,
             fmt::format("the outcome was {}: {}", outcome.done ? "done" : "failed", outcome.why));
    } else if (what == "waits") {
        need(who.outcomes.empty(), "an outcome was told");
    } else if (what == "keepalives") {
        // Since the last time that this was asked.
        const auto sent = std::exchange(who.keepalives, 0);
        need((sent > 0) == (words.at(3) == "some"), fmt::format("{} were sent", sent));
    } else if (what == "sends") {
        // expect west sends on its newest pair; its older pair; to ADDRESS
        const auto* sending = who.sending();
        need(sending != nullptr, "there is no SA");
        if (words.at(3) == "to") {
            return need(sending->remote.address.text() == words.at(4),
                        fmt::format("it sends to {}", sending->remote.text()));
        }
        need((sending->pair->id == who.installed.rbegin()->first) == (words.at(5) == "newest"),
             "it is the other way round");
    } else if (what == "encapsulates") {
        const auto* sending = who.sending();
        need(sending != nullptr, "there is no SA");
        need((sending->pair->encapsulation == sa::Encapsulation::udp) == (words.at(3) == "yes"),
             "it is the other way round");
    } else if (what == "asked") {
        // expect west asked 3 times with 1 number: a repetition keeps its number (RFC 3706 5.3).
        auto& all = asked_[who.name];
        const std::set<Bytes> distinct(all.begin(), all.end());
        need(std::to_string(all.size()) == words.at(3) && std::to_string(distinct.size()) == words.at(6),
             fmt::format("{} asked {} times with {} numbers", who.name, all.size(), distinct.size()));
        all.clear();
    } else if (what == "looked") {
        // expect west looked up 5 to 6 times: since the last time this was asked.
        const auto count = std::exchange(who.lookups, 0);
        need(count >= std::stoul(words.at(4)) && count <= std::stoul(words.at(6)),
             fmt::format("{} looked names up {} times", who.name, count));
    } else if (what == "at") {
        // Where the newest ISAKMP SA has its peer.
        need(!peer.ike_sas.empty() && peer.ike_sas.back().remote.text() == words.at(3),
             peer.ike_sas.empty() ? "there is none" : peer.ike_sas.back().remote.text());
    } else if (what == "own") {
        // expect west own name right
        const auto& state = peer.own_name_state;
        const auto word = state ? status::own_name_states.at(static_cast<std::size_t>(*state)) : "";
        need(word == join(words, 4), fmt::format("it is {}: {}", word, peer.own_name_note));
    } else if (what == "suite") {
        need(!peer.ike_sas.empty(), "there is no ISAKMP SA");
        need(peer.ike_sas.back().suite == words.at(3), peer.ike_sas.back().suite);
    } else {
        need(false, "not understood: " + line);
    }
}

}  // namespace causeway::scenarios
