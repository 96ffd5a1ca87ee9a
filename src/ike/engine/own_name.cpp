// Our own names: a peer that knows us by name looks it up, and cannot recognise us while it points elsewhere.
// Behind NAT nobody here can know where it ought to point.
#include "config/own_name.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

using status::OwnNameState;

void Engine::Impl::adopt_own_names() {
    auto before = std::exchange(own_names_, {});
    for (const auto& peer : model_->peers) {
        const auto name = config::own_name_of(peer);
        const auto has = [&](const OwnName& one) { return one.name == name; };
        if (!name || std::any_of(own_names_.begin(), own_names_.end(), has)) {
            continue;
        }
        const auto known = std::find_if(before.begin(), before.end(), has);
        if (known != before.end()) {
            own_names_.push_back(std::move(*known));
        } else {
            own_names_.push_back({});
            own_names_.back().name = *name;
            own_names_.back().next = now_;
        }
    }
}

void Engine::Impl::timeout_own_names() {
    if (shutting_down_) {
        return;
    }
    for (auto& own : own_names_) {
        if (own.pending && own.asked + limits::lookup_timeout <= now_) {
            on(NameDone{own.name, {}, {}, "the resolver does not answer"});
        }
        if (own.next && *own.next <= now_) {
            own.next.reset();
            own.pending = true;
            own.asked = now_;
            outputs_.push_back(LookupName{own.name});
        }
    }
}

void Engine::Impl::on(NameDone&& done) {
    const auto found = std::find_if(own_names_.begin(), own_names_.end(),
                                    [&](const OwnName& one) { return one.name == done.name; });
    if (found == own_names_.end() || shutting_down_) {
        return;
    }
    auto& own = *found;
    own.pending = false;
    own.addresses = std::move(done.addresses);
    own.error = own.addresses.empty() && done.error.empty() ? "it has no address" : std::move(done.error);
    judge(own);
    // A name that is being moved is looked at like a silent peer's; one that is right when its answer has
    // grown old.
    const auto& options = model_->options;
    const Duration age = done.ttl > Duration{} ? done.ttl : options.lookup_ceiling;
    Duration pause = std::max(options.lookup_floor, std::min(age, options.lookup_ceiling));
    if (own.wrong_since) {
        const Duration wrong = now_ - *own.wrong_since;
        pause = wrong < limits::lookup_eager_time ? limits::lookup_eager
                : wrong < limits::own_name_hope   ? limits::lookup_lazy
                                                  : std::max<Duration>(pause, limits::retry_max);
    } else if (own.addresses.empty()) {
        pause = options.lookup_ceiling;
    }
    own.next = now_ + pause;
}

/// Which of our addresses the peers of this name see, as far as we can know.
std::vector<IpAddress> Engine::Impl::seen_addresses(const OwnName& own, bool& behind_nat) const {
    std::vector<IpAddress> seen;
    for (const auto& peer : peers_) {
        if (config::own_name_of(*peer->config) != own.name) {
            continue;
        }
        auto local = local_in_use(*peer);
        if (!local && !peer->paths.empty()) {
            local = peer->paths[peer->path % peer->paths.size()].local;  // the next attempt's
        }
        if (!local || local->is_loopback()) {
            continue;
        }
        const auto* standing = usable_sa(*peer);
        if (local->is_private() || (standing != nullptr && standing->progress().nat.local)) {
            behind_nat = true;
        } else if (std::find(seen.begin(), seen.end(), *local) == seen.end()) {
            seen.push_back(*local);
        }
    }
    return seen;
}

void Engine::Impl::judge(OwnName& own) {
    bool behind_nat = false;
    const auto seen = seen_addresses(own, behind_nat);
    const auto points_to = [&](const IpAddress& address) {
        return std::find(own.addresses.begin(), own.addresses.end(), address) != own.addresses.end();
    };
    const auto missing = std::find_if_not(seen.begin(), seen.end(), points_to);
    const auto before = own.state;
    std::string is;
    for (const auto& address : own.addresses) {
        is += (is.empty() ? "" : ", ") + address.text();
    }
    if (own.addresses.empty() && own.error.empty()) {
        return;  // nothing is known yet
    }
    if (own.addresses.empty()) {
        own.state = OwnNameState::unresolved;
        own.note = fmt::format("{} cannot be resolved: {}", own.name, own.error);
    } else if (missing != seen.end()) {
        own.state = OwnNameState::elsewhere;
        own.note = fmt::format(
            "{} points to {}, but our address is {}: a peer that knows us by this name cannot match us until "
            "it points to {}",
            own.name, is, missing->text(), missing->text());
    } else if (seen.empty()) {
        own.state = behind_nat ? OwnNameState::behind_nat : OwnNameState::unknown;
        own.note =
            behind_nat
                ? fmt::format(
                      "{} points to {}; we are behind NAT, so only the peer can tell whether that is us",
                      own.name, is)
                : fmt::format("{} points to {}", own.name, is);
    } else {
        own.state = OwnNameState::right;
        own.note = fmt::format("{} points to {}", own.name, is);
    }
    const bool wrong =
        own.state == OwnNameState::elsewhere || (own.state == OwnNameState::unresolved && own.was_right);
    own.wrong_since = !wrong ? std::nullopt : own.wrong_since ? own.wrong_since : std::optional(now_);
    const bool turned = own.state != before || (wrong && own.note != own.said);
    if (!turned) {
        return;
    }
    if (own.state == OwnNameState::elsewhere) {
        report(EventCode::own_name_elsewhere, {},
               {{"name", own.name}, {"address", is}, {"ours", missing->text()}});
        own.next = std::min(own.next.value_or(now_ + limits::lookup_eager), now_ + limits::lookup_eager);
    } else if (own.state == OwnNameState::unresolved) {
        report(EventCode::own_name_unresolved, {}, {{"name", own.name}, {"why", own.error}});
    } else if (own.state == OwnNameState::right) {
        own.was_right = true;
        report(EventCode::own_name_right, {}, {{"name", own.name}, {"address", is}});
        if (before == OwnNameState::elsewhere || before == OwnNameState::unresolved) {
            recognisable_again(own);
        }
    }
    own.said = own.note;
}

/// What was refused because of our name may be accepted as soon as the peer's name server has heard of it.
void Engine::Impl::recognisable_again(const OwnName& own) {
    for (auto& peer : peers_) {
        if (config::own_name_of(*peer->config) == own.name && searching(*peer)) {
            peer->own_change = now_;
            network_is_back(*peer);
            pursue(*peer);
        }
    }
}

void Engine::Impl::judge_own_names() {
    if (!std::exchange(own_names_stale_, false) || shutting_down_) {
        return;
    }
    for (auto& own : own_names_) {
        judge(own);
    }
}

}  // namespace causeway::ike
