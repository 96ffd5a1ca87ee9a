#include "host/port_owner.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <dirent.h>
#include <fmt/format.h>
#include <memory>
#include <set>
#include <string_view>
#include <unistd.h>

#include "base/event.hpp"

namespace causeway::host {
namespace {

struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

struct FolderCloser {
    void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, FolderCloser>;

// proc(5), /proc/net/udp: "sl: local:port remote:port st tx:rx tr:when retrnsmt uid timeout inode".
void collect_inodes(const char* table, std::uint16_t port, std::set<unsigned long>& inodes) {
    const File file(std::fopen(table, "re"));
    if (!file) {
        return;
    }
    std::array<char, 512> line{};
    while (std::fgets(line.data(), line.size(), file.get()) != nullptr) {
        unsigned local_port = 0;
        unsigned long inode = 0;
        if (std::sscanf(line.data(), " %*d: %*[0-9A-Fa-f]:%x %*s %*s %*s %*s %*s %*s %*s %lu", &local_port,
                        &inode) == 2 &&
            local_port == port && inode != 0) {
            inodes.insert(inode);
        }
    }
}

bool holds_one_of(const std::string& process, const std::set<unsigned long>& inodes) {
    const std::string path = "/proc/" + process + "/fd";
    const Folder folder(::opendir(path.c_str()));
    if (!folder) {
        return false;
    }
    while (const dirent* entry = ::readdir(folder.get())) {
        std::array<char, 64> target{};
        const ssize_t length =
            ::readlink((path + "/" + entry->d_name).c_str(), target.data(), target.size() - 1);
        std::string_view text(target.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
        constexpr std::string_view prefix = "socket:[";
        if (!text.starts_with(prefix)) {
            continue;
        }
        text.remove_prefix(prefix.size());
        unsigned long inode = 0;
        std::from_chars(text.data(), text.data() + text.size(), inode);
        if (inodes.contains(inode)) {
            return true;
        }
    }
    return false;
}

std::string name_of(const std::string& process) {
    const File file(std::fopen(("/proc/" + process + "/comm").c_str(), "re"));
    std::array<char, 64> name{};
    if (!file || std::fgets(name.data(), name.size(), file.get()) == nullptr) {
        return "a program";
    }
    std::string_view text = name.data();
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    return printable(text);
}

/// Of the two processes of a causewayd the one that has started the other: that is whom a person ends.
std::string first_of(const std::string& process) {
    const File file(std::fopen(("/proc/" + process + "/stat").c_str(), "re"));
    std::array<char, 512> text{};
    if (!file || std::fgets(text.data(), text.size(), file.get()) == nullptr) {
        return process;
    }
    // proc(5): "PID (NAME) STATE PPID ...", and the name may have anything in it.
    const std::string_view line = text.data();
    const std::size_t behind = line.rfind(") ");
    if (behind == std::string_view::npos || line.size() < behind + 5) {
        return process;
    }
    std::string_view rest = line.substr(behind + 4);
    const std::string parent(rest.substr(0, rest.find(' ')));
    constexpr std::string_view ours = "causewayd";
    return name_of(process) == ours && name_of(parent) == ours ? parent : process;
}

}  // namespace

std::optional<std::string> owner_of_udp_port(std::uint16_t port) {
    std::set<unsigned long> inodes;
    collect_inodes("/proc/net/udp", port, inodes);
    collect_inodes("/proc/net/udp6", port, inodes);
    const Folder processes(::opendir("/proc"));
    if (inodes.empty() || !processes) {
        return std::nullopt;
    }
    while (const dirent* entry = ::readdir(processes.get())) {
        const std::string process = entry->d_name;
        if (process.find_first_not_of("0123456789") == std::string::npos && holds_one_of(process, inodes)) {
            return fmt::format("{} (pid {})", name_of(process), first_of(process));
        }
    }
    return std::nullopt;
}

}  // namespace causeway::host
