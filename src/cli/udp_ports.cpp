#include "cli/udp_ports.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <dirent.h>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <sys/types.h>
#include <unistd.h>

#include "base/event.hpp"
#include "config/words.hpp"
#include "control/configuration_file.hpp"

namespace causeway::cli {
namespace {

constexpr std::size_t longest_table = std::size_t{16} << 20U;

struct FolderCloser {
    void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, FolderCloser>;

template <class Number>
bool read_number(std::string_view text, Number& number, int base) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc() && end == text.data() + text.size();
}

bool holds(const std::string& process, unsigned long inode) {
    const std::string path = "/proc/" + process + "/fd";
    const Folder folder(::opendir(path.c_str()));
    const std::string wanted = fmt::format("socket:[{}]", inode);
    while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
        std::array<char, 64> target{};
        const ssize_t length = ::readlink((path + "/" + entry->d_name).c_str(), target.data(), target.size());
        if (length > 0 && std::string_view(target.data(), static_cast<std::size_t>(length)) == wanted) {
            return true;
        }
    }
    return false;
}

/// "charon (pid 812)".
std::string program_with(unsigned long inode) {
    const Folder processes(::opendir("/proc"));
    while (const dirent* entry = processes ? ::readdir(processes.get()) : nullptr) {
        const std::string process = entry->d_name;
        if (process.find_first_not_of("0123456789") != std::string::npos || !holds(process, inode)) {
            continue;
        }
        const auto name = control::read_file("/proc/" + process + "/comm", longest_table);
        return fmt::format("{} (pid {})", name ? printable(name->substr(0, name->find('\n'))) : "a program",
                           process);
    }
    return "another program";
}

}  // namespace

std::vector<UdpSocketRow> parse_udp_table(std::string_view table) {
    std::vector<UdpSocketRow> rows;
    while (!table.empty()) {
        const auto end = std::min(table.find('\n'), table.size());
        // "sl local:port remote:port st tx:rx tr:when retrnsmt uid timeout inode ...", addresses and ports hexadecimal.
        const auto words = config::split_words(table.substr(0, end));
        table.remove_prefix(std::min(end + 1, table.size()));
        if (words.size() < 10) {
            continue;
        }
        UdpSocketRow row;
        const auto colon = words[1].rfind(':');
        if (colon != std::string_view::npos && read_number(words[1].substr(colon + 1), row.port, 16) &&
            read_number(words[9], row.inode, 10)) {
            rows.push_back(row);
        }
    }
    return rows;
}

std::optional<std::vector<doctor::TakenPort>> taken_ports(const std::vector<std::uint16_t>& ports) {
    std::vector<UdpSocketRow> rows;
    bool read = false;
    for (const char* path : {"/proc/net/udp", "/proc/net/udp6"}) {
        if (const auto table = control::read_file(path, longest_table)) {
            read = true;
            const auto more = parse_udp_table(*table);
            rows.insert(rows.end(), more.begin(), more.end());
        }
    }
    if (!read) {
        return std::nullopt;
    }
    std::vector<doctor::TakenPort> taken;
    for (const std::uint16_t port : ports) {
        const auto row = std::ranges::find(rows, port, &UdpSocketRow::port);
        if (row != rows.end()) {
            taken.push_back({port, program_with(row->inode)});
        }
    }
    return taken;
}

}  // namespace causeway::cli
