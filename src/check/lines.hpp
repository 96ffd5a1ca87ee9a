// A setting as a line to paste, in the words of each kind of file. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/address.hpp"
#include "config/identity.hpp"
#include "config/model.hpp"

namespace causeway::check {

std::string mode_line(config::Schema schema, config::ExchangeMode mode);
std::string own_id_line(config::Schema schema, const config::Identity& id);
std::string peer_id_line(config::Schema schema, const config::Identity& id);
std::string own_network_line(config::Schema schema, const TrafficSelector& network);
std::string peer_network_line(config::Schema schema, const TrafficSelector& network);
/// That turns `from` into `to`: what differs, or the whole suite where a file has it in one word. Empty: this kind of
/// file cannot say it.
std::string suite_line(config::Schema schema, const config::Phase1Proposal& from,
                       const config::Phase1Proposal& to);
std::string suite_line(config::Schema schema, const config::Phase2Proposal& from,
                       const config::Phase2Proposal& to);
std::string start_line(config::Schema schema);

/// "here: ...; or there: ...", each if there is one.
std::string either(const std::string& here, const std::string& there);
/// "here: ...; and there: ...".
std::string both(const std::string& here, const std::string& there);

}  // namespace causeway::check
