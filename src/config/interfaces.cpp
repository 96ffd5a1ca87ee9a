#include "config/interfaces.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace causeway::config {
namespace {

/// IFNAMSIZ, less the NUL.
constexpr std::size_t max_device_name = 15;

std::string text_of(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_up(const nlohmann::json& object) {
    const auto found = object.find("up");
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

bool can_be_device(const std::string& name) {
    return name.size() <= max_device_name && name.find_first_of("/ \t\n") == std::string::npos;
}

}  // namespace

Result<std::vector<LogicalInterface>> parse_interfaces(std::string_view json) {
    const auto dump = nlohmann::json::parse(json, nullptr, false);
    if (!dump.is_object()) {
        return fail(Errc::malformed, "its output is not a JSON object");
    }
    const auto listed = dump.find("interface");
    if (listed == dump.end() || !listed->is_array()) {
        return fail(Errc::malformed, "what it printed has no list 'interface'");
    }
    std::vector<LogicalInterface> interfaces;
    for (const auto& one : *listed) {
        if (!one.is_object()) {
            continue;
        }
        LogicalInterface interface {
            text_of(one, "interface"), {}
        };
        if (is_up(one)) {
            interface.device = text_of(one, "l3_device");
        }
        if (!interface.name.empty() && can_be_device(interface.device)) {
            interfaces.push_back(std::move(interface));
        }
    }
    return interfaces;
}

}  // namespace causeway::config
