#include "ike/engine/wish.hpp"

#include <utility>

namespace causeway::ike {

using config::LossAction;
using config::StartAction;

Wish::Wish(StartAction start)
    : start_(start), wanted_(start == StartAction::start), kept_(start == StartAction::start) {}

bool Wish::raised_by_packets() const {
    return !held_down_ && (wanted_ || trapped_ || start_ == StartAction::traffic);
}

void Wish::adopt(const config::Tunnel& before, const config::Tunnel& after) {
    if (before.start != after.start) {
        kept_ = after.start == StartAction::start && !held_down_;
        wanted_ = wanted_ || kept_;
    }
    trapped_ = trapped_ && before.on_close == after.on_close && before.on_silence == after.on_silence;
    start_ = after.start;
}

void Wish::raise_by_command() {
    wanted_ = true;
    kept_ = kept_ || start_ == StartAction::start;
    held_down_ = false;
}

bool Wish::raise_by_packet() {
    return !std::exchange(wanted_, true);
}

void Wish::take_down() {
    wanted_ = kept_ = trapped_ = false;
    held_down_ = true;
}

void Wish::stop() {
    wanted_ = kept_ = false;
}

void Wish::lose(LossAction action) {
    if (held_down_) {
        return;
    }
    kept_ = action == LossAction::restart;
    wanted_ = kept_;
    trapped_ = trapped_ || action == LossAction::traffic;
}

void Wish::bring_back(LossAction action) {
    kept_ = kept_ || action == LossAction::restart;
    wanted_ = wanted_ || kept_;
    trapped_ = trapped_ || action == LossAction::traffic;
}

void Wish::give_up() {
    wanted_ = kept_ = false;
}

}  // namespace causeway::ike
