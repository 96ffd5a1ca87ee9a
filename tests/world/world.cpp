#include "world/world.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <variant>

#include "ike/engine/drive.hpp"
#include "world/toy_group.hpp"

namespace causeway::world {

namespace {

// A plane ignores what it does not know; an engine must not ask for it.
void need_installed(const Gateway& gateway, sa::SaId id) {
    if (!gateway.installed.contains(id)) {
        throw std::runtime_error(gateway.name + " speaks of an SA pair that is not installed");
    }
}

}  // namespace

Gateway::Gateway(std::string name_, IpAddress address_, std::uint64_t seed)
    : name(std::move(name_)), address(address_), random(seed) {}

bool Gateway::has(const IpAddress& one) const {
    return one == address || std::find(also.begin(), also.end(), one) != also.end();
}

std::unique_ptr<World> World::west_and_east(std::uint64_t seed, DiffieHellman groups) {
    auto world = std::make_unique<World>(seed, groups);
    Gateway& west = world->add("west", "192.0.2.1");
    west.settings.peer = "east";
    west.settings.address = "198.51.100.1";
    Gateway& east = world->add("east", "198.51.100.1");
    east.settings.peer = "west";
    east.settings.address = "192.0.2.1";
    std::swap(east.settings.local_net, east.settings.remote_net);
    return world;
}

Gateway& World::add(const std::string& name, const std::string& address) {
    gateways_.push_back(std::make_unique<Gateway>(name, IpAddress::parse(address).value_or(IpAddress{}),
                                                  seed_ * 1000 + gateways_.size()));
    return *gateways_.back();
}

Gateway& World::gateway(const std::string& name) const {
    return **std::find_if(gateways_.begin(), gateways_.end(),
                          [&](const auto& one) { return one->name == name; });
}

Gateway* World::owner_of(const IpAddress& address) const {
    for (const auto& one : gateways_) {
        const auto nat = nats_.find(one->name);
        if (nat != nats_.end() ? nat->second.address == address : one->has(address)) {
            return one.get();
        }
    }
    return nullptr;
}

Result<void> World::start(Gateway& gateway) {
    auto model = CAUSEWAY_TRY(make_model(gateway.settings));
    for (const auto& peer : model->peers) {
        observer_.knows_psk(peer.pre_shared_key.view());
    }
    gateway.forget();
    configure(gateway, *model);
    gateway.on_event = [this, &gateway](const sa::Event& event) { input(gateway, event); };
    gateway.engine = gateway.protocol != nullptr
                         ? std::make_unique<ike::Engine>(now_, std::move(model), gateway.random, gateway,
                                                         *gateway.protocol)
                         : std::make_unique<ike::Engine>(now_, std::move(model), gateway.random, gateway);
    perform_outputs(gateway);
    return {};
}

// As the daemon does it.
void World::configure(Gateway& gateway, const config::Model& model) {
    std::vector<dataplane::Policy> policies;
    for (const auto& peer : model.peers) {
        for (const auto& tunnel : peer.tunnels) {
            policies.push_back(
                {tunnel.reqid, tunnel.display_name, tunnel.local, tunnel.remote, tunnel.packets_may_raise()});
        }
    }
    static_cast<void>(gateway.set_policies(policies));
}

void World::input(Gateway& gateway, ike::Input input) {
    if (const auto* reload = std::get_if<ike::Reload>(&input)) {
        configure(gateway, *reload->model);
    }
    gateway.engine->handle(now_, std::move(input));
    perform_outputs(gateway);
}

void World::perform_outputs(Gateway& gateway) {
    // Answers to jobs and look-ups are new inputs; they come after the outputs of the one before.
    ike::perform_outputs(*gateway.engine, [&](auto&& one) {
        if (on_output) {
            on_output(gateway, ike::Output(one));
        }
        perform(gateway, std::forward<decltype(one)>(one));
    });
    if (performing_) {
        return;
    }
    performing_ = true;
    while (!inputs_.empty()) {
        auto [to, next] = std::move(inputs_.front());
        inputs_.pop_front();
        input(*to, std::move(next));
    }
    performing_ = false;
}

void World::perform(Gateway& gateway, ike::Transmit&& transmit) {
    if (!gateway.has(transmit.local.address)) {
        return;  // no system sends from an address that it does not have
    }
    Flight flight{
        gateway.name, translated(gateway, transmit.local), transmit.remote, std::move(transmit.payload), {}};
    flight.seen = observer_.watch(flight.payload);
    if (on_send) {
        on_send(flight);
    }
    wire_.push_back(std::move(flight));
}

void World::perform(Gateway& gateway, const ike::Keepalive& /*keepalive*/) {
    ++gateway.keepalives;
}

void World::perform(Gateway& gateway, const ike::LookupName& own) {
    ike::NameDone done{own.name, {}, std::chrono::seconds(60), {}};
    if (ask(own.name, done.addresses, done.error)) {
        inputs_.emplace_back(&gateway, std::move(done));
    }
}

void World::perform(Gateway& gateway, const ike::InstallSa& install) {
    if (auto done = gateway.install(install.pair, install.outbound); !done) {
        throw std::runtime_error("an SA cannot be installed: " + done.error().text());
    }
}

void World::perform(Gateway& gateway, const ike::ActivateOutbound& activate) {
    need_installed(gateway, activate.id);
    gateway.activate_outbound(activate.id);
}

void World::perform(Gateway& gateway, const ike::DoubtSa& doubt) {
    need_installed(gateway, doubt.id);
    gateway.doubt(doubt.id, doubt.doubted);
}

void World::perform(Gateway& gateway, const ike::RemoveSa& remove) {
    gateway.remove(remove.id);
}

void World::perform(Gateway& gateway, const ike::MoveSa& moved) {
    need_installed(gateway, moved.id);
    gateway.move(moved.id, moved.local, moved.remote, moved.encapsulation);
}

void World::perform(Gateway& gateway, const ike::NothingComesBack& /*silent*/) {
    ++gateway.nothing_came_back;
}

void World::perform(Gateway& gateway, const ike::PathFound& path) {
    gateway.paths.push_back(path);
}

void World::perform(Gateway& gateway, ike::Report&& report) {
    gateway.events.push_back(std::move(report.event));
}

void World::perform(Gateway& gateway, ike::CommandOutcome&& outcome) {
    gateway.outcomes.push_back(std::move(outcome));
}

/// False for a name server that is silent.
bool World::ask(const std::string& name, std::vector<IpAddress>& addresses, std::string& error) {
    std::stringstream said(names_[name]);
    for (std::string word; said >> word;) {
        if (word == "silence") {
            return false;
        }
        if (const auto one = IpAddress::parse(word)) {
            addresses.push_back(*one);
        } else {
            error = "the name server reports a failure of its own";
        }
    }
    if (addresses.empty() && error.empty()) {
        error = "no server knows the name";
    }
    return true;
}

void World::perform(Gateway& gateway, const ike::Lookup& lookup) {
    ike::LookupDone done{lookup.peer, {}, std::chrono::seconds(60), {}, lookup.way_only};
    const IpAddress local = lookup.local.value_or(gateway.address);
    std::vector<IpAddress> addresses;
    if (const auto* address = std::get_if<IpAddress>(&lookup.address)) {
        addresses.push_back(*address);
    } else if (const auto* host = std::get_if<config::HostName>(&lookup.address)) {
        ++gateway.lookups;
        if (!ask(host->name, addresses, done.error)) {
            return;
        }
    }
    for (const auto& remote : addresses) {
        if (gateway.address.is_unspecified()) {
            done.error = "no route";
        } else {
            done.paths.push_back({remote, gateway.has(remote) ? remote : local});
        }
    }
    inputs_.emplace_back(&gateway, std::move(done));
}

void World::perform(Gateway& gateway, const ike::StartDh& job) {
    ike::DhDone done;
    done.job = job.job;
    done.key = job.key;
    if (!done.key) {
        if (groups_ == DiffieHellman::toy) {
            done.key = toy_key(job.group, gateway.random);
        } else if (auto made = crypto::generate_dh_key(job.group)) {
            done.key = std::move(*made);
        } else {
            done.error = made.error().text();
        }
    }
    gateway.computations += job.peer_public.empty() ? 0 : 1;
    if (done.key && !job.peer_public.empty()) {
        if (auto secret = done.key->agree(job.peer_public)) {
            observer_.knows_secret(done.key->public_value(), job.peer_public, secret->view());
            done.shared = std::move(*secret);
        } else {
            done.key = nullptr;
            done.error = secret.error().text();
        }
    }
    inputs_.emplace_back(&gateway, std::move(done));
}

Endpoint World::translated(const Gateway& gateway, const Endpoint& source) {
    const auto found = nats_.find(gateway.name);
    if (found == nats_.end()) {
        return source;
    }
    Nat& nat = found->second;
    if (!nat.change_ports) {
        return {nat.address, source.port};
    }
    std::uint16_t& next = source.port == 500 && nat.port_500 ? *nat.port_500 : nat.next_port;
    auto [mapping, fresh] = nat.mappings.try_emplace(source.port, next);
    next = static_cast<std::uint16_t>(next + (fresh ? 1 : 0));
    return {nat.address, mapping->second};
}

bool World::deliver(const Flight& flight) {
    Gateway* to = owner_of(flight.destination.address);
    if (to == nullptr || !to->engine) {
        return false;
    }
    Endpoint local = flight.destination;
    if (const auto found = nats_.find(to->name); found != nats_.end() && found->second.change_ports) {
        const auto& mappings = found->second.mappings;
        const auto mapping = std::find_if(mappings.begin(), mappings.end(), [&](const auto& one) {
            return one.second == flight.destination.port;
        });
        if (mapping == mappings.end()) {
            return false;
        }
        local.port = mapping->first;
    }
    if (nats_.contains(to->name)) {
        local.address = to->address;
    }
    input(*to, ike::Datagram{local, flight.source, flight.payload});
    return true;
}

std::size_t World::settle(std::size_t limit) {
    std::size_t count = 0;
    while (!wire_.empty() && count < limit) {
        const Flight flight = std::move(wire_.front());
        wire_.pop_front();
        deliver(flight);
        ++count;
    }
    return count;
}

void World::pass(Duration duration, bool deliver_all) {
    const Instant end = now_ + duration;
    std::size_t at_this_instant = 0;
    for (;;) {
        if (deliver_all) {
            settle();
        }
        std::optional<Instant> next;
        for (const auto& one : gateways_) {
            if (one->engine) {
                const auto timeout = one->engine->next_timeout();
                next = timeout && (!next || *timeout < *next) ? timeout : next;
            }
        }
        if (!next || *next > end) {
            break;
        }
        at_this_instant = *next > now_ ? 0 : at_this_instant + 1;
        if (at_this_instant > 1000) {
            throw std::runtime_error("a timer fires again and again without time passing");
        }
        now_ = std::max(now_, *next);
        for (const auto& one : gateways_) {
            if (one->engine) {
                const auto timeout = one->engine->next_timeout();
                if (timeout && *timeout <= now_) {
                    one->engine->handle_timeout(now_);
                    perform_outputs(*one);
                }
            }
        }
    }
    now_ = end;
}

void World::put_behind_nat(Gateway& gateway, const std::string& public_address, bool change_ports,
                           std::optional<std::uint16_t> port_500) {
    nats_[gateway.name] = {
        IpAddress::parse(public_address).value_or(IpAddress{}), change_ports, port_500, 40'000, {}};
}

void World::rebind_nat(Gateway& gateway) {
    nats_.at(gateway.name).mappings.clear();
}

void World::move(Gateway& gateway, const std::string& address) {
    gateway.address = IpAddress::parse(address).value_or(IpAddress{});
    std::vector<IpAddress> all = gateway.also;
    if (!gateway.address.is_unspecified()) {
        all.push_back(gateway.address);
    }
    input(gateway, ike::LocalAddressesChanged{std::move(all)});
}

void World::change_uplink(Gateway& gateway, const std::string& address) {
    gateway.also.push_back(gateway.address);
    move(gateway, address);
}

void World::packet_without_sa(Gateway& from, sa::ReqId reqid) {
    if (from.sending(reqid) == nullptr) {
        from.leaves(reqid, now_);
    }
}

Result<void> World::packet(Gateway& from, Gateway& to, sa::ReqId reqid) {
    const Installed* out = from.sending(reqid);
    if (out == nullptr) {
        return fail(Errc::not_found, from.name + " has no SA to send on");
    }
    const auto& sent = out->pair->outbound;
    const Installed* in = to.receiving(sent.spi);
    if (in == nullptr) {
        return fail(Errc::not_found, fmt::format("{} knows no SPI {:08x}", to.name, sent.spi));
    }
    const auto& got = *in->pair;
    if (!(got.inbound.encryption_key == sent.encryption_key) ||
        !(got.inbound.integrity_key == sent.integrity_key) || got.cipher != out->pair->cipher ||
        got.integrity != out->pair->integrity) {
        return fail(Errc::authentication, "the two ends have different keys for one SPI");
    }
    if (!(got.local == out->pair->remote) || !(got.remote == out->pair->local) ||
        got.encapsulation != out->pair->encapsulation) {
        return fail(Errc::unacceptable, "the two ends disagree on selectors or encapsulation");
    }
    const auto pair = out->pair;
    from.leaves(reqid, now_);
    to.arrives(pair->outbound.spi, translated(from, pair->local_outer), now_);
    return {};
}

Result<void> World::packet_in_vain(Gateway& from, sa::ReqId reqid) {
    if (from.sending(reqid) == nullptr) {
        return fail(Errc::not_found, from.name + " has no SA to send on");
    }
    from.leaves(reqid, now_);
    return {};
}

Result<void> World::packet_unknown(Gateway& from, Gateway& to, sa::ReqId reqid) {
    CAUSEWAY_CHECK(packet_in_vain(from, reqid));
    const auto& pair = *from.sending(reqid)->pair;
    const bool udp = pair.encapsulation == sa::Encapsulation::udp;
    input(to, sa::UnknownSpi{
                  pair.outbound.spi,
                  {translated(from, pair.local_outer).address, static_cast<std::uint16_t>(udp ? 4500 : 0)}});
    return {};
}

}  // namespace causeway::world
