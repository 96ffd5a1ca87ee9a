// The last steps of every mapper: names that status shows, reqids, and findings in the order of the file.
#pragma once

#include <string_view>
#include <unordered_set>
#include <vector>

#include "config/model.hpp"

namespace causeway::config {

/// UCI: "ipsec-TUNNEL" where one remote names the tunnel section, else "REMOTE-TUNNEL", as the old script's
/// status printed it. `shared` are the sections that several remotes name.
void give_names_and_numbers(Model& model, const std::unordered_set<std::string_view>& shared);

/// vpncfg: the connection's name; a number behind it where two have the same.
void give_names_and_numbers(Model& model);

/// By line and column.
void put_in_order(std::vector<Finding>& findings);

}  // namespace causeway::config
