#include "host/sysctl.hpp"

#include <array>
#include <cstddef>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace causeway::host {

std::optional<std::string> read_sysctl(std::string_view name) {
    const std::string path = "/proc/sys/" + std::string(name);
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return std::nullopt;
    }
    std::array<char, 128> octets{};
    const ssize_t got = ::read(fd, octets.data(), octets.size());
    ::close(fd);
    if (got <= 0) {
        return std::nullopt;
    }
    const std::string text(octets.data(), static_cast<std::size_t>(got));
    return text.substr(0, text.find('\n'));
}

}  // namespace causeway::host
