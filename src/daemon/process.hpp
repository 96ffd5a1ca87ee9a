// What concerns the process as such: no core dumps, going to the background, the file with its number.
#pragma once

#include <string>
#include <sys/types.h>
#include <utility>

#include "base/result.hpp"

namespace causeway::daemon {

/// Keys never reach a core file, and no process without rights may look at this one.
void forbid_core_dumps();

/// The kernel ends this process at once when its parent, of that number, has ended, however that came.
void end_with(pid_t parent);

/// Standard input, output and error lead nowhere from now on, and the folder is the root.
void let_the_terminal_go();

/// Memory that was needed for a moment only goes back to the system. Costs up to a few milliseconds.
void give_back_memory();

/// The two ends of going to the background: the foreground process waits until the background one stands (or
/// has failed), so that its exit status tells the truth.
class Background {
 public:
    /// Returns in the child only.
    static Background begin();
    /// Not in the background: ready() does nothing.
    static Background none() { return Background(-1); }
    Background(Background&& other) noexcept;
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    ~Background();

    /// Everything stands: the foreground process ends with 0, and the terminal is let go.
    void ready();

 private:
    explicit Background(int fd) : fd_(fd) {}
    int fd_;
};

/// Removed with the object.
class PidFile {
 public:
    static Result<PidFile> write(const std::string& path);
    PidFile(PidFile&& other) noexcept;
    PidFile(const PidFile&) = delete;
    PidFile& operator=(const PidFile&) = delete;
    ~PidFile();

 private:
    explicit PidFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace causeway::daemon
