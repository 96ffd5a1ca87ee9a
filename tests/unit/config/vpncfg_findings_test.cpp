// What is found in a vpncfg, as scripts get it: the code, what the sentence is made of, and the places with line
// and column, the other one included where two say different things.
#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <utility>

#include "base/findings.hpp"
#include "config/load.hpp"

namespace causeway::config {
namespace {

// The lines: 1 vpncfg, 2 connections, then `lines` from 3 on.
Model read(const std::string& lines, const std::string& outside = {}) {
    auto model = load("vpncfg {\nconnections {\n" + lines + "}\n}\n" + outside, "vpn.cfg");
    EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().text());
    return model ? std::move(*model) : Model{};
}

constexpr std::string_view sound =
    "name = \"a\"; remotehostname = \"b.example\"; mode = phase1_mode_idp;\n"
    "phase1ss = \"all/all/all\"; phase2ss = \"esp-all-all/ah-none/comp-all/pfs\";\n"
    "remoteid { fqdn = \"b.example\"; }\n"
    "phase2localid { ipnet { ipaddr = 10.1.0.0; mask = 255.255.0.0; } }\n";
constexpr std::string_view sound_key = "key = \"kkkkkkkkkkkkkkkkkkkkkkkk\";\n";
constexpr std::string_view sound_remote =
    "phase2remoteid { ipnet { ipaddr = 10.2.0.0; mask = 255.255.0.0; } }\n";

std::string value_of(const Finding& finding, std::string_view field) {
    const auto found = std::ranges::find(finding.fields, field, [](const auto& one) { return one.first; });
    return found != finding.fields.end() ? found->second : fmt::format("(no {})", field);
}

/// "7:3, 5:1"
std::string places_of(const Finding& finding) {
    std::string all;
    for (const auto& place : finding.places) {
        all += fmt::format("{}{}:{}", all.empty() ? "" : ", ", place.line, place.column);
    }
    return all;
}

/// The only finding; another one fails.
Finding only(const Model& model) {
    EXPECT_EQ(model.findings.size(), 1U);
    for (std::size_t i = 1; i < model.findings.size(); ++i) {
        ADD_FAILURE() << model.findings[i].text();
    }
    return model.findings.empty() ? Finding{} : model.findings.front();
}

std::string join(std::string_view a, std::string_view b, std::string_view c = {}, std::string_view d = {}) {
    return fmt::format("{}{}{}{}", a, b, c, d);
}

TEST(VpncfgFindings, AMissingKeyIsThePlaceOfItsConnection) {
    const auto found = only(read(join(sound, sound_remote)));
    EXPECT_EQ(found.code(), Code::psk_missing);
    EXPECT_EQ(value_of(found, "connection"), "connection \"a\"");
    EXPECT_EQ(places_of(found), "2:13");
    EXPECT_EQ(found.severity, Severity::error);
    EXPECT_TRUE(found.dropped);
}

TEST(VpncfgFindings, ShortKeysTellTheirLengthWantedAndNothingOfThemselves) {
    const auto found = only(read(join(sound, "key = \"hunter2\";\n", sound_remote)));
    EXPECT_EQ(found.code(), Code::psk_weak);
    EXPECT_EQ(value_of(found, "peer"), "connection \"a\"");
    EXPECT_EQ(value_of(found, "wanted"), "20");
    EXPECT_EQ(places_of(found), "7:7");
    for (const auto& [name, value] : found.fields) {
        EXPECT_EQ(value.find("hunter2"), std::string::npos) << name;
    }
    EXPECT_FALSE(found.dropped);
}

TEST(VpncfgFindings, AnOverlapHasThePlacesOfBothNetworks) {
    const auto found = only(read(
        join(sound, sound_key, "phase2remoteid { ipnet { ipaddr = 10.1.2.0; mask = 255.255.255.0; } }\n")));
    EXPECT_EQ(found.code(), Code::networks_overlap);
    EXPECT_EQ(found.severity, Severity::warning);
    EXPECT_EQ(value_of(found, "remote"), "10.1.2.0/24");
    EXPECT_EQ(value_of(found, "local"), "10.1.0.0/16");
    EXPECT_EQ(value_of(found, "line"), "6");
    EXPECT_EQ(places_of(found), "8:35, 6:34");
}

TEST(VpncfgFindings, AnAccessRuleHasThePlaceOfTheNetworkThatItShouldName) {
    const auto found = only(
        read(join(sound, sound_key, sound_remote, "accesslist = \"permit ip any 10.3.0.0 255.255.0.0\";\n")));
    EXPECT_EQ(found.code(), Code::accesslist_differs);
    EXPECT_EQ(value_of(found, "destination"), "10.3.0.0/16");
    EXPECT_EQ(value_of(found, "remote"), "10.2.0.0/16");
    EXPECT_EQ(places_of(found), "9:14, 8:35");
}

TEST(VpncfgFindings, WhatIsSetTwiceHasBothPlaces) {
    const auto key = only(read(join(sound, sound_key, sound_remote, "use_nat_t = yes;\nuse_nat_t = no;\n")));
    EXPECT_EQ(key.code(), Code::option_repeated);
    EXPECT_EQ(value_of(key, "option"), "use_nat_t");
    EXPECT_EQ(places_of(key), "10:1, 9:1");
    EXPECT_EQ(key.severity, Severity::warning);

    const auto block = only(read(join(sound, sound_key, sound_remote, sound_remote)));
    EXPECT_EQ(block.code(), Code::duplicate_section);
    EXPECT_EQ(value_of(block, "option"), "phase2remoteid");
    EXPECT_EQ(places_of(block), "9:1, 8:1");
    EXPECT_EQ(block.severity, Severity::error);
}

TEST(VpncfgFindings, ValuesTooManyHaveTheOneThatCountsAsWell) {
    const auto found = only(read(join(sound, sound_key, sound_remote, "use_nat_t = yes, no;\n")));
    EXPECT_EQ(found.code(), Code::option_repeated);
    EXPECT_EQ(value_of(found, "count"), "2");
    EXPECT_EQ(places_of(found), "9:18, 9:13");
}

TEST(VpncfgFindings, ASlipNamesWhatIsMeantInAFieldOfItsOwn) {
    const auto key = only(read(join(sound, sound_key, sound_remote, "use_nat_x = yes;\n")));
    EXPECT_EQ(key.code(), Code::option_unknown);
    EXPECT_EQ(value_of(key, "option"), "use_nat_x");
    EXPECT_EQ(value_of(key, "meant"), "use_nat_t");
    EXPECT_EQ(value_of(key, "kind"), "key");
    EXPECT_EQ(places_of(key), "9:1");

    const auto other = only(read(join(sound, sound_key, sound_remote, "colour = blue;\n")));
    EXPECT_EQ(other.code(), Code::option_unknown);
    EXPECT_EQ(value_of(other, "meant"), "(no meant)");
    EXPECT_EQ(other.remedy(), "");
}

TEST(VpncfgFindings, TwoNetworksInABlockHaveBothPlaces) {
    const auto found = only(read(join(sound, sound_key,
                                      "phase2remoteid { ipnet { ipaddr = 10.2.0.0; mask = 255.255.0.0; }\n"
                                      "ipaddr = 10.3.0.1; }\n")));
    EXPECT_EQ(found.code(), Code::box_one_network);
    EXPECT_EQ(value_of(found, "block"), "phase2remoteid");
    EXPECT_EQ(value_of(found, "count"), "2");
    EXPECT_EQ(places_of(found), "9:1, 8:18");
}

TEST(VpncfgFindings, ASecondVpncfgPointsToTheFirst) {
    const auto found = only(read(join(sound, sound_key, sound_remote), "vpncfg { }\n"));
    EXPECT_EQ(found.code(), Code::duplicate_section);
    EXPECT_EQ(places_of(found), "11:1, 1:1");
}

TEST(VpncfgFindings, WhatAWrongValueWasTakenForIsAField) {
    const auto found = only(read(join(sound, sound_key, sound_remote, "use_nat_t = maybe;\n")));
    EXPECT_EQ(found.code(), Code::value_not_understood);
    EXPECT_EQ(value_of(found, "value"), "maybe");
    EXPECT_EQ(value_of(found, "taken"), "yes");
    EXPECT_EQ(places_of(found), "9:13");
}

}  // namespace
}  // namespace causeway::config
