#include "cli/private_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/descriptor.hpp"

namespace causeway::cli {
namespace {

Exit cannot_write(const std::string& name, int error) {
    return complain({Exit::unusable, fmt::format("cannot write {}: {}", name, strerror(error))});
}

Exit write_descriptor(int fd, const std::string& name, std::string_view text) {
    while (!text.empty()) {
        const ssize_t done = ::write(fd, text.data(), text.size());
        if (done < 0 && errno != EINTR) {
            return cannot_write(name, errno);
        }
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(done, 0)));
    }
    return Exit::done;
}

}  // namespace

/// Beside the file first, so that what stands there is whole at every moment, and nobody else ever reads it.
Exit write_private_file(const std::string& name, std::string_view text, bool force) {
    std::string beside = name + ".XXXXXX";
    const Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
    if (!file.open()) {
        return cannot_write(name, errno);
    }
    Exit exit = ::fchmod(file.get(), S_IRUSR | S_IWUSR) != 0 ? cannot_write(name, errno)
                                                             : write_descriptor(file.get(), name, text);
    if (exit == Exit::done && ::fsync(file.get()) != 0) {
        exit = cannot_write(name, errno);
    }
    if (exit == Exit::done && force) {
        if (::rename(beside.c_str(), name.c_str()) == 0) {
            return exit;
        }
        exit = cannot_write(name, errno);
    } else if (exit == Exit::done && ::link(beside.c_str(), name.c_str()) != 0) {
        exit = errno == EEXIST
                   ? complain({Exit::unusable, fmt::format("{} exists; --force replaces it", name)})
                   : cannot_write(name, errno);
    }
    ::unlink(beside.c_str());
    return exit;
}

}  // namespace causeway::cli
