#include "ike/engine/own_names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ike/limits.hpp"

namespace causeway::ike {

using status::OwnNameState;

namespace {

/// An address of ours that the name does not point to.
std::optional<IpAddress> missing_in(const std::vector<IpAddress>& addresses, const OurEnds& ends) {
    const auto& ours = ends.public_addresses();
    const auto missing = std::ranges::find_if(ours, [&](const IpAddress& address) {
        return std::ranges::find(addresses, address) == addresses.end();
    });
    return missing != ours.end() ? std::optional(*missing) : std::nullopt;
}

std::string text_of(const std::vector<IpAddress>& addresses) {
    std::string text;
    for (const auto& address : addresses) {
        text += (text.empty() ? "" : ", ") + address.text();
    }
    return text;
}

}  // namespace

void OurEnds::add(const IpAddress& local, Nat nat) {
    if (local.is_loopback()) {
        return;  // a gateway that talks to itself
    }
    if (local.is_private() || nat == Nat::found) {
        behind_nat_ = true;
    } else if (std::ranges::find(public_addresses_, local) == public_addresses_.end()) {
        public_addresses_.push_back(local);
    }
}

OwnNames::Name* OwnNames::find(std::string_view name) {
    const auto found = std::ranges::find(names_, name, &Name::name);
    return found != names_.end() ? &*found : nullptr;
}

void OwnNames::set_names(const std::vector<std::string>& names, const LookupBounds& bounds, Instant now) {
    bounds_ = bounds;
    auto before = std::exchange(names_, {});
    for (const auto& name : names) {
        if (find(name) != nullptr) {
            continue;
        }
        if (const auto known = std::ranges::find(before, name, &Name::name); known != before.end()) {
            names_.push_back(std::move(*known));
            continue;
        }
        auto& fresh = names_.emplace_back();
        fresh.name = name;
        fresh.deadlines.arm(Timer::look_up, now);
    }
}

OwnNames::Changes OwnNames::answered(NameDone done, const OurEnds& ends, Instant now) {
    Changes changes;
    if (auto* own = find(done.name); own != nullptr) {
        take_answer(*own, std::move(done), ends, now, changes);
    }
    return changes;
}

void OwnNames::take_answer(Name& own, NameDone done, const OurEnds& ends, Instant now,
                           Changes& changes) const {
    own.deadlines.disarm(Timer::answer_missing);
    own.addresses = std::move(done.addresses);
    own.failure = own.addresses.empty() && done.error.empty() ? "it has no address" : done.error;
    compare(own, ends, now, changes);
    own.deadlines.arm(Timer::look_up, now + pause_after(own, done.ttl, now));
}

/// A name that is being moved is looked at like a silent peer's; one that is right when its answer has grown
/// old.
Duration OwnNames::pause_after(const Name& own, Duration ttl, Instant now) const {
    const Duration age = ttl > Duration{} ? ttl : bounds_.ceiling;
    const Duration pause = std::max(bounds_.floor, std::min(age, bounds_.ceiling));
    if (own.wrong_since) {
        const Duration wrong = now - *own.wrong_since;
        return wrong < limits::lookup_eager_time ? limits::lookup_eager
               : wrong < limits::own_name_hope   ? limits::lookup_lazy
                                                 : std::max<Duration>(pause, limits::retry_max);
    }
    return own.addresses.empty() ? bounds_.ceiling : pause;
}

OwnNames::Changes OwnNames::our_addresses_changed(Instant now) {
    for (auto& own : names_) {
        if (!own.deadlines.armed(Timer::answer_missing)) {
            own.deadlines.arm(Timer::look_up, now);
        }
    }
    return handle_timeout(now);
}

void OwnNames::doubt() {
    for (auto& own : names_) {
        own.doubted = true;
    }
}

std::optional<std::string> OwnNames::doubted() const {
    const auto found = std::ranges::find(names_, true, &Name::doubted);
    return found != names_.end() ? std::optional(found->name) : std::nullopt;
}

OwnNames::Changes OwnNames::compare(std::string_view name, const OurEnds& ends, Instant now) {
    Changes changes;
    if (auto* own = find(name); own != nullptr) {
        own->doubted = false;
        compare(*own, ends, now, changes);
    }
    return changes;
}

OwnNames::Verdict OwnNames::judge(const Name& own, const OurEnds& ends) {
    if (own.addresses.empty()) {
        return {OwnNameState::unresolved, fmt::format("{} cannot be resolved: {}", own.name, own.failure)};
    }
    const std::string is = text_of(own.addresses);
    if (const auto missing = missing_in(own.addresses, ends)) {
        return {OwnNameState::elsewhere,
                fmt::format("{} points to {}, but our address is {}: a peer that knows us by this name "
                            "cannot match us until it points to {}",
                            own.name, is, missing->text(), missing->text())};
    }
    std::string note = fmt::format("{} points to {}", own.name, is);
    if (!ends.public_addresses().empty()) {
        return {OwnNameState::right, std::move(note)};
    }
    if (ends.behind_nat()) {
        return {OwnNameState::behind_nat,
                note + "; we are behind NAT, so only the peer can tell whether that is us"};
    }
    return {OwnNameState::unknown, std::move(note)};
}

void OwnNames::compare(Name& own, const OurEnds& ends, Instant now, Changes& changes) {
    if (own.addresses.empty() && own.failure.empty()) {
        return;  // nothing is known yet
    }
    const auto before = std::exchange(own.verdict, judge(own, ends)).state;
    const auto state = own.verdict.state;
    const bool wrong =
        state == OwnNameState::elsewhere || (state == OwnNameState::unresolved && own.was_right);
    own.wrong_since = !wrong ? std::nullopt : own.wrong_since ? own.wrong_since : std::optional(now);
    if (state == before && (!wrong || own.verdict.note == own.told)) {
        return;
    }
    own.told = own.verdict.note;
    if (state == OwnNameState::elsewhere) {
        changes.emplace_back(Event{EventCode::own_name_elsewhere,
                                   {},
                                   {{"name", own.name},
                                    {"address", text_of(own.addresses)},
                                    {"ours", missing_in(own.addresses, ends)->text()}}});
        const Instant soon = now + limits::lookup_eager;
        own.deadlines.arm(Timer::look_up, std::min(own.deadlines.at(Timer::look_up).value_or(soon), soon));
    } else if (state == OwnNameState::unresolved) {
        changes.emplace_back(
            Event{EventCode::own_name_unresolved, {}, {{"name", own.name}, {"why", own.failure}}});
    } else if (state == OwnNameState::right) {
        own.was_right = true;
        changes.emplace_back(
            Event{EventCode::own_name_right, {}, {{"name", own.name}, {"address", text_of(own.addresses)}}});
        if (before == OwnNameState::elsewhere || before == OwnNameState::unresolved) {
            changes.emplace_back(RecognisableAgain{own.name});
        }
    }
}

std::optional<Instant> OwnNames::next_timeout() const {
    std::optional<Instant> next;
    for (const auto& own : names_) {
        if (const auto due = own.deadlines.next(); due && (!next || *due < *next)) {
            next = due;
        }
    }
    return next;
}

OwnNames::Changes OwnNames::handle_timeout(Instant now) {
    Changes changes;
    for (auto& own : names_) {
        handle_timeout(own, now, changes);
    }
    return changes;
}

void OwnNames::handle_timeout(Name& own, Instant now, Changes& changes) const {
    while (const auto due = own.deadlines.take_due(now)) {
        switch (*due) {
            case Timer::answer_missing:
                // Without an address there is nothing to compare with our ends.
                take_answer(own, {own.name, {}, {}, "the resolver does not answer"}, {}, now, changes);
                break;
            case Timer::look_up:
                own.deadlines.arm(Timer::answer_missing, now + limits::lookup_timeout);
                changes.emplace_back(LookupName{own.name});
                break;
        }
    }
}

OwnNames::Verdict OwnNames::verdict(std::string_view name) const {
    const auto found = std::ranges::find(names_, name, &Name::name);
    return found != names_.end() ? found->verdict : Verdict{};
}

}  // namespace causeway::ike
