#include "ike/engine/whereabouts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "ike/engine/retrying.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {

namespace {

bool leads_to(const std::vector<Path>& paths, const IpAddress& remote) {
    return std::ranges::find(paths, remote, &Path::remote) != paths.end();
}

bool is_anywhere(const Sourced<config::PeerAddress>& address) {
    return std::holds_alternative<config::AnyAddress>(address.value);
}

bool is_name(const Sourced<config::PeerAddress>& address) {
    return std::holds_alternative<config::HostName>(address.value);
}

}  // namespace

void Whereabouts::configure(const config::Peer& peer, const LookupBounds& bounds) {
    config_ = &peer;
    bounds_ = bounds;
}

bool Whereabouts::can_be_called() const {
    return !std::ranges::all_of(config_->addresses, is_anywhere);
}

bool Whereabouts::name_may_have_moved(Instant now) const {
    return std::ranges::any_of(config_->addresses, is_name) && !lookup_under_way() &&
           lookup_started_ + bounds_.floor <= now;
}

bool Whereabouts::is_known_at(const IpAddress& remote) const {
    return leads_to(paths_, remote);
}

std::optional<Path> Whereabouts::next_path() const {
    return paths_.empty() ? std::nullopt : std::optional(paths_[path_turn_ % paths_.size()]);
}

std::vector<Path> Whereabouts::other_paths() const {
    std::vector<Path> others;
    for (std::size_t i = 1; i < paths_.size(); ++i) {
        others.push_back(paths_[(path_turn_ + i) % paths_.size()]);
    }
    return others;
}

std::optional<Path> Whereabouts::best_path() const {
    return paths_.empty() ? std::nullopt : std::optional(paths_.front());
}

bool Whereabouts::our_end_has_just_changed(Instant now) const {
    return our_end_changed_at_ && now < *our_end_changed_at_ + limits::own_change_time;
}

bool Whereabouts::has_just_left(const Endpoint& remote, Instant now) const {
    return remote == left_ && now < left_until_;
}

bool Whereabouts::asked_for_name() const {
    return is_name(asked());
}

Lookup Whereabouts::question(const config::PeerAddress& address, const Situation& situation) const {
    const auto& local = config_->local_address;
    return {config_->name, address, local ? std::optional(local->value) : std::nullopt, situation.local};
}

Lookup Whereabouts::question_of_way(const IpAddress& remote, const Situation& situation) const {
    auto lookup = question(remote, situation);
    lookup.way_only = true;
    return lookup;
}

Whereabouts::Changes Whereabouts::look_up(const Situation& situation, Instant now) {
    if (lookup_under_way() || !can_be_called()) {
        return {};
    }
    const auto& addresses = config_->addresses;
    while (is_anywhere(addresses[address_turn_ % addresses.size()])) {
        ++address_turn_;
    }
    asked_ = address_turn_ % addresses.size();
    lookup_started_ = now;
    deadlines_.arm(Timer::answer_missing, now + limits::lookup_timeout);
    search_later(situation, now);
    return {question(asked().value, situation)};
}

Whereabouts::Changes Whereabouts::our_addresses_changed(const std::optional<IpAddress>& standing,
                                                        const Situation& situation, Instant now) {
    Changes changes;
    const auto next = next_path();
    if (standing) {
        changes.emplace_back(question_of_way(*standing, situation));
    } else if (next && (searching(situation) || situation.local)) {
        changes.emplace_back(question_of_way(next->remote, situation));
    }
    std::ranges::move(look_up(situation, now), std::back_inserter(changes));
    return changes;
}

void Whereabouts::search_later(const Situation& situation, Instant now) {
    if (!searching(situation)) {
        deadlines_.disarm(Timer::search);
        search_pause_ = {};
        return;
    }
    fell_silent(now);
    const bool eager = *silent_since_ + limits::lookup_eager_time > now;
    search_pause_ = eager ? limits::lookup_eager
                          : std::min<Duration>(limits::lookup_lazy,
                                               std::max<Duration>(search_pause_, limits::lookup_eager) * 2);
    deadlines_.arm(Timer::search, now + search_pause_);
}

