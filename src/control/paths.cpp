#include "control/paths.hpp"

#include <cerrno>
#include <climits>
#include <cstddef>
#include <sys/stat.h>
#include <unistd.h>

namespace causeway::control {

std::string absolute(std::string_view path) {
    char folder[PATH_MAX];
    if ((!path.empty() && path.front() == '/') || ::getcwd(folder, sizeof folder) == nullptr) {
        return std::string(path);
    }
    std::string whole = folder;
    if (whole.back() != '/') {
        whole += '/';
    }
    return whole.append(path);
}

std::string folder_of(std::string_view path) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string_view::npos) {
        return {};
    }
    return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

int make_folders(std::string_view path) {
    for (std::size_t end = 0; end != std::string_view::npos;) {
        end = path.find('/', end + 1);
        const std::string folder(path.substr(0, end));
        if (::mkdir(folder.c_str(), 0777) == 0) {
            continue;
        }
        const int error = errno;
        struct stat there {};
        if (::stat(folder.c_str(), &there) != 0 || !S_ISDIR(there.st_mode)) {
            return error == EEXIST ? ENOTDIR : error;
        }
    }
    return 0;
}

}  // namespace causeway::control
