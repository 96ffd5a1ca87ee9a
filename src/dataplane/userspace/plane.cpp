#include "dataplane/userspace/plane.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

#include "host/devices.hpp"

namespace causeway::dataplane {

namespace {

constexpr Duration drops_interval = std::chrono::seconds(10);
constexpr std::size_t default_outer_mtu = 1500;

bool same_way(const esp::Sealed& a, const esp::Sealed& b) {
    return a.encapsulation == b.encapsulation && a.remote.address.is_v4() == b.remote.address.is_v4();
}

}  // namespace

Result<UserspacePlane::Reserve> UserspacePlane::reserve(const Options& options) {
    Reserve made{CAUSEWAY_TRY(host::Tun::open_files()),
                 CAUSEWAY_TRY(Networks::open(0, options.device, options.guard_table, options.place_guard)),
                 CAUSEWAY_TRY(RawEspSocket::open(RawEspSocket::Family::v4)), nullptr};
    CAUSEWAY_CHECK(made.raw_v4->be_deaf());
    if (auto v6 = RawEspSocket::open(RawEspSocket::Family::v6)) {
        made.raw_v6 = std::move(*v6);
        CAUSEWAY_CHECK(made.raw_v6->be_deaf());
    }
    return made;
}

Result<std::unique_ptr<UserspacePlane>> UserspacePlane::open(Options options) {
    Reserve reserved = CAUSEWAY_TRY(reserve(options));
    return open(std::move(options), std::move(reserved));
}

Result<std::unique_ptr<UserspacePlane>> UserspacePlane::open(Options options, Reserve reserve) {
    host::Tun::Options device;
    device.name = options.device;
    device.mtu = options.mtu;
    device.offload = options.offload;
    host::Tun tun = CAUSEWAY_TRY(host::Tun::open(device, std::move(reserve.tun)));
    reserve.networks.lead_into(tun.index());
    return std::unique_ptr<UserspacePlane>(
        new UserspacePlane(std::move(options), std::move(tun), std::move(reserve)));
}

UserspacePlane::UserspacePlane(Options options, host::Tun tun, Reserve reserve)
    : options_(std::move(options)),
      inside_(std::move(tun), options_.mtu),
      networks_(std::move(reserve.networks)),
      raw_v4_(std::move(reserve.raw_v4)),
      raw_v6_(std::move(reserve.raw_v6)),
      table_({default_outer_mtu, options_.clamp_mss}),
      reporter_([this](Event event) { report(std::move(event)); }) {}

UserspacePlane::~UserspacePlane() {
    if (ports_ != nullptr) {
        ports_->on_esp = nullptr;
    }
}

void UserspacePlane::attach(host::EventLoop& loop, host::IkePorts& ports) {
    ports_ = &ports;
    ports.on_esp = [this](std::span<host::UdpDatagram> datagrams) { from_udp(datagrams, options_.clock()); };
    watch(loop, inside_.tun().fd(), [this](Instant now) { from_tun(now); });
    for (RawEspSocket* raw : {raw_v4_.get(), raw_v6_.get()}) {
        if (raw != nullptr) {
            raw->listen();
            watch(loop, raw->fd(), [this, raw](Instant now) { from_raw(*raw, now); });
        }
    }
}

void UserspacePlane::watch(host::EventLoop& loop, int fd, std::function<void(Instant)> read) {
    watches_.push_back(loop.watch(fd, [this, read = std::move(read)] {
        const Instant now = options_.clock();
        read(now);
        tell();
        report_drops(now);
    }));
}

void UserspacePlane::from_tun(Instant now) {
    const std::size_t lying =
        inside_.read([&](std::span<const ByteView> packets) { seal_and_send(packets, now); });
    table_.count_drop(esp::Drop::frame, lying);
}

void UserspacePlane::seal_and_send(std::span<const ByteView> packets, Instant now) {
    while (!packets.empty()) {
        sealed_.clear();
        packets = packets.subspan(table_.seal(packets, sealed_, now));
        transmit();
    }
    sealed_.clear();
}

void UserspacePlane::transmit() {
    for (const Bytes& reply : sealed_.replies()) {
        inside_.write(reply);
    }
    const std::span<const esp::Sealed> all = sealed_.packets();
    for (std::size_t begin = 0; begin < all.size();) {
        std::size_t end = begin + 1;
        while (end < all.size() && same_way(all[begin], all[end])) {
            ++end;
        }
        send_run(all.subspan(begin, end - begin));
        begin = end;
    }
}

// All in UDP, or all plain, of one address family.
void UserspacePlane::send_run(std::span<const esp::Sealed> run) {
    std::size_t failed = run.size();
    if (run.front().encapsulation == sa::Encapsulation::udp) {
        outgoing_.clear();
        for (const esp::Sealed& packet : run) {
            outgoing_.push_back({packet.local.address, packet.remote, packet.packet, packet.tos});
        }
        failed = ports_ != nullptr ? ports_->send_esp(outgoing_) : outgoing_.size();
    } else if (RawEspSocket* raw = run.front().remote.address.is_v4() ? raw_v4_.get() : raw_v6_.get()) {
        failed = 0;
        for (; !run.empty(); run = run.subspan(std::min(run.size(), RawEspSocket::batch_packets))) {
            const auto batch = run.first(std::min(run.size(), RawEspSocket::batch_packets));
            failed += batch.size() - raw->send(batch);
        }
    }
    table_.count_drop(esp::Drop::unsent, failed);
}

void UserspacePlane::from_raw(RawEspSocket& socket, Instant now) {
    open_batch(socket.receive(), now);
}

void UserspacePlane::open_batch(std::span<esp::Arrival> batch, Instant now) {
    table_.open(batch, now);
    const host::Tun::Offloads& device = inside_.tun().offloads();
    const bool joined = device.tcp.on;
    table_.count_drop(esp::Drop::undelivered, inside_.write(batch));
    if (joined && !device.tcp.on) {
        report({EventCode::offload_missing, "", {{"option", "offload_tun"}, {"why", device.tcp.why}}});
    }
}

// What arrived in UDP, sockets of any number mixed, as one batch; opened where it lies.
void UserspacePlane::from_udp(std::span<host::UdpDatagram> datagrams, Instant now) {
    arrivals_.clear();
    for (const host::UdpDatagram& datagram : datagrams) {
        esp::Arrival& arrival = arrivals_.emplace_back();
        arrival.packet = datagram.payload;
        arrival.local = datagram.local;
        arrival.remote = datagram.remote;
        arrival.encapsulation = sa::Encapsulation::udp;
        arrival.tos = datagram.tos;
    }
    open_batch(arrivals_, now);
    tell();
}

Result<void> UserspacePlane::set_policies(std::span<const Policy> policies) {
    std::vector<esp::Tunnel> tunnels;
    tunnels.reserve(policies.size());
    for (const Policy& policy : policies) {
        tunnels.push_back({policy.reqid, policy.local, policy.remote, policy.acquire});
    }
    table_.set_tunnels(tunnels);
    return networks_.apply(policies, reporter_);
}

Result<void> UserspacePlane::install(std::shared_ptr<const sa::SaPair> pair, bool outbound) {
    const sa::SaId id = pair->id;
    const Ipv4Net remote_net = pair->remote.net;
    CAUSEWAY_CHECK(table_.install(std::move(pair), outbound));
    const Installed installed{remote_net, id};
    installed_.insert(std::ranges::upper_bound(installed_, installed), installed);
    measure_path(id);
    size_route(remote_net);
    if (outbound) {
        send_queued(id);
    }
    return {};
}

void UserspacePlane::activate_outbound(sa::SaId id) {
    table_.activate_outbound(id);
    send_queued(id);
}

void UserspacePlane::remove(sa::SaId id) {
    const auto way = table_.way_of(id);
    if (!way) {
        return;
    }
    table_.remove(id);
    installed_.erase(std::ranges::lower_bound(installed_, Installed{way->remote_net, id}));
    size_route(way->remote_net);
}

void UserspacePlane::move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
                          sa::Encapsulation encapsulation) {
    table_.move(id, local, remote, encapsulation);
    if (const auto way = table_.way_of(id)) {
        measure_path(id);
        size_route(way->remote_net);
    }
}

