// The other side of a configuration.
#include "pair/mirror.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <string>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/load.hpp"
#include "pair/write.hpp"
#include "unit/config/reading.hpp"
#include "unit/pair/meaning.hpp"

namespace causeway::pair {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

config::Model model_of_file(const std::string& name) {
    auto model = config::load(config::content(config::data_folder() / name), name);
    EXPECT_TRUE(model) << name;
    return model ? std::move(*model) : config::Model{};
}

std::vector<Code> codes_of(const config::Model& model) {
    std::vector<Code> codes;
    for (const auto& finding : model.findings) {
        codes.push_back(finding.code());
    }
    return codes;
}

TEST(Mirror, OfTheRecipeIsTheBoxOfTheRecipe) {
    const auto ours = model_of_file("recipe.uci");
    const auto theirs = mirror(ours);
    EXPECT_THAT(theirs.findings, IsEmpty());
    ASSERT_EQ(theirs.peers.size(), 1U);
    const auto& peer = theirs.peers.front();
    EXPECT_EQ(addresses_text(peer), "to localsite.dyndns.org");
    EXPECT_EQ(text_of(peer.local_id), "FQDN remotesite.dyndns.org");
    EXPECT_EQ(text_of(peer.remote_id), "FQDN localsite.dyndns.org");
    EXPECT_EQ(peer.pre_shared_key, ours.peers.front().pre_shared_key);
    EXPECT_EQ(suites_of(peer.proposals), "aes128-sha1-modp1024 ");
    EXPECT_EQ(peer.lifetime.seconds, 10800U);
    ASSERT_EQ(peer.tunnels.size(), 1U);
    const auto& tunnel = peer.tunnels.front();
    EXPECT_EQ(tunnel.local.text(), "192.168.0.0/24");
    EXPECT_EQ(tunnel.remote.text(), "192.168.1.0/24");
    EXPECT_EQ(tunnel.local_place, ours.peers.front().tunnels.front().remote_place);
    EXPECT_EQ(tunnel.start, config::StartAction::start);

    // The recipe's own file for the box, but for its Aggressive Mode and its wider suites.
    const auto written = write(theirs, Form::vpncfg);
    ASSERT_TRUE(written);
    const auto box = config::load(written->text, "box");
    const auto recipe = config::load(
        config::content(fs::path(CAUSEWAY_SOURCE_DIR) / "examples/recipe/vpncfg.main-mode"), "vpncfg");
    ASSERT_TRUE(box && recipe);
    std::vector<std::string> settings;
    for (const auto& difference : differences(box->peers.front(), recipe->peers.front())) {
        settings.push_back(difference.setting);
    }
    EXPECT_THAT(settings, ElementsAre("phase1_suites", "phase2_suites", "start", "loss", "loss"));
}

TEST(Mirror, TwiceHasTheSameNetworksIdentitiesAndKey) {
    std::size_t exact = 0;
    for (const auto& entry : fs::directory_iterator(config::data_folder())) {
        const auto extension = entry.path().extension();
        const auto model = config::load(config::content(entry.path()), "f");
        if ((extension != ".uci" && extension != ".vpncfg") || !model) {
            continue;
        }
        const auto once = mirror(*model);
        const auto twice = mirror(once);
        ASSERT_EQ(twice.peers.size(), model->peers.size());
        for (std::size_t i = 0; i < model->peers.size(); ++i) {
            const auto& before = model->peers[i];
            const auto& after = twice.peers[i];
            EXPECT_EQ(after.pre_shared_key, before.pre_shared_key);
            ASSERT_EQ(after.tunnels.size(), before.tunnels.size());
            for (std::size_t k = 0; k < before.tunnels.size(); ++k) {
                EXPECT_EQ(after.tunnels[k].local, before.tunnels[k].local);
                EXPECT_EQ(after.tunnels[k].remote, before.tunnels[k].remote);
                EXPECT_NE(once.peers[i].tunnels[k].local, before.tunnels[k].local);
            }
            bool unsaid = false;
            for (const auto& finding : once.findings) {
                unsaid = unsaid || finding.id == FindingId::own_identity_unsaid ||
                         finding.id == FindingId::peer_identity_unsaid;
            }
            if (!unsaid && (before.local_id || !before.local_address)) {
                EXPECT_EQ(text_of(after.local_id), text_of(before.local_id)) << entry.path();
                EXPECT_EQ(text_of(after.remote_id), text_of(before.remote_id)) << entry.path();
                ++exact;
            }
        }
    }
    EXPECT_GT(exact, 7U);
}

config::Model model_with(const std::string& of_remote) {
    const auto text = fmt::format(
        "config remote 'r'\n option enabled 1\n option authentication_method psk\n"
        " option pre_shared_key kkkkkkkkkkkkkkkkkkkkkkkk\n option keyexchange ikev1\n list tunnel t\n {}\n"
        "config tunnel t\n list local_subnet 10.0.0.0/24\n list remote_subnet 10.1.0.0/24\n"
        " option startaction start\n",
        of_remote);
    return config::read(text);
}

TEST(Mirror, SaysWhatOurSideDoesNotSay) {
    const auto unsaid = mirror(model_with("option gateway gw.example.org"));
    EXPECT_THAT(codes_of(unsaid),
                ElementsAre(Code::other_side_unknown, Code::other_side_unknown, Code::other_side_unknown));
    EXPECT_TRUE(unsaid.peers.front().remote_id_any);
    EXPECT_FALSE(unsaid.peers.front().local_id);
    EXPECT_EQ(addresses_text(unsaid.peers.front()), "to %any");
    EXPECT_EQ(unsaid.peers.front().tunnels.front().start, config::StartAction::none);
    EXPECT_EQ(unsaid.findings.front().place(), unsaid.peers.front().place);

    const auto nobody =
        mirror(model_with("option gateway any\n option local_identifier @a\n"
                          " option remote_identifier @b"));
    EXPECT_THAT(codes_of(nobody), ElementsAre(Code::nobody_dials));
    EXPECT_EQ(nobody.findings.front().severity, Severity::error);
}

TEST(Mirror, WhoWaitsHereIsDialledFromThere) {
    const auto theirs = mirror(model_with(
        "option gateway any\n option local_identifier @gw.example.org\n option remote_identifier @b"));
    EXPECT_THAT(theirs.findings, IsEmpty());
    EXPECT_EQ(addresses_text(theirs.peers.front()), "to gw.example.org");
    EXPECT_EQ(theirs.peers.front().tunnels.front().start, config::StartAction::start);
    EXPECT_EQ(theirs.peers.front().tunnels.front().on_silence, config::LossAction::restart);
}

TEST(Mirror, IsReachedByItsOwnNameElseAtItsFixedAddress) {
    const auto named =
        mirror(model_with("option gateway x.example.org\n option local_identifier @a.example.org\n"
                          " option own_name b.example.org\n option remote_identifier @y"));
    EXPECT_EQ(addresses_text(named.peers.front()), "to b.example.org");
    EXPECT_EQ(config::own_name_of(named.peers.front()), "x.example.org");
    const auto fixed = mirror(model_with("option gateway x.example.org\n option local_ip 198.51.100.7"));
    EXPECT_EQ(addresses_text(fixed.peers.front()), "to 198.51.100.7");
    EXPECT_EQ(text_of(fixed.peers.front().remote_id), "IPv4 address 198.51.100.7");
    const auto behind_nat = mirror(model_with("option gateway x.example.org\n option local_ip 192.168.1.7"));
    EXPECT_EQ(addresses_text(behind_nat.peers.front()), "to %any");
}

TEST(Mirror, KeepsWhatIsOfferedAndWhatIsOnlyAccepted) {
    const auto box = model_of_file("recipe.vpncfg");
    const auto other = mirror(box);
    EXPECT_EQ(suites_of(other.peers.front().proposals), suites_of(box.peers.front().proposals));
    EXPECT_EQ(suites_of(other.peers.front().tunnels.front().proposals),
              suites_of(box.peers.front().tunnels.front().proposals));
    EXPECT_EQ(other.peers.front().mode, config::ExchangeMode::aggressive);
}

}  // namespace
}  // namespace causeway::pair