// A name is asked for again when its answer has grown old, within the configured bounds; an answer without
// age (from a file) lasts as long as any may.
void Whereabouts::refresh_later(const LookupDone& done, Instant now) {
    const bool was_found = !done.paths.empty() || !paths_.empty();
    if (!was_found || !asked_for_name()) {
        return;
    }
    const Duration age = done.paths.empty()      ? limits::retry_max
                         : done.ttl > Duration{} ? done.ttl
                                                 : bounds_.ceiling;
    deadlines_.arm(Timer::refresh, now + std::max(bounds_.floor, std::min(age, bounds_.ceiling)));
}

Whereabouts::Changes Whereabouts::answered(LookupDone done, const OwnAddresses& ours,
                                           const Situation& situation, Instant now) {
    Changes changes;
    if (done.way_only) {
        add_ways(done.paths);
    } else {
        deadlines_.disarm(Timer::answer_missing);
        drop_odd_addresses(done, ours, changes);
        refresh_later(done, now);
        if (done.paths.empty()) {
            lookup_failed(done.error, situation, now, changes);
        } else {
            if (std::exchange(unresolved_, false)) {
                changes.emplace_back(ResolvedAgain{});
            }
            adopt_paths(done.paths, changes);
        }
    }
    if (!done.paths.empty()) {
        changes.emplace_back(WaysKnown{std::move(done.paths)});
    }
    changes.emplace_back(Answered{});
    return changes;
}

void Whereabouts::add_ways(const std::vector<Path>& ways) {
    for (const auto& way : ways) {
        const auto known = std::ranges::find(paths_, way.remote, &Path::remote);
        if (known != paths_.end()) {
            known->local = way.local;
        } else {
            paths_.insert(paths_.begin(), way);
            path_turn_ = 0;
        }
    }
}

Event Whereabouts::about_name(EventCode code, const IpAddress& address) const {
    return {code, config_->name, {{"name", config::text(asked().value)}, {"address", address.text()}}};
}

// What a name says may be wrong, and is then said once for each wrong answer: a peer is never at our own
// address, and behind a private one only seldom.
void Whereabouts::drop_odd_addresses(LookupDone& done, const OwnAddresses& ours, Changes& changes) {
    if (!asked_for_name() || done.paths.empty()) {
        return;
    }
    std::vector<Event> odd;
    std::string told;
    std::erase_if(done.paths, [&](const Path& path) {
        const auto& remote = path.remote;
        if (remote == path.local || ours.have(remote)) {
            told += remote.text() + " ours ";
            odd.push_back(about_name(EventCode::name_is_ours, remote));
            done.error = fmt::format("it is {}, our own address", remote.text());
            return true;
        }
        // Blocklists and parked names answer with such addresses; a datagram there would go to this machine
        // or to everybody.
        if (remote.is_loopback() || remote.is_no_host()) {
            const std::string kind =
                remote.is_loopback() ? "this machine itself" : "an address that no host can have";
            told += remote.text() + " nobody ";
            odd.push_back(about_name(EventCode::name_is_nobody, remote));
            odd.back().fields.emplace_back("kind", kind);
            done.error = fmt::format("it is {}, {}", remote.text(), kind);
            return true;
        }
        if (remote.is_private()) {
            told += remote.text() + " private ";
            odd.push_back(about_name(EventCode::name_private, remote));
        }
        return false;
    });
    if (is_odd_anew(told)) {
        for (Event& event : odd) {
            changes.emplace_back(std::move(event));
        }
    }
}

bool Whereabouts::is_odd_anew(const std::string& what) {
    const bool anew = odd_ ? *odd_ != what : !what.empty();
    odd_ = what.empty() ? std::nullopt : std::optional(what);
    return anew;
}

