// A swanctl.conf is read as strongSwan reads it: its grammar, its defaults, what is included and inherited; each
// finding has the place of its cause.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/load.hpp"
#include "config/strongswan/proposals.hpp"
#include "config/strongswan/values.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view key = "Xq7mP2vT9rLs4WzB8nKd";

/// One connection with one child. A line of each part may be replaced or added.
struct Written {
    std::string connection = "version = 1";
    std::string child{};
    std::string secrets = fmt::format("ike {{\n secret = {}\n }}", key);
    std::string local = "auth = psk";
    std::string remote = "auth = psk";
    std::string addresses = "remote_addrs = far.example";
    std::string networks = "local_ts = 10.1.0.0/24\n remote_ts = 10.2.0.0/24";

    [[nodiscard]] std::string text() const {
        return fmt::format(
            "connections {{\n office {{\n {}\n {}\n local {{\n {}\n }}\n remote {{\n {}\n }}\n"
            " children {{\n lan {{\n {}\n {}\n }}\n }}\n }}\n}}\nsecrets {{\n {}\n}}\n",
            connection, addresses, local, remote, networks, child, secrets);
    }
};

Model loaded(const std::string& text, const Companions& companions = {}) {
    auto model = load(text, "swanctl.conf", {}, companions);
    EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().text()) << "\n" << text;
    return model ? std::move(*model) : Model{};
}

Peer only_peer(const Written& written) {
    auto model = loaded(written.text());
    EXPECT_EQ(model.peers.size(), 1U) << remarks(model);
    return model.peers.empty() ? Peer{} : std::move(model.peers.front());
}

Tunnel only_tunnel(const Written& written) {
    const auto peer = only_peer(written);
    EXPECT_EQ(peer.tunnels.size(), 1U);
    return peer.tunnels.empty() ? Tunnel{} : peer.tunnels.front();
}

/// Those of the code.
std::vector<Finding> findings_of(const Model& model, Code code) {
    std::vector<Finding> found;
    std::ranges::copy_if(model.findings, std::back_inserter(found),
                         [&](const Finding& finding) { return finding.code() == code; });
    return found;
}

/// The text that stands at a place.
std::string at(const std::string& text, const Place& place) {
    std::string_view rest = text;
    for (std::uint32_t line = 1; line < place.line; ++line) {
        rest.remove_prefix(std::min(rest.find('\n') + 1, rest.size()));
    }
    rest = rest.substr(0, rest.find('\n'));
    return place.column == 0 ? ""
                             : std::string(rest.substr(std::min<std::size_t>(place.column - 1, rest.size())));
}

/// One finding of the code, whose first place has the text; of which severity.
void expect_one(const Written& written, Code code, Severity severity, std::string_view stands_there) {
    const auto text = written.text();
    const auto model = loaded(text);
    const auto found = findings_of(model, code);
    ASSERT_EQ(found.size(), 1U) << causeway::text(code) << "\n" << remarks(model) << text;
    EXPECT_EQ(found[0].severity, severity) << found[0].text();
    EXPECT_EQ(at(text, found[0].place()).substr(0, stands_there.size()), stands_there) << found[0].text();
    EXPECT_THAT(remarks(model), Not(HasSubstr(std::string(key))));
}

std::vector<std::string> texts(const auto& proposals, bool offered) {
    std::vector<std::string> all;
    for (const auto& proposal : proposals) {
        if (proposal.offered == offered) {
            all.push_back(proposal.text());
        }
    }
    return all;
}

