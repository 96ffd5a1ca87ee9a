// The history of the connections in a running daemon: fed with the events of the log and a look at every peer each minute,
// asked over the control socket, and kept in a file beside it, of mode 600, so that the next daemon goes on with it. The
// file is written ten seconds after something has happened, at the end of each step and at a clean end; what is none of
// ours, or is damaged, is put aside. Decides nothing, and never keeps the daemon from its work: a file that cannot be
// written is said once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/event.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "control/protocol.hpp"
#include "history/recorder.hpp"
#include "status/pulse.hpp"

namespace causeway::daemon {

class HistoryKeeper {
 public:
    /// `path`: of the file. Nothing is read or written yet.
    explicit HistoryKeeper(std::string path) : path_(std::move(path)) {}

    /// Said when the file was put aside or cannot be written; such events are not to be noted.
    std::function<void(const Event&)> on_report;

    /// Puts the file in place for a process that cannot; an error has the system's words. Empty: done here.
    std::function<Result<void>(ByteView)> save;

    /// The peers of the configuration, at the start and after each reload.
    void adopt(const config::Model& model);
    /// What an earlier daemon has left. Once, after the first adopt().
    void read();
    /// Whatever is reported. True: the next look is due sooner than before.
    bool note(const Event& event);
    /// What the engine says at `now`.
    void look(const status::Pulses& pulses, Instant now);
    /// When to look next.
    [[nodiscard]] Instant next_look() const { return next_look_; }
    void write();

    /// All replies to one request, one after the other.
    void tell(const control::AskHistory& asked, const config::Model& model,
              const std::function<void(control::Reply)>& reply) const;

 private:
    /// The wall clock's, after the recorder was told that somebody has set it.
    std::int64_t now();
    [[nodiscard]] const std::string* peer_of(std::string_view subject) const;
    void put_aside(const std::string& why);
    void write_if_due(Instant now);
    bool hurry();

    std::string path_;
    history::Recorder recorder_;
    /// Of the log's subjects.
    struct TunnelName {
        std::string name;
        std::size_t peer = 0;  ///< in peers_
    };
    std::vector<std::string> peers_;   ///< sorted, each once
    std::vector<TunnelName> tunnels_;  ///< sorted; of one name the first of the configuration alone
    std::set<std::string> resolved_;   ///< peers whose name has had an answer
    std::optional<std::int64_t>
        clock_;  ///< how far the wall clock is ahead of the time since the boot, seconds
    Instant last_look_{};
    Instant next_look_{};
    Instant written_at_{};
    std::uint64_t written_changes_ = 0;
    std::int64_t written_step_ = 0;
    std::size_t written_octets_ = 0;
    bool unwritten_ = false;  ///< it was said that the file cannot be written
};

}  // namespace causeway::daemon