void Whereabouts::lookup_failed(const std::string& why, const Situation& situation, Instant now,
                                Changes& changes) {
    const auto& failed = asked();
    const auto name = config::text(failed.value);
    const bool search = searching(situation);
    if (search && !deadlines_.armed(Timer::search)) {
        search_later(situation, now);
    }
    ++address_turn_;
    unresolved_ = true;
    // An address is not resolved.
    const bool is_address = std::holds_alternative<IpAddress>(failed.value);
    const auto next = deadlines_.at(search ? Timer::search : Timer::refresh);
    if (is_odd_anew(why) && (next || search)) {
        changes.emplace_back(Event{EventCode::name_unresolved,
                                   config_->name,
                                   {{"name", name},
                                    {"what", is_address ? "dialled" : "resolved"},
                                    {"why", why},
                                    {"next", retrying(next.value_or(now), now)}}});
    }
    // A silent resolver changes nothing while the peer is there; and the last address known is better than
    // none.
    if (search && paths_.empty()) {
        auto what = field<"name">(name);
        auto because = field<"why">(why);
        changes.emplace_back(
            NotFound{is_address ? finding<FindingId::address_not_dialled>(failed.place, what, because)
                                : finding<FindingId::name_unresolved>(failed.place, what, because),
                     next});
    }
}

void Whereabouts::adopt_paths(std::vector<Path> paths, Changes& changes) {
    if (std::ranges::is_permutation(paths, paths_)) {
        return;  // name servers shuffle their answers
    }
    const std::vector<Path> before = std::exchange(paths_, std::move(paths));
    path_turn_ = 0;
    AnswerChanged changed;
    for (const auto& path : paths_) {
        if (leads_to(before, path.remote)) {
            continue;
        }
        changed.fresh = changed.fresh ? changed.fresh : std::optional(path);
        changes.emplace_back(FoundAt{path.remote});
        if (asked_for_name()) {
            changes.emplace_back(about_name(EventCode::name_resolved, path.remote));
        }
    }
    changes.emplace_back(changed);
}

void Whereabouts::called(const Situation& situation, Instant now) {
    if (!deadlines_.armed(Timer::search)) {
        search_later(situation, now);
    }
    if (paths_.size() > 1) {
        deadlines_.arm(Timer::another_address, now + limits::next_address_after);
    }
}

void Whereabouts::attempt_failed() {
    ++path_turn_;
    if (!paths_.empty() && path_turn_ % paths_.size() == 0) {
        ++address_turn_;
    }
}

void Whereabouts::prefer(const Path& path) {
    if (const auto found = std::ranges::find(paths_, path); found != paths_.end()) {
        path_turn_ = static_cast<std::size_t>(found - paths_.begin());
    }
}

void Whereabouts::fell_silent(Instant now) {
    if (!silent_since_) {
        silent_since_ = now;
    }
}

void Whereabouts::search_anew(Instant now) {
    if (silent_since_) {
        silent_since_ = now;
    }
}

void Whereabouts::reached() {
    our_end_changed_at_.reset();
    deadlines_.disarm(Timer::another_address);
}

Whereabouts::Changes Whereabouts::is_at(const Path& path, Caller caller, const Situation& situation) {
    Changes changes;
    if (caller == Caller::we) {
        way_ = path;
    } else if (!way_ || way_->remote != path.remote) {
        way_.reset();
        changes.emplace_back(question_of_way(path.remote, situation));
    }
    if (!is_known_at(path.remote)) {
        // Where the peer really is comes before what its name says.
        paths_.insert(paths_.begin(), path);
        path_turn_ = 0;
    }
    return changes;
}

void Whereabouts::left(const Endpoint& remote, Instant now) {
    left_ = remote;
    left_until_ = now + limits::overtaken_time;
}

void Whereabouts::our_end_changed(Instant now) {
    our_end_changed_at_ = now;
}

std::optional<IpAddress> Whereabouts::take_way(const Path& path, const IpAddress& in_use, Instant now) {
    const auto before = std::exchange(way_, path);
    if (!before || before->remote != path.remote || before->local == path.local || before->local != in_use) {
        return std::nullopt;
    }
    our_end_changed(now);
    return before->local;
}

Whereabouts::Changes Whereabouts::handle_timeout(const OwnAddresses& ours, const Situation& situation,
                                                 Instant now) {
    const auto due = deadlines_.take_due(now);
    if (!due) {
        return {};
    }
    switch (*due) {
        case Timer::answer_missing:
            return answered({config_->name, {}, {}, "the resolver does not answer"}, ours, situation, now);
        case Timer::search:
            search_later(situation, now);
            return deadlines_.armed(Timer::search) ? look_up(situation, now) : Changes{};
        case Timer::refresh:
            return look_up(situation, now);
        case Timer::another_address:
            return {AnotherAddressDue{}};
    }
    return {};
}

}  // namespace causeway::ike
