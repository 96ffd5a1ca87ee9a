// One `config remote` and its tunnels -> a peer. Used by the mapper only.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "config/report.hpp"
#include "config/uci/document.hpp"
#include "config/uci/section_view.hpp"

namespace causeway::config::uci {

/// What the readers of a peer and of its tunnels need to know.
struct Surroundings {
    const Document& document;
    Schema schema;
    Report& report;
};

/// Into `peer`, a new one. False when the remote is refused; an error remark says why. Display names and
/// reqids are given later.
bool read_peer(const Surroundings& around, const SectionView& remote, Peer& peer);

/// By name alone, whatever its type, as config_get of OpenWrt's scripts finds
/// it.
const Section* find_section(const Document& document, std::string_view name);

/// `rekeytime 0` asks for what is not done.
void warn_of_no_rekeying(const SectionView& section, Report& report);

/// A tunnel section -> one tunnel for each pair of networks. Nothing when it is refused.
std::vector<Tunnel> read_tunnel(const Surroundings& around, const SectionView& tunnel,
                                const SectionView& remote, const Peer& peer);

/// "start", "route", "add" and their other names.
std::optional<StartAction> parse_start_action(std::string_view text);
/// "clear", "hold", "restart" and their other names.
std::optional<LossAction> parse_loss_action(std::string_view text);

}  // namespace causeway::config::uci
