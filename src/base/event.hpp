// What there is to tell a person, as values: declared once in base/events.def, emitted by any floor, rendered
// into log lines here. A field never holds a secret.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace causeway {

enum class Level { debug, info, notice, warning, error };

enum class EventCode {
#define CAUSEWAY_EVENT(code, level, text) code,
#include "base/events.def"
#undef CAUSEWAY_EVENT
};

struct EventDescription {
    EventCode code;
    std::string_view name;  ///< "peer_unreachable": stable, for filters and tests
    Level level;
    std::string_view text;  ///< sentence with {field} placeholders
};

const EventDescription& describe(EventCode code);

struct Event {
    EventCode code{};
    std::string subject{};  ///< the connection or peer it is about; may be empty
    std::vector<std::pair<std::string, std::string>> fields{};

    [[nodiscard]] Level level() const { return describe(code).level; }
    /// "SUBJECT: sentence", placeholders replaced by the fields of the same name.
    [[nodiscard]] std::string text() const;
    /// The value of a field, empty when there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;
};

std::string_view level_name(Level level);

/// Octets from a peer, made safe for a log line or a terminal: printable ASCII stays, the rest becomes \xNN;
/// at most `limit` characters, then "...".
std::string printable(std::string_view text, std::size_t limit = 128);

}  // namespace causeway
