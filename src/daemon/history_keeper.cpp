#include "daemon/history_keeper.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/sort.hpp"
#include "config/model.hpp"
#include "daemon/fresh_file.hpp"
#include "host/event_loop.hpp"

namespace causeway::daemon {

namespace {

using history::Row;
using std::chrono::seconds;

constexpr Duration look_every = seconds(60);
constexpr Duration write_after_change = seconds(10);
/// What takes longer to write is written more seldom.
constexpr std::size_t large_file = std::size_t{256} * 1024;
constexpr Duration write_large_after = seconds(60);
/// Less than half a step is nothing that could be seen.
constexpr std::int64_t clock_was_set = history::step_seconds / 2;
/// Connections in one reply: a line of some ten kilobytes.
constexpr std::size_t connections_at_once = 4;

/// What an event says of a row of its connection.
struct Meaning {
    EventCode code;
    Row row;
    std::optional<bool> up;
    bool tick;
};
constexpr std::array meanings{
    Meaning{EventCode::name_resolved, Row::address, true, false},
    Meaning{EventCode::name_unresolved, Row::address, false, false},
    Meaning{EventCode::peer_moved, Row::address, true, true},
    Meaning{EventCode::way_changed, Row::address, std::nullopt, true},
    Meaning{EventCode::phase1_established, Row::phase1, true, true},
    Meaning{EventCode::phase1_established, Row::answers, true, false},
    Meaning{EventCode::phase2_established, Row::phase2, true, true},
    Meaning{EventCode::phase2_rekeyed, Row::phase2, true, true},
    Meaning{EventCode::phase2_closed, Row::phase2, false, false},
    Meaning{EventCode::initial_contact, Row::answers, true, true},
    Meaning{EventCode::peer_silent, Row::answers, false, false},
    Meaning{EventCode::peer_silent, Row::phase1, false, false},
    Meaning{EventCode::phase1_no_answer, Row::answers, false, false},
};

/// Worth a sentence: what is not as it should be, and what has changed. That all is well the rows show.
bool tells_why(const Event& event) {
    return event.code == EventCode::initial_contact ||
           (event.level() >= Level::notice && event.code != EventCode::phase1_established &&
            event.code != EventCode::phase2_established);
}

std::int64_t wall_clock() {
    return std::chrono::floor<seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Goes on while the machine is suspended, and is never set.
std::int64_t since_boot() {
    timespec time{};
    return ::clock_gettime(CLOCK_BOOTTIME, &time) == 0 ? static_cast<std::int64_t>(time.tv_sec) : 0;
}

/// The octets of a plain file of nobody else's; nothing when there is none, errno's words when it cannot be read.
struct ReadFile {
    std::optional<Bytes> octets;
    std::string why;
};
ReadFile read_file(const std::string& path) {
    // Not followed, and not waited for: somebody may have laid a link or a pipe there.
    const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return {std::nullopt,
                errno == ENOENT ? "" : fmt::format("cannot be read ({})", std::strerror(errno))};
    }
    ReadFile file;
    struct stat there {};
    Bytes octets;
    if (::fstat(fd, &there) != 0 || !S_ISREG(there.st_mode)) {
        file.why = "is no plain file";
    } else {
        // One more than it may have, so that a larger one is known to be.
        octets.resize(
            std::min<std::size_t>(static_cast<std::size_t>(there.st_size), history::max_octets + 1));
        std::size_t have = 0;
        while (have < octets.size()) {
            const ssize_t got = ::read(fd, octets.data() + have, octets.size() - have);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got <= 0) {
                break;
            }
            have += static_cast<std::size_t>(got);
        }
        octets.resize(have);
        file.octets = std::move(octets);
    }
    ::close(fd);
    return file;
}

/// As the configuration has it.
std::string gateway_of(const config::Peer& peer) {
    std::string text;
    for (const auto& address : peer.addresses) {
        text += (text.empty() ? "" : ", ") + config::text(address.value);
    }
    return text;
}

const config::Peer* find_peer(const config::Model& model, std::string_view name) {
    for (const auto& peer : model.peers) {
        if (peer.name == name || std::ranges::any_of(peer.tunnels, [name](const auto& tunnel) {
                return tunnel.name == name || tunnel.display_name == name;
            })) {
            return &peer;
        }
    }
    return nullptr;
}

}  // namespace

std::int64_t HistoryKeeper::now() {
    const std::int64_t wall = wall_clock();
    const std::int64_t ahead = wall - since_boot();
    if (clock_ && (ahead - *clock_ >= clock_was_set || *clock_ - ahead >= clock_was_set)) {
        recorder_.clock_set(ahead - *clock_);
        clock_ = ahead;
    }
    clock_ = clock_.value_or(ahead);
    return wall;
}

const std::string* HistoryKeeper::peer_of(std::string_view subject) const {
    if (const auto peer = std::ranges::lower_bound(peers_, subject);
        peer != peers_.end() && *peer == subject) {
        return &*peer;
    }
    const auto tunnel = std::ranges::lower_bound(tunnels_, subject, {}, &TunnelName::name);
    return tunnel != tunnels_.end() && tunnel->name == subject ? &peers_[tunnel->peer] : nullptr;
}

void HistoryKeeper::adopt(const config::Model& model) {
    std::vector<std::string> names;
    for (const auto& peer : model.peers) {
        names.push_back(peer.name);
    }
    recorder_.adopt(names);
    sort_uniquely_by(names, [](std::string_view name) { return name; });
    peers_ = std::move(names);
    std::vector<TunnelName> tunnels;
    for (const auto& peer : model.peers) {
        const auto at = std::ranges::lower_bound(peers_, peer.name);
        for (const auto& tunnel : peer.tunnels) {
            tunnels.push_back({tunnel.display_name, static_cast<std::size_t>(at - peers_.begin())});
        }
    }
    sort_uniquely_by(tunnels, [](const TunnelName& one) { return std::string_view(one.name); });
    tunnels_ = std::move(tunnels);
}

