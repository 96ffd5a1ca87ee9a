// Blocks of a vpncfg that say who and what is meant: nothing of them is dropped, and what is not understood
// is refused with its line.
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "config/load.hpp"

namespace causeway::config {
namespace {

struct Parts {
    std::string localid = "localid { fqdn = \"a.example\"; }";
    std::string remoteid = "remoteid { fqdn = \"b.example\"; }";
    std::string local = "phase2localid { ipnet { ipaddr = 10.1.0.0; mask = 255.255.0.0; } }";
    std::string remote = "phase2remoteid { ipnet { ipaddr = 10.2.0.0; mask = 255.255.0.0; } }";
    std::string more{};
    std::string in_vpncfg{};
    std::string outside{};
};

// Lines: 3 key, 4 localid, 5 remoteid, 6 phase2localid, 7 phase2remoteid, 8 more, 10 in the vpncfg, 12
// outside.
std::string file(const Parts& parts) {
    return "vpncfg {\nconnections { name = \"n\"; remotehostname = \"b.example\"; mode = phase1_mode_idp;"
           " phase1ss = \"all/all/all\"; phase2ss = \"esp-all-all/ah-none/comp-all/pfs\";\n"
           "key = \"kkkkkkkkkkkkkkkkkkkkkkkk\";\n" +
           parts.localid + "\n" + parts.remoteid + "\n" + parts.local + "\n" + parts.remote + "\n" +
           parts.more + "\n}\n" + parts.in_vpncfg + "\n}\n" + parts.outside + "\n";
}

struct Case {
    Parts parts;
    unsigned line;
    std::string_view expected;
};

/// The remarks of the line, one below the other.
std::string said(const Model& model, unsigned line, Severity severity) {
    std::string all;
    for (const auto& remark : model.findings) {
        if (remark.place().line == line && remark.severity == severity) {
            all += remark.text() + "\n";
        }
    }
    return all;
}

Model read(const Parts& parts) {
    auto model = load(file(parts), "vpn.cfg");
    EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().text());
    return model ? std::move(*model) : Model{};
}

TEST(VpncfgParts, DialInUsersOfABoxAreOneNote) {
    const auto user = [](const std::string& name) {
        return "connections { name = \"" + name +
               "\"; conn_type = conntype_user; use_xauth = yes; use_cfgmode = yes; keytype = "
               "connkeytype_pre_shared; }\n";
    };
    std::string users;
    for (const std::string name : {"anna", "bo", "carl", "dora", "emil", "frida", "gus"}) {
        users += user(name);
    }
    const auto model = read({.in_vpncfg = users});
    EXPECT_EQ(model.peers.size(), 1U);
    ASSERT_EQ(model.findings.size(), 1U);
    EXPECT_EQ(model.findings.front().text(),
              "vpn.cfg:10: note: 7 dial-in users: \"anna\", \"bo\", \"carl\", \"dora\", \"emil\", ...: left "
              "out; causeway joins networks; dial-in users stay with the box");
    EXPECT_TRUE(model.findings.front().dropped);
}

TEST(VpncfgParts, TheFileOfTheseTestsHasNothingToSay) {
    const auto model = read({});
    EXPECT_TRUE(model.findings.empty()) << model.findings.front().text();
    EXPECT_EQ(model.peers.size(), 1U);
}

TEST(VpncfgParts, AnIdentityThatIsNotUnderstoodIsNeverAnybody) {
    for (const std::string key : {"remoteid", "localid"}) {
        const std::vector<std::pair<std::string, std::string_view>> cases{
            {" = \"b.example\";", "has a value and no block"},
            {" = b;", "has a value and no block"},
            {" { ipnet { ipaddr = 10.2.0.0; mask = 255.255.0.0; } }", "unknown block 'ipnet'"},
            {" { fqdm = \"b.example\"; }", "did you mean 'fqdn'?"},
            {" { certificate = \"b\"; }", "unknown key 'certificate'"},
            {" { fqdn = \"b.example\"; key_id = \"b\"; }", "names 2 identities"},
            {" { fqdn = \"b.example\"; fqdn = \"c.example\"; }", "names 2 identities"},
            {" { fqdn = \"b.example\", \"c.example\"; }", "more than one value"},
            {" { fqdn { } }", "a block and no value"},
            {" { fqdn = \"\"; }", "is empty"},
            {" { fqdn = \"b\\nc\"; }", "has more than one line"},
            {" { }", "names 0 identities"},
            {" { fqdn = \"b.example\"; } { fqdn = \"c.example\"; }", "has 2 blocks"},
            {" { ipaddr = b; }", "is not an IP address"},
            {" { fqdn = \"$$$$ABCDEF\"; }", "encrypted by the box"},
        };
        for (const auto& [text, expected] : cases) {
            Parts parts;
            (key == "remoteid" ? parts.remoteid : parts.localid) = key + text;
            const auto model = read(parts);
            EXPECT_TRUE(model.peers.empty()) << key << text;
            const auto errors = said(model, key == "remoteid" ? 5 : 4, Severity::error);
            EXPECT_NE(errors.find(expected), std::string::npos) << key << text << "\n" << errors;
        }
    }
}

TEST(VpncfgParts, UnspecifiedAddressesAreNotSet) {
    Parts parts;
    parts.remoteid = "remoteid { ipaddr = 0.0.0.0; }";
    const auto model = read(parts);
    ASSERT_EQ(model.peers.size(), 1U);
    EXPECT_TRUE(model.peers[0].remote_id_any);
    EXPECT_EQ(model.findings.size(), 1U);  // it is said
}

TEST(VpncfgParts, NetworksThatAreNotUnderstoodAreRefused) {
    for (const std::string key : {"phase2localid", "phase2remoteid"}) {
        const std::string net = "ipnet { ipaddr = 10.2.0.0; mask = 255.255.0.0; }";
        const std::vector<std::pair<std::string, std::string_view>> cases{
            {" = 10.2.0.0;", "has a value and no block"},
            {" { " + net + " " + net + " }", "names 2 networks"},
            {" { ipnet { ipaddr = 10.2.0.0; mask = 255.255.0.0; } { ipaddr = 10.3.0.0; mask = 255.255.0.0; } "
             "}",
             "has 2 blocks"},
            {" { " + net + " } { " + net + " }", "has 2 blocks"},
            {" { " + net + " ipaddr = 10.3.0.1; }", "names 2 networks"},
            {" { iprange = 10; }", "unknown key 'iprange'"},
            {" { ipned { ipaddr = 10.2.0.0; mask = 255.255.0.0; } }", "did you mean 'ipnet'?"},
            {" { ipnet { ipaddr = 10.2.0.0; maks = 255.255.0.0; } }", "did you mean 'mask'?"},
            {" { ipnet { ipaddr = 10.2.0.0, 10.3.0.0; mask = 255.255.0.0; } }", "more than one value"},
            {" { ipnet { ipaddr = 10.2.0.0; } }", "names no network"},
            {" { ipnet = 10; }", "has a value and no block"},
            {" { }", "names no network"},
            {" { ipnet { ipaddr = 10.2.0.0; mask = 255.0.255.0; } }", "is not a network mask"},
            {" { ipnet { ipaddr = 10.2; mask = 255.255.0.0; } }", "is not an IPv4 network"},
        };
        for (const auto& [text, expected] : cases) {
            Parts parts;
            (key == "phase2remoteid" ? parts.remote : parts.local) = key + text;
            const auto model = load(file(parts), "vpn.cfg");
            if (!model) {  // "10.2" is no word
                continue;
            }
            EXPECT_TRUE(model->peers.empty()) << key << text;
            const auto errors = said(*model, key == "phase2remoteid" ? 7 : 6, Severity::error);
            EXPECT_NE(errors.find(expected), std::string::npos) << key << text << "\n" << errors;
        }
    }
}

TEST(VpncfgParts, AnAddressInsideANetworkIsTheNetworkWithANote) {
    Parts parts;
    parts.local = "phase2localid { ipnet { ipaddr = 192.168.1.1; mask = 255.255.255.0; } }";
    const auto model = read(parts);
    ASSERT_EQ(model.peers.size(), 1U);
    EXPECT_EQ(model.peers[0].tunnels.at(0).local.text(), "192.168.1.0/24");
    EXPECT_NE(said(model, 6, Severity::note).find("192.168.1.1 with mask 255.255.255.0"), std::string::npos);
    EXPECT_EQ(model.counts().warnings, 0U);
}

TEST(VpncfgParts, WhatWouldBeLostIsNamedWithItsLine) {
    const std::string other = "vpncfg { connections { name = \"m\"; } }";
    std::vector<Case> errors(10);
    errors[0] = {{.more = "remotid { fqdn = \"c.example\"; }"}, 8, "did you mean 'remoteid'?"};
    errors[1] = {{.more = "phase2localids { ipaddr = 10.3.0.1; }"}, 8, "did you mean 'phase2localid'?"};
    errors[2] = {{.more = "remoteid { fqdn = \"c.example\"; }"}, 8, "is set twice"};
    errors[3] = {{.more = "phase2remoteid { ipaddr = 10.3.0.1; }"}, 8, "is set twice"};
    errors[4] = {{.more = "enabled { }"}, 8, "has a block and no value"};
    errors[5] = {{.in_vpncfg = "conections { name = \"m\"; }"}, 10, "did you mean 'connections'?"};
    errors[6] = {{.in_vpncfg = "connections = 5;"}, 10, "has a value and no block"};
    errors[7] = {{.outside = other}, 12, "a second vpncfg"};
    errors[8] = {{.outside = "vpncfgs { connections { name = \"m\"; } }"}, 12, "did you mean 'vpncfg'?"};
    errors[9] = {{.more = "remotid = \"c.example\";"}, 8, "did you mean 'remoteid'?"};
    for (const auto& one : errors) {
        const auto model = read(one.parts);
        const auto found = said(model, one.line, Severity::error);
        EXPECT_NE(found.find(one.expected), std::string::npos) << one.expected << "\n" << found;
    }
    const Case warnings[] = {
        {{.more = "always_renew = yes, no;"}, 8, "has 2 values"},
        {{.more = "guests { a = 1; }"}, 8, "unknown block 'guests'"},
        {{.in_vpncfg = "guests { a = 1; }"}, 10, "unknown block 'guests'"},
        {{.in_vpncfg = "ike_forward_rule = \"x\";"}, 10, "did you mean 'ike_forward_rules'?"},
        {{.outside = "dslifaces { a = 1; }"}, 12, "'dslifaces' beside the vpncfg"},
    };
    for (const auto& one : warnings) {
        const auto model = read(one.parts);
        EXPECT_EQ(model.peers.size(), 1U) << one.expected;
        const auto found = said(model, one.line, Severity::warning);
        EXPECT_NE(found.find(one.expected), std::string::npos) << one.expected << "\n" << found;
    }
    for (const char* const quiet :
         {"vpncfg_version = 4;", "global { wg_listen_port = 51820; }",
          "ike_forward_rules = \"udp 0.0.0.0:500 0.0.0.0:500\", \"udp 0.0.0.0:4500 0.0.0.0:4500\";"}) {
        EXPECT_TRUE(read({.in_vpncfg = quiet}).findings.empty()) << quiet;
    }
}

TEST(VpncfgParts, AMisspeltBlockIsNamedAlsoWhenNothingIsLeft) {
    EXPECT_NE(load("vpncfg {\nconections { name = \"m\"; }\n}", "f")
                  .error()
                  .text()
                  .find("line 2 has 'conections': did you mean 'connections'?"),
              std::string::npos);
    EXPECT_NE(load("vpncfgs {\nconnections { name = \"m\"; }\n}", "f", Format::vpncfg)
                  .error()
                  .text()
                  .find("line 1 has 'vpncfgs': did you mean 'vpncfg'?"),
              std::string::npos);
}

}  // namespace
}  // namespace causeway::config
