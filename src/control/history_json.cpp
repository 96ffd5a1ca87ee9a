#include "control/history_json.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace causeway::control {
namespace {

/// A connection as it is written: each row is a word with a letter for each step.
struct Written {
    std::string name;
    std::string display_name;
    std::string gateway;
    std::array<std::string, history::rows.size()> rows;
    std::vector<std::optional<std::uint32_t>> round_trip_us;
    std::vector<history::Why> whys;
};

Written written(const history::Connection& connection) {
    Written to{connection.name, connection.display_name, connection.gateway, {}, {}, connection.whys};
    for (const history::Step& step : connection.steps) {
        for (std::size_t row = 0; row < to.rows.size(); ++row) {
            to.rows[row] += history::letter(step.marks[row]);
        }
        to.round_trip_us.push_back(step.round_trip_us);
    }
    return to;
}

Result<history::Connection> read(Written&& from) {
    history::Connection connection{std::move(from.name),
                                   std::move(from.display_name),
                                   std::move(from.gateway),
                                   {},
                                   std::move(from.whys)};
    const std::size_t steps = from.round_trip_us.size();
    if (steps > history::max_steps) {
        return fail(Errc::malformed, "history: 'round_trip_us' has more steps than are kept");
    }
    connection.steps.resize(steps);
    for (std::size_t row = 0; row < from.rows.size(); ++row) {
        if (from.rows[row].size() != steps) {
            return fail(Errc::malformed, fmt::format("history: '{}' has {} steps, 'round_trip_us' {}",
                                                     history::rows[row], from.rows[row].size(), steps));
        }
        for (std::size_t i = 0; i < steps; ++i) {
            const auto mark = history::mark_of(from.rows[row][i]);
            if (!mark) {
                return fail(Errc::malformed,
                            fmt::format("history: '{}' has a letter that this tool does not know",
                                        history::rows[row]));
            }
            connection.steps[i].marks[row] = *mark;
        }
    }
    for (std::size_t i = 0; i < steps; ++i) {
        connection.steps[i].round_trip_us = from.round_trip_us[i];
    }
    return connection;
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<Written> connection) {
    archive.field("name", connection.name);
    archive.field("display_name", connection.display_name);
    archive.field("gateway", connection.gateway);
    for (std::size_t row = 0; row < history::rows.size(); ++row) {
        archive.field(history::rows[row].data(), connection.rows[row]);
    }
    archive.field("round_trip_us", connection.round_trip_us);
    archive.field("why", connection.whys);
}

}  // namespace

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<history::Why> why) {
    archive.field("since", why.since);
    archive.field("last", why.last);
    archive.field("times", why.times);
    archive.field("message", why.message);
}

namespace {

template <class Archive>
void head_fields(Archive& archive, typename Archive::template Ref<history::History> history) {
    archive.field("now", history.now);
    archive.field("first", history.first);
    archive.derived("step_seconds", history::step_seconds);
    archive.field("kept_hours", history.kept_hours);
    archive.field("starts", history.starts);
}

}  // namespace

Result<history::History> history_of(const Json& json) {
    history::History history;
    std::vector<Written> connections;
    Reader reader(json);
    head_fields(reader, history);
    reader.field("connections", connections);
    if (!reader.error().empty()) {
        return fail(Errc::malformed, "history: " + reader.error());
    }
    for (Written& one : connections) {
        history.connections.push_back(CAUSEWAY_TRY(read(std::move(one))));
    }
    return history;
}

std::string to_json(const history::History& history) {
    Writer writer;
    head_fields(writer, history);
    std::vector<Written> connections;
    for (const auto& connection : history.connections) {
        connections.push_back(written(connection));
    }
    writer.field("connections", connections);
    return writer.take();
}

}  // namespace causeway::control
