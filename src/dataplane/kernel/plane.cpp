// What is put into the kernel, and taken out; watching.cpp has what is heard and seen, moving.cpp the other addresses.
#include "dataplane/kernel/plane.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "dataplane/kernel/ability.hpp"
#include "host/devices.hpp"
#include "host/netlink_socket.hpp"

namespace causeway::dataplane {

namespace {

constexpr std::size_t default_outer_mtu = 1500;
constexpr std::uint32_t first_free_spi = 256;  // RFC 4303 2.1

void clear_tables(host::Xfrm& xfrm, std::uint32_t if_id) {
    // Policies first: what still comes meanwhile is dropped, not asked for.
    if (const auto policies = xfrm.policies(if_id)) {
        for (const host::XfrmPolicy& policy : *policies) {
            xfrm.remove(policy.id, if_id);
        }
    }
    if (const auto states = xfrm.states(if_id)) {
        for (const host::XfrmFacts& state : *states) {
            xfrm.remove(state.id);
        }
    }
}

}  // namespace

Result<std::unique_ptr<KernelPlane>> KernelPlane::open(Options options) {
    const std::uint32_t if_id = interface_id(options.device);
    auto xfrm = host::Xfrm::open();
    if (!xfrm) {
        return fail(why_no_xfrm(xfrm.error()));
    }
    clear_tables(*xfrm, if_id);
    host::XfrmDevice device = CAUSEWAY_TRY(host::XfrmDevice::open(options.device, if_id, options.mtu));
    if (auto able = can_carry(*xfrm, device, if_id, options.suites); !able) {
        clear_tables(*xfrm, if_id);
        static_cast<void>(host::XfrmDevice::remove(options.device, if_id));
        return fail(std::move(able.error()));
    }
    Networks networks =
        CAUSEWAY_TRY(Networks::open(device.index(), device.name(), options.guard_table, options.place_guard));
    networks.let_kernel_encrypt();
    return std::unique_ptr<KernelPlane>(
        new KernelPlane(std::move(options), if_id, std::move(*xfrm), std::move(device), std::move(networks)));
}

void KernelPlane::clear(const std::string& device) {
    const std::uint32_t if_id = interface_id(device);
    if (auto xfrm = host::Xfrm::open()) {
        clear_tables(*xfrm, if_id);
    }
    static_cast<void>(host::XfrmDevice::remove(device, if_id));
}

KernelPlane::KernelPlane(Options options, std::uint32_t if_id, host::Xfrm xfrm, host::XfrmDevice device,
                         Networks networks)
    : options_(std::move(options)),
      if_id_(if_id),
      xfrm_(std::make_unique<host::Xfrm>(std::move(xfrm))),
      device_(std::move(device)),
      networks_(std::move(networks)),
      reporter_([this](Event event) { report(std::move(event)); }) {}

KernelPlane::~KernelPlane() {
    monitor_.reset();
    clear_tables(*xfrm_, if_id_);
    static_cast<void>(device_.remove());
}

KernelPlane::Pair* KernelPlane::find(sa::SaId id) const {
    const auto at = pairs_.find(id);
    return at == pairs_.end() ? nullptr : at->second.get();
}

KernelPlane::Pair* KernelPlane::sender_of(sa::ReqId reqid) const {
    const auto at = senders_.find(reqid);
    return at == senders_.end() || at->second.empty() ? nullptr : find(at->second.back());
}

// The first of the group that can send, but one whose peer gives no sign of life only where there is no other.
KernelPlane::Pair* KernelPlane::carrier_of(std::span<const Policy> group) const {
    Pair* doubtful = nullptr;
    for (const Policy& tunnel : group) {
        Pair* pair = sender_of(tunnel.reqid);
        if (pair != nullptr && !pair->doubted) {
            return pair;
        }
        doubtful = doubtful != nullptr ? doubtful : pair;
    }
    return doubtful;
}

// The state is named by its SPI: of several the kernel would choose the one that was added last, which may be one that
// nothing is to leave by yet.
host::XfrmPolicy KernelPlane::wanted_outbound(const Groups::Key& key, std::span<const Policy> group) const {
    std::optional<host::XfrmTemplate> sending;
    if (const Pair* pair = carrier_of(group)) {
        sending = host::XfrmTemplate{pair->outer.local.address, pair->outbound.destination,
                                     pair->outbound.spi, pair->sa->reqid};
    }
    return outbound_policy(key, group, sending, if_id_);
}

void KernelPlane::refused(std::string what, const host::NetlinkOutcome& outcome) const {
    report({EventCode::kernel_plane_refused, "", {{"what", std::move(what)}, {"why", outcome.text()}}});
}

void KernelPlane::place(const host::XfrmPolicy& policy) {
    const auto at = placed_.find(policy.id);
    if (at != placed_.end() && at->second == policy) {
        return;
    }
    if (const auto outcome = xfrm_->put(policy); !outcome.ok()) {
        return refused(fmt::format("the policy for {}", policy.id.selector.destination.text()), outcome);
    }
    placed_.insert_or_assign(policy.id, policy);
}

void KernelPlane::place_outbound(sa::ReqId reqid) {
    if (const Groups::Key* key = groups_.key_of(reqid)) {
        place(wanted_outbound(*key, groups_.around(reqid)));
    }
}

void KernelPlane::remove_policy(const host::XfrmPolicyId& id) {
    if (const auto outcome = xfrm_->remove(id, if_id_); !outcome.ok() && outcome.error != ENOENT) {
        refused("the removal of a policy", outcome);
    }
}

Result<void> KernelPlane::set_policies(std::span<const Policy> policies) {
    groups_.set(policies);
    std::map<host::XfrmPolicyId, host::XfrmPolicy> wanted;
    for (const auto& [key, group] : groups_.all()) {
        const host::XfrmPolicy policy = wanted_outbound(key, group);
        wanted.emplace(policy.id, policy);
    }
    if (!policies.empty()) {
        for (const host::XfrmPolicy& policy : inbound_policies(if_id_)) {
            wanted.emplace(policy.id, policy);
        }
    }
    for (const auto& [id, policy] : wanted) {
        place(policy);
    }
    for (auto at = placed_.begin(); at != placed_.end();) {
        if (wanted.contains(at->first)) {
            ++at;
        } else {
            remove_policy(at->first);
            at = placed_.erase(at);
        }
    }
    return networks_.apply(policies, reporter_);
}

Result<void> KernelPlane::install(std::shared_ptr<const sa::SaPair> sa, bool outbound) {
    if (sa->inbound.spi < first_free_spi || sa->outbound.spi < first_free_spi) {
        return fail(Errc::unacceptable, "SPIs below 256 are reserved");
    }
    if (pairs_.contains(sa->id)) {
        return fail(Errc::exists, "the SA pair is installed already");
    }
    auto pair = std::make_unique<Pair>(Pair{.sa = sa,
                                            .outer = {sa->local_outer, sa->remote_outer, sa->encapsulation},
                                            .path = esp::PathMtu(default_outer_mtu)});
    const auto states = states_of(*sa, pair->outer, if_id_);
    if (!states) {
        return fail(Errc::unsupported, "the kernel's ESP is not used with this suite");
    }
    if (const auto outcome = xfrm_->put(states->inbound); !outcome.ok()) {
        return fail(why_refused(outcome, sa->cipher, sa->integrity));
    }
    if (const auto outcome = xfrm_->put(states->outbound); !outcome.ok()) {
        xfrm_->remove(states->inbound.id);
        return fail(why_refused(outcome, sa->cipher, sa->integrity));
    }
    pair->inbound = states->inbound.id;
    pair->outbound = states->outbound.id;
    pair->looked = options_.clock();
    by_state_.insert_or_assign(pair->inbound, sa->id);
    by_state_.insert_or_assign(pair->outbound, sa->id);
    // The way is the one that pairs before it have gone.
    for (const auto& [other, before] : pairs_) {
        if (before->outer.local.address == pair->outer.local.address &&
            before->outer.remote.address == pair->outer.remote.address) {
            pair->path = before->path;
            break;
        }
    }
    traffic_.add(sa->id, sa->reqid);
    Pair& installed = *pairs_.emplace(sa->id, std::move(pair)).first->second;
    measure_path(installed);
    size_routes({sa->remote.net});
    if (outbound) {
        activate_outbound(sa->id);
    }
    look_again();
    return {};
}

void KernelPlane::activate_outbound(sa::SaId id) {
    if (const Pair* pair = find(id)) {
        std::vector<sa::SaId>& senders = senders_[pair->sa->reqid];
        std::erase(senders, id);
        senders.push_back(id);
        place_outbound(pair->sa->reqid);
    }
}

void KernelPlane::doubt(sa::SaId id, bool doubted) {
    if (Pair* pair = find(id)) {
        pair->doubted = doubted;
        place_outbound(pair->sa->reqid);
    }
}

// The policy goes to another pair before the state goes, or each packet in between would be asked about.
void KernelPlane::remove(sa::SaId id) {
    const Pair* pair = find(id);
    if (pair == nullptr) {
        return;
    }
    const sa::ReqId reqid = pair->sa->reqid;
    const Ipv4Net remote_net = pair->sa->remote.net;
    if (const auto at = senders_.find(reqid); at != senders_.end()) {
        std::erase(at->second, id);
        if (at->second.empty()) {
            senders_.erase(at);
        }
    }
    place_outbound(reqid);
    for (const host::XfrmId& state : {pair->outbound, pair->inbound}) {
        xfrm_->remove(state);
        by_state_.erase(state);
    }
    traffic_.remove(id);
    pairs_.erase(id);
    size_routes({remote_net});
}

void KernelPlane::set_path_mtu(sa::SaId id, std::optional<std::size_t> octets) {
    const Pair* found = find(id);
    if (found == nullptr) {
        return;
    }
    const Outer outer = found->outer;
    std::set<Ipv4Net> nets;
    for (const auto& [other, pair] : pairs_) {
        if (pair->outer.local.address == outer.local.address &&
            pair->outer.remote.address == outer.remote.address) {
            pair->path.set_found(octets, options_.clock());
        }
        nets.insert(pair->sa->remote.net);
    }
    size_routes(nets);
}

std::optional<PathMtu> KernelPlane::path_mtu(sa::SaId id) const {
    const Pair* pair = find(id);
    return pair != nullptr ? std::optional(PathMtu{pair->path.octets(), pair->path.probed()}) : std::nullopt;
}

void KernelPlane::network_changed() {
    networks_.refresh(reporter_);
    std::set<Ipv4Net> nets;
    for (const auto& [id, pair] : pairs_) {
        measure_path(*pair);
        nets.insert(pair->sa->remote.net);
    }
    size_routes(nets);
}

bool KernelPlane::alive() const {
    return host::device_index(device_.name()) == device_.index();
}

Facts KernelPlane::facts() {
    const OffloadState off{false, "the kernel carries the packets"};
    return {"kernel", device_.name(), networks_.device_mtu(), options_.note, {off, off, off}, {}};
}

void KernelPlane::keep_reachable(std::vector<IpAddress> hosts) {
    networks_.keep_reachable(std::move(hosts), reporter_);
}

void KernelPlane::set_peers(std::vector<IpAddress> peers) {
    networks_.set_peers(std::move(peers), reporter_);
}

void KernelPlane::give_way(const IpAddress& caller) {
    if (networks_.in_the_way_of(caller) && gives_way_.allow(options_.clock())) {
        networks_.give_way(caller, reporter_);
    }
}

std::size_t KernelPlane::inner_mtu(const Pair& pair) const {
    return esp::inner_mtu(esp::suite_of(pair.sa->cipher, pair.sa->integrity), pair.outer.encapsulation,
                          pair.outer.remote.address.is_v4(), pair.path.octets());
}

// The outer MTU is that of the route to the peer, or less where that was found out; the inner one follows from it.
void KernelPlane::measure_path(Pair& pair) {
    const IpAddress& remote = pair.outer.remote.address;
    networks_.give_way(remote, reporter_);
    const auto path = networks_.outer_path(remote, pair.outer.local.address);
    const bool looped = path && path->device == device_.index();
    if (looped) {
        report({EventCode::route_failed,
                "",
                {{"what", "packets to the peer " + remote.text() + " cannot leave"},
                 {"why", "its address lies in the remote network " + pair.sa->remote.net.text()},
                 {"next", "add a route to that address alone"}}});
    }
    pair.path.set_device(path && !looped ? path->mtu : default_outer_mtu);
}

// Tunnels that back each other up share a route: its packets fit all that are up.
void KernelPlane::size_routes(const std::set<Ipv4Net>& remote_nets) {
    std::map<Ipv4Net, std::size_t> smallest;
    for (const auto& [id, pair] : pairs_) {
        if (remote_nets.contains(pair->sa->remote.net)) {
            const auto at = smallest.emplace(pair->sa->remote.net, options_.mtu).first;
            at->second = std::min(at->second, inner_mtu(*pair));
        }
    }
    for (const auto& [net, octets] : smallest) {
        networks_.set_inner_mtu(net, octets, reporter_);
    }
}

void KernelPlane::tell() {
    for (const sa::Event& event : std::exchange(events_, {})) {
        if (on_event) {
            on_event(event);
        }
    }
}

void KernelPlane::report(Event event) const {
    if (on_report) {
        on_report(std::move(event));
    }
}

}  // namespace causeway::dataplane
