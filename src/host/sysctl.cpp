#include "host/sysctl.hpp"

#include <cstddef>

namespace causeway::host {

std::optional<std::string> read_sysctl(SystemFile setting, const std::string& device) {
    constexpr std::size_t longest = 128;
    const std::string text = first_octets(setting, longest, device);
    return text.empty() ? std::nullopt : std::optional(text.substr(0, text.find('\n')));
}

}  // namespace causeway::host
