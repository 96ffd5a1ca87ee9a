// The files that a configuration refers to: what it includes, and the secrets beside it.
#pragma once

#include <string>

#include "config/load.hpp"

namespace causeway::cli {

/// `secrets`: what the user named as the file of secrets, instead of those that lie beside; empty: nothing.
config::Companions companions(std::string secrets = {});

}  // namespace causeway::cli
