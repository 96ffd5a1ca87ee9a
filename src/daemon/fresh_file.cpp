#include "daemon/fresh_file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace causeway::daemon {

int write_fresh_file(const std::string& path, ByteView octets, mode_t mode) {
    const std::string fresh = path + ".new";
    ::unlink(fresh.c_str());
    const int fd =
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return errno;
    }
    // Whatever the umask has left of it.
    int error = ::fchmod(fd, mode) == 0 ? 0 : errno;
    for (ByteView rest = octets; !rest.empty() && error == 0;) {
        const ssize_t done = ::write(fd, rest.data(), rest.size());
        if (done > 0) {
            rest = rest.subspan(static_cast<std::size_t>(done));
        } else if (errno != EINTR) {
            error = done == 0 ? ENOSPC : errno;
        }
    }
    ::close(fd);
    if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        ::unlink(fresh.c_str());
    }
    return error;
}

}  // namespace causeway::daemon
