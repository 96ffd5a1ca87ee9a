// strongSwan's swanctl.conf as a row of the table of formats.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "config/formats.hpp"

namespace causeway::config::swanctl {

bool recognise(std::string_view text);
Result<Model> load(const Source& source);
/// The file itself: its includes stay what they are.
Result<std::string> show(const Source& source);
Result<> show_json(const Source& source, nlohmann::ordered_json& json);

inline constexpr FormatRules rules{.format = Format::swanctl,
                                   .name = "swanctl.conf",
                                   .example = "a swanctl.conf ('connections { ...')",
                                   .recognise = recognise,
                                   .load = load,
                                   .show = show,
                                   .show_json = show_json};

}  // namespace causeway::config::swanctl
