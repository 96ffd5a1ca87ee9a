#include "cli/probe_json.hpp"

#include <chrono>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "codec/isakmp/vendor.hpp"
#include "probe/words.hpp"

namespace causeway::cli {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const probe::AskedPort& port) {
    return {{"port", port.port},
            {"local_port", port.local_port},
            {"asked", port.port != 0},
            {"answered", port.answered},
            {"unreachable", port.unreachable}};
}

Json json_of(const probe::Asked& asked, bool version2 = false) {
    return {{"outcome", probe::word_of(asked.outcome)},
            {"notify", probe::notify_of(asked, version2)},
            {"suite", asked.suite}};
}

double milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

std::string to_json(const probe::Report& report, const std::string& host) {
    std::vector<std::string> vendors;
    for (const auto vendor : report.vendors) {
        vendors.emplace_back(isakmp::name_of(vendor));
    }
    std::vector<std::string> unknown;
    for (const auto& body : report.unknown_vendors) {
        unknown.push_back(fmt::format("{:02x}", fmt::join(body, "")));
    }
    const Json json{{"host", host},
                    {"address", report.address.text()},
                    {"answered", report.answered()},
                    {"ike", json_of(report.ike)},
                    {"nat_t", json_of(report.nat_t)},
                    {"main_mode", json_of(report.main)},
                    {"main_mode_nat_t", json_of(report.main_nat_t)},
                    {"key_exchange", json_of(report.key)},
                    {"aggressive_mode", json_of(report.aggressive)},
                    {"aggressive_identity", report.aggressive_identity},
                    {"ikev2", json_of(report.version2, true)},
                    {"suites_offered", report.offered},
                    {"suites_accepted", report.accepted},
                    {"suites_not_accepted", report.rest},
                    {"suites_end", probe::word_of(report.suites_end)},
                    {"vendors", vendors},
                    {"unknown_vendors", unknown},
                    {"nat", probe::word_of(report.nat)},
                    {"round_trip_ms", report.round_trip ? Json(milliseconds(*report.round_trip)) : Json()},
                    {"meaning", probe::meaning(report)},
                    {"sent", report.sent},
                    {"received", report.received},
                    {"ignored", report.ignored},
                    {"seconds", seconds_of(report.took)},
                    {"out_of_time", report.out_of_time}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace causeway::cli
