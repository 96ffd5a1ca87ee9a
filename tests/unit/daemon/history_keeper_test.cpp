// The history in a running daemon: what events and looks make of it, and the file.
#include "daemon/history_keeper.hpp"

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include "config/model.hpp"
#include "host/event_loop.hpp"

namespace causeway::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

config::Model model(const std::vector<std::string>& peers = {"Far"}) {
    config::Model model;
    for (const auto& name : peers) {
        config::Peer& peer = model.peers.emplace_back();
        peer.name = name;
        peer.display_name = "ipsec-" + name;
        peer.addresses.push_back({config::HostName{name + ".example.net"}, {}});
        config::Tunnel& tunnel = peer.tunnels.emplace_back();
        tunnel.name = "lan_" + name;
        tunnel.display_name = "ipsec-" + name;
    }
    return model;
}

class Keeper : public testing::Test {
 protected:
    Keeper() {
        std::string made = (std::filesystem::temp_directory_path() / "causeway-history-XXXXXX").string();
        folder_ = ::mkdtemp(made.data());
    }
    ~Keeper() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path() const { return folder_ + "/control.sock.history"; }
    HistoryKeeper keeper(const config::Model& of) {
        HistoryKeeper made(path());
        made.on_report = [this](const Event& event) { reported_.push_back(event); };
        made.adopt(of);
        made.read();
        return made;
    }
    static history::Connection told(const HistoryKeeper& keeper, const config::Model& of) {
        std::vector<history::Connection> all;
        keeper.tell({"", 1}, of, [&](const control::Reply& reply) {
            all.insert(all.end(), reply.history->connections.begin(), reply.history->connections.end());
        });
        return all.at(0);
    }
    /// The last two steps of a row together: one may just have begun.
    static history::Mark last(const HistoryKeeper& keeper, history::Row row) {
        const auto steps = told(keeper, model()).steps;
        const auto& a = steps.at(steps.size() - 2).marks[static_cast<std::size_t>(row)];
        const auto& b = steps.back().marks[static_cast<std::size_t>(row)];
        return {history::both(a.state, b.state), a.tick || b.tick};
    }

    std::string folder_;
    std::vector<Event> reported_;
};

using history::Mark;
using history::Row;
using history::State;

TEST_F(Keeper, NotesWhatIsLogged) {
    auto kept = keeper(model());
    EXPECT_FALSE(kept.note({EventCode::started, {}, {}}));  // the first look is due at once
    EXPECT_FALSE(kept.note({EventCode::message_ignored, {}, {}}));
    kept.note({EventCode::name_resolved, "Far", {{"name", "far.example.net"}, {"address", "192.0.2.1"}}});
    EXPECT_EQ(last(kept, Row::address), (Mark{State::up, false}));  // where it is, not that it is elsewhere
    kept.note({EventCode::name_resolved, "Far", {{"name", "far.example.net"}, {"address", "192.0.2.2"}}});
    EXPECT_EQ(last(kept, Row::address), (Mark{State::up, true}));
    kept.note({EventCode::phase1_established, "Far", {}});
    EXPECT_EQ(last(kept, Row::phase1), (Mark{State::up, true}));
    EXPECT_EQ(last(kept, Row::answers), (Mark{State::up, false}));
    kept.note({EventCode::phase2_closed, "ipsec-Far", {{"local", "a"}, {"remote", "b"}, {"why", "because"}}});
    EXPECT_EQ(last(kept, Row::phase2), (Mark{State::down, false}));
    kept.note({EventCode::initial_contact, "Far", {}});
    EXPECT_EQ(last(kept, Row::answers), (Mark{State::up, true}));
    kept.note({EventCode::peer_silent, "Somebody", {}});
    EXPECT_EQ(last(kept, Row::answers), (Mark{State::up, true}));
    const auto whys = told(kept, model()).whys;
    ASSERT_EQ(whys.size(), 2U);
    EXPECT_EQ(whys[0].message, "tunnel down: a === b: because");
}

TEST_F(Keeper, AnAddressOfOursThatChangesIsATickOfEveryPeer) {
    auto kept = keeper(model());
    kept.note({EventCode::local_address_changed, {}, {{"address", "192.0.2.7"}}});
    EXPECT_EQ(last(kept, Row::address), (Mark{State::unknown, true}));
}

