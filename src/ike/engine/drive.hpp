// What every driver of an engine does with its outputs: the daemon, scenario tests, the simulator.
#pragma once

#include <utility>
#include <variant>

#include "ike/engine/engine.hpp"

namespace causeway::ike {

/// Hands each output that waits to `perform`, in their order. `perform` takes each kind by its own type: one
/// that nobody performs does not compile. True when there was one.
template <class Perform>
bool perform_outputs(Engine& engine, Perform&& perform) {
    bool any = false;
    while (auto output = engine.poll()) {
        any = true;
        std::visit([&](auto&& one) { perform(std::forward<decltype(one)>(one)); }, *std::move(output));
    }
    return any;
}

}  // namespace causeway::ike
