// A history as JSON: read as it was written, and refused with the place.
#include "control/history_json.hpp"

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <string_view>

#include "control/protocol.hpp"
#include "control/status_json.hpp"
#include "history/history.hpp"
#include "unit/control/arbitrary_status.hpp"

namespace causeway::control {
namespace {

using history::History;
using history::State;

History arbitrary() {
    const auto number = [] { return testing::any<std::int64_t>(); };
    History history{number(), number(), testing::any<std::uint64_t>(), {number()}, {}};
    for (int peers = *rc::gen::inRange(0, 3); peers > 0; --peers) {
        auto& connection = history.connections.emplace_back();
        connection.name = testing::text();
        connection.display_name = testing::text();
        connection.gateway = testing::text();
        connection.steps.resize(*rc::gen::inRange<std::size_t>(0, 20));
        for (auto& step : connection.steps) {
            for (auto& mark : step.marks) {
                mark = {static_cast<State>(*rc::gen::inRange(0, 4)), testing::any<bool>()};
            }
            step.round_trip_us =
                testing::any<bool>() ? std::optional(testing::any<std::uint32_t>()) : std::nullopt;
        }
        for (int whys = *rc::gen::inRange(0, 3); whys > 0; --whys) {
            connection.whys.push_back({number(), number(), testing::any<std::uint32_t>(), testing::text()});
        }
    }
    return history;
}

RC_GTEST_PROP(HistoryJson, IsReadAsItWasWritten, ()) {
    Reply reply;
    reply.more = testing::any<bool>();
    reply.history = arbitrary();
    const std::string line = encode(reply);
    RC_ASSERT(line.find('\n') == line.size() - 1);
    const auto back = parse_reply(std::string_view(line).substr(0, line.size() - 1));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == reply);
}

TEST(HistoryJson, HasALetterForEachStep) {
    History history;
    history.now = 1000;
    history.first = 600;
    history.kept_hours = 168;
    history.starts = {700};
    auto& connection = history.connections.emplace_back();
    connection.name = "lan";
    connection.display_name = "ipsec-lan";
    connection.gateway = "far.example.net";
    connection.steps.resize(2);
    connection.steps[0].marks = {{{State::up, true}, {State::part, false}, {State::down, false}, {}}};
    connection.steps[1].round_trip_us = 12'300;
    connection.whys = {{900, 950, 2, "tunnel down"}};
    EXPECT_EQ(to_json(history),
              R"({"now":1000,"first":600,"step_seconds":300,"kept_hours":168,"starts":[700],"connections":)"
              R"([{"name":"lan","display_name":"ipsec-lan","gateway":"far.example.net","address":"Un",)"
              R"("phase1":"pn","phase2":"dn","answers":"nn","round_trip_us":[null,12300],)"
              R"("why":[{"since":900,"last":950,"times":2,"message":"tunnel down"}]}]})");
}

TEST(HistoryJson, ThatIsWrongIsRefusedWithThePlace) {
    const auto refusal = [](const std::string& connection) {
        const auto json = parse_object(R"({"connections":[)" + connection + "]}");
        const auto read = history_of(json.value());
        return read ? std::string("taken") : read.error().text();
    };
    const std::string rest = R"("address":"u","phase1":"u","phase2":"u","answers":"u")";
    EXPECT_EQ(refusal("{" + rest + R"(,"round_trip_us":[null]})"), "taken");
    EXPECT_EQ(refusal("{" + rest + "}"), "history: 'address' has 1 steps, 'round_trip_us' 0");
    EXPECT_EQ(refusal("{" + rest + R"(,"round_trip_us":[-1]})"),
              "history: 'connections[0]' 'round_trip_us[0]' is not a whole number in its range");
    EXPECT_EQ(refusal(R"({"address":"x","phase1":"u","phase2":"u","answers":"u","round_trip_us":[1]})"),
              "history: 'address' has a letter that this tool does not know");
    std::string many = "1";
    for (std::size_t i = 0; i < history::max_steps; ++i) {
        many += ",1";
    }
    EXPECT_EQ(refusal(R"({"round_trip_us":[)" + many + "]}"),
              "history: 'round_trip_us' has more steps than are kept");
    EXPECT_EQ(history_of(Json::parse("[]")).error().text(), "history: not an object");
}

}  // namespace
}  // namespace causeway::control
