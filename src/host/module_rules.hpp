// What modprobe.d(5) forbids: the line that keeps a module of the kernel from being loaded, to be quoted. Called where the
// kernel lacks something; it loads nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace causeway::host {

struct ModuleRule {
    std::string file;
    unsigned line = 0;
    std::string text;
};

/// The folders that modprobe reads.
std::span<const std::string_view> module_rule_folders();

/// The first line that says `blacklist MODULE`, or `install MODULE` with a command that does nothing (/bin/false,
/// /bin/true). "-" and "_" are the same in names. Files that cannot be read say nothing.
std::optional<ModuleRule> rule_against(std::string_view module,
                                       std::span<const std::string_view> folders = module_rule_folders());

}  // namespace causeway::host
