// strongSwan's and libreswan's ipsec.conf, with the ipsec.secrets beside it, as a row of the table of formats.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "config/formats.hpp"

namespace causeway::config::ipsecconf {

bool recognise(std::string_view text);
Result<Model> load(const Source& source);
Result<std::string> show(const Source& source);
Result<> show_json(const Source& source, nlohmann::ordered_json& json);

inline constexpr FormatRules rules{.format = Format::ipsec_conf,
                                   .name = "ipsec.conf",
                                   .example = "an ipsec.conf ('conn ...')",
                                   .recognise = recognise,
                                   .load = load,
                                   .show = show,
                                   .show_json = show_json};

}  // namespace causeway::config::ipsecconf