void UserspacePlane::set_path_mtu(sa::SaId id, std::optional<std::size_t> octets) {
    for (const sa::SaId other : table_.set_path_mtu(id, octets, options_.clock())) {
        if (const auto way = table_.way_of(other)) {
            size_route(way->remote_net);
        }
    }
}

std::optional<PathMtu> UserspacePlane::path_mtu(sa::SaId id) const {
    const auto path = table_.path_mtu(id);
    return path ? std::optional(PathMtu{path->octets(), path->probed()}) : std::nullopt;
}

void UserspacePlane::network_changed() {
    networks_.refresh(reporter_);
    for (const auto& [net, id] : installed_) {
        measure_path(id);
    }
    for (auto at = installed_.begin(); at != installed_.end();
         at = std::ranges::upper_bound(at, installed_.end(), at->first, {}, &Installed::first)) {
        size_route(at->first);
    }
}

bool UserspacePlane::alive() const {
    return host::device_index(inside_.tun().name()) != 0;
}

Facts UserspacePlane::facts() {
    Facts facts{"userspace", inside_.tun().name(), networks_.device_mtu(), options_.note, {}, {}};
    for (std::size_t i = 0; i < drops().by_reason.size(); ++i) {
        if (const std::uint64_t count = drops().by_reason[i]; count != 0) {
            facts.dropped.emplace(esp::drop_name(static_cast<esp::Drop>(i)), count);
        }
    }
    const host::Tun::Offloads& device = inside_.tun().offloads();
    facts.offloads.tun = device.tcp;
    if (device.tcp.on && !device.udp.on) {
        facts.offloads.tun.why = "not UDP: " + device.udp.why;
    }
    if (ports_ != nullptr) {
        facts.offloads.udp_send = ports_->sends_trains();
        facts.offloads.udp_receive = ports_->receives_trains();
    }
    return facts;
}

