#include "sim/node.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "esp/octets.hpp"
#include "ike/engine/drive.hpp"

namespace causeway::sim {

namespace {

constexpr std::string_view marker = "in clear";
constexpr std::size_t headers = 28;

}  // namespace

Bytes inner_packet(const Probe& probe, std::uint32_t source, std::uint32_t destination, std::size_t octets) {
    Bytes packet(std::max(octets, headers + 28));
    packet[0] = 0x45;
    esp::store16(&packet[2], static_cast<std::uint16_t>(packet.size()));
    packet[8] = 64;
    packet[9] = 17;
    esp::store32(&packet[12], source);
    esp::store32(&packet[16], destination);
    esp::store16(&packet[20], 7);
    esp::store16(&packet[22], 7);
    esp::store16(&packet[24], static_cast<std::uint16_t>(packet.size() - 20));
    std::uint8_t* payload = &packet[headers];
    std::copy(marker.begin(), marker.end(), payload);
    esp::store16(payload + 8, static_cast<std::uint16_t>(probe.link));
    payload[10] = static_cast<std::uint8_t>(probe.tunnel);
    payload[11] = static_cast<std::uint8_t>((probe.from_first ? 1 : 0) | (probe.question ? 2 : 0));
    esp::store32(payload + 12, static_cast<std::uint32_t>(probe.id >> 32U));
    esp::store32(payload + 16, static_cast<std::uint32_t>(probe.id));
    esp::store32(payload + 20, probe.epoch);
    return packet;
}

std::optional<Probe> probe_of(ByteView inner) {
    if (inner.size() < headers + 28 || !std::equal(marker.begin(), marker.end(), inner.begin() + headers)) {
        return std::nullopt;
    }
    const std::uint8_t* payload = &inner[headers];
    Probe probe;
    probe.link = esp::load16(payload + 8);
    probe.tunnel = payload[10];
    probe.from_first = (payload[11] & 1U) != 0;
    probe.question = (payload[11] & 2U) != 0;
    probe.id = std::uint64_t{esp::load32(payload + 12)} << 32U | esp::load32(payload + 16);
    probe.epoch = esp::load32(payload + 20);
    return probe;
}

bool readable_in(ByteView octets) {
    return std::search(octets.begin(), octets.end(), marker.begin(), marker.end()) != octets.end();
}

Node::Node(unsigned index, std::string name, const Around& around, std::uint64_t seed)
    : index_(index),
      name_(std::move(name)),
      around_(around),
      random_(seed),
      table_(std::make_unique<esp::SaTable>()) {}

const Held* Node::sending(sa::ReqId reqid) const {
    const Held* newest = nullptr;
    for (const auto& [id, one] : held_) {
        if (one.pair->reqid == reqid && one.outbound && (newest == nullptr || one.order > newest->order)) {
            newest = &one;
        }
    }
    return newest;
}

const Held* Node::by_inbound_spi(std::uint32_t spi) const {
    for (const auto& [id, one] : held_) {
        if (one.pair->inbound.spi == spi) {
            return &one;
        }
    }
    return nullptr;
}

namespace {

std::vector<esp::Tunnel> tunnels_of(const config::Model& model) {
    std::vector<esp::Tunnel> tunnels;
    for (const auto& peer : model.peers) {
        for (const auto& tunnel : peer.tunnels) {
            tunnels.push_back({tunnel.reqid, tunnel.local, tunnel.remote, tunnel.packets_may_raise()});
        }
    }
    return tunnels;
}

}  // namespace

void Node::start(std::shared_ptr<const config::Model> model) {
    model_ = std::move(model);
    table_ = std::make_unique<esp::SaTable>();
    table_->set_tunnels(tunnels_of(*model_));
    held_.clear();
    ++life_;
    armed_.reset();
    site().running = true;
    engine_ = std::make_unique<ike::Engine>(local_now(), model_, random_, *this);
    settle();
}

void Node::crash() {
    engine_.reset();
    table_ = std::make_unique<esp::SaTable>();
    held_.clear();
    ++life_;
    armed_.reset();
    site().running = false;
}

void Node::reload(std::shared_ptr<const config::Model> model) {
    model_ = std::move(model);
    table_->set_tunnels(tunnels_of(*model_));
    input(ike::Reload{model_});
}

void Node::sleep() {
    asleep_ = true;
    asleep_since_ = around_.agenda.now();
    site().running = false;
}

void Node::wake(bool counted) {
    asleep_ = false;
    site().running = engine_ != nullptr;
    if (!counted) {
        offset_ -= around_.agenda.now() - asleep_since_;
    }
    armed_.reset();
    arm();
}

void Node::jump_clock(Duration forward) {
    offset_ += forward;
    armed_.reset();
    arm();
}

void Node::input(ike::Input input) {
    if (!running()) {
        return;
    }
    engine_->handle(local_now(), std::move(input));
    settle();
}

void Node::address_changed() {
    const auto& here = site();
    input(ike::LocalAddressesChanged{here.online ? std::vector{here.address} : std::vector<IpAddress>{}});
}

void Node::settle() {
    if (settling_) {
        return;
    }
    settling_ = true;
    for (;;) {
        ike::perform_outputs(*engine_,
                             [this](auto&& one) { this->perform(std::forward<decltype(one)>(one)); });
        if (std::exchange(can_send_, false)) {
            flush_queues();
        }
        const auto events = table_->take_events();
        if (events.empty()) {
            break;
        }
        for (const auto& event : events) {
            engine_->handle(local_now(), event);
        }
    }
    settling_ = false;
    arm();
}

void Node::perform(ike::Transmit&& transmit) {
    Packet packet;
    packet.source = transmit.local;
    packet.destination = transmit.remote;
    packet.octets = std::move(transmit.payload);
    if (around_.watcher.sends(*this, packet)) {
        around_.network.send(index_, std::move(packet));
    }
}

void Node::perform(const ike::Keepalive& keepalive) {
    Packet packet;
    packet.kind = Carried::keepalive;
    packet.source = keepalive.local;
    packet.destination = keepalive.remote;
    packet.octets = {0xff};
    around_.network.send(index_, std::move(packet));
}

void Node::perform(const ike::InstallSa& install) {
    ++sa_changes_;
    if (auto done = table_->install(install.pair, install.outbound); !done) {
        return around_.watcher.broken(*this, "install", done.error().text());
    }
    table_->set_outer_mtu(install.pair->id, site().up.mtu);
    auto& held = held_[install.pair->id];
    held = {install.pair, install.outbound, install.outbound ? ++order_ : 0, install.pair->remote_outer,
            around_.agenda.now()};
    can_send_ = can_send_ || held.outbound;
    around_.watcher.installed(*this, held);
}

void Node::perform(const ike::DoubtSa& doubt) {
    table_->doubt(doubt.id, doubt.doubted);
}

void Node::perform(const ike::ActivateOutbound& activate) {
    ++sa_changes_;
    table_->activate_outbound(activate.id);
    can_send_ = true;
    if (const auto at = held_.find(activate.id); at != held_.end()) {
        at->second.outbound = true;
        at->second.order = ++order_;
    }
    around_.watcher.sa_changed(*this);
}

void Node::perform(const ike::RemoveSa& remove) {
    ++sa_changes_;
    table_->remove(remove.id);
    held_.erase(remove.id);
    around_.watcher.sa_changed(*this);
}

void Node::perform(const ike::MoveSa& moved) {
    ++sa_changes_;
    table_->move(moved.id, moved.local, moved.remote, moved.encapsulation);
    if (const auto at = held_.find(moved.id); at != held_.end()) {
        at->second.remote = moved.remote;
    }
    around_.watcher.sa_changed(*this);
}

void Node::perform(const ike::NothingComesBack& /*silent*/) {}  // there is one plane here

void Node::perform(const ike::PathFound& path) {
    table_->set_path_mtu(path.id, path.octets, local_now());
}

void Node::perform(const ike::Report& report) {
    around_.watcher.reported(*this, report.event);
}

void Node::perform(const ike::CommandOutcome& /*outcome*/) {}  // nobody waits for one

void Node::perform(ike::Lookup&& lookup) {
    const auto* host = std::get_if<config::HostName>(&lookup.address);
    const Duration delay =
        host != nullptr ? around_.dice.between(std::chrono::milliseconds(5), std::chrono::milliseconds(60))
                        : Duration{};
    around_.agenda.in(delay, [this, life = life_, lookup = std::move(lookup)] {
        if (life != life_ || !running()) {
            return;
        }
        ike::LookupDone done{lookup.peer, {}, {}, {}};
        const auto& here = site();
        if (const auto* address = std::get_if<IpAddress>(&lookup.address)) {
            done.paths.push_back({*address, here.address});
        } else if (const auto* name = std::get_if<config::HostName>(&lookup.address)) {
            // A resolver behind a dead line hears nothing.
            if (here.up.down || here.down.down) {
                return;
            }
            const auto said = around_.names.ask(name->name, around_.agenda.now());
            if (said.trouble == Names::Trouble::silent) {
                return;
            }
            done.ttl = said.ttl;
            if (said.address) {
                done.paths.push_back({*said.address, here.address});
            } else {
                done.error =
                    said.trouble == Names::Trouble::servfail ? "SERVFAIL" : "the name does not exist";
            }
        }
        if (!here.online) {
            done.paths.clear();
            done.error = "no route";
        }
        input(std::move(done));
    });
}

void Node::perform(ike::LookupName&& lookup) {
    const Duration delay = around_.dice.between(std::chrono::milliseconds(5), std::chrono::milliseconds(60));
    around_.agenda.in(delay, [this, life = life_, lookup = std::move(lookup)] {
        const auto& here = site();
        if (life != life_ || !running() || here.up.down || here.down.down) {
            return;
        }
        const auto said = around_.names.ask(lookup.name, around_.agenda.now());
        if (said.trouble == Names::Trouble::silent) {
            return;
        }
        ike::NameDone done{lookup.name, {}, said.ttl, {}};
        if (said.address && here.online) {
            done.addresses.push_back(*said.address);
        } else {
            done.error = said.trouble == Names::Trouble::servfail ? "SERVFAIL" : "the name does not exist";
        }
        input(std::move(done));
    });
}

void Node::perform(ike::StartDh&& job) {
    ike::DhDone done;
    done.job = job.job;
    done.key = job.key ? job.key : world::toy_key(job.group, random_);
    if (!job.peer_public.empty()) {
        if (auto secret = done.key->agree(job.peer_public)) {
            around_.watcher.agreed(*this, *done.key, job.peer_public, secret->view());
            done.shared = std::move(*secret);
        } else {
            done.key = nullptr;
            done.error = secret.error().text();
        }
    }
    // Copied by std::function, so shared: the secret inside is move-only.
    auto result = std::make_shared<ike::DhDone>(std::move(done));
    around_.agenda.in(dh_time, [this, life = life_, result] {
        if (life == life_) {
            input(std::move(*result));
        }
    });
}

bool Node::from_lan(ByteView inner) {
    if (!running()) {
        return false;
    }
    const bool left = seal(inner);
    settle();
    return left;
}

bool Node::seal(ByteView inner) {
    // One arena for all: emptied before the next use, and nothing of it is kept.
    static thread_local esp::SealBatch batch(std::size_t{16} * 1024);
    batch.clear();
    const auto probe = probe_of(inner);
    table_->seal({&inner, 1}, batch, local_now());
    for (const auto& sealed : batch.packets()) {
        Packet packet;
        packet.kind = sealed.encapsulation == sa::Encapsulation::udp ? Carried::esp_in_udp : Carried::esp;
        packet.source = sealed.local;
        packet.destination = sealed.remote;
        if (packet.kind == Carried::esp) {
            packet.source.port = packet.destination.port = 0;
        }
        packet.octets.assign(sealed.packet.begin(), sealed.packet.end());
        packet.probe = probe;
        if (around_.watcher.sends(*this, packet)) {
            around_.network.send(index_, std::move(packet));
        }
    }
    return !batch.packets().empty();
}

void Node::flush_queues() {
    for (const auto& peer : model_->peers) {
        for (const auto& tunnel : peer.tunnels) {
            if (table_->has_sendable_queue(tunnel.reqid)) {
                for (const auto& inner : table_->take_queued(tunnel.reqid, local_now())) {
                    seal(inner);
                }
            }
        }
    }
}

void Node::arrival(Packet& packet) {
    if (!running() || packet.kind == Carried::keepalive) {
        return;
    }
    if (packet.kind == Carried::ike) {
        return input(ike::Datagram{packet.destination, packet.source, std::move(packet.octets)});
    }
    esp::Arrival arrival;
    arrival.packet = packet.octets;
    arrival.local = packet.destination;
    arrival.remote = packet.source;
    arrival.encapsulation =
        packet.kind == Carried::esp_in_udp ? sa::Encapsulation::udp : sa::Encapsulation::none;
    table_->open({&arrival, 1}, local_now());
    settle();
    if (arrival.why != esp::Drop::none) {
        around_.watcher.not_accepted(*this, packet, arrival.why);
    } else if (const auto probe = probe_of(arrival.inner)) {
        around_.watcher.came_out(*this, *probe);
    }
}

void Node::arm() {
    if (!running()) {
        return;
    }
    const auto next = engine_->next_timeout();
    if (!next) {
        return;
    }
    const Instant when = std::max(*next - offset_, around_.agenda.now());
    if (armed_ && *armed_ <= when) {
        return;  // looks again when that one has fired
    }
    armed_ = when;
    around_.agenda.at(when, [this, when, life = life_] {
        if (life == life_ && armed_ == when) {
            timer(when);
        }
    });
}

void Node::timer(Instant when) {
    armed_.reset();
    if (!running()) {
        return;
    }
    const auto next = engine_->next_timeout();
    if (next && *next <= local_now()) {
        timers_at_once_ = when == last_timer_ ? timers_at_once_ + 1 : 0;
        last_timer_ = when;
        if (timers_at_once_ > 1000) {
            timers_at_once_ = 0;
            around_.watcher.broken(*this, "timers", "a timer fires again and again without time passing");
            return;
        }
        engine_->handle_timeout(local_now());
        settle();
    }
    arm();
}

}  // namespace causeway::sim
