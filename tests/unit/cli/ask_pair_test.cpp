// `pair --ask`: a script of answers goes in, and what is asked, refused and understood comes out.
#include "cli/ask_pair.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <gmock/gmock.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/own_lan.hpp"

namespace causeway::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Streams in memory instead of a terminal.
class Script {
 public:
    Script(const std::string& answers, std::optional<Ipv4Net> own_lan = {})
        : answers_(answers),
          in_(answers_.empty() ? std::fopen("/dev/null", "r")
                               : ::fmemopen(answers_.data(), answers_.size(), "r")),
          out_(::open_memstream(&text_, &size_)),
          dialogue(in_, out_, own_lan) {}
    Script(const Script&) = delete;
    Script& operator=(const Script&) = delete;
    ~Script() {
        std::fclose(in_);
        std::fclose(out_);
        std::free(text_);
    }
    std::string said() {
        std::fflush(out_);
        return {text_, size_};
    }

 private:
    std::string answers_;
    char* text_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* in_;
    std::FILE* out_;

 public:
    Dialogue dialogue;
};

constexpr const char* answers = "office.example.org\n192.168.1.0/24\n\nhome.example.org\n\n\n\n\n";

TEST(AskPair, AnEmptyAnswerTakesWhatStandsInBrackets) {
    Script script(answers);
    const auto got = script.dialogue.ask({});
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->ours.name, "office.example.org");
    EXPECT_EQ(got->ours.lan.text(), "192.168.1.0/24");
    EXPECT_EQ(got->ours.kind, pair::Kind::causeway);
    EXPECT_EQ(got->theirs.kind, pair::Kind::fritzbox);
    EXPECT_EQ(got->theirs.name, "home.example.org");
    EXPECT_EQ(got->theirs.lan.text(), "192.168.178.0/24");
    EXPECT_EQ(got->theirs.box, "");
    EXPECT_EQ(got->generation, "g0");
    EXPECT_EQ(got->folder, "tunnel");
    EXPECT_THAT(script.said(), HasSubstr("or strongswan [fritzbox]: "));
    EXPECT_THAT(script.said(), HasSubstr("Their network [192.168.178.0/24]: "));
    EXPECT_THAT(script.said(), HasSubstr("Our network: "));
}

TEST(AskPair, OurNetworkIsProposedWhereItIsKnown) {
    Script script("office.example.org\n\n\nhome.example.org\n\n7590@8.02\ng4\nfiles\n",
                  Ipv4Net::parse("10.9.0.0/24"));
    const auto got = script.dialogue.ask({});
    ASSERT_TRUE(got) << script.said();
    EXPECT_EQ(got->ours.lan.text(), "10.9.0.0/24");
    EXPECT_EQ(got->theirs.box, "7590@8.02");
    EXPECT_EQ(got->generation, "g4");
    EXPECT_EQ(got->folder, "files");
    EXPECT_THAT(script.said(), HasSubstr("Our network [10.9.0.0/24]: "));
}

TEST(AskPair, AWrongAnswerIsAskedForAgainWithTheReason) {
    Script script(
        "\n192.0.2.1\n  office.example.org "
        "\n192.168.1.1/24\n192.168.1.0/24\nfritz\nfritzbox\nOFFICE.example.org\n"
        "home.example.org\n192.168.0.0/16\n\n75/90\n7590\ng7\ng3\n\n");
    const auto got = script.dialogue.ask({});
    ASSERT_TRUE(got) << script.said();
    EXPECT_EQ(got->ours.name, "office.example.org");
    EXPECT_EQ(got->theirs.lan.text(), "192.168.178.0/24");
    EXPECT_EQ(got->theirs.box, "7590");
    EXPECT_EQ(got->generation, "g3");
    for (const auto* const reason :
         {"  '' is not a DNS name; write a name such as office.example.org\n",
          "  '192.0.2.1' is not a DNS name; ",
          "  '192.168.1.1/24' is an address inside a network; write the network: 192.168.1.0/24\n",
          "  'fritz' is no kind of site; write openwrt, fritzbox or strongswan\n",
          "  both ends are called 'office.example.org'; give each end a name of its own\n",
          "  the networks 192.168.1.0/24 and 192.168.0.0/16 overlap: nothing says on which side an address "
          "is; "
          "renumber one of the two LANs\n",
          "  '75/90' is not a model of the FRITZ!Box; ", "  --generation is g0 to g4, not 'g7'\n"}) {
        EXPECT_THAT(script.said(), HasSubstr(reason));
    }
}

TEST(AskPair, TheFactoryNetworkIsNotProposedWhereItIsOurs) {
    Script script(
        "office.example.org\n192.168.178.0/24\n\nhome.example.org\n192.168.178.0/24\n10.0.0.0/24\n\n\n\n");
    const auto got = script.dialogue.ask({});
    ASSERT_TRUE(got) << script.said();
    EXPECT_EQ(got->theirs.lan.text(), "10.0.0.0/24");
    EXPECT_THAT(script.said(), HasSubstr("Their network: "));
    EXPECT_THAT(script.said(), HasSubstr("192.168.178.0/24 and 192.168.178.0/24 overlap"));
}

