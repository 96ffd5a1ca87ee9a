#include "host/sysctl.hpp"

#include <cstddef>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace causeway::host {

std::optional<std::string> read_sysctl(SystemFile setting, const std::string& device) {
    constexpr std::size_t longest = 128;
    const std::string text = first_octets(setting, longest, device);
    return text.empty() ? std::nullopt : std::optional(text.substr(0, text.find('\n')));
}

bool write_sysctl(std::string_view name, std::string_view value) {
    const std::string path = "/proc/sys/" + std::string(name);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool done = ::write(fd, value.data(), value.size()) == static_cast<ssize_t>(value.size());
    ::close(fd);
    return done;
}

}  // namespace causeway::host
