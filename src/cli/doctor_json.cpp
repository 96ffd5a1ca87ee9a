#include "cli/doctor_json.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/finding.hpp"

namespace causeway::cli {
namespace {

using Json = nlohmann::ordered_json;
using doctor::State;

Json json_of(const doctor::Step& step) {
    return {{"layer", doctor::word_of(step.layer)},
            {"connection", step.subject},
            {"state", doctor::word_of(step.state)},
            {"message", step.sentence},
            {"code", step.code},
            {"remedy", step.remedy},
            {"confidence", step.state == State::wrong ? name_of(step.certainty) : ""}};
}

}  // namespace

std::string to_json(const doctor::Report& report) {
    Json steps = Json::array();
    for (const doctor::Step& step : report.steps) {
        steps.push_back(json_of(step));
    }
    const Json json{{"connection", report.connection},
                    {"running", report.running},
                    {"version", report.version},
                    {"config_file", report.config_file},
                    {"ok", report.count(State::ok)},
                    {"wrong", report.count(State::wrong)},
                    {"unknown", report.count(State::unknown)},
                    {"skipped", report.count(State::skipped)},
                    {"steps", std::move(steps)},
                    {"verdict", report.cause() != nullptr ? json_of(*report.cause()) : Json()}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace causeway::cli