TEST(SwanctlModel, TakesStrongSwansDefaults) {
    const auto peer = only_peer({});
    EXPECT_EQ(peer.name, "office");
    EXPECT_EQ(peer.mode, ExchangeMode::main);
    EXPECT_EQ(peer.lifetime.seconds, 4 * 3600 + 24 * 60);
    EXPECT_EQ(peer.keying_tries, 1U);
    EXPECT_FALSE(peer.liveness.enabled);
    EXPECT_FALSE(peer.force_encapsulation);
    EXPECT_TRUE(peer.remote_id_any);
    EXPECT_FALSE(peer.local_id.has_value());
    EXPECT_EQ(text(peer.addresses.at(0).value), "far.example");
    EXPECT_EQ(peer.pre_shared_key, Secret(as_bytes(key)));
    EXPECT_THAT(texts(peer.proposals, true), ElementsAre("aes128-sha256-x25519"));
    EXPECT_THAT(texts(peer.proposals, false), ::testing::Contains("aes256-sha512-modp2048"));
    EXPECT_THAT(texts(peer.proposals, false), Not(::testing::Contains("aes256-sha512-modp1024")));
    ASSERT_EQ(peer.tunnels.size(), 1U);
    const auto& tunnel = peer.tunnels.front();
    EXPECT_EQ(tunnel.display_name, "lan");
    EXPECT_EQ(tunnel.local.net.text(), "10.1.0.0/24");
    EXPECT_EQ(tunnel.remote.net.text(), "10.2.0.0/24");
    EXPECT_EQ(tunnel.lifetime, (Lifetime{3960, 0}));
    EXPECT_EQ(tunnel.start, StartAction::none);
    EXPECT_EQ(tunnel.on_close, LossAction::clear);
    EXPECT_EQ(tunnel.on_silence, LossAction::clear);
    EXPECT_THAT(texts(tunnel.proposals, true), ElementsAre("aes128gcm16", "aes128-sha256"));
    EXPECT_THAT(texts(tunnel.proposals, false), ::testing::Contains("aes256-sha1"));
}

TEST(SwanctlModel, HasThePlacesOfItsValues) {
    const Written written{
        .connection = "version = 1\n proposals = aes256-sha512-modp2048, aes128-sha1-modp1024",
        .child = "esp_proposals = \"aes256-sha512-modp2048\"",
        .local = "auth = psk\n id = near.example",
        .remote = "auth = psk\n id = @far.example"};
    const auto text = written.text();
    const auto model = loaded(text);
    const auto& peer = model.peers.at(0);
    const auto& tunnel = peer.tunnels.at(0);
    EXPECT_THAT(at(text, peer.place), HasSubstr("office {"));
    EXPECT_EQ(at(text, peer.addresses[0].place), "far.example");
    EXPECT_EQ(at(text, peer.local_id->place), "near.example");
    EXPECT_EQ(at(text, peer.remote_id->place), "@far.example");
    EXPECT_EQ(at(text, peer.pre_shared_key_place), key);
    EXPECT_EQ(at(text, peer.proposals.at(1).place), "aes128-sha1-modp1024");
    EXPECT_EQ(at(text, tunnel.local_place), "10.1.0.0/24");
    EXPECT_EQ(at(text, tunnel.remote_place), "10.2.0.0/24");
    EXPECT_EQ(at(text, tunnel.proposals_place), "\"aes256-sha512-modp2048\"");
    EXPECT_EQ(peer.remote_id->value.text(), "far.example");
    EXPECT_EQ(*peer.place.file, "swanctl.conf");
}

TEST(SwanctlModel, ReadsWhatIsWritten) {
    const auto peer =
        only_peer({.connection = "version = 1\n aggressive = yes\n encap = yes\n dpd_delay = 30s\n"
                                 " dpd_timeout = 100\n keyingtries = 0\n rekey_time = 1h\n"
                                 " over_time = 6m\n local_addrs = %any, 192.0.2.1, 192.0.2.2",
                   .child = "start_action = trap|start\n dpd_action = restart\n close_action = trap\n"
                            " life_time = 30m\n rekey_bytes = 100k"});
    EXPECT_EQ(peer.mode, ExchangeMode::aggressive);
    EXPECT_TRUE(peer.force_encapsulation);
    EXPECT_EQ(peer.liveness.idle, std::chrono::seconds(30));
    EXPECT_EQ(peer.liveness.misses, 4U);
    EXPECT_EQ(peer.keying_tries, 0U);
    EXPECT_EQ(peer.lifetime.seconds, 3960U);
    EXPECT_EQ(peer.local_address->value.text(), "192.0.2.1");
    const auto& tunnel = peer.tunnels.at(0);
    EXPECT_EQ(tunnel.start, StartAction::start);
    EXPECT_EQ(tunnel.on_silence, LossAction::restart);
    EXPECT_EQ(tunnel.on_close, LossAction::traffic);
    EXPECT_EQ(tunnel.lifetime, (Lifetime{1800, 112}));
}

