// Why a command ends without what was asked for: the exit status, and the sentence that goes to stderr.
#pragma once

#include <cstdio>
#include <fmt/format.h>
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

/// Tells it, and is what the command ends with.
inline Exit complain(const Failure& failure) {
    fmt::print(stderr, "causeway: {}\n", failure.what);
    return failure.exit;
}

}  // namespace causeway::cli
