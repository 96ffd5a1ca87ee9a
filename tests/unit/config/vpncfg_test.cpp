// The box's file: its grammar, the slips that published files have, and what its names mean.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>
#include <rapidcheck/gtest.h>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/load.hpp"
#include "config/own_name.hpp"
#include "config/vpncfg/accesslist.hpp"
#include "config/vpncfg/keys.hpp"
#include "config/vpncfg/parse.hpp"
#include "config/vpncfg/strategies.hpp"
#include "config/vpncfg/write.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config::vpncfg {
namespace {

struct Case {
    const char* text;
    const char* expected;
};

/// The tree in one line: `name=value,value;` and `name{...}{...}`; strings in quotes.
std::string flat(const Block& block) {
    std::string out;
    for (const auto& entry : block.entries) {
        out += entry.name;
        for (std::size_t i = 0; i < entry.values.size(); ++i) {
            const auto& value = entry.values[i];
            out += i == 0 ? "=" : ",";
            out += value.kind == Scalar::Kind::string ? vpncfg::quoted(value.text) : value.text;
        }
        for (const auto& inner : entry.blocks) {
            out += "{" + flat(inner) + "}";
        }
        out += entry.blocks.empty() ? ";" : "";
    }
    return out;
}

std::string read(const std::string& text) {
    const auto document = parse(text);
    return document ? flat(*document) : document.error().text();
}

TEST(VpncfgGrammar, IsFreeInItsLayout) {
    const Case cases[] = {
        {"a=1;", "a=1;"},
        {"a = 1;\r\n\tb\t=\r\n  yes ;\r\n", "a=1;b=yes;"},
        {"a { b = 1; } { c = 2; } { }", "a{b=1;}{c=2;}{}"},
        {"a { b { c { d = x; } } }", "a{b{c{d=x;}}}"},
        {"a = \"x\", \"y\",\n \"z\";", "a=\"x\",\"y\",\"z\";"},
        {"accesslist =\n  \"permit ip any 10.0.0.0 255.0.0.0\";",
         "accesslist=\"permit ip any 10.0.0.0 255.0.0.0\";"},
        {"/* head { \" */ a = 1; // tail } ; \"\n// EOF", "a=1;"},
        {"a = \"{;}//x/*\";", "a=\"{;}//x/*\";"},
        {"a = \"q\\\"b\\\\c\\'d\";", "a=\"q\\\"b\\\\c'd\";"},
        {"a = \"\\t\\n\\101\\x\";", "a=\"\\t\\nAx\";"},
        {"a = -1; b = 1.5; c = 8h; d = 192.0.2.1; e = 2001:db8::1; f = 00:11:22:aa:bb:cc; g = conntype_lan;",
         "a=-1;b=1.5;c=8h;d=192.0.2.1;e=2001:db8::1;f=00:11:22:aa:bb:cc;g=conntype_lan;"},
        {"some_key_of_tomorrow = 7; and_block { x = \"\xFC\"; }",
         "some_key_of_tomorrow=7;and_block{x=\"\xFC\";}"},
        {"key = \"$$$$ABCDEF123456\";", "key=\"$$$$ABCDEF123456\";"},
        {"\xEF\xBB\xBF"
         "a = 1;",
         "a=1;"},
        {"", ""},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(read(one.text), one.expected) << one.text;
    }
}

TEST(VpncfgGrammar, SlipsOfPublishedFilesAreNamedWithTheirMending) {
    const Case cases[] = {
        {"v { a = 1; } }",
         "line 1: a closing brace too many; remove this }, or look for a { that is missing above"},
        {"v {\n a = yes\n b = 1;\n}",
         "line 2: the ';' behind the value of 'a' is missing; put ';' at the end of line 2"},
        {"v { name = \"\"x\"\"; }",
         "line 1: doubled quotes around the value of 'name'; write name = \"...\"; with one quote on each "
         "side"},
        {"v { a = 1; <- Lokales Netz\n }",
         "line 1: text behind the ';'; remove it, or put // in front to make it a comment"},
        {"v { a = 1; prose of two words\n }",
         "line 1: text behind the ';'; remove it, or put // in front to make it a comment"},
        {"v { host = peer.example.org; }",
         "line 1: 'peer.example.org' without quotes; write host = \"peer.example.org\";"},
        {"v { a = \"x\",\n b = 1; }",
         "line 1: a comma between the value of 'a' and 'b'; write ';' instead of ','"},
        {"v { key = ${VPN_PSK}; }",
         "line 1: the value of 'key' looks like a placeholder that nobody filled in; write the value itself"},
        {"v { name = 'x'; }", "line 1: the value of 'name' stands in single quotes; use double quotes"},
        {"v { a = 1;; }", "line 1: a second ';'; remove it"},
        {"v { a { }; }", "line 1: a ';' behind a closing brace; remove the ';'"},
        {"v { a = ; }", "line 1: 'a' has no value; write NAME = VALUE;"},
        {"v { <p>a = 1; }",
         "line 1: '<' where a name belongs: this looks like a tag of a web page; remove the tag, or copy the "
         "file from the page's source"},
        {"v { # note\n }", "line 1: '#' does not start a comment here; a comment starts with // or /*"},
        // Clipped in copying.
        {"v { a = \"x",
         "line 1: the file ends inside the string that opens here; is the file complete? "
         "Otherwise close the string with \""},
        {"v { a = ", "line 1: the file ends before the value of 'a'; is the file complete?"},
        {"v {\n w { a = 1; }\n",
         "line 1: the block that opens here has no closing brace; is the file complete? Otherwise add the "
         "missing }"},
        {"v { a = \"x\n; }",
         "line 1: the string that opens here is not closed on its line; put the missing \" "
         "into line 1"},
        {"/* v { }", "line 1: the comment that opens here has no end; close it with */"},
    };
    for (const auto& one : cases) {
        auto said = read(one.text);
        EXPECT_EQ(said, one.expected) << one.text;
    }
}

TEST(VpncfgGrammar, NoErrorQuotesAKey) {
    for (const std::string key : {"key", "wg_private_key", "wg_preshared_key", "passwd"}) {
        for (const char* rest : {" = geheim.wort;", " = \"x\"geheim\";", " = x geheim;", " \"geheim\";",
                                 " = x,geheim=1;", " = \"x\" \"geheim\";", " = \"geheim;\n",
                                 " = \"\"geheim\"\";", " = !geheim;", " = x!geheim;"}) {
            const auto said = read("v { " + key + rest + " }");
            EXPECT_TRUE(said.starts_with("line 1: ")) << said;
            EXPECT_EQ(said.find("geheim"), std::string::npos) << said;
        }
    }
}

TEST(VpncfgGrammar, AnErrorHasLineAndColumn) {
    const auto document = parse("vpncfg {\n\tconnections {\n\t\tname = peer.example.org;\n");
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().place.line, 3U);
    EXPECT_EQ(document.error().place.column, 10U);
}

