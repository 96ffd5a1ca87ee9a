// Which of the default files is the one to read. Pure: the caller opens them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::config {

/// In this order; the first that holds an enabled remote counts.
inline constexpr std::string_view default_files[] = {"/etc/config/ipsec", "/etc/config/swanctl",
                                                     "/etc/causeway/causeway.conf"};

/// The file asks for at least one connection. One that cannot be read as what it seems to be does too: its
/// error is to be seen, and no other file taken instead.
bool holds_enabled_remote(std::string_view text);

/// A file that exists; without text it could not be read.
struct Candidate {
    std::string path;
    std::optional<std::string> text;
};

struct ChosenFile {
    std::string path;
    std::vector<std::string> others;  ///< also hold an enabled remote, and are not read
};

/// Nothing when there is no candidate; the first one when none holds an enabled remote.
std::optional<ChosenFile> choose_file(std::span<const Candidate> candidates);

}  // namespace causeway::config
