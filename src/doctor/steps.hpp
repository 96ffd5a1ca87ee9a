// How the judges of `causeway doctor` make a step: each state has a function of its own. Private to doctor/. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/finding.hpp"
#include "doctor/report.hpp"
#include "status/told.hpp"

namespace causeway::doctor {

/// Which step a function makes.
struct About {
    Layer layer{};
    std::string subject{};  ///< empty: this machine
};

Step ok(About about, std::string sentence);
Step unknown(About about, std::string sentence);
Step skipped(About about, std::string sentence);
Step wrong(About about, const status::Told& cause, Stops stops);
Step wrong(About about, const Finding& cause, Stops stops);

/// "40 s", "12 min", "3 h", "5 d": the largest unit of which there are two.
std::string age(std::int64_t seconds);
/// "1 packet", "2 packets".
std::string counted(std::uint64_t count, const char* noun);

}  // namespace causeway::doctor