TEST(VpncfgGrammar, IsBounded) {
    std::string deep;
    for (unsigned i = 0; i < max_depth; ++i) {
        deep += "a { ";
    }
    EXPECT_NE(read(deep).find("nested more than"), std::string::npos) << read(deep);
    EXPECT_NE(read(std::string(max_text + 1, ' ')).find("more than the"), std::string::npos);
}

TEST(VpncfgExport, ItsPartIsCutOutWithItsLines) {
    const std::string text =
        "**** FRITZ!Box 7390 CONFIGURATION EXPORT\r\nPassword=$$$$X\r\n**** CFGFILE:ar7.cfg\r\na { }\r\n"
        "**** END OF FILE ****\r\n**** CFGFILE:vpn.cfg\r\nvpncfg {\r\n a = \"x\\\\\\\\y\";\r\n}\r\n"
        "**** END OF FILE ****\r\n**** END OF EXPORT 12345678 ****\r\n";
    const auto document = parse(text);
    ASSERT_TRUE(document) << document.error().text();
    EXPECT_EQ(flat(*document), "vpncfg{a=\"x\\\\y\";}");
    EXPECT_EQ(document->entries[0].at.line, 7U);
    EXPECT_EQ(read("**** FRITZ!Box CONFIGURATION EXPORT\n**** CFGFILE:ar7.cfg\n"),
              "this settings export has no section CFGFILE:vpn.cfg");
}

