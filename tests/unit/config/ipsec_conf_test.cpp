// strongSwan's ipsec.conf: its grammar, what a conn takes over and what it means, and what is said of one.
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "config/ipsecconf/parse.hpp"
#include "config/load.hpp"
#include "config/verdict.hpp"
#include "unit/config/ipsec_conf_files.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config::ipsecconf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Case {
    std::string text;
    std::string expected;
};

/// Sections in one line: `conn office{left=x;right=y;}`.
std::string flat(const Document& document) {
    std::string out;
    for (const auto& section : document.sections) {
        out += section.kind == Section::Kind::setup     ? "setup"
               : section.kind == Section::Kind::ca      ? "ca "
               : section.kind == Section::Kind::include ? "include "
                                                        : "conn ";
        out += section.name + "{";
        for (const auto& setting : section.settings) {
            out += setting.key + "=" + setting.value + ";";
        }
        out += "}";
    }
    return out;
}

Result<Document> parsed(const std::string& text, const Files& files = {}) {
    const auto companions = beside(files);
    return parse({.text = text, .file = FileName("f"), .companions = companions});
}

std::string read_text(const std::string& text) {
    const auto document = parsed(text);
    return document ? flat(*document) : document.error().text();
}

TEST(IpsecConfGrammar, IsThatOfTheStarter) {
    const Case cases[] = {
        {"config setup\n\tuniqueids=no\nconn a\n left=1\n\tright = 2\nca c\n\tcacert=x\n",
         "setup{uniqueids=no;}conn a{left=1;right=2;}ca c{cacert=x;}"},
        {"# head\n\n  # indented\nconn a # tail\n left=1# tail\n\n\n right=2\n", "conn a{left=1;right=2;}"},
        {"version 2.0\nconn a\n  version 2\n left=1", "conn a{left=1;}"},
        {"conn a\n leftid=\"C=CH, O=x # y\"\n", "conn a{leftid=C=CH, O=x # y;}"},
        {"conn a\n leftid=\"q\\\"b\\\\c\\td\"\n", "conn a{leftid=q\"b\\c\td;}"},
        {"conn a\n leftsubnet=10.0.0.0/24,   10.0.1.0/24\n", "conn a{leftsubnet=10.0.0.0/24, 10.0.1.0/24;}"},
        {"conn a\n ike=\"aes128-\\\nsha1\"\n right=2\n", "conn a{ike=aes128-sha1;right=2;}"},
        {"conn a\n ike=\"one\n two\"\n right=2\n", "conn a{ike=one\n two;right=2;}"},
        {"conn a\n leftid=@#6f66\n rightid=x#6f66\n", "conn a{leftid=@#6f66;rightid=x;}"},
        {"conn a\n left=\n right=\"\"\n", "conn a{left=;right=;}"},
        {"conn a\r\n left=1\r\n", "conn a{left=1;}"},
        {"conn \"a b\"\n left=1\n", "conn a b{left=1;}"},
        {"conn %default\n include=1\n", "conn %default{include=1;}"},
        {"config  setup\n", "setup{}"},
        {"", ""},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(read_text(one.text), one.expected) << one.text;
    }
}

