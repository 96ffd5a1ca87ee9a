// ipsec.conf document and the keys beside it -> model: causeway plays strongSwan. Called by config/load.cpp by way of
// the row.
#pragma once

#include "config/formats.hpp"
#include "config/ipsecconf/document.hpp"
#include "config/model.hpp"

namespace causeway::config::ipsecconf {

/// An error: there is no conn in it, or more than anybody has. What is wrong with one conn becomes a finding, and
/// that conn is missing in the model. `source` opens ipsec.secrets.
Result<Model> map(const Document& document, const Source& source);

}  // namespace causeway::config::ipsecconf
