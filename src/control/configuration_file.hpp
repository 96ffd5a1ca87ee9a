// The configuration file as daemon and tool read it, so that both say the same of it: the whole text, or why
// it cannot be read, and who else has it in hands. Never judges what stands in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/event.hpp"
#include "base/result.hpp"

namespace causeway::control {

/// The whole file; "-" is stdin. An error for one that is longer than `limit` octets.
Result<std::string> read_file(const std::string& path, std::size_t limit);

/// The same of one that is open, for whoever cannot open it; `path` is for messages.
Result<std::string> read_open_file(int fd, const std::string& path, std::size_t limit);
/// What is said of a file that cannot be opened, with errno's number.
Error unreadable(const std::string& path, int error);

/// st_mode and st_uid of the file and of the folder that it is in; 0 where it cannot be looked at.
struct Rights {
    std::uint32_t file_mode = 0;
    std::uint32_t file_owner = 0;
    std::uint32_t folder_mode = 0;
    std::uint32_t folder_owner = 0;
};
Rights look_at_rights(const std::string& path);

/// What is to be warned of: others can read the keys in the file, or put another one in its place.
std::vector<Event> rights_of(const std::string& path);
std::vector<Event> rights_of(const std::string& path, const Rights& rights);

}  // namespace causeway::control
