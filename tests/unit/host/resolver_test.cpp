#include "host/resolver.hpp"

#include <algorithm>
#include <ares.h>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include "host/udp_socket.hpp"
#include "loop.hpp"

namespace causeway::host {
namespace {

using test::address;
using test::runs_until;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_cname = 5;
constexpr std::uint16_t type_aaaa = 28;

void put16(Bytes& to, unsigned value) {
    to.push_back(static_cast<std::uint8_t>(value >> 8));
    to.push_back(static_cast<std::uint8_t>(value));
}

void put_name(Bytes& to, std::string_view name) {
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        to.push_back(static_cast<std::uint8_t>(label.size()));
        append(to, as_bytes(label));
        name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
    to.push_back(0);
}

// A name server on loopback (RFC 1035 4), as wise as a test makes it; notes what it is asked.
class NameServer {
 public:
    explicit NameServer(EventLoop& loop)
        : socket_(std::move(*UdpSocket::open(UdpSocket::Family::v4, 0))),
          watch_(loop.watch(socket_.fd(), [this] { answer(); })) {}
    ~NameServer() { watch_.stop(); }
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;

    struct Record {
        std::string name;
        std::uint16_t type;
        unsigned ttl;
        Bytes data;
    };
    void knows(const std::string& name, std::string_view text, unsigned ttl) {
        const IpAddress one = address(text);
        records_[name].push_back({name, one.is_v4() ? type_a : type_aaaa, ttl, to_bytes(one.octets())});
    }
    void knows_alias(const std::string& name, const std::string& target, unsigned ttl) {
        Bytes data;
        put_name(data, target);
        records_[name].push_back({name, type_cname, ttl, data});
        for (const auto& record : records_[target]) {
            records_[name].push_back(record);
        }
    }
    void is_silent(bool silent = true) { silent_ = silent; }
    void refuses_with(std::uint8_t rcode) { rcode_ = rcode; }
    [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }
    [[nodiscard]] Endpoint endpoint() const { return {address("127.0.0.1"), socket_.port()}; }

 private:
    void answer() {
        for (const auto& question : socket_.receive(room_)) {
            reply_to(question);
        }
    }
    void reply_to(const UdpDatagram& datagram) {
        const ByteView query = datagram.payload;
        std::string name;
        std::size_t at = 12;
        while (query[at] != 0) {
            name += (name.empty() ? "" : ".") + as_text(query.subspan(at + 1, query[at]));
            at += query[at] + 1U;
        }
        const auto type = static_cast<std::uint16_t>(query[at + 1] << 8 | query[at + 2]);
        const ByteView question = query.subspan(12, at + 5 - 12);
        if (type == type_a) {
            asked_.push_back(name);
        }
        if (silent_) {
            return;
        }
        std::vector<Record> matching;
        const auto known = records_.find(name);
        if (known != records_.end()) {
            for (const auto& record : known->second) {
                if (record.type == type || record.type == type_cname) {
                    matching.push_back(record);
                }
            }
        }
        const unsigned rcode = rcode_ != 0 ? rcode_ : known == records_.end() ? 3U : 0U;
        Bytes reply = to_bytes(query.first(2));
        put16(reply, 0x8180U | rcode);
        put16(reply, 1);
        put16(reply, static_cast<unsigned>(matching.size()));
        put16(reply, 0);
        put16(reply, 0);
        append(reply, question);
        for (const auto& record : matching) {
            put_name(reply, record.name);
            put16(reply, record.type);
            put16(reply, 1);
            put16(reply, record.ttl >> 16);
            put16(reply, record.ttl & 0xffffU);
            put16(reply, static_cast<unsigned>(record.data.size()));
            append(reply, record.data);
        }
        EXPECT_TRUE(socket_.send({datagram.local.address, datagram.remote, reply, 0}));
    }

