// What is converted means the same when it is read again.
#include "config/convert.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> inputs() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(data_folder())) {
        if (entry.path().extension() == ".uci") {
            names.push_back(entry.path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

template <class Proposals>
std::string offered(const Proposals& proposals) {
    std::string text;
    for (const auto& proposal : proposals) {
        text += proposal.offered ? proposal.text() + " " : "";
    }
    return text;
}

std::string text_of(const std::optional<Sourced<Identity>>& identity) {
    return identity ? identity->value.text_with_type() + (identity->value.pattern ? " and more" : "")
                    : "none";
}

/// Everything that a model means, without places; in the order of the file.
std::string meaning(const Model& model) {
    const auto& o = model.options;
    std::string all = fmt::format(
        "debug {} dscp {} probe {} plane {} offloads {} {} {} mtu {} window {} zone {} firewall {} lookup {} "
        "{}\n",
        o.debug, o.copy_dscp, o.probe_path, name_of(o.data_plane), name_of(o.offloads.tun),
        name_of(o.offloads.udp_send), name_of(o.offloads.udp_receive), o.tun_mtu, o.replay_window, o.zone,
        name_of(o.firewall), o.lookup_floor.count(), o.lookup_ceiling.count());
    for (const auto& text : {o.metrics_file, o.control_group}) {
        all += text ? text->value + "\n" : "";
    }
    for (const auto& device : o.listen_devices) {
        all += "listen " + device.value + "\n";
    }
    for (const auto& interface : o.listen_interfaces) {
        all += "interface " + interface.value + "\n";
    }
    for (const auto& peer : model.peers) {
        all += fmt::format("peer {}: mode {} local {} remote {} any {} own {} ", peer.name,
                           static_cast<int>(peer.mode), text_of(peer.local_id), text_of(peer.remote_id),
                           peer.remote_id_any, peer.own_name ? "'" + peer.own_name->value + "'" : "default");
        for (const auto& address : peer.addresses) {
            all += text(address.value) + " ";
        }
        all += fmt::format(
            "from {} key {} offers {} life {} nat {} {} live {} {} {} rekey {} tries {} either {}\n",
            peer.local_address ? peer.local_address->value.text() : "any", to_hex(peer.pre_shared_key.view()),
            offered(peer.proposals), peer.lifetime.seconds, peer.nat_traversal, peer.force_encapsulation,
            peer.liveness.enabled, peer.liveness.enabled ? peer.liveness.idle.count() : 0,
            peer.liveness.misses, peer.rekey, peer.keying_tries, peer.quirks.accept_any_mode_as_responder);
        for (const auto& tunnel : peer.tunnels) {
            all += fmt::format("  {}: {} {} offers {} life {} {} start {} close {} silence {}\n",
                               tunnel.display_name, tunnel.local.text(), tunnel.remote.text(),
                               offered(tunnel.proposals), tunnel.lifetime.seconds, tunnel.lifetime.kilobytes,
                               static_cast<int>(tunnel.start), static_cast<int>(tunnel.on_close),
                               static_cast<int>(tunnel.on_silence));
        }
    }
    return all;
}

/// Errors and warnings: a converted file gives no new ones.
std::size_t doubts(const Model& model) {
    return static_cast<std::size_t>(std::ranges::count_if(
        model.findings, [](const Finding& remark) { return remark.severity != Severity::note; }));
}

void means_the_same(const std::string& text, const std::string& name) {
    const auto model = load(text, name);
    if (!model || model->peers.empty()) {
        EXPECT_FALSE(convert_to_g4(text, name)) << name;
        return;
    }
    const auto converted = convert_to_g4(text, name);
    ASSERT_TRUE(converted) << converted.error().text();
    const auto again = load(converted->text, "swanctl");
    ASSERT_TRUE(again) << again.error().text() << converted->text;
    EXPECT_EQ(again->schema, Schema::uci_g4);
    EXPECT_EQ(meaning(*again), meaning(*model)) << converted->text;
    EXPECT_LE(doubts(*again), doubts(*model)) << converted->text;
    for (const auto& one : converted->lost) {
        for (const auto& peer : model->peers) {
            if (peer.pre_shared_key.size() < 4) {
                continue;  // the rest of a key that swanctl.conf cuts off: any text may have it
            }
            EXPECT_THAT(one, Not(HasSubstr(as_text(peer.pre_shared_key.view()))));
        }
    }
    const auto twice = convert_to_g4(converted->text, "swanctl");
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->text, converted->text);
}

class Convert : public testing::TestWithParam<std::string> {};

TEST_P(Convert, ReadsBackTheSame) {
    means_the_same(content(data_folder() / GetParam()), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Files, Convert, testing::ValuesIn(inputs()), [](const auto& one) {
    std::string name = one.param;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; },
        '_');
    return name;
});