TEST(AskPair, WhatTheOptionsSayIsNotAsked) {
    PairWords known;
    known.ours = {"office.example.org", Ipv4Net::parse("192.168.1.0/24"), {}};
    known.theirs.lan = Ipv4Net::parse("10.0.0.0/24");
    known.box = "7590";
    known.generation = "g2";
    known.folder = "files";
    Script script("home.example.org\n");
    const auto got = script.dialogue.ask(known);
    ASSERT_TRUE(got) << script.said();
    EXPECT_EQ(script.said(), "Their public name: ");
    EXPECT_EQ(got->theirs.name, "home.example.org");
    EXPECT_EQ(got->theirs.kind, pair::Kind::fritzbox);
    EXPECT_EQ(got->theirs.box, "7590");
    EXPECT_EQ(got->generation, "g2");
    EXPECT_EQ(got->folder, "files");
}

TEST(AskPair, OursIsHeldAgainstWhatTheOptionsSayOfTheirs) {
    PairWords known;
    known.theirs = {"home.example.org", Ipv4Net::parse("192.168.1.0/24"), pair::Kind::strongswan};
    Script script("home.example.org\noffice.example.org\n192.168.1.0/24\n10.1.0.0/24\ng0\n\n",
                  Ipv4Net::parse("192.168.1.0/25"));
    const auto got = script.dialogue.ask(known);
    ASSERT_TRUE(got) << script.said();
    EXPECT_EQ(got->ours.name, "office.example.org");
    EXPECT_EQ(got->ours.lan.text(), "10.1.0.0/24");
    EXPECT_THAT(script.said(), Not(HasSubstr("FRITZ!Box")));
    EXPECT_THAT(script.said(), Not(HasSubstr("[192.168.1.0/25]")));
}

TEST(AskPair, NoSchemaIsAskedForWhereNobodyRunsOpenWrt) {
    PairWords known;
    known.ours.kind = pair::Kind::strongswan;
    Script script("office.example.org\n192.168.1.0/24\nstrongswan\nhome.example.org\n10.0.0.0/24\n\n");
    EXPECT_TRUE(script.dialogue.ask(known)) << script.said();
    EXPECT_THAT(script.said(), Not(HasSubstr("schema")));
}

TEST(AskPair, TheInputMayEndAtEveryQuestion) {
    const std::string all = answers;
    std::size_t ends = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i != 0 && all[i - 1] != '\n') {
            continue;
        }
        Script script(all.substr(0, i));
        const auto got = script.dialogue.ask({});
        ASSERT_FALSE(got) << i;
        EXPECT_EQ(got.error().exit, Exit::unusable);
        EXPECT_THAT(got.error().what, HasSubstr("nothing is written"));
        ++ends;
    }
    EXPECT_EQ(ends, 8U);
}

TEST(AskPair, TheLastQuestionShowsAllAndTakesYesUnlessToldOtherwise) {
    PairAnswers all;
    all.ours.name = "office.example.org";
    all.ours.lan = *Ipv4Net::parse("192.168.1.0/24");
    all.theirs = {"home.example.org", *Ipv4Net::parse("10.0.0.0/24"), {}, pair::Kind::fritzbox, "7590"};
    all.generation = "g0";
    all.folder = "tunnel";
    struct Row {
        std::string answer;
        std::optional<bool> meant;
    };
    for (const auto& [answer, meant] : {Row{"\n", true},
                                        {"y\n", true},
                                        {"yes\n", true},
                                        {"n\n", false},
                                        {"perhaps\nno\n", false},
                                        {"", std::nullopt},
                                        {"perhaps\n", std::nullopt}}) {
        Script script(answer);
        const auto yes = script.dialogue.confirm(all, 7);
        EXPECT_EQ(yes ? std::optional(*yes) : std::nullopt, meant) << answer;
        EXPECT_THAT(script.said(), HasSubstr("Ours:   office.example.org, 192.168.1.0/24, OpenWrt schema g0\n"
                                             "Theirs: home.example.org, 10.0.0.0/24, FRITZ!Box 7590\n"
                                             "Folder: tunnel, 7 files\n"
                                             "Write these files? [Y/n] "));
    }
}

constexpr const char* routes =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
    "eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    "wan9\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n"
    "br-lan\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";

TEST(OwnLan, IsThePrivateNetworkThatTheDefaultRouteDoesNotLeaveBy) {
    const auto lan = [](const std::vector<OwnNetwork>& networks) {
        const auto found = lan_among(networks, routes);
        return found ? found->text() : "none";
    };
    const auto net = [](const char* text) { return *Ipv4Net::parse(text); };
    EXPECT_EQ(lan({{"eth0", net("192.168.1.0/24")}, {"br-lan", net("192.168.2.0/24")}}), "192.168.2.0/24");
    EXPECT_EQ(lan({{"eth0", net("192.168.1.0/24")}}), "none");
    EXPECT_EQ(lan({{"br-lan", net("198.51.100.0/24")}, {"br-lan", net("10.0.0.0/8")}}), "10.0.0.0/8");
    EXPECT_EQ(lan({{"tun0", net("10.0.0.1/32")}, {"lo2", net("169.254.0.0/16")}}), "none");
    // A route that refuses leads nowhere.
    EXPECT_EQ(lan({{"wan9", net("10.4.0.0/24")}}), "10.4.0.0/24");
}

}  // namespace
}  // namespace causeway::cli
