// What the engine wants done: each kind of its outputs.
#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/service.hpp"
#include "host/name_servers.hpp"
#include "host/path_finder.hpp"
#include "ike/limits.hpp"

namespace causeway::daemon {

namespace {

ike::DhDone agree(ike::StartDh job) {
    ike::DhDone done;
    done.job = job.job;
    done.key = std::move(job.key);
    if (!done.key) {
        auto made = crypto::generate_dh_key(job.group);
        if (!made) {
            done.error = made.error().text();
            return done;
        }
        done.key = std::move(*made);
    }
    if (!job.peer_public.empty()) {
        auto shared = done.key->agree(job.peer_public);
        if (!shared) {
            done.key = nullptr;
            done.error = shared.error().text();
            return done;
        }
        done.shared = std::move(*shared);
    }
    return done;
}

constexpr Duration name_servers_hold = std::chrono::milliseconds(200);
/// By then what a negotiation needed is forgotten, the memory of what it was included.
constexpr Duration tidy_after = ike::limits::finished_exchange_time + std::chrono::seconds(5);

/// Empty: none of these.
std::string tunnel_name(const config::Model& model, sa::ReqId reqid) {
    for (const auto& peer : model.peers) {
        const auto found = std::ranges::find(peer.tunnels, reqid, &config::Tunnel::reqid);
        if (found != peer.tunnels.end()) {
            return found->display_name;
        }
    }
    return {};
}

}  // namespace

void Service::perform(const ike::Transmit& transmit) {
    plane_->give_way(transmit.remote.address);
    const auto sent =
        ports_->send_ike(transmit.local, transmit.remote, transmit.payload, transmit.dont_fragment);
    if (!sent && !transmit.dont_fragment) {  // what is too large even for the device is an answer, too
        report({EventCode::socket_failed,
                {},
                {{"what", fmt::format("sending to {}", transmit.remote.text())},
                 {"why", sent.error().text()},
                 {"next", "it is sent again later"}}});
    }
}

void Service::perform(const ike::Keepalive& keepalive) {
    // A lost keepalive is made good by the next one.
    static_cast<void>(ports_->send_keepalive(keepalive.local.address, keepalive.remote));
}

void Service::perform(ike::StartDh&& job) {
    ++jobs_;
    worker_.run([this, job = std::move(job)]() mutable {
        loop_.post([this, done = agree(std::move(job))]() mutable {
            --jobs_;
            input(std::move(done));
        });
    });
    last_job_ = host::now();
    tidy_later();
}

/// As long as there are negotiations from time to time, and once after the last of them.
void Service::tidy_later() {
    const Instant due = last_job_ + tidy_after;
    if (due > host::now() && !std::exchange(tidying_, true)) {
        tidy_timer_.arm(due);
    }
}

void Service::perform(const ike::Lookup& lookup) {
    // Whoever sets up the network writes the name servers down without a word to us. Not for each of thousands of peers that
    // are looked up at once.
    if (const Instant now = host::now(); now >= name_servers_due_) {
        name_servers_due_ = now + name_servers_hold;
        plane_->keep_reachable(host::name_servers());
    }
    ike::LookupDone done;
    done.peer = lookup.peer;
    done.way_only = lookup.way_only;
    if (const auto* host = std::get_if<config::HostName>(&lookup.address)) {
        resolver_.resolve(host->name,
                          [this, done = std::move(done), lookup](const host::Resolution& resolution) mutable {
                              done.ttl = resolution.ttl;
                              done.error = resolution.error;
                              answer(std::move(done), resolution.addresses, lookup);
                          });
        return;
    }
    const auto* address = std::get_if<IpAddress>(&lookup.address);
    std::vector<IpAddress> addresses;
    if (address != nullptr) {
        addresses.push_back(*address);
    }
    answer(std::move(done), addresses, lookup);
}

void Service::perform(const ike::LookupName& own) {
    resolver_.resolve(own.name, [this, name = own.name](const host::Resolution& resolution) {
        input(ike::NameDone{name, resolution.addresses, resolution.ttl, resolution.error});
    });
}

void Service::answer(ike::LookupDone done, const std::vector<IpAddress>& addresses,
                     const ike::Lookup& asked) {
    // One that is written is known without.
    const bool by_name = std::holds_alternative<config::HostName>(asked.address);
    if (by_name && !asked.way_only && !addresses.empty() && peer_addresses_.found(asked.peer, addresses)) {
        plane_->set_peers(peer_addresses_.all());
    }
    for (const auto& remote : addresses) {
        if (auto source = host::source_for(*routes_, remote, asked.local, ports_->devices(), options_.tun,
                                           asked.current)) {
            done.paths.push_back({remote, *source});
        } else if (done.error.empty()) {
            done.error = source.error().text();
        }
    }
    // In their order: the later of two about the same peer is what counts.
    ways_waiting_ += done.way_only ? 1 : 0;
    answers_.push_back({std::move(done), host::now()});
    take_answers();
}

void Service::perform(const ike::InstallSa& install) {
    if (auto installed = plane_->install(install.pair, install.outbound); !installed) {
        report({EventCode::data_plane,
                tunnel_name(*configuration_.model, install.pair->reqid),
                {{"what", "the SA cannot be installed: " + installed.error().text()}}});
    }
}

void Service::perform(const ike::ActivateOutbound& activate) {
    plane_->activate_outbound(activate.id);
}

void Service::perform(const ike::DoubtSa& doubt) {
    plane_->doubt(doubt.id, doubt.doubted);
}

void Service::perform(const ike::RemoveSa& remove) {
    plane_->remove(remove.id);
}

void Service::perform(const ike::MoveSa& move) {
    plane_->move(move.id, move.local, move.remote, move.encapsulation);
}

void Service::perform(const ike::NothingComesBack& silent) {
    plane_->nothing_comes_back(silent.peer.text());
}

void Service::perform(const ike::PathFound& path) {
    plane_->set_path_mtu(path.id, path.octets);
}

void Service::perform(const ike::Report& told) {
    report(told.event);
}

}  // namespace causeway::daemon