TEST(SwanctlModel, ProposesReauthTimeBeforeRekeyTime) {
    EXPECT_EQ(only_peer({.connection = "version = 1\n reauth_time = 2h"}).lifetime.seconds, 7920U);
    EXPECT_EQ(only_peer({.connection = "version = 1\n reauth_time = 2h\n rekey_time = 10h"}).lifetime.seconds,
              10800U);
}

TEST(SwanctlModel, ATrapStaysInPlace) {
    const auto tunnel = only_tunnel({.child = "start_action = trap"});
    EXPECT_EQ(tunnel.start, StartAction::traffic);
    EXPECT_EQ(tunnel.on_close, LossAction::traffic);
    EXPECT_EQ(tunnel.on_silence, LossAction::traffic);
}

TEST(SwanctlModel, DynamicIsTheAddressOfThatEnd) {
    const auto tunnel = only_tunnel({.addresses = "local_addrs = 192.0.2.1\n remote_addrs = 198.51.100.7",
                                     .networks = "remote_ts = dynamic"});
    EXPECT_EQ(tunnel.local.net.text(), "192.0.2.1/32");
    EXPECT_EQ(tunnel.remote.net.text(), "198.51.100.7/32");
}

TEST(SwanctlModel, NamesOfChildrenAreUniqueInTheFile) {
    std::string conns;
    for (const auto* const name : {"a", "b"}) {
        conns += fmt::format(
            "{0} {{ \n version = 1\n local {{\n auth=psk\n}}\n remote {{\n auth=psk\n}}\n children {{\n lan "
            "{{\n"
            " local_ts=10.1.0.0/24\n remote_ts=10.2.0.0/24\n }}\n only-{0} {{\n local_ts=10.1.0.0/24\n"
            " remote_ts=10.3.0.0/24\n }}\n }}\n }}\n",
            name);
    }
    const auto model =
        loaded(fmt::format("connections {{\n{}}}\nsecrets {{\n ike {{\n secret={}\n}}\n}}\n", conns, key));
    std::vector<std::string> names;
    for (const auto& peer : model.peers) {
        for (const auto& tunnel : peer.tunnels) {
            names.push_back(tunnel.display_name);
        }
    }
    EXPECT_THAT(names, ElementsAre("a-lan", "only-a", "b-lan", "only-b"));
}

TEST(SwanctlProposals, TheFirstOfEachKindIsOffered) {
    const auto peer =
        only_peer({.connection = "version = 1\n proposals = aes256-aes128-sha512-sha1-modp2048, "
                                 "3des-sha1-modp1024"});
    EXPECT_THAT(texts(peer.proposals, true), ElementsAre("aes256-sha512-modp2048", "3des-sha1-modp1024"));
    EXPECT_THAT(texts(peer.proposals, false),
                ElementsAre("aes256-sha1-modp2048", "aes128-sha512-modp2048", "aes128-sha1-modp2048"));
}

TEST(SwanctlProposals, WithoutAGroupThereIsNoPfs) {
    const auto tunnel =
        only_tunnel({.child = "esp_proposals = aes256-sha512, aes128gcm16-modp2048, aes128-sha1-none"});
    EXPECT_THAT(texts(tunnel.proposals, true),
                ElementsAre("aes256-sha512", "aes128gcm16-modp2048", "aes128-sha1"));
}

TEST(SwanctlProposals, AUnknownOneInFrontLeavesNothingToOffer) {
    const auto peer =
        only_peer({.connection = "version = 1\n proposals = camellia256-aes256-sha256-modp2048"});
    EXPECT_THAT(texts(peer.proposals, true), IsEmpty());
    EXPECT_THAT(texts(peer.proposals, false), ElementsAre("aes256-sha256-modp2048"));
}

TEST(SwanctlProposals, DefaultIsAListAmongOthers) {
    const auto peer = only_peer({.connection = "version = 1\n proposals = aes256-sha1-modp1024, default"});
    EXPECT_THAT(texts(peer.proposals, true), ElementsAre("aes256-sha1-modp1024", "aes128-sha256-x25519"));
    // vici_config.c: the word puts AES-CBC first.
    const auto tunnel = only_tunnel({.child = "esp_proposals = default"});
    EXPECT_THAT(texts(tunnel.proposals, true), ElementsAre("aes128-sha256", "aes128gcm16"));
}