TEST(VpncfgWriter, WritesAsTheBoxDoes) {
    const auto document = parse(
        "vpncfg { connections { name=\"n\"; l { fqdn=\"x\"; } } { enabled=no; } "
        "ike_forward_rules = \"udp a\", \"udp b\"; }");
    ASSERT_TRUE(document);
    EXPECT_EQ(write(*document),
              "vpncfg {\n"
              "        connections {\n"
              "                name = \"n\";\n"
              "                l {\n"
              "                        fqdn = \"x\";\n"
              "                }\n"
              "        } {\n"
              "                enabled = no;\n"
              "        }\n"
              "        ike_forward_rules = \"udp a\",\n"
              "                            \"udp b\";\n"
              "}\n");
}

Scalar any_scalar() {
    if (*rc::gen::arbitrary<bool>()) {
        return {Scalar::Kind::string, *rc::gen::arbitrary<std::string>(), {}};
    }
    return {Scalar::Kind::word,
            *rc::gen::element<std::string>("yes", "no", "0.0.0.0", "255.255.255.0", "-3", "1.5", "8h",
                                           "conntype_lan", "fe80::1", "00:11:22:33:44:55"),
            {}};
}

Block any_block(int depth) {
    Block block;
    const auto entries = *rc::gen::inRange(0, 4);
    for (int i = 0; i < entries; ++i) {
        Entry entry;
        entry.name = *rc::gen::element<std::string>("a", "Key_2", "_x", "with-dash");
        if (depth > 0 && *rc::gen::arbitrary<bool>()) {
            const auto blocks = *rc::gen::inRange(1, 3);
            for (int k = 0; k < blocks; ++k) {
                entry.blocks.push_back(any_block(depth - 1));
            }
        } else {
            const auto values = *rc::gen::inRange(1, 4);
            for (int k = 0; k < values; ++k) {
                entry.values.push_back(any_scalar());
            }
        }
        block.entries.push_back(std::move(entry));
    }
    return block;
}

RC_GTEST_PROP(VpncfgRoundTrip, WhatIsWrittenIsReadTheSame, ()) {
    const auto document = any_block(3);
    const auto text = write(document);
    const auto again = parse(text);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == document);
    RC_ASSERT(write(*again) == text);
}

RC_GTEST_PROP(VpncfgRoundTrip, AClippedFileIsRefusedOrWhole, ()) {
    // Cutting anywhere behind the first octet leaves a block open, so no half connection is ever taken.
    const std::string text = "vpncfg {\n connections {\n  name = \"a b\"; // c\n  key = \"\\\"\";\n } { }\n}";
    const auto size = *rc::gen::inRange<std::size_t>(1, text.size());
    RC_ASSERT(!parse(text.substr(0, size)).has_value());
    RC_ASSERT(parse(text).has_value());
}

TEST(Strategies, EveryRowGivesProposalsWithoutMd5OrDes) {
    for (const auto& row : phase1_strategies()) {
        EXPECT_EQ(find_phase1(row.name), &row) << row.name;
        const auto list = proposals(row, false, {});
        EXPECT_FALSE(list.empty()) << row.name;
        EXPECT_EQ(list.front().group, row.offered) << row.name;
        for (const auto& one : list) {
            EXPECT_NE(one.hash, crypto::HashId::md5) << row.name;
            EXPECT_NE(one.cipher, crypto::CipherId::des_cbc) << row.name;
            EXPECT_NE(one.group, crypto::GroupId::modp768) << row.name;
            EXPECT_EQ(one.offered, one.group == row.offered) << row.name;
        }
    }
    for (const auto& row : phase2_strategies()) {
        EXPECT_EQ(find_phase2(row.name), &row) << row.name;
        const auto list = proposals(row, false, {});
        EXPECT_EQ(list.empty(), row.hashes == with_md5) << row.name;
        EXPECT_FALSE(proposals(row, true, {}).empty()) << row.name;
        for (const auto& one : list) {
            EXPECT_NE(one.integrity, crypto::IntegrityId::hmac_md5_96) << row.name;
            EXPECT_NE(one.cipher, crypto::CipherId::des_cbc) << row.name;
            EXPECT_EQ(one.pfs.has_value(), row.pfs) << row.name;
        }
    }
}