void HistoryKeeper::put_aside(const std::string& why) {
    const std::string aside = path_ + ".aside";
    if (::rename(path_.c_str(), aside.c_str()) != 0) {
        return;  // a folder in its place, as a rule; writing says so
    }
    on_report({EventCode::history_put_aside, {}, {{"file", path_}, {"why", why}, {"aside", aside}}});
}

void HistoryKeeper::read() {
    const ReadFile file = read_file(path_);
    if (!file.octets) {
        return file.why.empty() ? void() : put_aside(file.why);
    }
    if (const auto restored = recorder_.restore(*file.octets, now()); !restored) {
        put_aside(restored.error().what);
    }
}

bool HistoryKeeper::hurry() {
    const Duration after = written_octets_ > large_file ? write_large_after : write_after_change;
    const Instant due = std::max(host::now(), written_at_) + after;
    return due < std::exchange(next_look_, std::min(next_look_, due));
}

bool HistoryKeeper::note(const Event& event) {
    if (event.code == EventCode::started) {
        recorder_.started(now());
        return hurry();
    }
    if (event.code == EventCode::local_address_changed) {
        const std::int64_t when = now();
        for (const std::string& peer : peers_) {
            recorder_.tick(peer, Row::address, when);
        }
        return hurry();
    }
    const std::string* const peer = peer_of(event.subject);
    if (event.subject.empty() || peer == nullptr || event.level() < Level::info) {
        return false;
    }
    const std::int64_t when = now();
    const std::uint64_t before = recorder_.changes();
    for (const Meaning& meaning : meanings) {
        if (meaning.code != event.code) {
            continue;
        }
        if (meaning.up) {
            recorder_.saw(*peer, meaning.row, *meaning.up, when);
        }
        // The first answer says where the peer is, not that it is elsewhere.
        const bool another = event.code == EventCode::name_resolved && !resolved_.insert(*peer).second;
        if (meaning.tick || another) {
            recorder_.tick(*peer, meaning.row, when);
        }
    }
    if (tells_why(event)) {
        const auto repetition = event.level() >= Level::warning ? history::Recorder::Repetition::same_cause
                                                                : history::Recorder::Repetition::same_words;
        recorder_.why(*peer, describe(event.code).name, Event{event.code, {}, event.fields}.text(),
                      repetition, when);
    }
    return recorder_.changes() != before && hurry();
}

void HistoryKeeper::look(const status::Pulses& pulses, Instant now) {
    const std::int64_t when = this->now();
    const auto saw = [&](const status::Pulse& pulse, Row row, std::optional<bool> up) {
        if (up) {
            recorder_.saw(pulse.peer, row, *up, when);
        }
    };
    for (const status::Pulse& pulse : pulses) {
        saw(pulse, Row::address, pulse.address);
        saw(pulse, Row::phase1, pulse.phase1);
        saw(pulse, Row::phase2, pulse.a_tunnel_up ? std::optional(true) : std::nullopt);
        saw(pulse, Row::phase2, pulse.a_tunnel_down ? std::optional(false) : std::nullopt);
        saw(pulse, Row::answers, pulse.answers);
        if (pulse.last && pulse.last->at > last_look_) {
            recorder_.round_trip(pulse.peer, pulse.last->took, when);
        }
    }
    // The first one comes before names have been looked up and anybody was called.
    next_look_ = now + (last_look_ == Instant{} ? write_after_change : look_every);
    last_look_ = now;
    write_if_due(now);
}

void HistoryKeeper::write_if_due(Instant now) {
    const std::int64_t step = wall_clock() / history::step_seconds;
    if (recorder_.changes() != written_changes_ || step != written_step_) {
        write();
        written_step_ = step;
        written_at_ = now;
    }
}

void HistoryKeeper::write() {
    const Bytes octets = recorder_.encode();
    written_octets_ = octets.size();
    written_changes_ = recorder_.changes();
    std::string why;
    if (save) {
        const auto saved = save(octets);
        why = saved ? "" : saved.error().what;
    } else if (const int error = write_fresh_file(path_, octets, S_IRUSR | S_IWUSR); error != 0) {
        why = std::strerror(error);
    }
    if (why.empty()) {
        unwritten_ = false;
    } else if (!std::exchange(unwritten_, true)) {
        on_report({EventCode::history_unwritten, {}, {{"file", path_}, {"why", why}}});
    }
}

void HistoryKeeper::tell(const control::AskHistory& asked, const config::Model& model,
                         const std::function<void(control::Reply)>& reply) const {
    const std::int64_t when = wall_clock();
    const std::size_t steps = asked.hours * history::steps_of_an_hour;
    std::vector<const config::Peer*> peers;
    if (!asked.name.empty()) {
        peers = {find_peer(model, asked.name)};
    } else {
        for (const auto& peer : model.peers) {
            peers.push_back(&peer);
        }
    }
    control::Reply part;
    part.history = recorder_.head(steps, when);
    for (const config::Peer* peer : peers) {
        if (peer == nullptr) {
            continue;
        }
        if (part.history->connections.size() == connections_at_once) {
            part.more = true;
            reply(part);
            part.more = false;
            part.history->connections.clear();
        }
        if (auto connection = recorder_.told(peer->name, steps, when)) {
            connection->display_name = peer->display_name;
            connection->gateway = gateway_of(*peer);
            part.history->connections.push_back(std::move(*connection));
        }
    }
    reply(std::move(part));
}

}  // namespace causeway::daemon
