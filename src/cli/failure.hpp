// Why a command ends without what was asked for: the exit status, and the sentence that goes to stderr.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "control/exit.hpp"

namespace causeway::cli {

using control::Exit;

struct Failure {
    Exit exit = Exit::unusable;
    std::string what;
};

template <class T = void>
using Outcome = tl::expected<T, Failure>;

[[nodiscard]] inline tl::unexpected<Failure> failure(Exit exit, std::string what) {
    return tl::unexpected<Failure>(Failure{exit, std::move(what)});
}

}  // namespace causeway::cli
