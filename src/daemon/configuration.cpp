#include "daemon/configuration.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <span>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "control/paths.hpp"
#include "daemon/wiping_heap.hpp"

namespace causeway::daemon {

namespace {

/// Longer than any settings export; a slip such as a device file ends here.
constexpr std::size_t max_octets = std::size_t{16} * 1024 * 1024;

Error about(const std::string& path, int error) {
    Error what{error == ENOENT || error == ENOTDIR ? Errc::not_found
               : error == EACCES                   ? Errc::permission
                                                   : Errc::system,
               fmt::format("{} cannot be read: {}", path, std::strerror(error)),
               {},
               {}};
    if (what.code == Errc::not_found) {
        what.remedy = "name the file with --config";
    } else if (what.code == Errc::permission) {
        what.remedy = "run as root, or make the file readable for this user";
    }
    return what;
}

class Descriptor {
 public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    [[nodiscard]] int get() const { return fd_; }

 private:
    int fd_;
};

/// Whose hands are in the file decides who can read the key, or lead the tunnel elsewhere.
std::vector<Event> rights_of(const std::string& path) {
    std::vector<Event> events;
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0) {
        return events;
    }
    const std::string mode = fmt::format("{:04o}", file.st_mode & 07777U);
    const auto foreign = [](const struct stat& one) { return one.st_uid != 0 && one.st_uid != ::geteuid(); };
    if ((file.st_mode & S_IROTH) != 0) {
        events.push_back({EventCode::file_world_readable, {}, {{"file", path}, {"mode", mode}}});
    }
    if ((file.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        events.push_back({EventCode::file_writable_by_others, {}, {{"file", path}, {"mode", mode}}});
    }
    if (foreign(file)) {
        events.push_back({EventCode::file_of_another_user,
                          {},
                          {{"file", path}, {"owner", fmt::format("user {}", file.st_uid)}}});
    }
    // Who may write the folder may put another file in its place; in a sticky one only the owner may.
    const std::string parent = control::folder_of(control::absolute(path));
    struct stat folder {};
    if (::stat(parent.c_str(), &folder) == 0 &&
        (foreign(folder) ||
         ((folder.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (folder.st_mode & S_ISVTX) == 0))) {
        events.push_back(
            {EventCode::folder_writable_by_others,
             {},
             {{"file", path}, {"folder", parent}, {"mode", fmt::format("{:04o}", folder.st_mode & 07777U)}}});
    }
    return events;
}

/// The buffer that the file went through.
class WipeAtEnd {
 public:
    explicit WipeAtEnd(std::span<char> room) : room_(room) {}
    WipeAtEnd(const WipeAtEnd&) = delete;
    WipeAtEnd& operator=(const WipeAtEnd&) = delete;
    ~WipeAtEnd() { wipe({reinterpret_cast<std::uint8_t*>(room_.data()), room_.size()}); }

 private:
    std::span<char> room_;
};

}  // namespace

Result<config::ChosenFile> find_configuration(const Options& options) {
    if (!options.config_file.empty()) {
        return config::ChosenFile{options.config_file, options.passed_over};
    }
    const WipedHeap wiped;
    std::vector<config::Candidate> candidates;
    for (const auto file : config::default_files) {
        const std::string path(file);
        if (::access(path.c_str(), F_OK) == 0) {
            auto text = read_file(path);
            candidates.push_back({path, text ? std::optional(std::move(*text)) : std::nullopt});
        }
    }
    auto chosen = config::choose_file(candidates);
    if (chosen) {
        return std::move(*chosen);
    }
    return fail(
        {Errc::not_found,
         fmt::format("there is no configuration: none of {} exists", fmt::join(config::default_files, ", ")),
         {},
         "write one (causeway-config(5)) or name a file with --config"});
}

Result<std::string> read_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat facts {};
    if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) {
        return fail(about(path, errno));
    }
    if (S_ISDIR(facts.st_mode)) {
        return fail(about(path, EISDIR));
    }
    std::string text;
    std::array<char, 16384> room{};
    const WipeAtEnd wiped(room);
    for (;;) {
        const ssize_t got = ::read(file.get(), room.data(), room.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(about(path, errno));
        }
        if (got == 0) {
            return text;
        }
        text.append(room.data(), static_cast<std::size_t>(got));
        if (text.size() > max_octets) {
            return fail(Errc::limit, fmt::format("{} is longer than {} octets", path, max_octets));
        }
    }
}

static Result<Configuration> read_configuration(const Options& options) {
    Configuration configuration;
    const auto chosen = CAUSEWAY_TRY(find_configuration(options));
    configuration.file = chosen.path;
    const std::string text = CAUSEWAY_TRY(read_file(configuration.file));
    auto model = CAUSEWAY_TRY(config::load(text, configuration.file, options.format));
    if (options.lookup_ceiling) {
        model.options.lookup_ceiling = std::max(*options.lookup_ceiling, model.options.lookup_floor);
    }
    for (auto& peer : model.peers) {
        auto& either = peer.quirks.accept_any_mode_as_responder;
        either = either || options.accept_either_mode;
    }
    if (!model.peers.empty()) {
        configuration.warnings = rights_of(configuration.file);
    }
    if (!chosen.others.empty()) {
        configuration.warnings.push_back(
            {EventCode::configuration_passed_over,
             {},
             {{"file", configuration.file}, {"others", fmt::format("{}", fmt::join(chosen.others, ", "))}}});
    }
    configuration.model = std::make_shared<config::Model>(std::move(model));
    return configuration;
}

Result<Configuration> load_configuration(const Options& options) {
    const WipedHeap wiped;
    auto configuration = read_configuration(options);
    wipe_stack_below();
    return configuration;
}

std::vector<Event> events_about(const Configuration& configuration) {
    std::vector<Event> events = configuration.warnings;
    const auto& model = *configuration.model;
    std::size_t tunnels = 0;
    for (const auto& remark : model.remarks) {
        events.push_back({remark.severity == config::Severity::note ? EventCode::configuration_note
                                                                    : EventCode::configuration_remark,
                          {},
                          {{"text", remark.text()}}});
    }
    for (const auto& peer : model.peers) {
        tunnels += peer.tunnels.size();
    }
    const auto count = [](std::size_t number, const char* one) {
        return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
    };
    events.push_back({EventCode::configuration_loaded,
                      {},
                      {{"file", configuration.file},
                       {"peers", count(model.peers.size(), "peer")},
                       {"tunnels", count(tunnels, "tunnel")}}});
    return events;
}

}  // namespace causeway::daemon