    UdpSocket socket_;
    EventLoop::Watch watch_;
    UdpRoom room_;
    std::map<std::string, std::vector<Record>> records_;
    std::vector<std::string> asked_;
    bool silent_ = false;
    std::uint8_t rcode_ = 0;
};

/// c-ares before 1.20 forgets why it passed over a server.
bool tells_refusals_apart() {
    int version = 0;
    ares_version(&version);
    return version >= 0x011400;
}

class ResolverTest : public ::testing::Test {
 protected:
    Resolution look_up(const std::string& name, Resolver::Options options = {}) {
        if (options.servers.empty()) {
            options.servers = {server_.endpoint()};
        }
        Resolver resolver(loop_, std::move(options));
        std::optional<Resolution> result;
        resolver.resolve(name, [&](Resolution done) { result = std::move(done); });
        EXPECT_FALSE(result) << "called from within the call";
        EXPECT_TRUE(runs_until(loop_, [&] { return result.has_value(); }));
        EXPECT_EQ(resolver.pending(), 0U);
        return result.value_or(Resolution{});
    }
    EventLoop loop_;
    NameServer server_{loop_};
};

TEST_F(ResolverTest, GivesAllAddressesIpv4FirstAndTheShortestLife) {
    server_.knows("box.example.org", "2001:db8::1", 30);
    server_.knows("box.example.org", "203.0.113.5", 60);
    server_.knows("box.example.org", "203.0.113.6", 60);
    const Resolution got = look_up("box.example.org");
    EXPECT_EQ(got.error, "");
    EXPECT_THAT(got.addresses,
                ElementsAre(address("203.0.113.5"), address("203.0.113.6"), address("2001:db8::1")));
    EXPECT_EQ(got.ttl, std::chrono::seconds(30));
}

TEST_F(ResolverTest, AnAliasLivesNoLongerThanItsShortestRecord) {
    server_.knows("real.example.org", "203.0.113.5", 600);
    server_.knows_alias("box.example.org", "real.example.org", 20);
    const Resolution got = look_up("box.example.org");
    EXPECT_THAT(got.addresses, ElementsAre(address("203.0.113.5")));
    EXPECT_EQ(got.ttl, std::chrono::seconds(20));
}

TEST_F(ResolverTest, SaysInWordsWhyThereIsNoAddress) {
    EXPECT_EQ(look_up("nobody.example.org").error, "no server knows the name nobody.example.org");
    const std::pair<std::uint8_t, std::string> refusals[] = {
        {2, "the name server reports a failure of its own"},
        {5, "the name server refuses to answer"},
    };
    for (const auto& [rcode, words] : refusals) {
        server_.refuses_with(rcode);
        EXPECT_EQ(
            look_up("box.example.org").error,
            tells_refusals_apart() ? words : "no name server can be reached, or none is able to answer");
    }
}

TEST_F(ResolverTest, ASilentServerIsAskedAgainAndThenGivenUp) {
    server_.is_silent();
    Resolver::Options options;
    options.timeout = std::chrono::milliseconds(20);
    options.tries = 2;
    const Resolution got = look_up("box.example.org", options);
    EXPECT_EQ(got.error, "no name server answers");
    EXPECT_THAT(server_.asked(), ElementsAre("box.example.org", "box.example.org"));
}

TEST_F(ResolverTest, ANameWithADotNeverGetsASearchDomain) {
    char folder[] = "/tmp/causeway-resolver-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    const std::string file = std::string(folder) + "/resolv.conf";
    std::ofstream(file) << "search lan\n";
    server_.knows("box.lan", "192.168.1.7", 60);
    Resolver::Options options;
    options.resolv_conf = file;
    EXPECT_NE(look_up("box.example.org", options).error, "");
    EXPECT_THAT(server_.asked(), ElementsAre("box.example.org"));
    EXPECT_THAT(look_up("box", options).addresses, ElementsAre(address("192.168.1.7")));
    ::unlink(file.c_str());
    ::rmdir(folder);
}

TEST_F(ResolverTest, TheHostsFileAnswersWithoutAServer) {
    const Resolution got = look_up("localhost");
    EXPECT_THAT(got.addresses, ::testing::Contains(address("127.0.0.1")));
    EXPECT_EQ(got.ttl, Duration{});
    EXPECT_TRUE(server_.asked().empty());
}

TEST_F(ResolverTest, WhatIsUnderWayIsAskedAfreshWhenTheNetworkHasChanged) {
    server_.knows("box.example.org", "203.0.113.5", 60);
    server_.is_silent();
    Resolver::Options options;
    options.servers = {server_.endpoint()};
    options.timeout = std::chrono::hours(1);
    Resolver resolver(loop_, options);
    std::vector<Resolution> answers;
    resolver.resolve("box.example.org", [&](Resolution done) { answers.push_back(std::move(done)); });
    ASSERT_TRUE(runs_until(loop_, [&] { return !server_.asked().empty(); }));
    server_.is_silent(false);
    resolver.ask_again();
    EXPECT_TRUE(answers.empty());
    ASSERT_TRUE(runs_until(loop_, [&] { return !answers.empty(); }));
    EXPECT_THAT(answers.front().addresses, ElementsAre(address("203.0.113.5")));
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_EQ(resolver.pending(), 0U);
}

TEST_F(ResolverTest, AQuestionThatIsDroppedIsNeverAnswered) {
    server_.is_silent();
    {
        Resolver resolver(loop_, {{server_.endpoint()}, std::chrono::milliseconds(500), 3, {}});
        resolver.resolve("box.example.org", [](const Resolution&) { FAIL() << "nobody waits for it"; });
        EXPECT_TRUE(runs_until(loop_, [&] { return !server_.asked().empty(); }));
        EXPECT_EQ(resolver.pending(), 1U);
    }
    EXPECT_FALSE(loop_.run_until([] { return false; }, std::chrono::milliseconds(20)));
}

TEST_F(ResolverTest, AServerThatNobodyRunsIsNoAnswer) {
    Resolver::Options options;
    {
        const UdpSocket gone = std::move(*UdpSocket::open(UdpSocket::Family::v4, 0));
        options.servers = {{address("127.0.0.1"), gone.port()}};
    }
    options.timeout = std::chrono::milliseconds(20);
    options.tries = 1;
    EXPECT_THAT(look_up("box.example.org", options).error, HasSubstr("no name server"));
}

}  // namespace
}  // namespace causeway::host