TEST(SwanctlProposals, EsnAloneIsNotCarried) {
    const auto tunnel =
        only_tunnel({.child = "esp_proposals = aes256-sha512-esn, aes256-sha256-esn-noesn, aes128-sha1"});
    EXPECT_THAT(texts(tunnel.proposals, true), ElementsAre("aes128-sha1"));
    EXPECT_THAT(texts(tunnel.proposals, false), ElementsAre("aes256-sha256"));
}

TEST(SwanctlFindings, HaveTheirPlaces) {
    using enum Severity;
    expect_one({.connection = "version = 1\n mobike = no\n rekei_time = 1h"}, Code::option_unknown, error,
               "rekei_time");
    expect_one({.child = "esp_proposal = aes256"}, Code::option_unknown, error, "esp_proposal");
    expect_one({.secrets = fmt::format("ike {{\n secret = {}\n owner = x\n }}", key)}, Code::option_unknown,
               warning, "owner");
    expect_one({.connection = "version = 1\n pools = p"}, Code::option_unsupported, warning, "p");
    expect_one({.connection = "version = 1\n remote_port = 4500"}, Code::option_unsupported, warning, "4500");
    expect_one({.addresses = "remote_addrs = 192.0.2.0/24"}, Code::option_unsupported, note, "192.0.2.0/24");
    expect_one({.connection = "version = 1\n aggressive = yes"}, Code::aggressive_exposes_psk, note, "yes");
    expect_one({.connection = "version = 1\n version = 1"}, Code::option_repeated, warning, "version");
    expect_one({.child = "}\n lan {"}, Code::duplicate_section, warning, "lan {");
    expect_one({.child = "start_action = start"}, Code::keyingtries_finite, warning, "office {");
    expect_one({.connection = "version = 1\n keyingtries = 3", .child = "start_action = trap"},
               Code::keyingtries_finite, warning, "3");
    expect_one({.connection = "version = 1\n dpd_delay = 0", .child = "start_action = trap"}, Code::dpd_off,
               warning, "0");
    expect_one({}, Code::nobody_dials, note, "office {");
    expect_one({.child = "start_action = start", .addresses = "remote_addrs = %any"}, Code::nobody_dials,
               warning, "start");
    expect_one({.connection = "version = 1\n rekey_time = 0"}, Code::lifetime_unlimited, warning, "0");
    expect_one({.child = "rekey_time = 0"}, Code::lifetime_unlimited, warning, "0");
    expect_one({.networks = "local_ts = 10.1.0.0/24, 10.3.0.0/24\n remote_ts = 10.2.0.0/24"},
               Code::first_pair_only, warning, "10.1.0.0/24");
    expect_one({.networks = "local_ts = 10.1.0.7/24\n remote_ts = 10.2.0.0/24"}, Code::network_inexact, note,
               "10.1.0.7/24");
    expect_one({.networks = "local_ts = 10.1.0.0/255.255.255.0\n remote_ts = 10.2.0.0/24"},
               Code::network_inexact, warning, "10.1.0.0/255.255.255.0");
    expect_one({.connection = "version = 1\n proposals = aes256-aesxcbc-sha256-modp2048"},
               Code::crypto_refused, warning, "aes256-aesxcbc");
    expect_one(
        {.connection = "version = 1\n proposals = aes256gcm16-prfsha256-modp2048, aes256-sha1-modp1024"},
        Code::crypto_refused, warning, "aes256gcm16");
    expect_one({.child = "esp_proposals = aes256-sha1-esn, aes256-sha1"}, Code::esn_not_spoken, warning,
               "aes256-sha1-esn");
    expect_one({.child = "esp_proposals = aes256-modp2048, aes256-sha1"}, Code::proposal_incomplete, warning,
               "aes256-modp2048");
}

/// What refuses the connection, alone in its file, is an error with a place, and the file is readable.
void expect_refused(const Written& written, Code code, std::string_view stands_there) {
    const auto text = written.text();
    const auto model = loaded(text);
    EXPECT_THAT(model.peers, IsEmpty()) << text;
    const auto found = findings_of(model, code);
    ASSERT_FALSE(found.empty()) << causeway::text(code) << "\n" << remarks(model);
    EXPECT_EQ(found[0].severity, Severity::error);
    EXPECT_EQ(at(text, found[0].place()).substr(0, stands_there.size()), stands_there) << found[0].text();
    EXPECT_FALSE(found[0].remedy().empty()) << found[0].text();
}

