#include "config/ipsecconf/map.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "base/sort.hpp"
#include "config/backups.hpp"
#include "config/ipsecconf/conn.hpp"
#include "config/ipsecconf/conns.hpp"
#include "config/ipsecconf/secrets.hpp"
#include "config/naming.hpp"

namespace causeway::config::ipsecconf {
namespace {

/// Each that is loaded has a hundred proposals where its file names none.
constexpr std::size_t max_conns = 10000;

/// As they may lie beside the file, by what people call them.
std::vector<std::string> names_of_secrets(std::string_view file) {
    file.remove_prefix(file.rfind('/') + 1);
    std::vector<std::string> names{"ipsec.secrets"};
    const auto add = [&](std::string name) {
        if (!file.empty() && name.find_first_of("*?[") == std::string::npos &&
            std::ranges::find(names, name) == names.end()) {
            names.push_back(std::move(name));
        }
    };
    constexpr std::string_view end = ".conf";
    if (file.ends_with(end)) {
        add(fmt::format("{}.secrets", file.substr(0, file.size() - end.size())));
    }
    add(fmt::format("{}.secrets", file));
    return names;
}

bool same_proposals(const Peer& a, const Peer& b) {
    return std::ranges::equal(
        a.proposals, b.proposals, {},
        [](const Phase1Proposal& one) { return std::tuple(one.cipher, one.hash, one.group, one.offered); },
        [](const Phase1Proposal& one) { return std::tuple(one.cipher, one.hash, one.group, one.offered); });
}

/// What two conns have in common that are one peer with two tunnels, as strongSwan joins them
/// (stroke_config.c, add()).
std::string ends_of(const Peer& peer) {
    std::string text =
        fmt::format("{} {} {}", peer.local_id ? peer.local_id->value.text_with_type() : "",
                    peer.remote_id ? peer.remote_id->value.text_with_type() : "", peer.remote_id_any);
    for (const auto& address : peer.addresses) {
        text += fmt::format(" {}", config::text(address.value));
    }
    return fmt::format("{} {} {} {} {} {} {} {} {}", text,
                       peer.local_address ? peer.local_address->value.text() : "",
                       static_cast<int>(peer.mode), peer.lifetime.seconds, peer.force_encapsulation,
                       peer.liveness.enabled, peer.liveness.idle.count(), peer.liveness.misses, peer.rekey);
}

class Mapper {
 public:
    Mapper(const Document& document, const Source& source) : document_(document), source_(source) {
        model_.schema = Schema::ipsec_conf;
        model_.file = *source.file;
    }

    Result<Model> run() {
        for (const auto& surprise : document_.surprises) {
            report_.say(surprise);
        }
        const Conns conns(document_, report_);
        if (conns.all().empty()) {
            return fail(Error{Errc::not_found, "there is no conn in the file", Place{source_.file, 0, 0},
                              "write a tunnel as 'conn NAME', with its settings indented below"});
        }
        if (conns.all().size() > max_conns) {
            return fail(Error{Errc::limit, fmt::format("the file has more than {} conns", max_conns),
                              Place{source_.file, 0, 0}, "divide it"});
        }
        read_secrets();
        model_.peers.reserve(conns.all().size());
        bool told = false;
        const ConnSurroundings around{document_, conns, secrets_, keys_missing_from_, told, report_};
        for (const auto& conn : conns.all()) {
            if (auto peer = read_conn(around, conn)) {
                put(std::move(*peer));
            }
        }
        settle_backups(model_, report_);
        give_names_and_numbers(model_);
        put_findings_in_order();
        return std::move(model_);
    }

 private:
    void read_secrets() {
        const auto names = names_of_secrets(*source_.file);
        for (const auto& name : names) {
            keys_missing_from_ += fmt::format("{}{}", keys_missing_from_.empty() ? "" : ", ", name);
        }
        if (!source_.companions) {
            return;
        }
        for (const auto& name : names) {
            const auto found = source_.companions(name, *source_.file);
            if (!found) {
                report_.dropped(finding<FindingId::file_unusable>(
                    found.error().place.file ? found.error().place : Place{source_.file, 0, 0},
                    field<"what">(found.error().what), field<"remedy">(found.error().remedy)));
                keys_missing_from_ = name;
                return;
            }
            if (!found->empty()) {
                keys_missing_from_.clear();
                for (const auto& file : *found) {
                    secrets_.read(file, source_.companions, report_);
                }
                return;
            }
        }
    }

    void put(Peer peer) {
        auto& alike = by_ends_[ends_of(peer)];
        for (const auto index : alike) {
            auto& known = model_.peers[index];
            if (known.pre_shared_key == peer.pre_shared_key && same_proposals(known, peer)) {
                std::ranges::move(peer.tunnels, std::back_inserter(known.tunnels));
                return;
            }
        }
        alike.push_back(model_.peers.size());
        model_.peers.push_back(std::move(peer));
    }

    /// By file, in the order in which they were read; what is about no file first.
    void put_findings_in_order() {
        std::unordered_map<std::string, std::size_t> order{{std::string(), 0}};
        for (const auto& file : document_.files) {
            order.emplace(*file, order.size());
        }
        for (const auto& one : model_.findings) {
            if (one.place().file) {
                order.emplace(*one.place().file, order.size());
            }
        }
        sort_stably_by(model_.findings, [&](const Finding& one) {
            const auto& place = one.place();
            return std::tuple(place.file ? order.at(*place.file) : 0, place.line, place.column);
        });
    }

    const Document& document_;
    const Source& source_;
    Model model_;
    Report report_{source_.file, model_};
    Secrets secrets_;
    std::string keys_missing_from_;
    std::unordered_map<std::string, std::vector<std::size_t>> by_ends_;  ///< numbers of peers
};

}  // namespace

Result<Model> map(const Document& document, const Source& source) {
    return Mapper(document, source).run();
}

}  // namespace causeway::config::ipsecconf
