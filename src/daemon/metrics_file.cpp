#include "daemon/metrics_file.hpp"

#include <cstring>
#include <sys/stat.h>
#include <utility>

#include "base/bytes.hpp"
#include "daemon/fresh_file.hpp"

namespace causeway::daemon {

Result<void> put_metrics_file(const std::string& path, std::string_view text) {
    struct stat there {};
    if (::lstat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
        return fail(Errc::unacceptable, "it is no plain file");  // a device that somebody named would be lost
    }
    const int error = write_fresh_file(path, as_bytes(text), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
    return error == 0 ? Result<void>() : fail(Errc::system, std::strerror(error));
}

void MetricsFile::follow(std::optional<std::string> path) {
    if (path != path_) {
        path_ = std::move(path);
        unwritten_ = false;
    }
}

void MetricsFile::write(std::string_view text) {
    if (!path_) {
        return;
    }
    const auto done = put(*path_, text);
    if (!done && !std::exchange(unwritten_, true)) {
        on_report({EventCode::metrics_unwritten, {}, {{"file", *path_}, {"why", done.error().what}}});
    }
    unwritten_ = !done;
}

}  // namespace causeway::daemon
