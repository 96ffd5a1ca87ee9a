// A configuration as text, in every form that somebody reads: the five UCI schemas, a FRITZ!Box's vpncfg, and
// strongSwan's two. Pure; called by the tool, and meant for files that a person goes on editing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "base/result.hpp"
#include "config/model.hpp"
#include "pair/site.hpp"

namespace causeway::pair {

/// A form is what a model can be read from.
using Form = config::Schema;

struct Written {
    std::string text;     ///< keys included, except in ipsec.conf
    std::string secrets;  ///< of ipsec_conf: its ipsec.secrets, where the keys are; else empty
    std::vector<Finding>
        lost;  ///< what the text does not carry, with places in the model's source; without keys
};

/// Peers that the form cannot express are left out, with an error among `lost`. An error (`unacceptable`):
/// the form can express no peer at all.
Result<Written> write(const config::Model& model, Form form);

/// What a site of this kind reads: on OpenWrt the schema `openwrt`.
Form form_of(Kind kind, Form openwrt);

/// "a vpncfg", "swanctl.conf", "schema G3": for sentences.
std::string_view title_of(Form form);
/// "/etc/config/ipsec": where such a file is on its machine; for a vpncfg the name that it is saved under.
std::string_view file_of(Form form);

}  // namespace causeway::pair
