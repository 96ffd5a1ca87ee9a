#include "host/nft.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "host/child.hpp"

namespace causeway::host {

std::optional<std::string> find_nft() {
    return find_program("nft");
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

Result<std::string> list_nft(const std::string& nft, const std::vector<std::string>& arguments) {
    ChildEnd end = CAUSEWAY_TRY(run_child(nft, arguments, "", child_answer_octets));
    if (!end.succeeded) {
        return fail(Errc::system, fmt::format("{} does not list its rules: {}", nft, end.output));
    }
    return std::move(end.output);
}

}  // namespace causeway::host
