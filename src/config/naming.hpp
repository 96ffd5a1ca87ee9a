// The last steps of every mapper: names that status shows, reqids, and remarks in the order of the file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/model.hpp"

namespace causeway::config {

/// UCI: "ipsec-TUNNEL" where one remote names the tunnel section, else "REMOTE-TUNNEL", as the old script's
/// status printed it. `uses` counts the remotes that name a section.
void give_names_and_numbers(Model& model, const std::map<std::string, std::size_t>& uses);

/// vpncfg: the connection's name; a number behind it where two have the same.
void give_names_and_numbers(Model& model);

/// By line and column.
void put_in_order(std::vector<Remark>& remarks);

}  // namespace causeway::config
