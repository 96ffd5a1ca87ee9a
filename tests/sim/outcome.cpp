#include "sim/outcome.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

#include <nlohmann/json.hpp>

namespace causeway::sim {

using nlohmann::json;

namespace {

/// The smallest value that `share` of all do not exceed. `values` sorted.
double quantile(const std::vector<float>& values, double share) {
    if (values.empty()) {
        return 0;
    }
    const auto at = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return static_cast<double>(values[std::clamp<std::size_t>(at, 1, values.size()) - 1]);
}

double rounded(double seconds) {
    return std::round(seconds * 1000) / 1000;
}

}  // namespace

void Outcome::add(Outcome&& other) {
    hours += other.hours;
    seeds += other.seeds;
    events += other.events;
    packets += other.packets;
    for (const auto& [name, count] : other.faults) {
        faults[name] += count;
    }
    for (auto& [name, values] : other.recoveries) {
        auto& all = recoveries[name];
        all.insert(all.end(), values.begin(), values.end());
    }
    std::move(other.failures.begin(), other.failures.end(), std::back_inserter(failures));
}

std::string as_text(const Outcome& outcome) {
    std::string text = fmt::format("{} seeds, {:.1f} simulated hours, {} events, {} packets arrived\n",
                                   outcome.seeds, outcome.hours, outcome.events, outcome.packets);
    text += fmt::format("\n{:<28}{:>10}\n", "fault", "count");
    for (const auto& [name, count] : outcome.faults) {
        text += fmt::format("{:<28}{:>10}\n", name, count);
    }
    text += fmt::format("\n{:<28}{:>10}{:>12}{:>12}{:>12}\n", "recovery after", "count", "median s", "p99 s",
                        "max s");
    for (const auto& [name, values] : outcome.recoveries) {
        auto sorted = values;
        std::sort(sorted.begin(), sorted.end());
        text += fmt::format("{:<28}{:>10}{:>12.2f}{:>12.2f}{:>12.2f}\n", name, sorted.size(),
                            quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 1));
    }
    text += fmt::format("\nfailures: {}\n", outcome.failures.size());
    for (const auto& failure : outcome.failures) {
        text += fmt::format("  seed {} after {:.3f} s: {}: {}\n", failure.seed, failure.at_s, failure.check,
                            failure.what);
    }
    return text;
}

std::string as_json(const Outcome& outcome) {
    json all;
    all["seeds"] = outcome.seeds;
    all["hours"] = rounded(outcome.hours);
    all["events"] = outcome.events;
    all["packets"] = outcome.packets;
    all["faults"] = outcome.faults;
    all["failures"] = json::array();
    for (const auto& failure : outcome.failures) {
        all["failures"].push_back({{"seed", failure.seed},
                                   {"check", failure.check},
                                   {"what", failure.what},
                                   {"at_s", rounded(failure.at_s)}});
    }
    all["recoveries"] = json::object();
    for (const auto& [name, values] : outcome.recoveries) {
        auto sorted = values;
        std::sort(sorted.begin(), sorted.end());
        all["recoveries"][name] = {{"median_s", rounded(quantile(sorted, 0.5))},
                                   {"p99_s", rounded(quantile(sorted, 0.99))},
                                   {"max_s", rounded(quantile(sorted, 1))},
                                   {"count", sorted.size()}};
    }
    return all.dump();
}

std::string as_line(const Outcome& outcome) {
    json line{{"hours", outcome.hours},     {"seeds", outcome.seeds},   {"events", outcome.events},
              {"packets", outcome.packets}, {"faults", outcome.faults}, {"recoveries", outcome.recoveries}};
    line["failures"] = json::array();
    for (const auto& one : outcome.failures) {
        line["failures"].push_back({one.seed, one.check, one.what, one.at_s});
    }
    return line.dump();
}

bool from_line(const std::string& text, Outcome& outcome) {
    const json line = json::parse(text, nullptr, false);
    if (line.is_discarded() || !line.is_object() || !line.contains("failures")) {
        return false;
    }
    outcome.hours = line["hours"];
    outcome.seeds = line["seeds"];
    outcome.events = line["events"];
    outcome.packets = line["packets"];
    outcome.faults = line["faults"].get<std::map<std::string, std::uint64_t>>();
    outcome.recoveries = line["recoveries"].get<std::map<std::string, std::vector<float>>>();
    for (const auto& one : line["failures"]) {
        outcome.failures.push_back({one[0], one[1], one[2], one[3]});
    }
    return true;
}

}  // namespace causeway::sim
