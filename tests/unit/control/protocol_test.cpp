#include "control/protocol.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <string_view>

#include "unit/control/arbitrary_status.hpp"

namespace causeway::control {
namespace {

std::string refused(std::string_view line) {
    const auto request = parse_request(line);
    return request ? std::string("accepted") : request.error().text();
}

TEST(Request, IsOneLineOfJson) {
    EXPECT_EQ(encode(Request(AskStatus{})), "{\"command\":\"status\"}\n");
    EXPECT_EQ(encode(Request(Up{.name = "lan", .wait = false, .timeout_seconds = 7})),
              "{\"command\":\"up\",\"name\":\"lan\",\"wait\":false,\"timeout\":7}\n");
    EXPECT_EQ(encode(Request(SetLogLevel{Level::debug})),
              "{\"command\":\"log-level\",\"level\":\"debug\"}\n");
    EXPECT_EQ(encode(Request(AskFirewall{AskFirewall::Action::remove})),
              "{\"command\":\"firewall\",\"action\":\"remove\"}\n");
    EXPECT_EQ(parse_request(R"({"command":"firewall","action":"apply"})"),
              Request(AskFirewall{AskFirewall::Action::apply}));
    EXPECT_EQ(encode(Request(AskHistory{})), "{\"command\":\"history\",\"hours\":24}\n");
    EXPECT_EQ(encode(Request(AskHistory{"lan", 3})),
              "{\"command\":\"history\",\"name\":\"lan\",\"hours\":3}\n");
    EXPECT_EQ(parse_request(R"({"command":"history"})"), Request(AskHistory{}));
}

TEST(Request, WaitsAMinuteUnlessToldOtherwise) {
    const auto request = parse_request(R"({"command":"up","colour":"red"})");
    ASSERT_TRUE(request) << request.error().text();
    EXPECT_EQ(*request, Request(Up{.name = "", .wait = true, .timeout_seconds = 60}));
}

TEST(Request, IsRefusedWithTheReason) {
    EXPECT_EQ(refused(R"({"command":"dance"})"), "unknown command 'dance'");
    EXPECT_EQ(refused(R"({"command":""})"), "the request names no command");
    EXPECT_EQ(refused(R"({"name":"a"})"), "the request names no command");
    EXPECT_EQ(refused(R"({"command":7})"), "'command' is not a string");
    EXPECT_EQ(refused(R"({"command":"up","wait":1})"), "'wait' is neither true nor false");
    EXPECT_EQ(refused(R"({"command":"up","timeout":-1})"), "'timeout' is not a whole number in its range");
    EXPECT_EQ(refused(R"({"command":"up","timeout":86401})"),
              "a timeout of 86401 s is too long; 86400 s is the most");
    EXPECT_EQ(refused(R"({"command":"up","name":"a\nb"})"), "the name holds control characters");
    EXPECT_EQ(refused(R"({"command":"log-level","level":"shout"})"), "unknown log level 'shout'");
    EXPECT_EQ(refused(R"({"command":"firewall","action":"burn"})"),
              "the firewall's action is show, apply or remove, not 'burn'");
    EXPECT_EQ(refused(R"({"command":"history","hours":0})"), "a history of 0 hours; 1 to 168 are possible");
    EXPECT_EQ(refused(R"({"command":"history","hours":169})"),
              "a history of 169 hours; 1 to 168 are possible");
    EXPECT_EQ(refused(R"({"command":"history","name":"a\nb"})"), "the name holds control characters");
    EXPECT_EQ(refused(R"(["status"])"), "no JSON object");
    EXPECT_EQ(refused("status"), "not JSON");
    EXPECT_EQ(refused(""), "not JSON");
}

TEST(Request, IsBounded) {
    const std::string name(max_name_octets, 'n');
    EXPECT_EQ(refused(R"({"command":"down","name":")" + name + "\"}"), "accepted");
    EXPECT_EQ(refused(R"({"command":"down","name":")" + name + "n\"}"),
              "the name has 257 octets; 256 is the most");
    std::string line = R"({"command":"status"})";
    line.resize(max_request_octets, ' ');
    EXPECT_EQ(refused(line), "accepted");
    EXPECT_EQ(refused(line + ' '), "a request of 65537 octets; 65536 is the most");
    EXPECT_EQ(refused(std::string(60000, '[')), "JSON nested deeper than 16 levels");
    EXPECT_EQ(refused(R"({"command":"dance)" + std::string(1000, '\x01')), "not JSON");
}

TEST(Request, ShowsAnUnknownCommandSafely) {
    EXPECT_EQ(refused(R"({"command":"\u001b[2J"})"), "unknown command '\\x1b[2J'");
}

RC_GTEST_PROP(RequestProperty, RoundTrips, ()) {
    const std::string name = *rc::gen::container<std::string>(rc::gen::inRange(' ', '~'));
    RC_PRE(name.size() <= max_name_octets);
    const auto wait = testing::any<bool>();
    const auto timeout = *rc::gen::inRange<unsigned>(0, max_timeout_seconds + 1);
    const auto level =
        *rc::gen::element(Level::debug, Level::info, Level::notice, Level::warning, Level::error);
    const Request request = *rc::gen::element<Request>(
        AskVersion{}, AskStatus{}, Up{name, wait, timeout}, Down{name, wait, timeout}, ReloadConfiguration{},
        Stop{}, SetLogLevel{level}, AskHistory{name, timeout % history::max_hours + 1});
    std::string line = encode(request);
    RC_ASSERT(line.back() == '\n');
    line.pop_back();
    const auto back = parse_request(line);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == request);
}

TEST(Reply, IsOneLineOfJson) {
    Reply reply;
    reply.exit = Exit::no;
    reply.message = "the peer\nis gone";
    EXPECT_EQ(encode(reply), "{\"protocol\":1,\"ok\":false,\"exit\":1,\"message\":\"the peer\\nis gone\"}\n");
}

TEST(Reply, OfSomebodyElseIsRefused) {
    const auto refused_reply = [](std::string_view line) {
        const auto reply = parse_reply(line);
        return reply ? std::string("accepted") : reply.error().text();
    };
    EXPECT_EQ(refused_reply("SSH-2.0-OpenSSH_9.2"), "not JSON");
    EXPECT_EQ(refused_reply("{}"), "no reply of causewayd");
    EXPECT_EQ(refused_reply(R"({"protocol":1,"ok":true})"), "no reply of causewayd");
    EXPECT_EQ(refused_reply(R"({"protocol":1,"exit":5})"), "no reply of causewayd");
    EXPECT_EQ(refused_reply(R"({"protocol":2,"exit":0})"),
              "the daemon speaks control protocol 2, this tool 1");
    EXPECT_EQ(refused_reply(R"({"protocol":1,"exit":0,"status":{"pid":true}})"),
              "status: 'pid' is not a whole number in its range");
    EXPECT_EQ(refused_reply(R"({"protocol":1,"exit":0,"details":[1]})"), "'details[0]' is not a string");
}

RC_GTEST_PROP(ReplyProperty, RoundTrips, ()) {
    Reply reply;
    reply.exit = *rc::gen::element(Exit::done, Exit::no, Exit::unusable, Exit::timed_out);
    reply.message = testing::text();
    reply.details = testing::texts();
    reply.more = testing::any<bool>();
    reply.version = testing::text();
    if (testing::any<bool>()) {
        reply.status = testing::status();
    }
    const std::string line = encode(reply);
    RC_ASSERT(line.find('\n') == line.size() - 1);
    const auto back = parse_reply(std::string_view(line).substr(0, line.size() - 1));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == reply);
}

TEST(UnknownName, IsRefusedWithTheKnownOnes) {
    config::Model model;
    config::Peer& peer = model.peers.emplace_back();
    peer.name = "Site2Site";
    for (const char* name : {"lan", "guests"}) {
        config::Tunnel& tunnel = peer.tunnels.emplace_back();
        tunnel.name = name;
        tunnel.display_name = std::string("ipsec-") + name;
    }
    EXPECT_EQ(refuse_unknown("", model), std::nullopt);
    EXPECT_EQ(refuse_unknown("Site2Site", model), std::nullopt);
    EXPECT_EQ(refuse_unknown("guests", model), std::nullopt);
    EXPECT_EQ(refuse_unknown("ipsec-guests", model), std::nullopt);
    const auto reply = refuse_unknown("gusts", model);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->exit, Exit::unusable);
    EXPECT_EQ(reply->message, "no connection is called 'gusts'; configured: ipsec-lan, ipsec-guests");
    EXPECT_EQ(refuse_unknown("lan", config::Model{})->message,
              "no connection is called 'lan'; none is configured");
    EXPECT_EQ(refuse_unknown("", config::Model{}), std::nullopt);
}

}  // namespace
}  // namespace causeway::control