TEST(SwanctlFindings, RefuseTheConnection) {
    expect_refused({.connection = "version = 2"}, Code::ike_version_differs, "2");
    expect_refused({.connection = "version = 3"}, Code::value_not_understood, "3");
    expect_refused({.connection = "version = 1;"}, Code::value_not_understood, "1;");
    expect_refused({.connection = "version = 1\n aggressive = maybe"}, Code::value_not_understood, "maybe");
    expect_refused({.connection = "version = 1\n rekey_time = soon"}, Code::value_not_understood, "soon");
    expect_refused({.child = "start_action = always"}, Code::value_not_understood, "always");
    expect_refused({.connection = "version = 1\n proposals = aes256-sha255-modp2048"},
                   Code::value_not_understood, "aes256-sha255");
    expect_refused({.connection = "version = 1\n proposals = aes256-sha256"}, Code::proposal_incomplete,
                   "aes256-sha256");
    expect_refused({.connection = "version = 1\n proposals = aes256-aes256gcm16-sha256-modp2048"},
                   Code::proposal_incomplete, "aes256-aes256gcm16");
    expect_refused({.connection = "version = 1\n proposals = aes256gcm16-prfsha256-modp2048"},
                   Code::no_usable_proposal, "aes256gcm16");
    expect_refused({.child = "esp_proposals = chacha20poly1305"}, Code::no_usable_proposal,
                   "chacha20poly1305");
    expect_refused({.local = "id = near.example"}, Code::auth_method_differs, "local {");
    expect_refused({.remote = "auth = eap-mschapv2"}, Code::auth_method_differs, "eap-mschapv2");
    expect_refused({.remote = "auth = psk\n }\n remote-2 {\n auth = xauth"}, Code::auth_method_differs,
                   "xauth");
    expect_refused({.connection = "version = 1\n vips = 0.0.0.0"}, Code::kind_unsupported, "0.0.0.0");
    expect_refused({.connection = "version = 1\n childen {\n }"}, Code::section_unknown, "childen {");
    expect_refused({.addresses = "remote_addrs = 192.168.1"}, Code::value_not_understood, "192.168.1");
    expect_refused({.local = "auth = psk\n id = *.example"}, Code::id_unusable, "*.example");
    expect_refused({.remote = "auth = psk\n id = \"C=CH, O=x\""}, Code::id_unusable, "\"C=CH");
    expect_refused({.child = "mode = transport"}, Code::encapsulation_differs, "transport");
    expect_refused({.child = "ah_proposals = sha256"}, Code::encapsulation_differs, "sha256");
    expect_refused({.networks = "remote_ts = 10.2.0.0/24"}, Code::network_unusable, "lan {");
    expect_refused({.networks = "local_ts = dynamic[tcp/80]\n remote_ts = 10.2.0.0/24"},
                   Code::network_unusable, "dynamic[tcp/80]");
    expect_refused({.networks = "local_ts = fd00::/64\n remote_ts = fd01::/64"}, Code::network_unusable,
                   "fd00::/64");
    expect_refused({.networks = "local_ts = 10.1.0.0/33\n remote_ts = 10.2.0.0/24"}, Code::network_unusable,
                   "10.1.0.0/33");
    expect_one({.networks = "local_ts = 10.0.0.0/8\n remote_ts = 10.2.0.0/24"}, Code::networks_overlap,
               Severity::warning, "10.2.0.0/24");
    expect_refused({.networks = "local_ts = 10.2.0.0/24\n remote_ts = 10.2.0.0/24"},
                   Code::same_lan_both_sides, "10.2.0.0/24");
    expect_refused({.networks = "local_ts = 0.0.0.0/0\n remote_ts = 0.0.0.0/0"}, Code::networks_overlap,
                   "0.0.0.0/0");
    expect_refused({.secrets = ""}, Code::secret_not_found, "office {");
    expect_refused({.secrets = "ike {\n }"}, Code::psk_missing, "ike {");
    expect_refused({.secrets = "ike {\n secret =\n }"}, Code::psk_missing, "ike {");
    expect_refused({.secrets = "ike {\n secret = 0sno\n }"}, Code::value_not_understood, "0sno");
    const Written unnamed{.secrets = fmt::format("psk {{\n secret = {}\n }}", key)};
    expect_refused(unnamed, Code::secret_not_found, "office {");
    expect_one(unnamed, Code::section_unknown, Severity::warning, "psk {");
}

