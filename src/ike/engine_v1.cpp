// The engine as the daemon has it: with the version that it speaks.
#include <memory>
#include <utility>

#include "ike/engine/engine.hpp"
#include "ike/v1/protocol.hpp"

namespace causeway::ike {

namespace {

const v1::Protocol ikev1;

}  // namespace

Engine::Engine(Instant now, std::shared_ptr<const config::Model> model, RandomSource& random,
               const sa::UsageSource& usage)
    : Engine(now, std::move(model), random, usage, ikev1) {}

}  // namespace causeway::ike
