// Where a value stands, in JSON: `line` and `column` beside it.
#pragma once

#include <nlohmann/json.hpp>

namespace causeway::config {

template <class At>
nlohmann::ordered_json with_place(nlohmann::ordered_json object, const At& at) {
    object["line"] = at.line;
    object["column"] = at.column;
    return object;
}

}  // namespace causeway::config