TEST(Strategies, AllOffersGroupTwoAndAcceptsTheRest) {
    const auto list = proposals(widest_phase1(), false, {});
    std::vector<std::string> offered;
    std::size_t accepted = 0;
    for (const auto& one : list) {
        if (one.offered) {
            offered.push_back(one.text());
        }
        accepted += one.offered ? 0 : 1;
    }
    EXPECT_EQ(offered, (std::vector<std::string>{"aes256-sha512-modp1024", "aes256-sha1-modp1024",
                                                 "aes192-sha512-modp1024", "aes192-sha1-modp1024",
                                                 "aes128-sha512-modp1024", "aes128-sha1-modp1024",
                                                 "3des-sha512-modp1024", "3des-sha1-modp1024"}));
    EXPECT_EQ(accepted, 3 * offered.size());
}

TEST(Strategies, Md5ComesLastWhereItIsAdmitted) {
    const auto list = proposals(widest_phase1(), true, {});
    ASSERT_GE(list.size(), 3U);
    EXPECT_EQ(list[2].text(), "aes256-md5-modp1024");
}

TEST(Strategies, AnUnknownNameKeepsItsWishForPfs) {
    EXPECT_TRUE(widest_phase2("esp-mine/ah-no/comp-no/pfs").pfs);
    EXPECT_FALSE(widest_phase2("esp-mine/ah-no/comp-no/no-pfs").pfs);
}

TEST(Strategies, APrefixSetsTheLifetime) {
    EXPECT_EQ(split_lifetime("all/all/all").lifetime_seconds, 3600U);
    EXPECT_FALSE(split_lifetime("all/all/all").has_prefix);
    EXPECT_EQ(split_lifetime("LT8h/all/all/all").lifetime_seconds, 28800U);
    EXPECT_EQ(split_lifetime("LT8h/all/all/all").name, "all/all/all");
    EXPECT_EQ(split_lifetime("LTx/all/all").name, "LTx/all/all");
}

TEST(AccessList, HasTheFormsThatWereSeen) {
    const auto net = [](const char* text) { return *Ipv4Net::parse(text); };
    EXPECT_EQ(parse_access_rule("permit ip any 192.168.2.0 255.255.255.0")->destination,
              net("192.168.2.0/24"));
    EXPECT_EQ(parse_access_rule("permit ip any 10.0.0.1 255.255.255.255")->destination, net("10.0.0.1/32"));
    EXPECT_EQ(parse_access_rule("permit ip 0.0.0.0 0.0.0.0 10.0.0.1 255.255.255.255")->source, std::nullopt);
    EXPECT_EQ(parse_access_rule("permit ip 10.1.0.0 255.255.0.0 host 10.2.0.1")->source, net("10.1.0.0/16"));
    EXPECT_FALSE(parse_access_rule("deny ip any any"));
    EXPECT_FALSE(parse_access_rule("permit tcp any any eq 80"));
    EXPECT_FALSE(parse_access_rule("permit ip any 10.0.0.0 0.0.0.255"));
    EXPECT_FALSE(parse_access_rule("permit ip any"));
    EXPECT_FALSE(parse_access_rule(""));
}

// --- What a connection becomes ---------------------------------------------------------------------------

