// The recipe's two files, which connect, with one line changed at a time: which code, how grave, and where.
#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "check/check.hpp"
#include "config/load.hpp"

namespace causeway::check {
namespace {

std::string recipe(const std::string& name) {
    std::ifstream file(std::string(CAUSEWAY_SOURCE_DIR) + "/examples/recipe/" + name, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

struct Change {
    std::string from;
    std::string to;
};

std::string changed(std::string text, const std::vector<Change>& changes) {
    for (const auto& [from, to] : changes) {
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at == std::string::npos ? 0 : at, at == std::string::npos ? 0 : from.size(), to);
    }
    return text;
}

/// "code severity ours:LINE theirs:LINE", errors and warnings, in the order in which they are found.
struct Told {
    Connects connects = Connects::unknown;
    std::vector<std::string> all;
    std::string text;  ///< everything, notes too
};

Told told(const std::vector<Change>& ours, const std::vector<Change>& theirs,
          const std::string& their_file = "vpncfg.main-mode") {
    const auto our_model = config::load(changed(recipe("ipsec"), ours), "ours");
    const auto their_model = config::load(changed(recipe(their_file), theirs), "theirs");
    EXPECT_TRUE(our_model && their_model);
    Told told;
    if (!our_model || !their_model) {
        return told;
    }
    const auto outcome = check(*our_model, *their_model);
    told.connects = outcome.connects;
    for (const auto& one : outcome.findings) {
        told.text += one.text() + "\n";
        // The recipe's own key is in every pair but where it is changed.
        if (one.severity == Severity::note || one.code() == Code::psk_published) {
            continue;
        }
        auto line = fmt::format("{} {}", text(one.code()), name_of(one.severity));
        for (const auto& place : one.places) {
            line += place.known() ? fmt::format(" {}:{}", *place.file, place.line) : " -";
        }
        told.all.push_back(std::move(line));
    }
    return told;
}

using Lines = std::vector<std::string>;

TEST(CheckRules, TheRecipeConnectsAndItsSuiteIsOfItsTime) {
    const auto result = told({}, {});
    EXPECT_EQ(result.connects, Connects::yes) << result.text;
    EXPECT_EQ(result.all, Lines{}) << result.text;
    EXPECT_NE(result.text.find("this key is printed in a published recipe"), std::string::npos)
        << result.text;
    EXPECT_NE(result.text.find("aes128-sha1-modp1024 will be used"), std::string::npos) << result.text;
    EXPECT_NE(result.text.find("aes256-sha512-modp1024"), std::string::npos) << result.text;
}

TEST(CheckRules, TheModeThatCostTheRecipesAuthorAnEvening) {
    const auto result = told({}, {}, "vpncfg");
    EXPECT_EQ(result.connects, Connects::no);
    EXPECT_EQ(result.all, Lines{"mode-mismatch error ours:9 theirs:20"}) << result.text;
    EXPECT_NE(result.text.find("there: mode = phase1_mode_idp;"), std::string::npos) << result.text;
}

TEST(CheckRules, KeysThatDifferAreNeverShown) {
    const auto blank = told({{"raiPi'", "raiPi '"}}, {});
    EXPECT_EQ(blank.connects, Connects::no);
    EXPECT_EQ(blank.all, Lines{"psk-differs error ours:13 theirs:23"}) << blank.text;
    EXPECT_NE(blank.text.find("31 octets here, 30 there; here it has blanks at an end"), std::string::npos)
        << blank.text;
    EXPECT_EQ(blank.text.find("wBN4"), std::string::npos);

    EXPECT_NE(told({{"wBN4", "wbn4"}}, {}).text.find("only capital and small letters differ"),
              std::string::npos);
    EXPECT_NE(told({{"KbOL4", "Kb0L4"}}, {}).text.find("look alike"), std::string::npos);
    EXPECT_NE(told({{"raiPi'", "rai'"}}, {}).text.find("here it ends early"), std::string::npos);
    EXPECT_EQ(told({{"wBN4", "xyz4"}}, {}).text.find("; only"), std::string::npos);
}

TEST(CheckRules, Identities) {
    const auto typo = told({{"@remotesite.dyndns.org", "@remotsite.dyndns.org"}}, {});
    EXPECT_EQ(typo.all, Lines{"id-differs error ours:11 theirs:15"}) << typo.text;
    EXPECT_NE(typo.text.find("one letter or two differ"), std::string::npos) << typo.text;

    const auto swapped = told({{"local_identifier' '@localsite", "local_identifier' '@remotesite"},
                               {"remote_identifier' '@remotesite", "remote_identifier' '@localsite"}},
                              {});
    EXPECT_EQ(swapped.all, Lines{"ids-swapped error ours:10 theirs:15 ours:11 theirs:18"}) << swapped.text;

    const auto missing = told({{"  option 'local_identifier' '@localsite.dyndns.org'\n", ""}}, {});
    EXPECT_EQ(missing.all, Lines{"id-missing error ours:6 theirs:18"}) << missing.text;

    const auto kind = told({{"'@localsite.dyndns.org'", "'keyid:localsite.dyndns.org'"}}, {});
    EXPECT_EQ(kind.connects, Connects::no);

    EXPECT_EQ(told({{"@localsite.dyndns.org", "@LocalSite.DynDNS.org"}}, {}).all, Lines{});
}

TEST(CheckRules, Phase1Suites) {
    const auto beyond = told({{"'hash_algorithm' 'sha1'", "'hash_algorithm' 'sha256'"}}, {});
    EXPECT_EQ(beyond.connects, Connects::no);
    EXPECT_EQ(beyond.all.size(), 1U) << beyond.text;
    EXPECT_EQ(beyond.all.front(), "crypto-beyond-box error ours:14 theirs:21") << beyond.text;

    const auto group =
        told({{"'dh_group' 'modp1024'", "'dh_group' 'modp2048'"}}, {{"\"all/all/all\"", "\"alt/aes/sha\""}});
    EXPECT_EQ(group.all, Lines{"phase1-group-differs error ours:14 theirs:21"}) << group.text;
    EXPECT_NE(group.text.find("there: phase1ss = \"dh14/aes/sha\";"), std::string::npos) << group.text;

    const auto hash = told({{"'hash_algorithm' 'sha1'", "'hash_algorithm' 'sha512'"}},
                           {{"\"all/all/all\"", "\"alt/aes/sha\""}});
    EXPECT_EQ(hash.all, Lines{"phase1-hash-differs error ours:14 theirs:21"}) << hash.text;

    const auto cipher = told({}, {{"\"all/all/all\"", "\"alt/3des/sha\""}});
    EXPECT_EQ(cipher.all, Lines{"phase1-encryption-differs error ours:14 theirs:21"}) << cipher.text;

    const auto length = told({}, {{"\"all/all/all\"", "\"alt/aes-3des/sha\""}});
    EXPECT_EQ(length.all, Lines{"phase1-keylength-differs error ours:14 theirs:21"}) << length.text;

    const auto several = told({{"'hash_algorithm' 'sha1'", "'hash_algorithm' 'sha512'"},
                               {"'dh_group' 'modp1024'", "'dh_group' 'modp2048'"}},
                              {{"\"all/all/all\"", "\"alt/aes/sha\""}});
    EXPECT_EQ(several.all, Lines{"no-common-suite error ours:14 theirs:21"}) << several.text;
}

TEST(CheckRules, Phase2Suites) {
    const auto pfs = told({}, {{"comp-all/pfs", "comp-all/no-pfs"}});
    EXPECT_EQ(pfs.connects, Connects::no);
    EXPECT_EQ(pfs.all, Lines{"pfs-one-side error ours:25 theirs:40"}) << pfs.text;
    EXPECT_NE(pfs.text.find("here: remove option pfs_group"), std::string::npos) << pfs.text;
    const auto cipher = told({}, {{"esp-all-all/ah-none/comp-all/pfs", "esp-3des-sha/ah-no/comp-no/pfs"}});
    EXPECT_EQ(cipher.all, Lines{"phase2-encryption-differs error ours:25 theirs:40"}) << cipher.text;
}

TEST(CheckRules, Networks) {
    const auto swapped = told({{"'192.168.1.0/24'", "'192.168.0.0/24'"},
                               {"remote_subnet' '192.168.0.0/24'", "remote_subnet' '192.168.1.0/24'"}},
                              {});
    EXPECT_EQ(swapped.connects, Connects::no);
    EXPECT_EQ(swapped.all, Lines{"phase2-networks-swapped error ours:23 theirs:30 ours:24 theirs:36"})
        << swapped.text;

    const auto mask = told({{"'192.168.0.0/24'", "'192.168.0.0/25'"}}, {});
    EXPECT_EQ(mask.all, Lines{"phase2-mask-differs error ours:24 theirs:30"}) << mask.text;

    const auto other = told({{"'192.168.0.0/24'", "'192.168.7.0/24'"}}, {});
    EXPECT_EQ(other.all, Lines{"phase2-networks-differ error ours:24 theirs:30"}) << other.text;
    EXPECT_NE(other.text.find("here: option remote_subnet '192.168.0.0/24'"), std::string::npos)
        << other.text;
    EXPECT_NE(
        other.text.find("there: phase2localid { ipnet { ipaddr = 192.168.7.0; mask = 255.255.255.0; } }"),
        std::string::npos)
        << other.text;

    const std::string more = "  list   'tunnel' 'site2site_lan'\n";
    const auto two =
        told({{more, more + "  list   'tunnel' 'second'\n"},
              {"config 'p2_proposal'",
               "config 'tunnel' 'second'\n  option 'local_subnet' '192.168.1.0/24'\n  option 'remote_subnet' "
               "'10.9.0.0/16'\n  option 'p2_proposal' 'g2_aes_sha1'\n\nconfig 'p2_proposal'"}},
             {});
    EXPECT_EQ(two.all, Lines{"box-one-network error ours:30 theirs:2"}) << two.text;
}

TEST(CheckRules, TwoFaultsAreToldAtOnce) {
    const auto both = told({{"raiPi'", "rai'"}}, {{"comp-all/pfs", "comp-all/no-pfs"}});
    EXPECT_EQ(both.all,
              (Lines{"psk-differs error ours:13 theirs:23", "pfs-one-side error ours:25 theirs:40"}))
        << both.text;
}

TEST(CheckRules, NobodyDials) {
    const auto nobody = told({{"'gateway' 'remotesite.dyndns.org'", "'gateway' 'any'"}},
                             {{"remotehostname = \"localsite.dyndns.org\";", ""}});
    EXPECT_EQ(nobody.connects, Connects::no);
    EXPECT_EQ(nobody.all.front(), "nobody-dials error ours:8 theirs:2") << nobody.text;
}

TEST(CheckRules, NamesThatLookLikeASlip) {
    const auto slip = told({{"'gateway' 'remotesite.dyndns.org'", "'gateway' 'remotsite.dyndns.org'"}}, {});
    EXPECT_EQ(slip.all, Lines{"peer-name-not-theirs warning ours:8 theirs:15"}) << slip.text;
}

TEST(CheckRules, LifetimesAreANote) {
    const auto lifetimes = told({}, {});
    EXPECT_NE(lifetimes.text.find("note"), std::string::npos);
    const auto is_short = told({{"  option 'exchange_mode' 'main'\n",
                                 "  option 'exchange_mode' 'main'\n  option 'ikelifetime' '60'\n"}},
                               {});
    EXPECT_TRUE(std::ranges::any_of(is_short.all, [](const auto& one) {
        return one.starts_with("lifetime-differs warning");
    })) << is_short.text;
}

TEST(CheckRules, AloneAgainstWhatABoxIsKnownToTake) {
    const auto model = config::load(
        changed(recipe("ipsec"), {{"'hash_algorithm' 'sha1'", "'hash_algorithm' 'sha384'"}}), "ours");
    ASSERT_TRUE(model);
    const auto outcome = check_alone(*model, true);
    EXPECT_EQ(outcome.connects, Connects::unknown);
    const auto found = std::ranges::find(outcome.findings, Code::crypto_beyond_box, &Finding::code);
    ASSERT_NE(found, outcome.findings.end());
    EXPECT_NE(found->message().find("sha384"), std::string::npos);
    EXPECT_TRUE(std::ranges::any_of(outcome.findings,
                                    [](const auto& one) { return one.code() == Code::peer_assumed; }));
}

TEST(CheckRules, EntriesThatBelongTogetherAreFound) {
    // The other file has three connections, of which one is ours under another name and place.
    const auto box = recipe("vpncfg.main-mode");
    const auto at = box.find("\tike_forward_rules");
    const auto begin = box.find("\tconnections {");
    const auto block = box.substr(begin, at - begin);
    const auto other = changed(block, {{"Site2Site VPN", "Office"},
                                       {"localsite", "office"},
                                       {"remotesite", "elsewhere"},
                                       {"localsite", "office"},
                                       {"wBN4HKbOL4SrbQf9MCa2HLWh6raiPi", "Qd71HKbOL4SrbQf9MCa2HLWh6raXXX"},
                                       {"192.168.1.0", "172.20.0.0"},
                                       {"permit ip any 192.168.1.0", "permit ip any 172.20.0.0"}});
    const auto both = box.substr(0, begin) + other + block + box.substr(at);
    const auto ours = config::load(recipe("ipsec"), "ours");
    const auto theirs = config::load(both, "theirs");
    ASSERT_TRUE(ours && theirs) << (theirs ? "" : theirs.error().text());
    const auto outcome = check(*ours, *theirs);
    ASSERT_EQ(outcome.connections.size(), 1U);
    EXPECT_EQ(outcome.connections.front().theirs->name, "Site2Site VPN");
    EXPECT_NE(outcome.connections.front().why_together.find("networks"), std::string::npos);
    EXPECT_EQ(outcome.connects, Connects::yes);
}

}  // namespace
}  // namespace causeway::check