void UserspacePlane::keep_reachable(std::vector<IpAddress> hosts) {
    networks_.keep_reachable(std::move(hosts), reporter_);
}

void UserspacePlane::set_peers(std::vector<IpAddress> peers) {
    networks_.set_peers(std::move(peers), reporter_);
}

void UserspacePlane::give_way(const IpAddress& caller) {
    if (networks_.in_the_way_of(caller) && gives_way_.allow(options_.clock())) {
        networks_.give_way(caller, reporter_);
    }
}

// The first packets of an on-demand tunnel, which waited for this pair.
void UserspacePlane::send_queued(sa::SaId id) {
    const auto reqid = table_.reqid_of(id);
    if (!reqid || !table_.has_sendable_queue(*reqid)) {
        return;
    }
    const Instant now = options_.clock();
    const std::vector<Bytes> queued = table_.take_queued(*reqid, now);
    const std::vector<ByteView> packets(queued.begin(), queued.end());
    seal_and_send(packets, now);
    tell();
}

// The outer MTU is that of the route to the peer, or less where that was found out; the inner one follows from it.
void UserspacePlane::measure_path(sa::SaId id) {
    const auto way = table_.way_of(id);
    if (!way) {
        return;
    }
    networks_.give_way(way->remote, reporter_);
    const auto path = networks_.outer_path(way->remote, way->local);
    const bool looped = path && path->device == inside_.tun().index();
    if (looped) {
        report({EventCode::route_failed,
                "",
                {{"what", "packets to the peer " + way->remote.text() + " cannot leave"},
                 {"why", "its address lies in the remote network " + way->remote_net.text()},
                 {"next", "add a route to that address alone"}}});
    }
    const bool usable = path && !looped;
    table_.set_outer_mtu(id, usable ? path->mtu : default_outer_mtu);
}

// The inner MTU goes into the route to the remote network, so that the kernel sizes, fragments and answers
// before we have to. Tunnels that back each other up share that route: its packets fit all that are up.
void UserspacePlane::size_route(const Ipv4Net& remote_net) {
    auto at = std::ranges::lower_bound(installed_, remote_net, {}, &Installed::first);
    if (at == installed_.end() || at->first != remote_net) {
        return;
    }
    std::size_t smallest = options_.mtu;
    for (; at != installed_.end() && at->first == remote_net; ++at) {
        smallest = std::min(smallest, table_.inner_mtu(at->second).value_or(options_.mtu));
    }
    networks_.set_inner_mtu(remote_net, smallest, reporter_);
}

// Events leave after the packets were dealt with: whoever is told may install and remove SAs.
void UserspacePlane::tell() {
    for (const sa::Event& event : table_.take_events()) {
        if (on_event) {
            on_event(event);
        }
    }
}

void UserspacePlane::report(Event event) const {
    if (on_report) {
        on_report(std::move(event));
    }
}

void UserspacePlane::report_drops(Instant now) {
    if (drops_reported_at_ && now - *drops_reported_at_ < drops_interval) {
        return;
    }
    drops_reported_at_ = now;
    for (std::size_t i = 0; i < static_cast<std::size_t>(esp::Drop::count); ++i) {
        const std::uint64_t fresh = drops().by_reason[i] - reported_drops_.by_reason[i];
        if (fresh != 0) {
            report({EventCode::data_plane_dropped,
                    "",
                    {{"count", fmt::format("{}", fresh)},
                     {"why", std::string(esp::drop_text(static_cast<esp::Drop>(i)))}}});
        }
    }
    reported_drops_ = drops();
}

}  // namespace causeway::dataplane
