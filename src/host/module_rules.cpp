#include "host/module_rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <glob.h>
#include <memory>
#include <utility>

namespace causeway::host {

namespace {

constexpr std::array<std::string_view, 5> folders_of_modprobe{"/etc/modprobe.d", "/run/modprobe.d",
                                                              "/usr/local/lib/modprobe.d",
                                                              "/usr/lib/modprobe.d", "/lib/modprobe.d"};

std::string module_name(std::string_view name) {
    std::string made(name);
    std::replace(made.begin(), made.end(), '-', '_');
    return made;
}

// The first words of a line.
std::array<std::string_view, 3> words_of(std::string_view line) {
    constexpr std::string_view blank = " \t\n";
    std::array<std::string_view, 3> words;
    for (std::string_view& word : words) {
        line.remove_prefix(std::min(line.find_first_not_of(blank), line.size()));
        word = line.substr(0, line.find_first_of(blank));
        line.remove_prefix(word.size());
    }
    return words;
}

bool forbids(std::string_view line, const std::string& module) {
    const auto [verb, name, command] = words_of(line);
    if (module_name(name) != module) {
        return false;
    }
    const std::string_view program = command.substr(command.rfind('/') + 1);
    return verb == "blacklist" || (verb == "install" && (program == "false" || program == "true"));
}

std::optional<ModuleRule> look_in(const std::string& path, const std::string& module) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
    std::array<char, 512> room{};
    for (unsigned number = 1; file && std::fgets(room.data(), room.size(), file.get()) != nullptr; ++number) {
        std::string line(room.data());
        if (forbids(line, module)) {
            line.erase(line.find_last_not_of(" \t\n") + 1);
            return ModuleRule{path, number, std::move(line)};
        }
    }
    return std::nullopt;
}

}  // namespace

std::span<const std::string_view> module_rule_folders() {
    return folders_of_modprobe;
}

std::optional<ModuleRule> rule_against(std::string_view module, std::span<const std::string_view> folders) {
    const std::string wanted = module_name(module);
    std::optional<ModuleRule> rule;
    for (const std::string_view folder : folders) {
        glob_t found{};
        if (::glob((std::string(folder) + "/*.conf").c_str(), 0, nullptr, &found) == 0) {
            for (std::size_t i = 0; i < found.gl_pathc && !rule; ++i) {
                rule = look_in(found.gl_pathv[i], wanted);
            }
        }
        ::globfree(&found);
    }
    return rule;
}

}  // namespace causeway::host
