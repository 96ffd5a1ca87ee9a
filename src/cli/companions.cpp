#include "cli/companions.hpp"

#include <glob.h>
#include <string_view>
#include <utility>
#include <vector>

#include "control/configuration_file.hpp"

namespace causeway::cli {
namespace {

/// A pattern as the file that names it means it.
std::string path_of(std::string_view pattern, std::string_view from) {
    const auto slash = from.rfind('/');
    return pattern.starts_with('/') || slash == std::string_view::npos
               ? std::string(pattern)
               : std::string(from.substr(0, slash + 1)).append(pattern);
}

std::vector<std::string> matches(const std::string& path) {
    glob_t found{};
    std::vector<std::string> names;
    if (::glob(path.c_str(), 0, nullptr, &found) == 0) {
        names.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    ::globfree(&found);
    return names;
}

}  // namespace

config::Companions companions(std::string secrets) {
    return [secrets = std::move(secrets)](std::string_view pattern,
                                          std::string_view from) -> Result<std::vector<config::NamedText>> {
        // Not what the file of secrets includes itself.
        const bool wants_secrets = pattern.ends_with(".secrets") && from != secrets;
        std::vector<config::NamedText> files;
        for (auto& name :
             wants_secrets && !secrets.empty() ? std::vector{secrets} : matches(path_of(pattern, from))) {
            auto text = CAUSEWAY_TRY(control::read_file(name, config::max_text));
            files.push_back({std::move(name), std::move(text)});
        }
        return files;
    };
}

}  // namespace causeway::cli
