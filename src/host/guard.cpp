#include "host/guard.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>

#include "host/spawn_attributes.hpp"

namespace causeway::host {

namespace {

// A file in memory: nft's input and its complaints go through two of them, so that neither side can block on
// a full pipe.
class MemoryFile {
 public:
    explicit MemoryFile(const char* name) : fd_(memfd_create(name, MFD_CLOEXEC)) {}
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    [[nodiscard]] int fd() const { return fd_; }
    bool fill(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t written = ::write(fd_, text.data(), text.size());
            if (written <= 0) {
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(written));
        }
        return lseek(fd_, 0, SEEK_SET) == 0;
    }
    [[nodiscard]] std::string content(std::size_t limit) const {
        std::string text(limit, '\0');
        const ssize_t got = pread(fd_, text.data(), text.size(), 0);
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }

 private:
    int fd_;
};

// Networks of ours that lie inside the remote network (a spoke of a hub): what stays among them is no traffic
// of the tunnel.
std::string exception(const std::vector<GuardedPair>& pairs, const Ipv4Net& remote, std::string_view field) {
    std::vector<Ipv4Net> inside;
    for (const GuardedPair& pair : pairs) {
        if (remote.prefix <= pair.local.prefix && remote.contains(pair.local.network)) {
            inside.push_back(pair.local);
        }
    }
    std::sort(inside.begin(), inside.end());
    inside.erase(std::unique(inside.begin(), inside.end()), inside.end());
    std::string text;
    for (const Ipv4Net& net : inside) {
        text += fmt::format("ip {} != {} ", field, net.text());
    }
    return text;
}

/// How packets of one direction are named: the remote end's field, the local end's, and the device's.
struct Direction {
    std::string_view remote;
    std::string_view local;
    std::string_view device;
};
constexpr Direction outwards{"daddr", "saddr", "oifname"};
constexpr Direction inwards{"saddr", "daddr", "iifname"};

// The smallest remote networks first: what is on a link inside a large one may be another tunnel's whole.
void add_pairs(std::string& text, const Guard& guard, const std::vector<GuardedPair>& pairs,
               const Direction& way) {
    const auto both = [&](const GuardedPair& pair) {
        return way.remote == "daddr"
                   ? fmt::format("ip saddr {} ip daddr {}", pair.local.text(), pair.remote.text())
                   : fmt::format("ip saddr {} ip daddr {}", pair.remote.text(), pair.local.text());
    };
    for (const GuardedPair& pair : pairs) {
        for (const OnLink& link : guard.on_link) {
            if (link.net.prefix > pair.remote.prefix && pair.remote.contains(link.net.network)) {
                text += fmt::format("        {} \"{}\" ip {} {} ip {} {} accept\n", way.device, link.device,
                                    way.remote, link.net.text(), way.local, pair.local.text());
            }
        }
        text +=
            fmt::format("        {} {}counter drop\n", both(pair), exception(pairs, pair.remote, way.remote));
    }
}

}  // namespace

std::string render_guard(const Guard& guard) {
    std::vector<GuardedPair> pairs = guard.pairs;
    const auto key = [](const GuardedPair& p) {
        return std::tuple(-int{p.remote.prefix}, p.local, p.remote);
    };
    std::sort(pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());

    std::string text = render_guard_removal(guard.table);
    text += fmt::format("table ip {} {{\n", guard.table);
    text += "    comment \"between the networks of a tunnel: encrypted or not at all\"\n";
    text += "    chain leaving {\n";
    text += "        type filter hook postrouting priority -300; policy accept;\n";
    text += fmt::format("        oifname {{ \"{}\", \"lo\" }} accept\n", guard.device);
    add_pairs(text, guard, pairs, outwards);
    text += "    }\n";
    text += "    chain entering {\n";
    text += "        type filter hook prerouting priority -300; policy accept;\n";
    text += fmt::format("        iifname {{ \"{}\", \"lo\" }} accept\n", guard.device);
    add_pairs(text, guard, pairs, inwards);
    text += "    }\n";
    // What a redirection sent to an address of ours in a tunnel's network after the first look.
    text += "    chain to_us {\n";
    text += "        type filter hook input priority -300; policy accept;\n";
    text += fmt::format("        iifname {{ \"{}\", \"lo\" }} accept\n", guard.device);
    text += "        ip protocol esp accept\n";
    text += "        udp dport { 500, 4500 } accept\n";
    add_pairs(text, guard, pairs, inwards);
    text += "    }\n}\n";
    return text;
}

std::string render_guard_removal(const std::string& table) {
    // Adding first makes the deletion succeed when there was no table.
    return fmt::format("add table ip {}\ndelete table ip {}\n", table, table);
}

std::optional<std::string> find_nft() {
    for (const char* path : {"/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft", "/usr/local/sbin/nft"}) {
        if (access(path, X_OK) == 0) {
            return path;
        }
    }
    return std::nullopt;
}

Result<void> run_nft(const std::string& nft, std::string_view script) {
    const MemoryFile input("nft-input");
    const MemoryFile output("nft-output");
    if (input.fd() < 0 || output.fd() < 0 || !input.fill(script)) {
        return fail(Errc::system, fmt::format("cannot hand a script to nft: {}", std::strerror(errno)));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.fd(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.fd(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.fd(), STDERR_FILENO);
    std::string name = "nft";
    std::string file_option = "-f";
    std::string standard_input = "-";
    char* const arguments[] = {name.data(), file_option.data(), standard_input.data(), nullptr};
    char* const environment[] = {nullptr};
    pid_t child = 0;
    const SpawnAttributes attributes;
    const int error = posix_spawn(&child, nft.c_str(), &actions, attributes.get(), arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        return fail(Errc::system, fmt::format("cannot start {}: {}", nft, std::strerror(error)));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return fail(Errc::system, fmt::format("cannot wait for {}: {}", nft, std::strerror(errno)));
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        std::string complaint = output.content(300);
        std::replace(complaint.begin(), complaint.end(), '\n', ' ');
        return fail(Errc::system, fmt::format("{} refused our table: {}", nft, complaint));
    }
    return {};
}

}  // namespace causeway::host
