#include "base/place.hpp"

#include <fmt/format.h>

namespace causeway {

std::string Place::text() const {
    if (!known()) {
        return "default";
    }
    const std::string where = file ? fmt::format("{}:{}", *file, line) : fmt::format("line {}", line);
    return column != 0 && file ? fmt::format("{}:{}", where, column) : where;
}

}  // namespace causeway
