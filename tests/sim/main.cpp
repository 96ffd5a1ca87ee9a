// causeway-sim: production engines and SA tables in virtual time. One seed is one run.
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "sim/limits.hpp"
#include "sim/simulation.hpp"
#include "sim/workers.hpp"

namespace {

using namespace causeway;

bool parse_range(const std::string& text, std::vector<std::uint64_t>& seeds) {
    const auto dots = text.find("..");
    try {
        const std::uint64_t first = std::stoull(text.substr(0, dots));
        const std::uint64_t last = dots == std::string::npos ? first : std::stoull(text.substr(dots + 2));
        for (std::uint64_t seed = first; seed <= last && seeds.size() < 10'000'000; ++seed) {
            seeds.push_back(seed);
        }
    } catch (const std::exception&) {
        return false;
    }
    return !seeds.empty();
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App app{
        "Plays gateways, the network between them and what goes wrong there, in virtual time, with the\n"
        "production engine and SA table. Exit 0 only when no checker found anything."};
    std::string range;
    std::uint64_t seed = 0;
    double hours = 2;
    unsigned jobs = 1;
    bool json = false;
    bool trace = false;
    bool wire = false;
    bool limits = false;
    std::string trial;
    auto* many = app.add_option("--seeds", range, "A..B: these seeds, one run each");
    auto* one = app.add_option("--seed", seed, "a single run");
    many->excludes(one);
    app.add_option("--hours", hours, "simulated hours of each run")->check(CLI::Range(0.001, 10'000.0));
    app.add_option("--jobs", jobs, "processes")->check(CLI::Range(1, 256));
    app.add_flag("--json", json, "the summary as one JSON object");
    app.add_flag("--trace", trace, "with --seed: a diary of the run");
    app.add_flag("--wire", wire, "with --trace: every datagram and what becomes of it");
    app.add_option("--trial", trial, "this trial in each run, or none; else some runs have one");
    app.add_flag("--limits", limits, "no run: the engine's times in seconds and its counts, as JSON");
    CLI11_PARSE(app, argc, argv);

    if (limits) {
        std::puts(sim::limits_as_json().c_str());
        return 0;
    }
    std::vector<std::uint64_t> seeds;
    if (many->count() != 0 ? !parse_range(range, seeds) : one->count() == 0) {
        std::fputs("which seeds? --seeds 1..1000 or --seed 7\n", stderr);
        return 2;
    }
    const auto wanted = sim::trial_from_name(trial);
    if (!trial.empty() && !wanted) {
        std::fprintf(stderr, "unknown trial '%s'\n", trial.c_str());
        return 2;
    }
    const auto run = [&](std::uint64_t number) {
        sim::Simulation::Settings settings;
        settings.seed = number;
        settings.length = Duration(static_cast<std::int64_t>(hours * 3600e9));
        settings.trace = trace;
        settings.wire = wire;
        settings.trial = wanted;
        return sim::Simulation(settings).run();
    };
    sim::Outcome outcome;
    if (one->count() != 0) {
        outcome = run(seed);
    } else {
        trace = false;
        std::size_t reported = 0;
        outcome = sim::run_all(seeds, jobs, run, [&](const sim::Outcome& so_far) {
            for (; reported < so_far.failures.size(); ++reported) {
                const auto& failure = so_far.failures[reported];
                std::fprintf(stderr, "seed %llu after %.3f s: %s: %s\n",
                             static_cast<unsigned long long>(failure.seed), failure.at_s,
                             failure.check.c_str(), failure.what.c_str());
            }
        });
    }
    std::fputs(json ? (sim::as_json(outcome) + "\n").c_str() : sim::as_text(outcome).c_str(), stdout);
    return outcome.failures.empty() ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "causeway-sim: %s\n", error.what());
    return 2;
}