constexpr std::string_view usual =
    "enabled = yes; conn_type = conntype_lan; name = \"n\"; remotehostname = \"h.example\"; key = "
    "\"kkkkkkkkkkkkkkkkkkkk\"; "
    "remoteid { fqdn = \"h.example\"; } mode = phase1_mode_idp; phase1ss = \"all/all/all\"; "
    "phase2localid { ipnet { ipaddr = 10.0.0.0; mask = 255.255.255.0; } } "
    "phase2remoteid { ipnet { ipaddr = 10.0.1.0; mask = 255.255.255.0; } } "
    "phase2ss = \"esp-all-all/ah-none/comp-all/pfs\"; ";

Model box(std::string connection) {
    auto model = load("vpncfg { connections {" + std::move(connection) + "} }", "vpn.cfg");
    EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().text());
    return model ? std::move(*model) : Model{};
}

/// The usual connection with one key replaced; `value` is what stands between the name and the end.
std::string with(std::string_view key, std::string_view replacement) {
    std::string text(usual);
    const auto at = text.find(std::string(key) + " ");
    EXPECT_NE(at, std::string::npos);
    auto end = text.find("; ", at) + 2;
    if (text[text.find_first_of("={", at)] == '{') {
        end = text.find("} ", text.find(';', at)) + 2;
        while (text[end] == '}') {
            end += 2;
        }
    }
    return text.replace(at, end - at, replacement);
}

TEST(Box, TheUsualConnectionHasNothingToSay) {
    const auto model = box(std::string(usual));
    EXPECT_EQ(remarks(model), "");
    ASSERT_EQ(model.peers.size(), 1U);
    const auto& peer = model.peers[0];
    EXPECT_EQ(peer.name, "n");
    EXPECT_EQ(peer.tunnels.at(0).display_name, "n");
    EXPECT_FALSE(peer.local_id);
    EXPECT_FALSE(peer.quirks.accept_any_mode_as_responder);
    EXPECT_EQ(peer.tunnels[0].start, StartAction::traffic);
    EXPECT_EQ(peer.tunnels[0].lifetime.seconds, 3600U);
}

TEST(Box, AllTrafficIsANetworkAsOthers) {
    const auto model =
        box(with("phase2remoteid", "phase2remoteid { ipnet { ipaddr = 0.0.0.0; mask = 0.0.0.0; } } ") +
            "accesslist = \"permit ip any any\";");
    EXPECT_EQ(remarks(model), "");
    ASSERT_EQ(model.peers.size(), 1U);
    EXPECT_EQ(model.peers[0].tunnels.at(0).remote.text(), "0.0.0.0/0");
}

TEST(Box, AlwaysRenewKeepsItUp) {
    const auto model = box(std::string(usual) + "always_renew = yes;");
    ASSERT_EQ(model.peers.size(), 1U);
    EXPECT_EQ(model.peers[0].tunnels[0].start, StartAction::start);
    EXPECT_EQ(model.peers[0].tunnels[0].on_close, LossAction::restart);
}

TEST(Box, AnAddressToPingKeepsItUp) {
    const auto up = box(std::string(usual) + "keepalive_ip = 192.168.1.1;");
    ASSERT_EQ(up.peers.size(), 1U);
    EXPECT_EQ(up.peers[0].tunnels[0].start, StartAction::start);
    const auto quiet = box(std::string(usual) + "keepalive_ip = 0.0.0.0;");
    ASSERT_EQ(quiet.peers.size(), 1U);
    EXPECT_EQ(quiet.peers[0].tunnels[0].start, StartAction::traffic);
}

TEST(Box, OurOwnNameIsTheIdentityUnlessWritten) {
    const auto name = [](const std::string& lines) {
        return own_name_of(box(std::string(usual) + lines).peers.at(0)).value_or("none");
    };
    EXPECT_EQ(name("causeway_own_name = \"my.dyndns.org\";"), "my.dyndns.org");
    EXPECT_EQ(name("causeway_own_name = \"none\";"), "none");
}

TEST(Box, WithoutAnAddressThePeerDials) {
    const auto model = box(with("remotehostname", "remoteip = 0.0.0.0; "));
    ASSERT_EQ(model.peers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<AnyAddress>(model.peers[0].addresses.at(0).value));
    EXPECT_EQ(model.peers[0].tunnels[0].start, StartAction::none);
}