TEST(SwanctlFindings, HarmlessKeysDrawNothing) {
    const auto model = loaded(Written{
        .connection = "version = 1\n proposals = aes256-sha512-modp2048\n mobike = no\n fragmentation = yes\n"
                      " send_certreq = no\n send_cert = never\n unique = replace\n if_id_in = 1\n"
                      " if_id_out = 1\n rand_time = 0\n keyingtries = 0\n dpd_delay = 30\n remote_port = 500",
        .child = "esp_proposals = aes256-sha512-modp2048\n updown = /usr/lib/ipsec/_updown iptables\n"
                 " mark_in = 1\n set_mark_out = 2\n hw_offload = no\n policies = yes\n priority = 1\n"
                 " reqid = 4\n start_action = start\n sha256_96 = no\n inactivity = 0s"}
                                  .text());
    EXPECT_EQ(remarks(model), "");
    EXPECT_EQ(model.peers.size(), 1U);
}

TEST(SwanctlFindings, OfAConnectionForOthersOneIsEnough) {
    const auto model = loaded(Written{.connection = "version = 2\n proposals = default\n pools = p",
                                      .local = "auth = pubkey",
                                      .remote = "auth = eap-mschapv2"}
                                  .text());
    EXPECT_EQ(findings_of(model, Code::ike_version_differs).size(), 1U);
    EXPECT_EQ(model.findings.size(), 1U) << remarks(model);
}

TEST(SwanctlVersion, ZeroDialsWithIkev2) {
    const Written dials{.connection = "version = 0", .child = "start_action = start"};
    expect_one(dials, Code::ike_version_differs, Severity::error, "0");
    EXPECT_EQ(only_tunnel(dials).start, StartAction::none);
    EXPECT_EQ(only_tunnel(dials).on_close, LossAction::clear);
    expect_one({.connection = "", .child = "start_action = trap"}, Code::ike_version_differs, Severity::error,
               "office {");
    // One that only answers takes part in IKEv1.
    const Written waits{.connection = ""};
    EXPECT_THAT(findings_of(loaded(waits.text()), Code::ike_version_differs), IsEmpty());
    EXPECT_EQ(only_tunnel(waits).start, StartAction::none);
}

TEST(SwanctlFindings, AShuntIsNoError) {
    const auto model = loaded(Written{.child = "}\n bypass {\n mode = pass\n local_ts = 10.1.0.0/24\n"
                                               " remote_ts = 10.1.0.0/24\n start_action = trap"}
                                  .text());
    EXPECT_EQ(model.counts().errors, 0U) << remarks(model);
    ASSERT_EQ(model.peers.size(), 1U);
    EXPECT_EQ(model.peers[0].tunnels.size(), 1U);
}

TEST(SwanctlFindings, UnusableOnesLeaveTheOthers) {
    const auto good = Written{}.text();
    const auto model = loaded("connections {\n rw {\n version = 2\n }\n}\n" + good);
    EXPECT_TRUE(model.usable());
    EXPECT_EQ(model.peers.size(), 1U);
}

TEST(SwanctlNetworks, TheFirstPairIsThatOfCharon) {
    // One that lies in another is taken out before (child_cfg.c).
    const auto peer =
        only_peer({.networks = "local_ts = 10.1.0.0/24, 10.1.0.0/16\n remote_ts = 10.2.0.0/24,10.3.0.0/24\n"
                               " start_action = start"});
    ASSERT_EQ(peer.tunnels.size(), 2U);
    EXPECT_EQ(peer.tunnels[0].local.net.text(), "10.1.0.0/16");
    EXPECT_EQ(peer.tunnels[0].remote.net.text(), "10.2.0.0/24");
    EXPECT_EQ(peer.tunnels[0].start, StartAction::start);
    // It answers the other one, and never asks for it.
    EXPECT_EQ(peer.tunnels[1].remote.net.text(), "10.3.0.0/24");
    EXPECT_EQ(peer.tunnels[1].start, StartAction::none);
}

