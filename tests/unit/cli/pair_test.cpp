// `pair`: every file that it writes fits its counterpart, is for its owner alone, and is written with all others or not
// at all.
#include "cli/pair.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include "check/check.hpp"
#include "cli/check.hpp"
#include "config/load.hpp"
#include "config/vpncfg/box.hpp"

namespace causeway::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string content(const fs::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

constexpr std::pair<const char*, const char*> spokes[] = {{"at_openwrt", "openwrt"},
                                                          {"at_fritzbox", "fritzbox"},
                                                          {"at_home", "fritzbox"},
                                                          {"at_strongswan", "strongswan"}};

class PairFolder : public testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "causeway-pair-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    /// A hub and four spokes, of every kind, two of them boxes.
    [[nodiscard]] Arguments arguments(const std::string& hub, const std::string& generation) const {
        std::ofstream file(folder_ / "sites");
        file << "config site 'office'\n option name office.example.org\n option lan 192.168.1.0/24\n"
             << fmt::format(" option kind {}\n option role hub\n", hub);
        unsigned number = 10;
        for (const auto& [name, kind] : spokes) {
            file << fmt::format(
                "config site '{0}'\n option name {0}.example.org\n option lan 10.{1}.0.0/24\n"
                " option kind {2}\n option role spoke\n",
                name, number++, kind);
        }
        Arguments given;
        given.sites = (folder_ / "sites").string();
        given.generation = generation;
        given.output = output().string();
        return given;
    }
    [[nodiscard]] fs::path output() const { return folder_ / "out"; }
    /// What it says on stderr, and what it ends with.
    static std::pair<Exit, std::string> run(const Arguments& given, std::string* names = nullptr) {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const auto exit = pair(given);
        const auto listed = testing::internal::GetCapturedStdout();
        if (names != nullptr) {
            *names = listed;
        }
        return {exit, testing::internal::GetCapturedStderr()};
    }

    fs::path folder_;
};

/// The files of one site that hold tunnels.
std::vector<fs::path> tunnels_in(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().filename() != "firewall.txt") {
            found.push_back(entry.path());
        }
    }
    return found;
}

struct Sided {
    config::Model model;
    std::vector<Finding> findings;
};

Sided side(const fs::path& path) {
    const auto text = content(path);
    auto model = config::load(text, path.string());
    EXPECT_TRUE(model) << path << (model ? "" : model.error().text());
    auto findings = config::vpncfg::what_a_box_lacks(text, FileName(path.string()));
    std::ranges::copy(model->findings, std::back_inserter(findings));
    return {std::move(*model), std::move(findings)};
}

/// As `causeway check OURS --peer THEIRS` does.
void expect_they_connect(const fs::path& ours, const fs::path& theirs) {
    const auto a = side(ours);
    const auto b = side(theirs);
    const auto outcome = check::check(a.model, b.model);
    const auto which = ours.string() + " and " + theirs.string();
    EXPECT_EQ(outcome.connects, check::Connects::yes) << which;
    for (const auto* const findings : {&a.findings, &b.findings, &outcome.findings}) {
        for (const auto& one : *findings) {
            EXPECT_EQ(one.severity, Severity::note) << which << "\n" << one.text();
        }
    }
}

TEST_F(PairFolder, EverySpokeFitsTheHubInEveryForm) {
    for (const auto& [hub, generation] : {std::pair{"openwrt", "g0"},
                                          {"openwrt", "g1"},
                                          {"openwrt", "g2"},
                                          {"openwrt", "g3"},
                                          {"openwrt", "g4"},
                                          {"fritzbox", "g0"},
                                          {"strongswan", "g4"}}) {
        fs::remove_all(output());
        const auto [exit, said] = run(arguments(hub, generation));
        ASSERT_EQ(exit, Exit::done) << said;
        EXPECT_THAT(said, Not(HasSubstr("error"))) << said;
        std::istringstream lines(said);
        std::set<std::string> once;
        for (std::string line; std::getline(lines, line);) {
            EXPECT_TRUE(once.insert(line).second) << line;
        }
        std::size_t pairs = 0;
        for (const auto& [spoke, kind] : spokes) {
            for (const auto& ours : tunnels_in(output() / "office")) {
                for (const auto& theirs : tunnels_in(output() / spoke)) {
                    expect_they_connect(ours, theirs);
                    expect_they_connect(theirs, ours);
                    ++pairs;
                }
            }
        }
        // strongSwan has one file, the others have a swanctl.conf beside their own.
        EXPECT_EQ(pairs, std::string(hub) == "strongswan" ? 7U : 14U) << hub;
    }
}

TEST_F(PairFolder, EachSiteHasItsFilesForItsOwnerAlone) {
    std::string names;
    ASSERT_EQ(run(arguments("openwrt", "g4"), &names).first, Exit::done);
    std::set<std::string> written;
    for (const auto& entry : fs::recursive_directory_iterator(output())) {
        if (entry.is_regular_file()) {
            written.insert(entry.path().string());
            struct stat facts {};
            ASSERT_EQ(::stat(entry.path().c_str(), &facts), 0);
            EXPECT_EQ(facts.st_mode & 07777U, 0600U) << entry.path();
        }
    }
    const auto at = [&](const char* name) { return (output() / name).string(); };
    EXPECT_THAT(written,
                testing::UnorderedElementsAre(
                    at("README.txt"), at("office/swanctl"), at("office/swanctl.conf"),
                    at("office/firewall.txt"), at("at_openwrt/swanctl"), at("at_openwrt/swanctl.conf"),
                    at("at_openwrt/firewall.txt"), at("at_fritzbox/vpn.cfg"), at("at_fritzbox/swanctl.conf"),
                    at("at_home/vpn.cfg"), at("at_home/swanctl.conf"), at("at_strongswan/swanctl.conf")));
    std::set<std::string> told;
    std::istringstream lines(names);
    for (std::string line; std::getline(lines, line);) {
        told.insert(line);
    }
    EXPECT_EQ(told, written);
}

