// What a run came to, and many runs together.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/bounds.hpp"

namespace causeway::sim {

struct Failure {
    std::uint64_t seed = 0;
    std::string check;  ///< which checker: "recovery:outage", "torn-down"
    std::string what;
    double at_s = 0;  ///< since the beginning of the run
};

struct Outcome {
    double hours = 0;
    std::uint64_t seeds = 0;
    std::uint64_t events = 0;
    std::uint64_t packets = 0;  ///< probes that came out
    std::map<std::string, std::uint64_t> faults;
    std::map<std::string, std::vector<float>> recoveries;  ///< seconds, by class of fault
    std::vector<Failure> failures;

    void add(Outcome&& other);
};

/// For a person, or as one JSON object.
std::string as_text(const Outcome& outcome);
std::string as_json(const Outcome& outcome);

/// How one run travels from a worker to the parent: one line, without the newline.
std::string as_line(const Outcome& outcome);
bool from_line(const std::string& line, Outcome& outcome);

}  // namespace causeway::sim
