#include "host/nft.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "host/child.hpp"

namespace causeway::host {

std::optional<std::string> find_nft() {
    for (const char* path : {"/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft", "/usr/local/sbin/nft"}) {
        if (access(path, X_OK) == 0) {
            return path;
        }
    }
    return std::nullopt;
}

Result<void> run_nft(const std::string& nft, std::string_view script) {
    ChildEnd end = CAUSEWAY_TRY(run_child(nft, {"-f", "-"}, script));
    if (!end.succeeded) {
        std::string complaint = std::move(end.output);
        std::replace(complaint.begin(), complaint.end(), '\n', ' ');
        return fail(Errc::system, fmt::format("{} refused our table: {}", nft, complaint));
    }
    return {};
}

}  // namespace causeway::host
