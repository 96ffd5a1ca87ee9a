// A file of sites: what it means, what is wrong with it and where, and what its README says.
#include "pair/star.hpp"

#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/findings.hpp"
#include "pair/read_star.hpp"
#include "pair/readme.hpp"

namespace causeway::pair {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view office =
    "config site 'office'\n"
    "\toption name 'office.example.org'\n"
    "\toption lan '192.168.1.0/24'\n"
    "\toption role 'hub'\n";
constexpr std::string_view berlin =
    "config site 'berlin'\n"
    "\toption name 'berlin.example.org'\n"
    "\tlist lan '192.168.178.0/24'\n"
    "\toption kind 'fritzbox'\n"
    "\toption role 'spoke'\n";
constexpr std::string_view rome =
    "config site 'rome'\n"
    "\toption name 'rome.example.org'\n"
    "\toption lan '10.3.0.0/16'\n"
    "\toption kind 'strongswan'\n"
    "\toption role 'spoke'\n";

std::string all_sites() {
    return fmt::format("{}{}{}", office, berlin, rome);
}

std::vector<std::string> texts_of(const std::vector<Finding>& findings) {
    std::vector<std::string> texts;
    for (const auto& one : findings) {
        texts.push_back(fmt::format("{}: {}: {}", one.place().text(), name_of(one.severity), one.sentence()));
    }
    return texts;
}

/// What is said of a file that makes no star.
std::vector<std::string> wrong(const std::string& text) {
    std::vector<Finding> findings;
    EXPECT_FALSE(read_star(text, "sites", findings)) << text;
    for (const auto& one : findings) {
        EXPECT_EQ(one.severity, Severity::error) << one.text();
        EXPECT_NE(one.remedy(), "") << one.text();
    }
    return texts_of(findings);
}

/// The three sites, with one text in place of another.
std::string with(std::string_view what, std::string_view instead) {
    auto text = all_sites();
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), instead);
}

/// Counts up, so that no two keys are the same.
class Counting : public RandomSource {
 public:
    void fill(std::span<std::uint8_t> octets) override {
        for (auto& octet : octets) {
            octet = next_;
            next_ = static_cast<std::uint8_t>(next_ + 7);
        }
        ++next_;
    }

 private:
    std::uint8_t next_ = 0;
};

Star star() {
    std::vector<Finding> findings;
    auto read = read_star(all_sites(), "sites", findings);
    EXPECT_THAT(texts_of(findings), IsEmpty());
    Counting random;
    draw_keys(*read, random);
    return *read;
}

TEST(Star, IsReadAsItIsWritten) {
    const auto read = star();
    EXPECT_EQ(read.hub.title, "office");
    EXPECT_EQ(read.hub.site.name, "office.example.org");
    EXPECT_EQ(read.hub.site.lan.text(), "192.168.1.0/24");
    EXPECT_EQ(read.hub.site.kind, Kind::causeway);
    ASSERT_EQ(read.spokes.size(), 2U);
    EXPECT_EQ(read.spokes[0].title, "berlin");
    EXPECT_EQ(read.spokes[0].site.kind, Kind::fritzbox);
    EXPECT_EQ(read.spokes[0].site.lan.text(), "192.168.178.0/24");
    EXPECT_EQ(read.spokes[1].site.kind, Kind::strongswan);
}

TEST(Star, TheHubMayStandAnywhere) {
    std::vector<Finding> findings;
    const auto read = read_star(fmt::format("{}{}", berlin, office), "sites", findings);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->hub.title, "office");
    EXPECT_EQ(read->spokes.front().title, "berlin");
}

