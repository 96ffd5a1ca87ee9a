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

Error about(const std::string& path, int error) {
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

bool foreign(const struct stat& one) {
    return one.st_uid != 0 && one.st_uid != ::geteuid();
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const bool is_stdin = path == "-";
    const std::string shown = is_stdin ? "stdin" : path;
    const Descriptor file(is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat facts {};
    if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) {
        return fail(about(shown, errno));
    }
    if (S_ISDIR(facts.st_mode)) {
        return fail(about(shown, EISDIR));
    }
    std::string text;
    if (S_ISREG(facts.st_mode) && facts.st_size > 0) {
        // A text that grew by doubling would take twice the room.
        text.reserve(std::min(static_cast<std::size_t>(facts.st_size), limit) + 1);
    }
    std::array<char, 16384> room{};
    const WipeAtEnd wiped(room);
    for (;;) {
        const ssize_t got = ::read(file.get(), room.data(), room.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(about(shown, errno));
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

std::vector<Event> rights_of(const std::string& path) {
    std::vector<Event> events;
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0) {
        return events;
    }
    const std::string mode = fmt::format("{:04o}", file.st_mode & 07777U);
    if ((file.st_mode & S_IROTH) != 0) {
        events.push_back({EventCode::file_world_readable, {}, {{"file", path}, {"mode", mode}}});
    }
    if ((file.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        events.push_back({EventCode::file_writable_by_others, {}, {{"file", path}, {"mode", mode}}});
    }
    if (foreign(file)) {
        events.push_back({EventCode::file_of_another_user,
                          {},
                          {{"file", path}, {"owner", fmt::format("user {}", file.st_uid)}}});
    }
    // Who may write the folder may put another file in its place; in a sticky one only the owner may.
    const std::string parent = folder_of(absolute(path));
    struct stat folder {};
    if (::stat(parent.c_str(), &folder) == 0 &&
        (foreign(folder) ||
         ((folder.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (folder.st_mode & S_ISVTX) == 0))) {
        events.push_back(
            {EventCode::folder_writable_by_others,
             {},
             {{"file", path}, {"folder", parent}, {"mode", fmt::format("{:04o}", folder.st_mode & 07777U)}}});
    }
    return events;
}

}  // namespace causeway::control
