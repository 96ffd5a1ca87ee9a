#include "config/load.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "config/formats.hpp"

namespace causeway::config {
namespace {

// The JSON library throws on text that is not UTF-8; keys and names may be Latin-1.
std::string dump(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Source source_of(std::string_view text, std::string_view file, std::optional<Format> format,
                 const Companions& companions = {}) {
    return {text, FileName(file), format.has_value(), companions};
}

}  // namespace

Format recognise(std::string_view text) {
    return std::ranges::find_if(formats(), [&](const FormatRules& rules) { return rules.recognise(text); })
        ->format;
}

Result<Model> load(std::string_view text, std::string_view file, std::optional<Format> format,
                   const Companions& companions) {
    return rules_of(format.value_or(recognise(text))).load(source_of(text, file, format, companions));
}

Result<std::string> show(std::string_view text, std::string_view file, std::optional<Format> format) {
    return rules_of(format.value_or(recognise(text))).show(source_of(text, file, format));
}

Result<std::string> show_json(std::string_view text, std::string_view file, std::optional<Format> format) {
    const auto& rules = rules_of(format.value_or(recognise(text)));
    nlohmann::ordered_json json{{"file", file}, {"format", rules.name}};
    CAUSEWAY_CHECK(rules.show_json(source_of(text, file, format), json));
    return dump(json);
}

}  // namespace causeway::config
