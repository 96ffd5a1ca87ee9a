// Lines of the files that a check speaks of, quoted below what it says. Pure. A line that may hold a key is not quoted.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/place.hpp"

namespace causeway::cli {

class Quotes {
 public:
    /// What a file is about. Of one that describes tunnels a line is kept only where every setting in it is known.
    enum class Of { tunnels, router };
    void add(std::string file, std::string_view text, Of of);
    /// "   31 | option hash_algorithm 'sha256'\n      |        ^\n"; empty where the line is not known, or not shown.
    [[nodiscard]] std::string of(const Place& place) const;

 private:
    std::map<std::string, std::vector<std::string>, std::less<>> lines_;  ///< empty: not to be shown
};

}  // namespace causeway::cli
