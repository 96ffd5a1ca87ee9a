// The report of the doctor as JSON: its keys stand in causeway(8). And the table of UDP sockets that it reads.

#include "cli/doctor_json.hpp"

#include <gtest/gtest.h>
#include <string>

#include <nlohmann/json.hpp>

#include "cli/udp_ports.hpp"
#include "doctor/report.hpp"
#include "unit/control/manual.hpp"

namespace causeway::cli {
namespace {

using doctor::Layer;
using doctor::State;
using manual::Json;

doctor::Step step(Layer layer, State state, const char* sentence) {
    doctor::Step made;
    made.layer = layer;
    made.state = state;
    made.sentence = sentence;
    return made;
}

TEST(DoctorJsonTest, TheManualListsTheKeys) {
    doctor::Report report;
    report.steps.push_back(step(Layer::daemon, State::wrong, "it is not running"));
    const Json sparse = Json::parse(to_json(report));
    report.verdict = 0;
    std::string keys;
    manual::list_keys(keys, "the object", Json::parse(to_json(report)), sparse, {});
    manual::expect_in_manual(".\\\" the keys of doctor, written from the code\n.nf\n", keys);
}

TEST(DoctorJsonTest, ValuesAreThoseOfTheReport) {
    doctor::Report report;
    report.connection = "lan";
    report.running = true;
    report.steps.push_back(step(Layer::path_mtu, State::unknown, "not known"));
    report.steps.push_back(step(Layer::phase1, State::wrong, "\xff\"\n"));
    report.steps.back().subject = "ipsec-lan";
    report.steps.back().code = "psk-differs";
    report.steps.back().remedy = "compare them";
    report.steps.back().certainty = Certainty::likely;
    report.verdict = 1;
    const Json json = Json::parse(to_json(report));
    EXPECT_EQ(json["running"], true);
    EXPECT_EQ(json["unknown"], 1);
    EXPECT_EQ(json["wrong"], 1);
    EXPECT_EQ(json["steps"][0]["layer"], "path-mtu");
    EXPECT_EQ(json["steps"][0]["state"], "unknown");
    EXPECT_EQ(json["steps"][0]["confidence"], "");
    EXPECT_EQ(json["verdict"], json["steps"][1]);
    EXPECT_EQ(json["verdict"]["connection"], "ipsec-lan");
    EXPECT_EQ(json["verdict"]["confidence"], "likely");
    report.verdict.reset();
    EXPECT_EQ(Json::parse(to_json(report))["verdict"], nullptr);
}

TEST(UdpPortsTest, TheKernelsTableIsRead) {
    const auto rows = parse_udp_table(
        "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode "
        "ref pointer drops\n"
        "  101: 00000000:01F4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 81234 2 "
        "0000000000000000 0\n"
        "  102: 00000000000000000000000000000000:1194 00000000000000000000000000000000:0000 07 "
        "00000000:00000000 00:00000000 "
        "00000000     0        0 81235 2 0000000000000000 0\n"
        "  103: cut\n");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].port, 500);
    EXPECT_EQ(rows[0].inode, 81234U);
    EXPECT_EQ(rows[1].port, 4500);
    EXPECT_EQ(rows[1].inode, 81235U);
}

}  // namespace
}  // namespace causeway::cli