TEST(Star, EachFaultIsSaidOnceWithItsPlaceAndTheRemedy) {
    struct Row {
        std::string text;
        std::string said;
    };
    for (
        const auto& [text, said] : {
            Row{with("'office.example.org'", "'office example'"),
                "sites:2:14: error: 'name' of site 'office': 'office example' is not a DNS name; write a "
                "name "
                "such as office.example.org"},
            {with("office.example.org", "192.0.2.1"),
             "sites:2:14: error: 'name' of site 'office': '192.0.2.1' is not a DNS name; write a name such "
             "as "
             "office.example.org"},
            {with("192.168.1.0/24", "192.168.1.7/24"),
             "sites:3:13: error: 'lan' of site 'office': '192.168.1.7/24' is an address inside a network; "
             "write "
             "the network: 192.168.1.0/24"},
            {with("192.168.1.0/24", "192.168.1.0/33"),
             "sites:3:13: error: 'lan' of site 'office': '192.168.1.0/33' is not an IPv4 network; write a "
             "network such as 192.168.1.0/24"},
            {with("192.168.1.0/24", "192.168.1.0"),
             "sites:3:13: error: 'lan' of site 'office': 192.168.1.0/32 is not the network of a LAN; write a "
             "network such as 192.168.1.0/24"},
            {with("'fritzbox'", "'fritz'"),
             "sites:8:14: error: 'kind' of site 'berlin': 'fritz' is no kind of site; write openwrt, "
             "fritzbox or "
             "strongswan"},
            {with("'hub'", "'centre'"),
             "sites:4:14: error: 'role' of site 'office': 'centre' is no role; write hub or spoke"},
            {with("option kind", "option kid"),
             "sites:8:2: error: unknown option 'kid' in site 'berlin'; did you mean 'kind'?"},
            {with("option role", "option rol"),
             "sites:4:2: error: unknown option 'rol' in site 'office'; did you mean 'role'?"},
            {with("option kind", "option colour"),
             "sites:8:2: error: unknown option 'colour' in site 'berlin'; a site has name, lan, kind and "
             "role"},
            {with("\toption name 'office.example.org'\n", ""),
             "sites:1:1: error: site 'office' has no option 'name'; write option name 'office.example.org', "
             "the "
             "DNS name of this site"},
            {with("\toption lan '192.168.1.0/24'\n", ""),
             "sites:1:1: error: site 'office' has no option 'lan'; write option lan '192.168.1.0/24', the "
             "network of this site"},
            {with("\toption role 'hub'\n", ""),
             "sites:1:1: error: site 'office' has no option 'role'; write option role 'hub' in one site, "
             "and "
             "option role 'spoke' in all others"},
            {with("\tlist lan '192.168.178.0/24'\n",
                  "\tlist lan '192.168.178.0/24'\n\tlist lan '192.168.179.0/24'\n"),
             "sites:8:11: error: 'lan' of site 'berlin' has 2 values, and a site has one; write one network "
             "that "
             "holds them all"},
            {with("berlin.example.org", "OFFICE.example.org."),
             "sites:6:14: error: site 'berlin' and site 'office' are both called 'OFFICE.example.org.', and "
             "the "
             "name is what a peer is known by; give each site a DNS name of its own"},
            {with("10.3.0.0/16", "192.168.0.0/16"),
             "sites:12:13: error: 192.168.0.0/16 of site 'rome' and 192.168.1.0/24 of site 'office' overlap: "
             "nothing says where an address is; renumber one of the two LANs"},
            {with("'spoke'", "'hub'"),
             "sites:9:14: error: site 'berlin' is a hub, and so is site 'office' in line 4; write option "
             "role "
             "'spoke' in all but one"},
            {with("'hub'", "'spoke'"),
             "sites:1:1: error: none of the sites is the hub; write option role 'hub' in the one that all "
             "others call"},
            {std::string(office),
             "sites:4:14: error: the hub has no spoke; add a config site with option role 'spoke'"},
            {"",
             "sites:1:1: error: none of the sites is the hub; write option role 'hub' in the one that all "
             "others call"},
            {with("config site 'berlin'", "config site"),
             "sites:5:1: error: this site has no name of its own; "
             "write config site 'berlin': the name becomes its "
             "folder's"},
            {with("'berlin'", "'" + std::string(64, 'b') + "'"),
             "sites:5:1: error: the name of this site has 64 characters, and becomes the name of a folder; "
             "use "
             "63 at most"},
            {all_sites() + "config remote 'r'\n",
             "sites:15:1: error: 'config remote' is not a site; write config site 'NAME', or remove it"},
            {all_sites() + "config site 'rome'\n",
             "sites:15:1: error: site 'rome' is already in line 10, and a site is described once; join the "
             "two, "
             "or give this one a name of its own"},
            {with("\toption kind 'fritzbox'\n", "\toption kind 'fritzbox'\n\toption kind 'openwrt'\n"),
             "sites:9:2: error: option 'kind' is already set in line 8: this later one counts; remove one of "
             "them"},
        }) {
        const auto all = wrong(text);
        if (text.find("192.168.0.0/16") == std::string::npos) {
            EXPECT_THAT(all, ElementsAre(said)) << text;
        } else {
            EXPECT_THAT(all, testing::Contains(said)) << text;
        }
    }
}

