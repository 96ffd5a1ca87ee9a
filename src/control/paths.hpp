// Paths as text, for daemon and tool: std::filesystem would bring the C++ library's locales into both of
// them, a third of the program. Asks the system for the working folder, and makes folders; errors are
// errno's.
#pragma once

#include <string>
#include <string_view>

namespace causeway::control {

/// `path` as it is from any folder; as it was given when the working folder cannot be told.
std::string absolute(std::string_view path);
/// What stands before the last slash: "/run/causeway" of "/run/causeway/control.sock", "/" of "/x", "" of
/// "x".
std::string folder_of(std::string_view path);
/// Makes a folder and those that it is in, open for everybody but the umask. 0, or errno of the first that
/// failed.
int make_folders(std::string_view path);

}  // namespace causeway::control