TEST(Box, WithoutRemoteidEveryIdentityIsAccepted) {
    const auto model = box(with("remoteid", ""));
    ASSERT_EQ(model.peers.size(), 1U);
    EXPECT_TRUE(model.peers[0].remote_id_any);
}

TEST(Box, IdentitiesHaveTheirKinds) {
    const Case cases[] = {
        {"remoteid { fqdn = \"a.example\"; } ", "FQDN a.example"},
        {"remoteid { user_fqdn = \"u@a.example\"; } ", "USER-FQDN u@a.example"},
        {"remoteid { ipaddr = 192.0.2.7; } ", "IPv4 address 192.0.2.7"},
        {"remoteid { key_id = \"of\"; } ", "KEY-ID 6f66"},
    };
    for (const auto& one : cases) {
        const auto model = box(with("remoteid", one.text));
        ASSERT_EQ(model.peers.size(), 1U) << one.text;
        EXPECT_EQ(model.peers[0].remote_id->value.text_with_type(), one.expected);
    }
}

TEST(Box, WhatIsRefusedIsRefusedByName) {
    const Case cases[] = {
        {"use_xauth = yes;", "asks for XAUTH"},
        {"use_cfgmode = yes;", "asks for mode config"},
        {"use_ikev2 = yes;", "asks for IKEv2"},
        {"keytype = connkeytype_rsa;", "'keytype' is 'connkeytype_rsa'"},
        {"localip = nowhere;", "which is not an IP address"},
    };
    for (const auto& one : cases) {
        const auto model = box(std::string(usual) + one.text);
        EXPECT_TRUE(model.peers.empty()) << one.text;
        EXPECT_NE(remarks(model).find(one.expected), std::string::npos) << remarks(model);
    }
}

TEST(Box, DifferencesThatBiteLaterAreTold) {
    const Case cases[] = {
        {"accesslist = \"permit ip any 10.0.1.128 255.255.255.128\";",
         "the accesslist names 10.0.1.128/25, and phase2remoteid is 10.0.1.0/24"},
        {"name = \"again\";", "'name' of connection \"n\" is set twice"},
        {"remotehostnam = \"x\";", "did you mean 'remotehostname'?"},
        {"reject_not_encrypted = yes;", "Internet traffic beside the tunnel is not blocked"},
        {"use_nat_t = maybe;", "the value is not understood and yes is taken"},
    };
    for (const auto& one : cases) {
        const auto model = box(std::string(usual) + one.text);
        EXPECT_EQ(model.peers.size(), 1U) << one.text;
        EXPECT_NE(remarks(model).find(one.expected), std::string::npos) << remarks(model);
    }
}

TEST(Box, TwoOfOneNameAreNumbered) {
    auto second = with("phase2remoteid", "phase2remoteid { ipaddr = 10.9.9.9; } ");
    const auto model =
        load("vpncfg { connections {" + std::string(usual) + "} {" + second + "} }", "vpn.cfg");
    ASSERT_TRUE(model);
    ASSERT_EQ(model->peers.size(), 2U);
    EXPECT_EQ(model->peers[0].tunnels[0].display_name, "n");
    EXPECT_EQ(model->peers[1].tunnels[0].display_name, "n-2");
    EXPECT_EQ(model->peers[1].tunnels[0].remote.text(), "10.9.9.9/32");
    EXPECT_NE(model->peers[0].tunnels[0].reqid, model->peers[1].tunnels[0].reqid);
}

TEST(Box, AFileWithoutConnectionIsRefused) {
    EXPECT_EQ(load("vpncfg { }", "f").error().text(),
              "f:1:1: there is no connection in the vpncfg; add connections { ... }");
    EXPECT_EQ(load("ar7cfg { }", "f", Format::vpncfg).error().text(),
              "f: there is no vpncfg { } block in the file; a vpncfg starts with vpncfg { connections {");
}

}  // namespace
}  // namespace causeway::config::vpncfg
