// Lines of the files that a check speaks of, quoted below what it says. Pure. A line that may hold a key is not quoted.
#pragma once

#include <functional>
#include <map>
#include <optional>
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
    /// "   31 | option hash_algorithm 'sha256'\n      |        ^\n"; of one that may hold a key that it is not shown; empty
    /// where the line is not known, or too long.
    [[nodiscard]] std::string of(const Place& place) const;

 private:
    using Lines = std::vector<std::optional<std::string>>;  ///< nothing: not to be shown
    std::map<std::string, Lines, std::less<>> lines_;
};

}  // namespace causeway::cli
