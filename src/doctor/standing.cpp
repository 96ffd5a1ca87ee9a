#include "doctor/standing.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ranges>

#include "base/findings.hpp"
#include "doctor/steps.hpp"

namespace causeway::doctor {
namespace {

using status::Told;

template <std::size_t count>
bool is_among(std::string_view code, const std::array<Code, count>& codes) {
    return std::ranges::any_of(codes, [&](Code one) { return text(one) == code; });
}

constexpr std::array of_names{Code::peer_name_unresolved, Code::peer_name_private, Code::own_name_elsewhere};
constexpr std::array of_route{Code::own_address_changed, Code::no_route_to_peer,
                              Code::remote_network_not_routed};
constexpr std::array of_firewall{Code::forwarding_off, Code::forward_dropped};
constexpr std::array of_phase2{Code::phase2_encryption_differs, Code::phase2_keylength_differs,
                               Code::phase2_hash_differs,       Code::pfs_one_side,
                               Code::pfs_group_differs,         Code::phase2_refused,
                               Code::phase2_networks_differ,    Code::phase2_silent,
                               Code::encapsulation_differs,     Code::esn_not_spoken,
                               Code::phase2_networks_swapped,   Code::phase2_mask_differs,
                               Code::phase2_network_one_side,   Code::flapping};
constexpr std::array of_counters{Code::one_way_traffic, Code::integrity_fails, Code::sha256_truncation,
                                 Code::packets_of_other_network};
/// Either end may say them in Quick Mode as well.
constexpr std::array of_either{Code::no_common_suite,  Code::attribute_unknown, Code::answer_not_offered,
                               Code::peer_refuses,     Code::message_refused,   Code::dh_value_refused,
                               Code::lifetime_differs, Code::deleted_at_once,   Code::lost_at_once,
                               Code::peer_deleted,     Code::not_negotiated};

/// A daemon of another version may have codes that this tool has not.
bool is_of_route(std::string_view code) {
    return is_among(code, of_route) || code.starts_with("route-");
}

/// What stops the packets of a tunnel that is up; other findings about one are worth knowing.
bool stops_packets(std::string_view code) {
    return code == text(Code::one_way_traffic) || code == text(Code::integrity_fails) ||
           code == text(Code::sha256_truncation) || is_of_route(code) || is_among(code, of_firewall);
}

bool is_fault(const Told& told) {
    return told.severity != Severity::note;
}

}  // namespace

Layer layer_of(std::string_view code, bool phase1_up) {
    if (is_among(code, of_names)) {
        return Layer::names;
    }
    if (is_of_route(code)) {
        return Layer::route;
    }
    if (is_among(code, of_firewall)) {
        return Layer::firewall;
    }
    if (is_among(code, of_counters)) {
        return Layer::counters;
    }
    if (code == text(Code::path_mtu)) {
        return Layer::path_mtu;
    }
    if (is_among(code, of_phase2) || (phase1_up && is_among(code, of_either))) {
        return Layer::phase2;
    }
    return Layer::phase1;
}

const status::IsakmpSa* isakmp_sa_of(const status::Peer& peer) {
    const auto newest =
        std::ranges::find_if(peer.ike_sas.rbegin(), peer.ike_sas.rend(), &status::IsakmpSa::up);
    return newest != peer.ike_sas.rend() ? &*newest : nullptr;
}

bool is_up(const status::Peer& peer) {
    return std::ranges::any_of(peer.tunnels, &status::Tunnel::up);
}

const status::ChildSa* child_sa_of(const status::Tunnel& tunnel) {
    const auto newest = std::ranges::find_if(tunnel.sas.rbegin(), tunnel.sas.rend(), &status::ChildSa::up);
    return newest != tunnel.sas.rend() ? &*newest : nullptr;
}

const Told* why_down(const status::Peer& peer) {
    const Told* surest = nullptr;
    for (const status::Tunnel& tunnel : peer.tunnels) {
        const auto& why = tunnel.why_down;
        if (tunnel.wanted && !tunnel.up() && why && is_fault(*why) &&
            (surest == nullptr || why->certainty < surest->certainty)) {
            surest = &*why;
        }
    }
    const bool any_wanted = std::ranges::any_of(peer.tunnels, &status::Tunnel::wanted);
    if (surest == nullptr && any_wanted && !is_up(peer) && peer.last_error && is_fault(*peer.last_error)) {
        surest = &*peer.last_error;
    }
    return surest;
}

std::vector<Step> standing_steps(const std::vector<status::Standing>& findings, const std::string& subject,
                                 bool phase1_up, bool up, std::string_view told) {
    std::vector<Step> steps;
    for (const status::Standing& standing : findings) {
        const Told& what = standing.what;
        if (what.code == told) {
            continue;
        }
        const About about{layer_of(what.code, phase1_up), subject};
        if (!is_fault(what)) {
            steps.push_back(ok(about, what.message));
            continue;
        }
        const auto stops = !up ? (about.layer >= Layer::phase2 ? Stops::phase2 : Stops::phase1)
                           : stops_packets(what.code) ? Stops::packets
                                                      : Stops::nothing;
        steps.push_back(wrong(about, what, stops));
    }
    return steps;
}

}  // namespace causeway::doctor
