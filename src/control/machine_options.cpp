#include "control/machine_options.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <grp.h>
#include <string_view>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "config/naming.hpp"
#include "control/paths.hpp"

namespace causeway::control {
namespace {

/// Members of a group, and its words: more is no group that somebody made by hand.
constexpr std::size_t max_group_octets = std::size_t{1} << 20U;
constexpr std::size_t quoted_octets = 256;

/// Why nothing can be put there; nothing: it is a folder.
std::optional<std::string> missing(const std::string& folder) {
    struct stat there {};
    if (::stat(folder.c_str(), &there) != 0) {
        return errno == ENOENT ? std::string("does not exist") : std::string(std::strerror(errno));
    }
    return S_ISDIR(there.st_mode) ? std::nullopt : std::optional<std::string>("is no folder");
}

}  // namespace

std::optional<gid_t> group_named(const std::string& name) {
    std::vector<char> room(1024);
    for (;;) {
        group group{};
        ::group* found = nullptr;
        const int error = ::getgrnam_r(name.c_str(), &group, room.data(), room.size(), &found);
        if (error != ERANGE || room.size() >= max_group_octets) {
            return found != nullptr ? std::optional(found->gr_gid) : std::nullopt;
        }
        room.resize(2 * room.size());
    }
}

void look_at_machine(config::Model& model) {
    auto& options = model.options;
    if (options.control_group && !group_named(options.control_group->value)) {
        Finding found = finding<FindingId::group_not_here>(
            options.control_group->place,
            field<"group">(printable(options.control_group->value, quoted_octets)));
        found.dropped = true;
        model.findings.push_back(std::move(found));
        options.control_group.reset();
    }
    if (options.metrics_file) {
        const std::string& file = options.metrics_file->value;
        const std::string folder = folder_of(file);
        if (const auto why = missing(folder)) {
            const std::string shown = printable(folder, quoted_octets);
            model.findings.push_back(finding<FindingId::metrics_folder_missing>(
                options.metrics_file->place, field<"file">(printable(file, quoted_octets)),
                field<"folder">(shown), field<"why">(*why),
                field<"remedy">("mkdir -p " + shown +
                                ", or write a file in the folder that the collector reads")));
        }
    }
    config::put_in_order(model.findings);
}

}  // namespace causeway::control