TEST_F(PairFolder, ASpokesFilesHoldItsKeyAndNoOther) {
    ASSERT_EQ(run(arguments("openwrt", "g4")).first, Exit::done);
    const auto hub = side(output() / "office" / "swanctl");
    ASSERT_EQ(hub.model.peers.size(), 4U);
    for (const auto& peer : hub.model.peers) {
        const auto key = std::string(peer.pre_shared_key.view().begin(), peer.pre_shared_key.view().end());
        EXPECT_EQ(key.size(), 43U);
        for (const auto& [site, kind] : spokes) {
            for (const auto& path : tunnels_in(output() / site)) {
                EXPECT_EQ(content(path).find(key) != std::string::npos, peer.name == site)
                    << path << peer.name;
            }
        }
        EXPECT_EQ(content(output() / "README.txt").find(key), std::string::npos);
    }
}

TEST_F(PairFolder, NothingIsReplacedAndNothingHalfDone) {
    const auto given = arguments("openwrt", "g4");
    fs::create_directories(output() / "at_strongswan");
    std::ofstream(output() / "at_strongswan" / "swanctl.conf") << "mine\n";
    const auto [exit, said] = run(given);
    EXPECT_EQ(exit, Exit::unusable);
    EXPECT_THAT(said, HasSubstr("at_strongswan/swanctl.conf exists; --force replaces it"));
    EXPECT_EQ(content(output() / "at_strongswan" / "swanctl.conf"), "mine\n");
    EXPECT_FALSE(fs::exists(output() / "office"));
    auto forced = given;
    forced.force = true;
    EXPECT_EQ(run(forced).first, Exit::done);
    EXPECT_NE(content(output() / "at_strongswan" / "swanctl.conf"), "mine\n");
}

TEST_F(PairFolder, AFaultyFileOfSitesWritesNothing) {
    const auto given = arguments("hub", "g4");
    const auto [exit, said] = run(given);
    EXPECT_EQ(exit, Exit::unusable);
    EXPECT_THAT(said, HasSubstr("sites:4:14: error: 'kind' of site 'office': 'hub' is no kind of site; write "
                                "openwrt, fritzbox or strongswan [value-not-understood]"));
    EXPECT_FALSE(fs::exists(output()));
}

TEST_F(PairFolder, OptionsThatContradictEachOtherAreRefused) {
    auto given = arguments("openwrt", "g4");
    given.box = "7590";
    EXPECT_THAT(run(given).second, HasSubstr("--sites says what --ours, --theirs, --box and --ask are for"));
    given = arguments("openwrt", "g4");
    given.output.clear();
    EXPECT_THAT(run(given).second, HasSubstr("pair --sites needs --output"));
    given = arguments("openwrt", "g9");
    EXPECT_THAT(run(given).second, HasSubstr("--generation is g0 to g4, not 'g9'"));
    Arguments two;
    two.output = output().string();
    two.ours = "name=office.example.org,lan=192.168.1.0/24";
    two.theirs = "name=home.example.org,lan=192.168.2.0/24,kind=strongswan";
    two.box = "7590";
    EXPECT_THAT(run(two).second, HasSubstr("--theirs has another kind"));
    two.box.clear();
    two.theirs = "name=home.example.org,lan=192.168.1.0/25";
    EXPECT_THAT(run(two).second, HasSubstr("overlap"));
    two.theirs = "name=home.example.org,lan=192.168.1.7/24";
    EXPECT_THAT(run(two).second,
                HasSubstr("--theirs: '192.168.1.7/24' is an address inside a network; write the "
                          "network: 192.168.1.0/24"));
    two.theirs = "name=home.example.org";
    EXPECT_THAT(run(two).second, HasSubstr("--theirs needs name=NAME,lan=NETWORK"));
    EXPECT_FALSE(fs::exists(output()));
}

TEST_F(PairFolder, TheBoxIsNamedToWhoeverImportsTheFile) {
    Arguments two;
    two.output = output().string();
    two.ours = "name=office.example.org,lan=192.168.1.0/24";
    two.theirs = "name=home.example.org,lan=192.168.178.0/24";
    two.box = "7590@8.02";
    ASSERT_EQ(run(two).first, Exit::done);
    EXPECT_THAT(content(output() / "README.txt"), HasSubstr("FRITZ!Box 7590 with FRITZ!OS 8.02"));
    expect_they_connect(output() / "ours" / "ipsec", output() / "theirs" / "vpn.cfg");
}

TEST_F(PairFolder, NotesAreForWhoeverAsksForThem) {
    Arguments two;
    two.output = output().string();
    two.ours = "name=office.example.org,lan=192.168.1.0/24";
    two.theirs = "name=home.example.org,lan=192.168.178.0/24";
    two.box = "7590";
    EXPECT_EQ(run(two), std::pair(Exit::done, std::string()));
    two.verbose = true;
    two.force = true;
    EXPECT_THAT(run(two).second, HasSubstr("note: the FRITZ!Box's list 'all/all/all'"));
}

TEST(Check, ABoxBesideTheFileOfTheOtherSideIsRefused) {
    Arguments given;
    given.word = "ours";
    given.peer = "theirs";
    given.box = "7590";
    testing::internal::CaptureStderr();
    const auto exit = check(given);
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                HasSubstr("--box is for where the other side's file is not given, and --peer names it"));
    EXPECT_EQ(exit, Exit::unusable);
}

}  // namespace
}  // namespace causeway::cli
