// The report of a probe as JSON: its keys stand in causeway(8), and nothing that a peer sent breaks it.

#include "cli/probe_json.hpp"

#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>

#include <nlohmann/json.hpp>

#include "unit/control/manual.hpp"

namespace causeway::cli {
namespace {

using manual::Json;

Json written(bool whole) {
    probe::Report report;
    report.offered = report.accepted = report.rest = {"aes128-sha1-modp1024"};
    report.vendors = {isakmp::Vendor::avm};
    report.unknown_vendors = {Bytes{1}};
    if (whole) {
        report.round_trip = std::chrono::milliseconds(12);
    }
    // `meaning` is never empty.
    return Json::parse(to_json(report, "fritz.example"));
}

TEST(ProbeJsonTest, TheManualListsTheKeys) {
    std::string keys;
    manual::list_keys(keys, "the object", written(true), written(false), {});
    manual::expect_in_manual(".\\\" the keys of a probe, written from the code\n.nf\n", keys);
}

TEST(ProbeJsonTest, ValuesAreThoseOfTheReport) {
    probe::Report report;
    report.address = IpAddress::v4(0xc6336470);
    report.ike = {.port = 500, .local_port = 40500, .answered = true};
    report.main = {probe::Outcome::refused, std::uint16_t{14}, {}};
    report.version2 = {probe::Outcome::refused, std::uint16_t{14}, {}};
    report.round_trip = std::chrono::microseconds(1500);
    report.nat = probe::Nat::both;
    const Json json = Json::parse(to_json(report, "fritz.example"));
    EXPECT_EQ(json["host"], "fritz.example");
    EXPECT_EQ(json["address"], "198.51.100.112");
    EXPECT_EQ(json["answered"], true);
    EXPECT_EQ(json["ike"]["port"], 500);
    EXPECT_EQ(json["nat_t"]["asked"], false);
    // Each version spells it its own way.
    EXPECT_EQ(json["main_mode"]["notify"], "NO-PROPOSAL-CHOSEN");
    EXPECT_EQ(json["ikev2"]["notify"], "NO_PROPOSAL_CHOSEN");
    EXPECT_EQ(json["aggressive_mode"]["outcome"], "not asked");
    EXPECT_EQ(json["nat"], "both");
    EXPECT_EQ(json["round_trip_ms"], 1.5);
}

TEST(ProbeJsonTest, OctetsOfAPeerAndOfACommandLineStayWithinIt) {
    probe::Report report;
    report.unknown_vendors = {Bytes{0x22, 0x0a, 0x1b}};
    const std::string text = to_json(report, "\xff\"\n");
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    const Json json = Json::parse(text);
    EXPECT_EQ(json["unknown_vendors"][0], "220a1b");
    EXPECT_EQ(json["round_trip_ms"], nullptr);
}

}  // namespace
}  // namespace causeway::cli