TEST(SwanctlNetworks, ARangeMayBeANetwork) {
    EXPECT_EQ(strongswan::parse_selector("10.1.0.0-10.1.0.255").net.text(), "10.1.0.0/24");
    EXPECT_EQ(strongswan::parse_selector("0.0.0.0-255.255.255.255").net.text(), "0.0.0.0/0");
    EXPECT_EQ(strongswan::parse_selector("10.1.0.1-10.1.0.255").kind, strongswan::Selector::Kind::no_network);
    EXPECT_EQ(strongswan::parse_selector("10.1.0.9-10.1.0.1").kind, strongswan::Selector::Kind::no_network);
    EXPECT_EQ(strongswan::parse_selector("10.1.0.1").net.text(), "10.1.0.1/32");
}

TEST(SwanctlNetworks, ADottedMaskIsThatOfCharon) {
    EXPECT_EQ(strongswan::parse_selector("10.1.0.0/255.255.255.0").net.text(), "10.1.0.0/32");
    EXPECT_EQ(strongswan::parse_selector("10.1.0.0/255.255.255.0").dotted, 24);
    EXPECT_EQ(strongswan::parse_selector("0.0.0.0/0.0.0.0").net.text(), "0.0.0.0/0");
    EXPECT_EQ(strongswan::parse_selector("10.1.0.0/24").dotted, std::nullopt);
    EXPECT_EQ(strongswan::parse_selector("10.1.0.0/255.0.255.0").kind,
              strongswan::Selector::Kind::unreadable);
}

/// A key that the file has for the connection, as text.
std::string chosen(std::string_view secrets, std::string_view local, std::string_view remote,
                   std::string_view addresses = "remote_addrs = far.example") {
    const auto id = [](std::string_view name) { return name.empty() ? "" : fmt::format("\n id = {}", name); };
    const auto model = loaded(Written{.secrets = std::string(secrets),
                                      .local = "auth = psk" + id(local),
                                      .remote = "auth = psk" + id(remote),
                                      .addresses = std::string(addresses)}
                                  .text());
    if (model.peers.empty()) {
        return findings_of(model, Code::secret_not_found).empty() ? "refused" : "none";
    }
    const auto view = model.peers[0].pre_shared_key.view();
    return {view.begin(), view.end()};
}

std::string secret(std::string_view name, std::string_view value, std::string_view ids = {}) {
    return fmt::format("{} {{\n secret = {}\n {}\n }}\n", name, value, ids);
}

TEST(SwanctlSecrets, OneMatchOfTwoIsEnough) {
    EXPECT_EQ(chosen(secret("ike-a", "kkkkqqqqkkkk", "id-1 = near.example"), "near.example", "far.example"),
              "kkkkqqqqkkkk");
    EXPECT_EQ(chosen(secret("ike-a", "kkkkqqqqkkkk", "id = FAR.example"), "near.example", "far.example"),
              "kkkkqqqqkkkk");
    EXPECT_EQ(chosen(secret("ike-a", "kkkkqqqqkkkk", "id = @other.example"), "near.example", "far.example",
                     "local_addrs = 192.0.2.1\n remote_addrs = 192.0.2.9"),
              "none");
    EXPECT_EQ(chosen(secret("ike", "anybodys"), "near.example", "far.example"), "anybodys");
    EXPECT_EQ(chosen(secret("ike", "anybodys", "id = %any") + secret("ike-b", "x", "id = *.example"), "", ""),
              "anybodys");
}

TEST(SwanctlSecrets, ThePeerCountsBeforeUsAndTheLastBeforeTheFirst) {
    const auto ours = secret("ike-a", "ours", "id = near.example");
    const auto theirs = secret("ike-b", "theirs", "id = far.example");
    const auto both = secret("ike-c", "both", "id-1 = near.example\n id-2 = far.example");
    const auto pattern = secret("ike-d", "pattern", "id = *.example");
    EXPECT_EQ(chosen(ours + theirs + pattern, "near.example", "far.example"), "theirs");
    EXPECT_EQ(chosen(both + ours + theirs, "near.example", "far.example"), "both");
    EXPECT_EQ(chosen(ours + secret("ike-z", "last", "id = near.example"), "near.example", "x"), "last");
    EXPECT_EQ(chosen(pattern + secret("ike", "anybodys"), "n", "far.example"), "pattern");
}

