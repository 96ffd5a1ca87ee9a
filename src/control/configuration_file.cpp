#include "control/configuration_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <span>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.hpp"
#include "control/paths.hpp"

namespace causeway::control {
namespace {

class Descriptor {
 public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ > STDIN_FILENO) {
            ::close(fd_);
        }
    }
    [[nodiscard]] int get() const { return fd_; }

 private:
    int fd_;
};

/// The buffer that the file went through.
class WipeAtEnd {
 public:
    explicit WipeAtEnd(std::span<char> room) : room_(room) {}
    WipeAtEnd(const WipeAtEnd&) = delete;
    WipeAtEnd& operator=(const WipeAtEnd&) = delete;
    ~WipeAtEnd() { wipe({reinterpret_cast<std::uint8_t*>(room_.data()), room_.size()}); }

 private:
    std::span<char> room_;
};

bool foreign(std::uint32_t owner) {
    return owner != 0 && owner != ::geteuid();
}

}  // namespace

Error unreadable(const std::string& path, int error) {
    Error what{error == ENOENT || error == ENOTDIR ? Errc::not_found
               : error == EACCES                   ? Errc::permission
                                                   : Errc::system,
               fmt::format("cannot read {}: {}", path, std::strerror(error)),
               {},
               {}};
    if (what.code == Errc::not_found) {
        what.remedy = "name a file that is there";
    } else if (what.code == Errc::permission) {
        what.remedy = "run as root, or make the file readable for this user";
    }
    return what;
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const bool is_stdin = path == "-";
    const std::string shown = is_stdin ? "stdin" : path;
    const Descriptor file(is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        return fail(unreadable(shown, errno));
    }
    return read_open_file(file.get(), shown, limit);
}

Result<std::string> read_open_file(int fd, const std::string& shown, std::size_t limit) {
    struct stat facts {};
    if (::fstat(fd, &facts) != 0) {
        return fail(unreadable(shown, errno));
    }
    if (S_ISDIR(facts.st_mode)) {
        return fail(unreadable(shown, EISDIR));
    }
    std::string text;
    if (S_ISREG(facts.st_mode) && facts.st_size > 0) {
        // A text that grew by doubling would take twice the room.
        text.reserve(std::min(static_cast<std::size_t>(facts.st_size), limit) + 1);
    }
    std::array<char, 16384> room{};
    const WipeAtEnd wiped(room);
    for (;;) {
        const ssize_t got = ::read(fd, room.data(), room.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(unreadable(shown, errno));
        }
        if (got == 0) {
            return text;
        }
        if (text.size() + static_cast<std::size_t>(got) > limit) {
            return fail(Errc::limit, fmt::format("{} is longer than {} MiB", shown, limit >> 20U));
        }
        text.append(room.data(), static_cast<std::size_t>(got));
    }
}

Rights look_at_rights(const std::string& path) {
    Rights rights;
    struct stat there {};
    if (::stat(path.c_str(), &there) == 0) {
        rights.file_mode = there.st_mode;
        rights.file_owner = there.st_uid;
    }
    if (::stat(folder_of(absolute(path)).c_str(), &there) == 0) {
        rights.folder_mode = there.st_mode;
        rights.folder_owner = there.st_uid;
    }
    return rights;
}

std::vector<Event> rights_of(const std::string& path) {
    return rights_of(path, look_at_rights(path));
}

std::vector<Event> rights_of(const std::string& path, const Rights& rights) {
    std::vector<Event> events;
    if (rights.file_mode == 0) {
        return events;
    }
    const std::string mode = fmt::format("{:04o}", rights.file_mode & 07777U);
    if ((rights.file_mode & S_IROTH) != 0) {
        events.push_back({EventCode::file_world_readable, {}, {{"file", path}, {"mode", mode}}});
    }
    if ((rights.file_mode & (S_IWGRP | S_IWOTH)) != 0) {
        events.push_back({EventCode::file_writable_by_others, {}, {{"file", path}, {"mode", mode}}});
    }
    if (foreign(rights.file_owner)) {
        events.push_back({EventCode::file_of_another_user,
                          {},
                          {{"file", path}, {"owner", fmt::format("user {}", rights.file_owner)}}});
    }
    // Who may write the folder may put another file in its place; in a sticky one only the owner may.
    const std::uint32_t folder = rights.folder_mode;
    if (folder != 0 &&
        (foreign(rights.folder_owner) || ((folder & (S_IWGRP | S_IWOTH)) != 0 && (folder & S_ISVTX) == 0))) {
        events.push_back({EventCode::folder_writable_by_others,
                          {},
                          {{"file", path},
                           {"folder", folder_of(absolute(path))},
                           {"mode", fmt::format("{:04o}", folder & 07777U)}}});
    }
    return events;
}

}  // namespace causeway::control
