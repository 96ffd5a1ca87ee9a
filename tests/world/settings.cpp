#include "world/settings.hpp"

#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <sstream>
#include <vector>

namespace causeway::world {

namespace {

std::vector<std::string> split(const std::string& text, char by) {
    std::vector<std::string> parts;
    std::stringstream stream(text);
    for (std::string part; std::getline(stream, part, by);) {
        if (!part.empty()) {
            parts.push_back(part);
        }
    }
    return parts;
}

std::uint32_t number(const std::string& text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Result<config::Phase1Proposal> phase1_proposal(const std::string& text) {
    const auto words = split(text, '-');
    if (words.size() == 3) {
        const auto cipher = crypto::cipher_from_name(words[0]);
        const auto hash = crypto::hash_from_name(words[1]);
        const auto group = crypto::group_from_name(words[2]);
        if (cipher && hash && group) {
            return config::Phase1Proposal{*cipher, *hash, *group, true, {}};
        }
    }
    return fail(Errc::malformed, fmt::format("'{}' is no Phase 1 proposal", text));
}

Result<config::Phase2Proposal> phase2_proposal(const std::string& text) {
    config::Phase2Proposal proposal;
    proposal.pfs.reset();
    proposal.integrity = crypto::IntegrityId::none;
    const auto words = split(text, '-');
    const auto cipher = crypto::cipher_from_name(words.at(0));
    if (!cipher) {
        return fail(Errc::malformed, fmt::format("'{}' is no Phase 2 proposal", text));
    }
    proposal.cipher = *cipher;
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (const auto integrity = crypto::integrity_from_name(words[i])) {
            proposal.integrity = *integrity;
        } else if (const auto group = crypto::group_from_name(words[i])) {
            proposal.pfs = *group;
        } else {
            return fail(Errc::malformed, fmt::format("'{}' is no Phase 2 proposal", text));
        }
    }
    return proposal;
}

config::PeerAddress peer_address(const std::string& text) {
    if (text == "any") {
        return config::AnyAddress{};
    }
    if (const auto address = IpAddress::parse(text)) {
        return *address;
    }
    return config::HostName{text};
}

Result<config::Tunnel> make_tunnel(const Settings& settings, unsigned number_of_tunnel) {
    config::Tunnel tunnel;
    tunnel.name = number_of_tunnel == 1 ? "lan" : fmt::format("lan{}", number_of_tunnel);
    tunnel.display_name = fmt::format("{}-{}", settings.peer, tunnel.name);
    const auto local = Ipv4Net::parse(settings.local_net);
    auto remote = Ipv4Net::parse(settings.remote_net);
    if (!local || !remote) {
        return fail(Errc::malformed, "the networks must be written 10.1.0.0/16");
    }
    tunnel.local.net = *local;
    tunnel.remote.net = *remote;
    // Further tunnels: the networks behind, 10.2.0.0/16, 10.3.0.0/16, ... at both ends alike.
    tunnel.local.net.network += (number_of_tunnel - 1) * 0x00100000U;
    tunnel.remote.net.network += (number_of_tunnel - 1) * 0x00100000U;
    return tunnel;
}

}  // namespace

Result<config::Peer> make_peer(const Settings& settings, unsigned first_reqid) {
    config::Peer peer;
    peer.name = settings.peer;
    peer.display_name = settings.peer + "-lan";
    peer.addresses.push_back({peer_address(settings.address), {}});
    peer.pre_shared_key = Secret(as_bytes("swordfish"));
    peer.proposals = {config::Phase1Proposal{}};
    std::vector<config::Phase2Proposal> esp{config::Phase2Proposal{}};
    config::Lifetime esp_lifetime{3600, 0};
    auto start = config::StartAction::none;
    std::optional<config::LossAction> loss;
    unsigned tunnels = 1;
    for (const auto& [key, value] : settings.values) {
        if (key == "mode") {
            peer.mode = value == "aggressive" ? config::ExchangeMode::aggressive : config::ExchangeMode::main;
        } else if (key == "psk") {
            peer.pre_shared_key = Secret(as_bytes(value));
        } else if (key == "id") {
            peer.local_id = {CAUSEWAY_TRY(config::Identity::parse(value)), {}};
        } else if (key == "own-name") {
            peer.own_name = Sourced<std::string>{value == "none" ? "" : value, {}};
        } else if (key == "peer-id") {
            peer.remote_id_any = value == "any";
            if (!peer.remote_id_any) {
                peer.remote_id = {CAUSEWAY_TRY(config::Identity::parse(value)), {}};
            }
        } else if (key == "ike") {
            peer.proposals.clear();
            for (const auto& word : split(value, ' ')) {
                peer.proposals.push_back(CAUSEWAY_TRY(phase1_proposal(word)));
            }
        } else if (key == "esp") {
            esp.clear();
            for (const auto& word : split(value, ' ')) {
                esp.push_back(CAUSEWAY_TRY(phase2_proposal(word)));
            }
        } else if (key == "ike-lifetime") {
            peer.lifetime.seconds = number(value);
        } else if (key == "esp-lifetime") {
            esp_lifetime.seconds = number(value);
        } else if (key == "esp-kilobytes") {
            esp_lifetime.kilobytes = number(value);
        } else if (key == "start") {
            start = value == "start"     ? config::StartAction::start
                    : value == "traffic" ? config::StartAction::traffic
                                         : config::StartAction::none;
        } else if (key == "loss") {
            loss = value == "clear"  ? config::LossAction::clear
                   : value == "hold" ? config::LossAction::traffic
                                     : config::LossAction::restart;
        } else if (key == "encap") {
            peer.force_encapsulation = value == "yes";
        } else if (key == "nat-t") {
            peer.nat_traversal = value == "yes";
        } else if (key == "dpd") {
            peer.liveness.enabled = value == "yes";
        } else if (key == "rekey") {
            peer.rekey = value == "yes";
        } else if (key == "tries") {
            peer.keying_tries = number(value);
        } else if (key == "delete-on-rekey") {
            peer.quirks.delete_on_rekey = value == "yes";
        } else if (key == "either-mode") {
            peer.quirks.accept_any_mode_as_responder = value == "yes";
        } else if (key == "tunnels") {
            tunnels = number(value);
        } else if (key == "address") {
            peer.addresses = {{peer_address(value), {}}};
        } else {
            return fail(Errc::malformed, fmt::format("unknown setting '{}'", key));
        }
    }
    for (unsigned i = 1; i <= tunnels; ++i) {
        auto tunnel = CAUSEWAY_TRY(make_tunnel(settings, i));
        tunnel.reqid = first_reqid + i - 1;
        tunnel.proposals = esp;
        tunnel.lifetime = esp_lifetime;
        tunnel.start = start;
        // As from a file: lost tunnels come back the way they came up.
        tunnel.on_silence = tunnel.on_close =
            loss.value_or(start == config::StartAction::start     ? config::LossAction::restart
                          : start == config::StartAction::traffic ? config::LossAction::traffic
                                                                  : config::LossAction::clear);
        peer.tunnels.push_back(std::move(tunnel));
    }
    return peer;
}

Result<std::shared_ptr<const config::Model>> make_model(const Settings& settings) {
    auto model = std::make_shared<config::Model>();
    model->file = "scenario";
    model->peers.push_back(CAUSEWAY_TRY(make_peer(settings)));
    return std::shared_ptr<const config::Model>(std::move(model));
}

}  // namespace causeway::world