TEST(Star, ANameThatLeavesItsFolderIsNone) {
    for (const auto* const name : {"'../berlin'", "'a/b'", "'.'", "'a b'"}) {
        const auto all = wrong(with("'berlin'", name));
        ASSERT_EQ(all.size(), 1U) << name;
        EXPECT_THAT(all.front(), HasSubstr("sites:5:1")) << name;
        EXPECT_THAT(all.front(), HasSubstr("a name has letters, digits and underscores only")) << name;
    }
}

TEST(Star, TheHubHasAPeerForEachSpokeAndEachPairAKeyOfItsOwn) {
    const auto what = star();
    const auto hub = model_of_hub(what);
    ASSERT_TRUE(hub) << hub.error().text();
    ASSERT_EQ(hub->peers.size(), 2U);
    ASSERT_EQ(what.keys.size(), 2U);
    EXPECT_NE(what.keys[0], what.keys[1]);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto spoke = model_of_spoke(what, i);
        ASSERT_TRUE(spoke);
        ASSERT_EQ(spoke->peers.size(), 1U);
        EXPECT_EQ(spoke->peers.front().name, "office");
        EXPECT_EQ(hub->peers[i].name, what.spokes[i].title);
        EXPECT_TRUE(equal(hub->peers[i].pre_shared_key.view(), spoke->peers.front().pre_shared_key.view()));
        EXPECT_EQ(what.keys[i].size(), 43U);
    }
    EXPECT_NE(hub->peers[0].tunnels.front().reqid, hub->peers[1].tunnels.front().reqid);
}

TEST(Star, ItsReadmeSendsEverySiteToItsFolderAndHasNoKey) {
    const auto what = star();
    const auto text = readme(what, Form::uci_g4);
    EXPECT_THAT(text,
                HasSubstr("A hub, office.example.org (192.168.1.0/24), with a tunnel to each of 2 spokes"));
    for (const auto* const part :
         {"  Its files are in office/.", "  Its files are in berlin/.", "  Its files are in rome/.",
          "Internet > Permit Access > VPN", "swanctl --load-all", "/etc/config/swanctl",
          "The spokes find this one by the name office.example.org",
          "The hub finds this one by the name rome.example.org"}) {
        EXPECT_THAT(text, HasSubstr(part));
    }
    for (const auto& key : what.keys) {
        EXPECT_THAT(text, Not(HasSubstr(key)));
    }
}

TEST(Site, ABoxIsAModelAndPerhapsItsVersion) {
    for (const auto* const good :
         {"7590", "7590@8.02", "7590 AX@08.02", "FRITZ!Box 6690 Cable", "7490@113.07.29"}) {
        EXPECT_TRUE(box_from(good)) << good;
    }
    EXPECT_EQ(box_from("FRITZ!Box 6690 Cable@8.02").value_or(""), "6690 Cable@8.02");
    for (const auto* const bad :
         {"", "@8.02", "7590@", "7590@eight", "7590@8.02@1", "75/90", "7590\n", "7590@.1"}) {
        EXPECT_FALSE(box_from(bad)) << bad;
    }
}

TEST(Site, TheReadmeNamesTheBox) {
    Description what{{"a.example.org", *Ipv4Net::parse("10.0.0.0/24")},
                     {"b.example.org", *Ipv4Net::parse("10.1.0.0/24"), {}, Kind::fritzbox, "7590@8.02"},
                     std::string(43, 'k'),
                     {},
                     {}};
    EXPECT_THAT(readme(what, Form::uci_g0, Form::vpncfg),
                HasSubstr("(b.example.org, 10.1.0.0/24, FRITZ!Box 7590 with FRITZ!OS 8.02)"));
    what.theirs.box = "7590";
    EXPECT_THAT(readme(what, Form::uci_g0, Form::vpncfg), HasSubstr("10.1.0.0/24, FRITZ!Box 7590)"));
}

}  // namespace
}  // namespace causeway::pair
