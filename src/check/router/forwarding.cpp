#include "check/router/forwarding.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"

namespace causeway::check {
namespace {

bool holds(const Zone& zone, std::string_view network) {
    return std::ranges::any_of(zone.networks, [&](const auto& one) { return one.value == network; });
}

/// The zone of the tunnel's local network: of the interface that has it, else the one that is called lan.
const Zone* zone_of_local(const Firewall& firewall, const Network* network, const Carried& one) {
    if (network != nullptr) {
        for (const auto& interface : network->interfaces) {
            const bool has = std::ranges::any_of(
                interface.nets, [&](const auto& net) { return net.value.overlaps(one.local); });
            const auto zone = std::ranges::find_if(
                firewall.zones, [&](const Zone& each) { return holds(each, interface.name); });
            if (has && zone != firewall.zones.end()) {
                return &*zone;
            }
        }
    }
    return firewall.zone("lan");
}

class ForwardingChecker {
 public:
    ForwardingChecker(const Firewall& firewall, const Network* network, Context& context)
        : firewall_(firewall), network_(network), context_(context), meant_(zone_meant()) {}

    void run() {
        for (const auto& one : context_.carried) {
            const auto* const local = zone_of_local(firewall_, network_, one);
            if (local != nullptr && firewall_.default_forward != Verdict::accept && !pair(*local, one)) {
                return;  // what holds for one network holds for all
            }
        }
    }

 private:
    /// The zone that was made for the tunnels: `option zone` of the configuration, or a usual name.
    [[nodiscard]] const Zone* zone_meant() const {
        for (const std::string_view name : {std::string_view(context_.ours.options.zone),
                                            std::string_view("vpn"), std::string_view("ipsec")}) {
            if (const auto* const zone = name.empty() ? nullptr : firewall_.zone(name)) {
                return zone;
            }
        }
        return nullptr;
    }

    /// An interface of the network file is of this zone, by either file.
    [[nodiscard]] bool has_interface(const Zone& zone, std::string_view kind) const {
        return network_ != nullptr && std::ranges::any_of(network_->interfaces, [&](const Interface& one) {
                   return (one.zone == zone.name || holds(zone, one.name)) &&
                          (kind.empty() || std::ranges::find(one.devices, kind) != one.devices.end());
               });
    }

    /// The zone that `option zone` names has the tunnels' device: the daemon leaves what is forwarded to it.
    [[nodiscard]] bool zone_decides() const {
        const std::string& name = context_.ours.options.zone;
        const auto* const zone = name.empty() ? nullptr : firewall_.zone(name);
        return zone != nullptr && (zone->has_device(tun_device) || has_interface(*zone, tun_device));
    }

    /// Packets of the remote network may belong to this zone. With kernel IPsec they come in by the WAN's device, or by
    /// one of their own (xfrm, vti), whose zone is the one that was made for it.
    [[nodiscard]] bool may_carry(const Zone& zone, const Carried& one) const {
        const bool by_subnet = !zone.subnets.empty() && covers(zone.subnets, one.remote);
        if (context_.plane == Plane::userspace) {
            return by_subnet || zone.has_device(tun_device) || has_interface(zone, tun_device);
        }
        return by_subnet || &zone == firewall_.wan() ||
               (&zone == meant_ && (!zone.is_empty() || has_interface(zone, {})));
    }

    /// False: said that something is missing.
    bool pair(const Zone& local, const Carried& one) {
        bool out = false;
        bool in = false;
        std::vector<const Zone*> carrying;
        for (const auto& zone : firewall_.zones) {
            if (may_carry(zone, one)) {
                carrying.push_back(&zone);
                out = out || zone.name == local.name ||
                      firewall_.forwards(local.name, zone.name, one.local, one.remote);
                in = in || zone.name == local.name ||
                     firewall_.forwards(zone.name, local.name, one.remote, one.local);
            }
        }
        out = out || firewall_.forwards(local.name, "*", one.local, one.remote);
        in = in || firewall_.forwards("*", local.name, one.remote, one.local);
        if (out && in) {
            return true;
        }
        if (context_.daemon_opens() && !zone_decides()) {
            context_.findings.push_back(finding<FindingId::forwarding_left_to_daemon>(
                std::vector{local.place, one.remote_place}, field<"zone">(local.name),
                field<"network">(one.remote.text()), field<"unless">(firewall_.unless())));
            return false;
        }
        if (meant_ != nullptr && std::ranges::find(carrying, meant_) == carrying.end()) {
            zone_does_not_match(one);
        } else {
            direction_missing(local, one, carrying, out);
        }
        return false;
    }