TEST(ConvertText, OddValuesSurvive) {
    for (const auto* const line :
         {"option pre_shared_key 'a#b\"c{d}e f'\\''ghijklmnopq'",
          "option pre_shared_key 0x6b6b6b6b6b6b6b6b6b6b6b6b", "option remote_identifier '*.example.org'",
          "option remote_identifier '*@example.org'", "option remote_identifier '@#00ff'",
          "option local_identifier 'keyid:a b'", "option remote_identifier '@a b'", "option rekey 0",
          "option keyingtries 4\n option honour_keyingtries 1", "option dpddelay 0", "option own_name none",
          "option aggressive 1", "option encap 1"}) {
        means_the_same(
            fmt::format(
                "config ipsec\n option debug 2\n list interface wan\n"
                "config remote 'r'\n option enabled 1\n option gateway gw.example.org\n"
                " option authentication_method psk\n option pre_shared_key kkkkkkkkkkkkkkkkkkkkkkkk\n"
                " option keyexchange ikev1\n list tunnel t\n {}\n"
                "config tunnel t\n list local_subnet 10.0.0.0/24\n list local_subnet 10.0.2.0/24\n"
                " list remote_subnet 10.1.0.0/24\n list remote_subnet 10.2.0.0/24\n option startaction add\n",
                line),
            line);
    }
}

TEST(ConvertText, WhoIsKnownByTheAddressOnlyIsLeftOutAndSaid) {
    const std::string text =
        "config remote 'r'\n option enabled 1\n option gateway 'a.example.org b.example.org'\n"
        " option authentication_method psk\n option pre_shared_key kkkkkkkkkkkkkkkkkkkkkkkk\n list tunnel t\n"
        "config tunnel t\n option local_subnet 10.0.0.0/24\n option remote_subnet 10.1.0.0/24\nconfig "
        "p1_proposal u\n";
    const auto converted = convert_to_g4(text, "ipsec");
    ASSERT_FALSE(converted);
    EXPECT_THAT(converted.error().text(), HasSubstr("peer 'r' is left out"));
    EXPECT_THAT(converted.error().text(), Not(HasSubstr("kkkk")));
}

TEST(ConvertText, WhatIsLostIsWhatTheModelHasNoPlaceFor) {
    const std::string carried =
        "config remote 'r'\n option enabled 1\n option gateway a.example.org\n option aggressive 1\n"
        " option authentication_method psk\n option pre_shared_key kkkkkkkk\n option keyexchange ikev1\n"
        " option remote_identifier '@a'\n list tunnel t\n"
        "config tunnel t\n option local_subnet 10.0.0.1/24\n option remote_subnet 10.1.0.0/24\n";
    const auto whole = convert_to_g4(carried, "ipsec");
    ASSERT_TRUE(whole) << whole.error().text();
    EXPECT_GT(load(carried, "ipsec")->findings.size(), 2U);  // host bits, a short key, Aggressive Mode
    EXPECT_THAT(whole->lost, testing::IsEmpty());
    const auto part =
        convert_to_g4(carried +
                          " option startaction soon\n option farbe rot\n option ipcomp 1\n"
                          "config remote 'off'\n option gateway b.example.org\nconfig tunnel nobody\n",
                      "ipsec");
    ASSERT_TRUE(part) << part.error().text();
    EXPECT_THAT(part->lost,
                testing::UnorderedElementsAre(HasSubstr("'startaction' of tunnel 't' is 'soon'"),
                                              HasSubstr("unknown option 'farbe'"), HasSubstr("ipcomp"),
                                              HasSubstr("remote 'off' is not enabled"),
                                              HasSubstr("nothing names tunnel 'nobody'")));
}

TEST(ConvertText, ABoxsFileIsCarriedWithWhatIsLostSaid) {
    const auto text = content(data_folder() / "recipe.vpncfg");
    const auto converted = convert_to_g4(text, "fritzbox.cfg");
    ASSERT_TRUE(converted) << converted.error().text();
    const auto again = load(converted->text, "swanctl");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->peers.size(), 1U);
}

}  // namespace
}  // namespace causeway::config
