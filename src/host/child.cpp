#include "host/child.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/spawn_attributes.hpp"

namespace causeway::host {

namespace {

// A file in memory: a child's input and its output go through two of them, so that neither side can block on
// a full pipe.
class MemoryFile {
 public:
    explicit MemoryFile(const char* name) : fd_(memfd_create(name, MFD_CLOEXEC)) {}
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    [[nodiscard]] int fd() const { return fd_; }
    bool fill(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t written = ::write(fd_, text.data(), text.size());
            if (written <= 0) {
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(written));
        }
        return lseek(fd_, 0, SEEK_SET) == 0;
    }
    [[nodiscard]] std::string content(std::size_t limit) const {
        struct stat file {};
        const bool known = fstat(fd_, &file) == 0;
        std::string text(known ? std::min(limit, static_cast<std::size_t>(file.st_size)) : limit, '\0');
        const ssize_t got = pread(fd_, text.data(), text.size(), 0);
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }

 private:
    int fd_;
};

std::string file_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

// posix_spawn() takes its words as writable arrays, and a null pointer behind the last.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (std::string& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

std::optional<std::string> find_program(std::string_view name) {
    for (const char* folder : {"/usr/sbin/", "/sbin/", "/usr/bin/", "/usr/local/sbin/"}) {
        const std::string path = folder + std::string(name);
        if (access(path.c_str(), X_OK) == 0) {
            return path;
        }
    }
    return std::nullopt;
}

Result<ChildEnd> run_child(const std::string& program, const std::vector<std::string>& arguments,
                           std::string_view script, std::size_t output_octets) {
    const MemoryFile input("child-input");
    const MemoryFile output("child-output");
    std::vector<std::string> words{file_name(program)};
    if (input.fd() < 0 || output.fd() < 0 || !input.fill(script)) {
        return fail(Errc::system,
                    fmt::format("cannot hand a script to {}: {}", words.front(), std::strerror(errno)));
    }
    words.insert(words.end(), arguments.begin(), arguments.end());
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.fd(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.fd(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.fd(), STDERR_FILENO);
    char* const environment[] = {nullptr};
    pid_t child = 0;
    const SpawnAttributes attributes;
    const int error = posix_spawn(&child, program.c_str(), &actions, attributes.get(),
                                  pointers_to(words).data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        return fail(Errc::system, fmt::format("cannot start {}: {}", program, std::strerror(error)));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return fail(Errc::system, fmt::format("cannot wait for {}: {}", program, std::strerror(errno)));
        }
    }
    return ChildEnd{WIFEXITED(status) && WEXITSTATUS(status) == 0, output.content(output_octets)};
}

}  // namespace causeway::host