    void zone_does_not_match(const Carried& one) {
        context_.findings.push_back(finding<FindingId::zone_without_packets>(
            std::vector{meant_->place, one.remote_place}, field<"zone">(meant_->name),
            field<"network">(one.remote.text()), field<"unless">(firewall_.unless()),
            field<"line">(context_.plane == Plane::userspace ? "list device '" + std::string(tun_device) + "'"
                                                             : "list subnet '" + one.remote.text() + "'")));
    }

    void direction_missing(const Zone& local, const Carried& one, const std::vector<const Zone*>& carrying,
                           bool out) {
        const auto* zone = carrying.empty() ? nullptr : carrying.front();
        for (const auto* const each : carrying) {
            zone = each != firewall_.wan() ? each : zone;
        }
        if (zone == nullptr) {
            context_.findings.push_back(finding<FindingId::device_in_no_zone>(
                std::vector{local.place, one.remote_place}, field<"device">(std::string(tun_device)),
                field<"unless">(firewall_.unless()), field<"network">(one.remote.text()),
                field<"zone">(local.name)));
            return;
        }
        // Opening the WAN as a whole is more than is wanted: a rule for the networks.
        if (zone == firewall_.wan() && !out) {
            say(*zone, one, local.name, zone->name,
                "config forwarding, option src '" + local.name + "', option dest '" + zone->name + "'");
        } else if (zone == firewall_.wan()) {
            say(*zone, one, zone->name, local.name,
                "config rule, option src '" + zone->name + "', option dest '" + local.name +
                    "', option src_ip '" + one.remote.text() +
                    "', option proto 'all', option target 'ACCEPT'");
        } else {
            const auto& from = out ? zone->name : local.name;
            const auto& to = out ? local.name : zone->name;
            say(*zone, one, from, to,
                "config forwarding, option src '" + from + "', option dest '" + to + "'");
        }
    }

    void say(const Zone& zone, const Carried& one, std::string from, std::string to, std::string line) {
        context_.findings.push_back(finding<FindingId::forwarding_missing>(
            std::vector{zone.place, one.remote_place}, field<"from">(std::move(from)),
            field<"to">(std::move(to)), field<"network">(one.remote.text()),
            field<"unless">(firewall_.unless()), field<"line">(std::move(line))));
    }

    const Firewall& firewall_;
    const Network* network_;
    Context& context_;
    const Zone* meant_;
};

}  // namespace

void check_forwarding(const Firewall& firewall, const Network* network, Context& context) {
    ForwardingChecker(firewall, network, context).run();
}

void check_includes(const Firewall& firewall, bool needed, Context& context) {
    const bool said = std::ranges::any_of(
        context.findings, [](const Finding& one) { return one.id == FindingId::exemption_not_run; });
    for (const auto& include : firewall.includes) {
        if (include.run_by_fw4() || said) {
            continue;
        }
        if (!firewall.is_fw4) {
            context.findings.push_back(
                finding<FindingId::script_not_run_by_fw4>(include.place, field<"path">(include.path)));
            continue;
        }
        auto found = finding<FindingId::script_not_run>(include.place, field<"path">(include.path));
        if (!needed) {
            found.severity = Severity::note;
        }
        context.findings.push_back(std::move(found));
    }
}

void check_flows(const Firewall& firewall, Context& context) {
    if (context.plane != Plane::kernel) {
        return;  // causeway's own device: a flow does not pass it by, and it clamps the MSS itself
    }
    if (firewall.flow_offloading) {
        context.findings.push_back(finding<FindingId::flows_offloaded>(*firewall.flow_offloading));
    }
    if (!context.carried.empty() && firewall.unseen() == nullptr) {
        context.findings.push_back(finding<FindingId::mss_of_policies>(
            context.carried.front().remote_place, field<"network">(context.carried.front().remote.text())));
    }
}

}  // namespace causeway::check