TEST_F(Keeper, LooksAtEveryPeerEachMinute) {
    auto kept = keeper(model());
    const Instant now = host::now();
    status::Pulse pulse{"Far", true, true, true, true, false, status::RoundTrip{milliseconds(30), now}};
    kept.look({}, now - seconds(60));
    EXPECT_EQ(kept.next_look(), now - seconds(50));  // all has begun by then
    kept.look({pulse}, now);
    EXPECT_EQ(kept.next_look(), now + seconds(60));
    EXPECT_EQ(last(kept, Row::address), (Mark{State::up, false}));
    EXPECT_EQ(last(kept, Row::phase2), (Mark{State::part, false}));  // of two tunnels one is down
    EXPECT_EQ(last(kept, Row::answers), (Mark{State::down, false}));
    EXPECT_EQ(told(kept, model()).steps.back().round_trip_us.value_or(30'000), 30'000U);
    EXPECT_TRUE(kept.note({EventCode::phase1_established, "Far", {}}));
    EXPECT_LT(kept.next_look(), now + seconds(20));
    EXPECT_FALSE(kept.note({EventCode::phase1_established, "Far", {}}));  // it is soon enough
    // An answer counts once, and what nobody knows changes nothing.
    pulse.last->took = milliseconds(900);
    pulse.address.reset();
    pulse.answers.reset();
    kept.look({pulse}, now + seconds(60));
    EXPECT_EQ(told(kept, model()).steps.back().round_trip_us.value_or(30'000), 30'000U);
    EXPECT_EQ(last(kept, Row::address), (Mark{State::up, false}));
}

TEST_F(Keeper, TheFileIsForRootAlone) {
    const mode_t before = ::umask(0);
    auto kept = keeper(model());
    kept.note({EventCode::started, {}, {}});
    kept.write();
    ::umask(before);
    struct stat there {};
    ASSERT_EQ(::stat(path().c_str(), &there), 0);
    EXPECT_EQ(there.st_mode & 07777, 0600);
    EXPECT_TRUE(reported_.empty());
}

TEST_F(Keeper, TheNextOneGoesOn) {
    {
        auto kept = keeper(model());
        kept.note({EventCode::started, {}, {}});
        kept.note(
            {EventCode::phase2_closed, "ipsec-Far", {{"local", "a"}, {"remote", "b"}, {"why", "because"}}});
        kept.write();
    }
    auto next = keeper(model());
    next.note({EventCode::started, {}, {}});
    EXPECT_EQ(last(next, Row::phase2), (Mark{State::down, false}));
    EXPECT_EQ(told(next, model()).whys.at(0).message, "tunnel down: a === b: because");
    std::optional<control::Reply> reply;
    next.tell({}, model(), [&](control::Reply one) { reply = std::move(one); });
    EXPECT_EQ(reply->history->starts.size(), 2U);
    EXPECT_TRUE(reported_.empty());
}

TEST_F(Keeper, AFileThatCannotBeReadIsPutAsideWithOneLine) {
    std::ofstream(path()) << "somebody's notes";
    auto kept = keeper(model());
    ASSERT_EQ(reported_.size(), 1U);
    EXPECT_EQ(reported_[0].text(),
              fmt::format("{0} is no history of causewayd: put aside as {0}.aside; a new history "
                          "begins",
                          path()));
    std::ifstream aside(path() + ".aside");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(aside), {}), "somebody's notes");
    EXPECT_FALSE(std::filesystem::exists(path()));
    kept.write();
    EXPECT_TRUE(std::filesystem::exists(path()));
    EXPECT_EQ(reported_.size(), 1U);
}

TEST_F(Keeper, ThatItCannotWriteIsSaidOnce) {
    std::filesystem::create_directories(path() + "/full");
    std::filesystem::create_directories(path() + ".aside/full");
    auto kept = keeper(model());
    kept.write();
    kept.write();
    ASSERT_EQ(reported_.size(), 1U);
    EXPECT_EQ(reported_[0].code, EventCode::history_unwritten);
    std::filesystem::remove_all(path());
    kept.write();
    EXPECT_EQ(reported_.size(), 1U);
    EXPECT_TRUE(std::filesystem::is_regular_file(path()));
}

TEST_F(Keeper, TellsOfManyInSeveralReplies) {
    std::vector<std::string> names;
    for (int i = 0; i < 9; ++i) {
        names.push_back(fmt::format("peer{}", i));
    }
    const auto of = model(names);
    auto kept = keeper(of);
    std::vector<std::size_t> parts;
    std::vector<std::string> heard;
    kept.tell({}, of, [&](const control::Reply& reply) {
        EXPECT_TRUE(reply.ok());
        EXPECT_EQ(reply.more, heard.size() + reply.history->connections.size() < names.size());
        parts.push_back(reply.history->connections.size());
        for (const auto& connection : reply.history->connections) {
            heard.push_back(connection.name);
            EXPECT_EQ(connection.gateway, connection.name + ".example.net");
            EXPECT_EQ(connection.steps.size(), 288U);
        }
    });
    EXPECT_EQ(parts, (std::vector<std::size_t>{4, 4, 1}));
    EXPECT_EQ(heard, names);
    // By any name that it has.
    for (const char* name : {"peer3", "lan_peer3", "ipsec-peer3"}) {
        std::vector<std::string> one;
        kept.tell({name, 2}, of,
                  [&](const control::Reply& reply) { one.push_back(reply.history->connections.at(0).name); });
        EXPECT_EQ(one, std::vector<std::string>{"peer3"});
    }
    // Nobody is configured: one reply all the same.
    int replies = 0;
    kept.tell({}, config::Model{}, [&](const control::Reply& reply) { replies += reply.more ? 0 : 1; });
    EXPECT_EQ(replies, 1);
}

}  // namespace
}  // namespace causeway::daemon