TEST(SwanctlSecrets, AddressesAreTriedAfterTheIdentities) {
    constexpr std::string_view addresses = "local_addrs = 192.0.2.1\n remote_addrs = 198.51.100.7";
    EXPECT_EQ(
        chosen(secret("ike-a", "by-address", "id = 198.51.100.7"), "near.example", "far.example", addresses),
        "by-address");
    EXPECT_EQ(
        chosen(secret("ike-a", "by-address", "id = 198.51.100.8"), "near.example", "far.example", addresses),
        "none");
    // A name in remote_addrs is no identity: charon compares with the address behind it.
    EXPECT_EQ(chosen(secret("ike-a", "by-name", "id = far.example"), "near.example", ""), "none");
    // An address that is not known may be the one.
    EXPECT_EQ(chosen(secret("ike-a", "by-address", "id = 198.51.100.8"), "near.example", ""), "by-address");
}

TEST(SwanctlSecrets, AreDecoded) {
    EXPECT_EQ(chosen(secret("ike", "0x6b6579"), "", ""), "key");
    EXPECT_EQ(chosen(secret("ike", "0sa2V5a2V5"), "", ""), "keykey");
    EXPECT_EQ(chosen(secret("ike", "\"0x6b6579\""), "", ""), "key");
    EXPECT_EQ(chosen(secret("ike", "\"two words # } \\\" \\\\ {\""), "", ""), "two words # } \" \\ {");
    EXPECT_EQ(chosen(secret("ike", "with{brace"), "", ""), "with{brace");
    EXPECT_EQ(chosen("eap-x {\n id = u\n secret = e\n }\n private {\n secret = f\n }\n", "", ""), "none");
}

TEST(SwanctlSecrets, LostCharactersAreSaid) {
    using enum Severity;
    for (const auto* const value : {"abc#defabcdefabcdefabcdef", "abcdef  ghijklmnopqrstuvw", "abc\"def\"",
                                    "\"ab\\cdefghijklmnopqrstuv\""}) {
        expect_one({.secrets = secret("ike", value)}, Code::psk_not_carried, warning, value);
    }
    for (const auto* const value : {"abc # a comment", "two words", "\"quoted # \""}) {
        EXPECT_THAT(
            findings_of(loaded(Written{.secrets = secret("ike", value)}.text()), Code::psk_not_carried),
            IsEmpty())
            << value;
    }
    EXPECT_EQ(chosen(secret("ike", "abc#def"), "", ""), "abc");
    expect_one({.secrets = secret("ike", "changeme")}, Code::psk_placeholder, warning, "changeme");
    expect_one({.secrets = secret("ike", "\"<the-key-of-the-tunnel>\"")}, Code::psk_placeholder, warning,
               "\"<the");
    expect_one({.secrets = secret("ike", "short")}, Code::psk_weak, warning, "short");
    expect_one({.secrets = secret("ike", "0x00112233445566778899aabbccddeeff00112233")},
               Code::psk_encoding_differs, note, "0x00");
}

TEST(SwanctlSecrets, AHubHasOneForEach) {
    std::string connections;
    std::string secrets;
    constexpr int number = 50;
    for (int i = 0; i < number; ++i) {
        connections += fmt::format(
            " spoke{0} {{\n version = 1\n remote_addrs = spoke{0}.example\n local {{\n auth = psk\n id = "
            "hub.example\n"
            " }}\n remote {{\n auth = psk\n id = spoke{0}.example\n }}\n children {{\n net {{\n"
            " local_ts = 10.255.0.0/16\n remote_ts = 10.{0}.0.0/24\n esp_proposals = aes256-sha512-modp2048\n"
            " }}\n }}\n }}\n",
            i);
        secrets += fmt::format(
            " ike-{0} {{\n id-1 = hub.example\n id-2 = spoke{0}.example\n secret = \"key number {0} of the "
            "hub\"\n }}\n",
            i);
    }
    const auto model = loaded("connections {\n" + connections + "}\nsecrets {\n" + secrets + "}\n");
    ASSERT_EQ(model.peers.size(), 50U);
    EXPECT_EQ(model.counts().errors, 0U);
    for (int i = 0; i < number; ++i) {
        EXPECT_EQ(model.peers[static_cast<std::size_t>(i)].pre_shared_key,
                  Secret(as_bytes(fmt::format("key number {} of the hub", i))));
    }
    EXPECT_EQ(model.peers[7].tunnels.at(0).display_name, "spoke7-net");
}

}  // namespace
}  // namespace causeway::config
