// A configuration as strongSwan's ipsec.conf, and its keys as ipsec.secrets.
#pragma once

#include <optional>
#include <string>

#include "config/model.hpp"
#include "pair/losses.hpp"

namespace causeway::pair {

struct IpsecConf {
    std::string connections;
    std::string secrets;
};

/// Nothing: no peer can be expressed; the losses say why.
std::optional<IpsecConf> write_ipsec_conf(const config::Model& model, Losses& losses);

}  // namespace causeway::pair