TEST(IpsecConfGrammar, ASlipRefusesTheFileWithItsPlaceAndItsMending) {
    const Case cases[] = {
        {"conn a\nleft=1\n",
         "f:2:1: 'left' begins its line, where a section is expected; put a blank in front of each setting; "
         "only "
         "'config setup', 'conn' and 'ca' begin a line"},
        {"conn a\n conn b\n",
         "f:2:2: 'conn' stands behind a blank, where only settings stand; remove the blanks in front of it"},
        {"conn a\n left 1\n", "f:2:2: there is no '=' behind 'left'; write NAME=VALUE"},
        {"conn a\n =1\n", "f:2:2: a '=' without a name in front; write NAME=VALUE"},
        {"conn a\n leftid=C=CH\n",
         "f:2:10: a second '=' in the value of 'leftid'; put the whole value in quotes: NAME=\"A=B\""},
        {"conn\n left=1\n", "f:1:1: this 'conn' has no name; write conn NAME"},
        {"conn a b\n",
         "f:1:8: text behind the name of a section; remove it, or put it on an indented line of its own"},
        {"con a\n", "f:1:1: no section begins so; did you mean 'conn'?"},
        {"conn a\n left=\"1\n right=2\n",
         "f:2:7: the file ends inside the string that opens here; close it with \" in the line where it "
         "opens"},
        {"include\n", "f:1:1: this 'include' names no file; write include FILE, or remove the line"},
        {"\xEF\xBB\xBF"
         "conn a\n",
         "f:1:1: the file begins with a byte order mark, at which strongSwan stops; save it as UTF-8 without "
         "one: tail -c "
         "+4 FILE > NEW"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(read_text(one.text), one.expected) << one.text;
    }
}

TEST(IpsecConfGrammar, EveryValueHasItsPlace) {
    const auto document = parsed("conn a\n\tleftid = \"x\"\n right=a, b\n");
    ASSERT_TRUE(document);
    const auto& settings = document->sections.front().settings;
    ASSERT_EQ(settings.size(), 2U);
    EXPECT_EQ(document->place(document->sections.front().at).text(), "f:1:1");
    EXPECT_EQ(document->place(settings[0].key_at).text(), "f:2:2");
    EXPECT_EQ(document->place(settings[0].at).text(), "f:2:11");
    EXPECT_EQ(document->place(settings[1].at).text(), "f:3:8");
    EXPECT_FALSE(settings[0].plain);
}

TEST(IpsecConfGrammar, IncludedFilesStandWhereTheirLineIs) {
    const Files files{{"d/a.conf", "\tright=2\nconn b\n left=3\n"}, {"d/b.conf", " right=4\n"}};
    const auto document = parsed("conn a\n left=1\ninclude d/*.conf\n auto=add\n", files);
    ASSERT_TRUE(document) << document.error().text();
    EXPECT_EQ(flat(*document), "conn a{left=1;right=2;}include d/*.conf{}conn b{left=3;right=4;auto=add;}");
    EXPECT_EQ(document->place(document->sections.back().settings[1].at).text(), "d/b.conf:1:8");
    EXPECT_THAT(document->surprises, IsEmpty());

    const auto slip = parsed("include d/*.conf\n", {{"d/a.conf", "conn a\nleft=1\n"}});
    ASSERT_FALSE(slip);
    EXPECT_EQ(slip.error().place.text(), "d/a.conf:2:1");
}

TEST(IpsecConfGrammar, AnIncludeThatLeadsNowhereIsSaid) {
    EXPECT_THAT(remarks(read_conf("include d/*.conf\n" + conf(""))),
                HasSubstr("note: 'include d/*.conf' finds no file"));
    EXPECT_THAT(
        remarks(read_conf("include x\n" + conf(""), {{"x", "include x\n"}, {"ipsec.secrets", key_for_all}})),
        HasSubstr("x:1: warning: 'include x' leads back"));
    const auto alone = load("include d/*.conf\n" + conf(""), "f");
    ASSERT_TRUE(alone);
    EXPECT_THAT(remarks(*alone), HasSubstr("f:1: warning: 'include d/*.conf' is not followed"));
    // Twice two files that include each other twice are no reason to read for ever.
    const auto many = read_conf("include *\n" + conf(""),
                                {{"a", "include *\ninclude *\n"}, {"b", "include *\ninclude *\n"}});
    EXPECT_THAT(remarks(many), HasSubstr("leads back"));
}

TEST(IpsecConf, IsRecognisedByItsSections) {
    for (const std::string text :
         {"config setup\n", "# x\nconn a\n", "version 2\nconfig setup\n", "include a\nconn b # c\n",
          "This is mine:\nconn b\n", "conn b\nleft=1\n"}) {
        EXPECT_EQ(recognise(text), Format::ipsec_conf) << text;
    }
    for (const std::string text : {"config remote 'x'\n", "package ipsec\nconn b\n", "conn\n", "conn = b\n",
                                   "conn b {\n", "configs\n", "config setup x\n", ""}) {
        EXPECT_EQ(recognise(text), Format::uci) << text;
    }
    EXPECT_EQ(format_named("ipsec.conf"), Format::ipsec_conf);
}

TEST(IpsecConf, ReadsWhatItShows) {
    const std::string text =
        "config setup\n\tuniqueids=no\nconn \"a b\"\n\tleftid=\"x \\\"=# y\"\n\tright=\n\t\"version "
        "x\"=1\ninclude d\nca c\n";
    const auto shown = show(text, "f");
    ASSERT_TRUE(shown);
    EXPECT_EQ(flat(*parsed(*shown)), flat(*parsed(text)));
    EXPECT_EQ(show(*shown, "f"), *shown);
    const auto json = show_json(text, "f");
    ASSERT_TRUE(json);
    EXPECT_THAT(*json, HasSubstr("\"format\": \"ipsec.conf\""));
    EXPECT_THAT(
        *json,
        HasSubstr("\"name\": \"leftid\",\n          \"value\": \"x \\\"=# y\",\n          \"line\": 4,\n"
                  "          \"column\": 9"));
}

TEST(IpsecConf, BecomesAPeerWithATunnel) {
    const auto model = read_conf(conf(""));
    EXPECT_EQ(remarks(model), "");
    ASSERT_EQ(model.peers.size(), 1U);
    const auto& peer = model.peers.front();
    EXPECT_EQ(model.schema, Schema::ipsec_conf);
    EXPECT_EQ(peer.name, "office");
    EXPECT_EQ(text(peer.addresses.front().value), "198.51.100.7");
    EXPECT_EQ(peer.local_address->value.text(), "192.0.2.1");
    EXPECT_EQ(peer.local_id->value.text_with_type(), "FQDN home.example");
    EXPECT_EQ(peer.remote_id->value.text_with_type(), "FQDN office.example");
    EXPECT_EQ(peer.remote_id->place.text(), "ipsec.conf:11:10");
    EXPECT_EQ(peer.mode, ExchangeMode::main);
    EXPECT_TRUE(peer.pre_shared_key == Secret(as_bytes("kkkkkkkkkkkkkkkkkkkkqqqq")));
    EXPECT_EQ(peer.pre_shared_key_place.text(), "ipsec.secrets:1:7");
    ASSERT_EQ(peer.proposals.size(), 1U);
    EXPECT_EQ(peer.proposals.front().text(), "aes256-sha512-modp2048");
    EXPECT_EQ(peer.proposals.front().place.text(), "ipsec.conf:13:6");
    ASSERT_EQ(peer.tunnels.size(), 1U);
    const auto& tunnel = peer.tunnels.front();
    EXPECT_EQ(tunnel.display_name, "office");
    EXPECT_EQ(tunnel.local.text(), "192.168.1.0/24");
    EXPECT_EQ(tunnel.remote.text(), "192.168.2.0/24");
    EXPECT_EQ(tunnel.remote_place.text(), "ipsec.conf:12:14");
    EXPECT_EQ(tunnel.proposals.front().text(), "aes256-sha512-modp2048");
    EXPECT_EQ(tunnel.start, StartAction::start);
    EXPECT_EQ(tunnel.on_silence, LossAction::restart);
}

TEST(IpsecConf, DefaultsAreThoseOfStrongSwan) {
    const auto model = read_conf(
        "conn a\n keyexchange=ikev1\n authby=psk\n right=gw.example\n leftsubnet=10.1.0.0/16\n "
        "rightsubnet=10.2.0.0/16\n"
        " auto=route\n");
    ASSERT_EQ(model.peers.size(), 1U) << remarks(model);
    const auto& peer = model.peers.front();
    EXPECT_EQ(peer.lifetime.seconds, 10800U);
    EXPECT_EQ(peer.tunnels.front().lifetime, (Lifetime{3600, 0}));
    EXPECT_FALSE(peer.liveness.enabled);
    EXPECT_EQ(peer.tunnels.front().start, StartAction::traffic);
    EXPECT_EQ(peer.tunnels.front().on_close, LossAction::traffic);
    EXPECT_FALSE(peer.local_id.has_value());
    EXPECT_EQ(peer.remote_id->value.text_with_type(), "FQDN gw.example");
    EXPECT_FALSE(peer.force_encapsulation);
    EXPECT_TRUE(peer.rekey);
    EXPECT_EQ(remarks(model),
              "ipsec.conf:1: warning: conn 'a' dials and never asks whether the peer still lives: a dead "
              "tunnel is noticed "
              "only at the next rekeying; write dpdaction=restart (libreswan: dpddelay and dpdtimeout)\n");
    EXPECT_EQ(remarks(read_conf(conf("\tkeyingtries=\n"))),
              "ipsec.conf:1: warning: conn 'office' has no 'keyingtries': after 3 attempts strongSwan leaves "
              "the tunnel "
              "down for good; causeway keeps trying; add keyingtries=%forever\n");
    EXPECT_EQ(remarks(read_conf(conf("\tkeyingtries=\n\tauto=route\n"))), "");
}

std::vector<std::string> offered(const auto& proposals) {
    std::vector<std::string> texts;
    for (const auto& one : proposals) {
        if (one.offered) {
            texts.push_back(one.text());
        }
    }
    return texts;
}

bool accepts(const auto& proposals, std::string_view text) {
    return std::ranges::any_of(proposals, [&](const auto& one) { return one.text() == text; });
}

TEST(IpsecConf, SuitesWithoutTheMarkHaveStrongSwansDefaultsBehindThem) {
    const auto model = read_conf(conf("\tike=aes128-aes256-sha1-modp1024\n\tesp=aes128gcm16,3des-sha1\n"));
    ASSERT_EQ(model.peers.size(), 1U);
    const auto& phase1 = model.peers.front().proposals;
    EXPECT_THAT(offered(phase1), ElementsAre("aes128-sha1-modp1024", "aes128-sha256-x25519"));
    EXPECT_TRUE(accepts(phase1, "aes256-sha1-modp1024"));
    EXPECT_TRUE(accepts(phase1, "3des-sha512-modp2048"));
    EXPECT_FALSE(accepts(phase1, "aes256-sha512-modp1024"));
    const auto& phase2 = model.peers.front().tunnels.front().proposals;
    EXPECT_THAT(offered(phase2), ElementsAre("aes128gcm16", "3des-sha1", "aes128-sha256"));
    EXPECT_TRUE(accepts(phase2, "aes256gcm16"));
    EXPECT_FALSE(accepts(phase2, "aes128-sha1-modp1024"));

    const auto strict = read_conf(conf("\tike=aes128-sha1-modp1024,aes256-sha1-modp1024!\n"));
    EXPECT_EQ(strict.peers.front().proposals.size(), 2U);
    EXPECT_EQ(strict.peers.front().proposals.back().place.text(), "ipsec.conf:3:27");
    const auto none = read_conf(conf("\tike=\n"));
    EXPECT_THAT(offered(none.peers.front().proposals), ElementsAre("aes128-sha256-x25519"));
}

TEST(IpsecConf, AlsoIsFollowedInStrongSwansOrder) {
    // conf_parser.c has this example: D takes over C and B, both take over A.
    const std::string text =
        "conn %default\n ikelifetime=1h\n lifetime=11m\nconn A\n lifetime=12m\n dpddelay=1\nconn B\n "
        "also=A\n dpddelay=2\n"
        "conn C\n also=A\n dpddelay=3\nconn D\n also=C\n also=B\n also=base\n auto=start\n";
    const auto model = read_conf(text + base_conn);
    ASSERT_EQ(model.peers.size(), 1U) << remarks(model);
    const auto& peer = model.peers.front();
    EXPECT_EQ(peer.name, "D");
    EXPECT_EQ(peer.lifetime.seconds, 3600U);
    EXPECT_EQ(peer.tunnels.front().lifetime.seconds, 720U);
    EXPECT_EQ(peer.liveness.idle, std::chrono::seconds(2));
    // A key without a value takes back what is inherited.
    const auto taken_back = read_conf(conf("\tleftid=\n\tdpdaction=\n\tauto=add\n"));
    EXPECT_EQ(taken_back.peers.front().local_id->value.text_with_type(), "IPv4 address 192.0.2.1");
    EXPECT_FALSE(taken_back.peers.front().liveness.enabled);
}

TEST(IpsecConf, ConnsOfOneKindShareAPeer) {
    const auto model =
        read_conf(conf("") + "conn lan2\n\talso=base\n\trightsubnet=192.168.3.0/24\n\tauto=route\n" +
                  "conn lan3\n\talso=base\n\trightsubnet=192.168.4.0/24\n\taggressive=yes\n\tauto=add\n");
    ASSERT_EQ(model.peers.size(), 2U) << remarks(model);
    ASSERT_EQ(model.peers.front().tunnels.size(), 2U);
    EXPECT_EQ(model.peers.front().tunnels[1].display_name, "lan2");
    EXPECT_EQ(model.peers.front().tunnels[1].start, StartAction::traffic);
    EXPECT_EQ(model.peers.front().tunnels[1].reqid, 2U);
    EXPECT_EQ(model.peers[1].mode, ExchangeMode::aggressive);
}

TEST(IpsecConf, AHubOfFifty) {
    std::string text =
        "conn %default\n keyexchange=ikev1\n authby=secret\n left=192.0.2.1\n leftsubnet=10.0.0.0/16\n"
        " ike=aes256-sha512-modp2048!\n esp=aes256-sha512-modp2048!\n dpdaction=clear\n auto=add\n";
    std::string secrets;
    for (int i = 0; i < 50; ++i) {
        text += fmt::format(
            "conn site{0}\n right=%any\n rightid=@site{0}.example\n rightsubnet=10.{1}.0.0/16\n", i, i + 1);
        secrets += fmt::format("@site{0}.example : PSK \"kkkkkkkkkkkkkkkkkkkkqqq{0}\"\n", i);
    }
    const auto model = read_conf(text, {{"ipsec.secrets", secrets}});
    ASSERT_EQ(model.peers.size(), 50U) << remarks(model);
    EXPECT_EQ(verdict_on(model), Verdict::usable);
    for (std::size_t i = 0; i < 50; ++i) {
        const auto& peer = model.peers[i];
        EXPECT_EQ(peer.remote_id->value.text(), fmt::format("site{}.example", i));
        EXPECT_TRUE(peer.pre_shared_key == Secret(as_bytes(fmt::format("kkkkkkkkkkkkkkkkkkkkqqq{}", i))));
        EXPECT_EQ(peer.tunnels.front().remote.text(), fmt::format("10.{}.0.0/16", i + 1));
        EXPECT_EQ(peer.tunnels.front().reqid, i + 1);
        EXPECT_EQ(peer.tunnels.front().start, StartAction::none);
    }
    EXPECT_EQ(model.counts().errors + model.counts().warnings, 0U) << remarks(model);
}

TEST(IpsecConf, TheEndThatCanBeCalledIsThePeer) {
    const auto swapped = read_conf(conf("\tleft=gw.example\n\tright=%defaultroute\n"));
    ASSERT_EQ(swapped.peers.size(), 1U) << remarks(swapped);
    EXPECT_EQ(text(swapped.peers.front().addresses.front().value), "gw.example");
    EXPECT_EQ(swapped.peers.front().tunnels.front().local.text(), "192.168.2.0/24");
    EXPECT_EQ(swapped.peers.front().local_id->value.text(), "office.example");
    EXPECT_THAT(remarks(swapped),
                HasSubstr("ipsec.conf:3: note: right is taken as this side of conn 'office'"));
    // A gateway that waits for those who dial names its own address.
    const auto gateway = read_conf(conf("\tright=%any\n\tauto=add\n"));
    EXPECT_EQ(gateway.peers.front().local_address->value.text(), "192.0.2.1");
    EXPECT_TRUE(std::holds_alternative<AnyAddress>(gateway.peers.front().addresses.front().value));
    EXPECT_THAT(remarks(gateway), Not(HasSubstr("right is taken")));
}

TEST(IpsecConf, WithoutIkev1ItAnswersAtMost) {
    for (const std::string key : {"\tkeyexchange=\n", "\tkeyexchange=ike\n"}) {
        const auto waits = read_conf(conf(key + "\tauto=add\n"));
        ASSERT_EQ(waits.peers.size(), 1U);
        EXPECT_EQ(waits.peers.front().tunnels.front().start, StartAction::none);
        EXPECT_EQ(waits.peers.front().tunnels.front().on_silence, LossAction::clear);
        EXPECT_EQ(waits.findings.front().code(), Code::ike_version_differs);
        EXPECT_EQ(waits.findings.front().severity, Severity::warning);
        const auto dials = read_conf(conf(key));
        ASSERT_EQ(dials.peers.size(), 1U);
        EXPECT_FALSE(dials.peers.front().tunnels.front().packets_may_raise());
        EXPECT_EQ(dials.findings.front().severity, Severity::error);
    }
    EXPECT_TRUE(read_conf(conf("\tkeyexchange=ikev2\n")).peers.empty());
}

TEST(IpsecConf, LibreswansWordsHaveLibreswansMeaning) {
    const auto model = read_conf(
        "config setup\n ikev1-policy=accept\nconn a\n ikev2=no\n authby=secret\n left=%defaultroute\n "
        "leftid=@l.example\n"
        " leftsubnets={10.1.0.0/24 10.1.1.0/255.255.255.0}\n right=198.51.100.7\n rightid=gw.example\n"
        " rightsubnet=10.2.0.0/16\n ike=aes256-sha2_256;modp2048\n phase2alg=aes256-sha2_512\n "
        "auto=ondemand\n");
    ASSERT_EQ(model.peers.size(), 1U) << remarks(model);
    const auto& peer = model.peers.front();
    ASSERT_EQ(peer.tunnels.size(), 2U);
    EXPECT_EQ(peer.tunnels[1].local.text(), "10.1.1.0/24");
    EXPECT_EQ(peer.tunnels[1].display_name, "a-2");
    EXPECT_EQ(peer.tunnels[0].start, StartAction::traffic);
    EXPECT_EQ(peer.tunnels[0].lifetime.seconds, 28800U);
    EXPECT_EQ(peer.lifetime.seconds, 28800U);
    ASSERT_EQ(peer.proposals.size(), 1U);
    EXPECT_EQ(peer.proposals.front().text(), "aes256-sha256-modp2048");
    EXPECT_EQ(peer.tunnels[0].proposals.front().text(), "aes256-sha512-modp2048");
    EXPECT_FALSE(peer.remote_id.has_value());
    EXPECT_FALSE(peer.remote_id_any);
    EXPECT_THAT(remarks(model), HasSubstr("'rightid' of conn 'a' is 'gw.example' without an '@'"));
    EXPECT_THAT(remarks(model), Not(HasSubstr("keyingtries")));
    // Both times are asked for.
    const auto deaf =
        read_conf("config setup\n ikev1-policy=accept\n" + conf("\tikev2=never\n\tdpdtimeout=30\n"));
    EXPECT_FALSE(deaf.peers.front().liveness.enabled);
    EXPECT_EQ(deaf.findings.front().code(), Code::dpd_off);
    EXPECT_TRUE(read_conf("conn a\n salifetime=1h\n authby=secret\n right=198.51.100.7\n auto=start\n")
                    .peers.empty());
}

}  // namespace
}  // namespace causeway::config::ipsecconf
