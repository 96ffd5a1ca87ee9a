// `probe`: asks a host what IKE it speaks, over two UDP sockets of its own, in bounded time.
#pragma once

#include "cli/arguments.hpp"
#include "cli/failure.hpp"

namespace causeway::cli {

/// Ends with `done` when something answered, `no` when nothing did.
Exit probe(const Arguments& arguments);

}  // namespace causeway::cli
