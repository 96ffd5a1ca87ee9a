#include "daemon/openings_placer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <numeric>
#include <unistd.h>
#include <utility>

#include "control/paths.hpp"
#include "firewall/iptables.hpp"
#include "host/child.hpp"
#include "host/nft.hpp"
#include "host/nft_chains.hpp"

namespace causeway::daemon {

namespace {

bool is_fw4(const host::NftChain& chain) {
    return chain.family == "inet" && chain.table == "fw4" && chain.name == "forward";
}

}  // namespace

OpeningsPlacer::Outcome OpeningsPlacer::place(config::Firewall kind, firewall::Openings openings,
                                              const std::string& zone) {
    openings.device = device_;
    failure_.clear();
    if (kind == config::Firewall::fw4) {
        apply_fw4(openings, zone);
    } else if (kind == config::Firewall::iptables) {
        apply_iptables(openings);
    }
    if (openings.pairs.empty()) {
        applied_.reset();
        placed_.clear();
    }
    return {failure_, placed_, zone_forwards_};
}

void OpeningsPlacer::failed(std::string why) {
    applied_.reset();
    failure_ = std::move(why);
}

void OpeningsPlacer::write_includes(const std::vector<firewall::ChainRules>& rules) {
    if (const int error = control::make_folders(folder_); error != 0) {
        return failed(fmt::format("{}: {}", folder_, std::strerror(error)));
    }
    for (const firewall::ChainRules& chain : rules) {
        const std::string path = fmt::format("{}/{}.nft", folder_, chain.chain);
        const std::string text = firewall::render_fw4_include(chain);
        if (text.empty()) {
            ::unlink(path.c_str());
            continue;
        }
        // fw4 may read it at any time: never half of it.
        const std::string fresh = path + ".new";
        const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        const bool written =
            fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
        if (fd >= 0) {
            ::close(fd);
        }
        if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
            return failed(fmt::format("{}: {}", path, std::strerror(errno)));
        }
    }
}

void OpeningsPlacer::apply_fw4(const firewall::Openings& openings, const std::string& zone) {
    const auto nft = host::find_nft();
    if (!nft) {
        return failed("nft is not installed");
    }
    const auto chains = host::nft_chains().value_or(std::vector<host::NftChain>{});
    if (std::none_of(chains.begin(), chains.end(), is_fw4)) {
        // It may come later, and reads the files then.
        write_includes(firewall::fw4_rules(openings, true));
        return openings.pairs.empty() ? failure_.clear()
                                      : failed("fw4 has loaded no rules: table inet fw4 is missing");
    }
    const auto listing = host::list_nft(*nft, {"-a", "list", "table", "inet", "fw4"});
    if (!listing) {
        return failed(listing.error().text());
    }
    const bool forwarded =
        std::exchange(zone_forwards_, !zone.empty() && firewall::zone_has_device(*listing, zone, device_));
    const auto rules = firewall::fw4_rules(openings, !zone_forwards_);
    const auto placed = firewall::placed_rules(*listing);
    const auto wanted =
        std::accumulate(rules.begin(), rules.end(), std::size_t{0},
                        [](std::size_t sum, const auto& chain) { return sum + chain.rules.size(); });
    if (applied_ == openings && forwarded == zone_forwards_ && placed.size() == wanted) {
        return;
    }
    placed_.clear();
    for (const firewall::ChainRules& chain : rules) {
        placed_ +=
            chain.rules.empty() ? "" : fmt::format("# in front of chain {} of table inet fw4\n", chain.chain);
        placed_ += firewall::render_fw4_include(chain);
    }
    write_includes(rules);
    const std::string script = firewall::render_fw4_live(placed, rules);
    if (const auto done = host::run_nft(*nft, script); !done) {
        return failed(done.error().text());
    }
    applied_ = openings;
    failure_.clear();
}

void OpeningsPlacer::apply_iptables(const firewall::Openings& openings) {
    const auto save = host::find_program("iptables-save");
    const auto restore = host::find_program("iptables-restore");
    if (!save || !restore) {
        return failed("iptables is not installed");
    }
    const auto saved = host::run_child(*save, {}, "", host::child_answer_octets);
    if (!saved || !saved->succeeded) {
        return failed(saved ? saved->output : saved.error().text());
    }
    if (applied_ == openings && firewall::iptables_stands(saved->output)) {
        return;
    }
    const std::string text = firewall::render_iptables(openings, saved->output);
    placed_ = openings.pairs.empty() ? "" : "# iptables-restore --noflush\n" + text;
    if (text.empty()) {
        failure_.clear();
        return;
    }
    const auto done = host::run_child(*restore, {"--noflush"}, text);
    if (!done || !done->succeeded) {
        return failed(done ? done->output : done.error().text());
    }
    applied_ = openings;
    failure_.clear();
}

}  // namespace causeway::daemon
