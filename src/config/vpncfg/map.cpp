#include "config/vpncfg/map.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "config/backups.hpp"
#include "config/naming.hpp"
#include "config/vpncfg/connection.hpp"
#include "config/words.hpp"

namespace causeway::config::vpncfg {

namespace {

constexpr std::string_view top_names[] = {"vpncfg"};
constexpr std::string_view inner_names[] = {"vpncfg_version", "global", "connections", "ike_forward_rules"};

class Mapper {
 public:
    Mapper(FileName file, Model& model) : report_(file, model), model_(model) {}

    /// Connections that were read are taken out of the document: a large file is in memory once only.
    void run(const Document& document, Entry& top) {
        outside(document, top);
        auto& vpncfg = top.blocks.front();
        std::size_t number = 0;
        for (const auto& entry : vpncfg.entries) {
            number += entry.name == "connections" ? entry.blocks.size() : 0;
        }
        model_.peers.reserve(number);
        number = 0;
        for (auto& entry : vpncfg.entries) {
            // A second `connections` of its own is as good as a further member of the list.
            if (entry.name == "connections" && !entry.blocks.empty()) {
                for (auto& connection : entry.blocks) {
                    ++number;
                    if (is_dial_in_user(connection)) {
                        dial_in_user(connection, number);
                    } else if (auto peer = read_connection(connection, number, report_)) {
                        model_.peers.push_back(std::move(*peer));
                    }
                    connection.entries = {};
                }
            } else {
                beside_connections(entry);
            }
        }
        tell_of_dial_in_users();
        settle_backups(model_, report_);
    }

 private:
    [[nodiscard]] Place place_of(Position at) const { return report_.place(at.line, at.column); }

    /// A box has its users' telephones beside its networks: what they have is theirs, and not read.
    static bool is_dial_in_user(const Block& connection) {
        const auto* type = connection.find("conn_type");
        return type != nullptr && !type->values.empty() && type->values.front().text == "conntype_user";
    }

    void dial_in_user(const Block& connection, std::size_t number) {
        constexpr std::size_t named = 5;
        const auto* name = connection.find("name");
        if (users_++ == 0) {
            first_user_ = place_of(connection.find("conn_type")->values.front().at);
        }
        if (users_ <= named) {
            user_names_ += users_ == 1 ? "" : ", ";
            user_names_ += name != nullptr && !name->values.empty()
                               ? fmt::format("\"{}\"", printable(name->values.front().text, 40))
                               : fmt::format("number {}", number);
        } else if (users_ == named + 1) {
            user_names_ += ", ...";
        }
    }

    void tell_of_dial_in_users() {
        if (users_ == 1) {
            report_.dropped(finding<FindingId::dial_in_user>(first_user_, field<"names">(user_names_)));
        } else if (users_ > 1) {
            report_.dropped(finding<FindingId::dial_in_users>(
                first_user_, field<"count">(std::to_string(users_)), field<"names">(user_names_)));
        }
    }

    /// What stands beside the vpncfg. Connections in a second one would be lost.
    void outside(const Document& document, const Entry& top) {
        if (top.blocks.size() > 1) {
            second(top.blocks[1].at, top.at);
        }
        for (const auto& entry : document.entries) {
            if (&entry == &top) {
                continue;
            }
            if (entry.name == "vpncfg" || nearest(entry.name, top_names)) {
                entry.name == "vpncfg" ? second(entry.at, top.at) : misspelt(entry, "vpncfg");
            } else if (report_.full(Severity::warning)) {
                report_.count(Severity::warning);
            } else {
                report_.dropped(finding<FindingId::beside_vpncfg>(
                    place_of(entry.at), field<"option">(printable(entry.name, 60))));
            }
        }
    }

    void second(Position at, Position first) {
        report_.dropped(finding<FindingId::vpncfg_again>(std::vector{place_of(at), place_of(first)}));
    }

    void misspelt(const Entry& entry, std::string meant) {
        report_.dropped(finding<FindingId::block_misspelt>(place_of(entry.at),
                                                           field<"option">(printable(entry.name, 60)),
                                                           field<"meant">(std::move(meant))));
    }

    void unknown(const Entry& entry) {
        const auto kind = field<"kind">(entry.blocks.empty() ? "key" : "block");
        const auto option = field<"option">(printable(entry.name, 60));
        if (const auto near = nearest(entry.name, inner_names)) {
            report_.dropped(finding<FindingId::key_of_vpncfg_misspelt>(place_of(entry.at), kind, option,
                                                                       field<"meant">(std::string(*near))));
        } else {
            report_.dropped(finding<FindingId::key_of_vpncfg_unknown>(place_of(entry.at), kind, option));
        }
    }

    void beside_connections(const Entry& entry) {
        if (entry.name == "connections") {
            report_.dropped(finding<FindingId::connections_with_value>(place_of(entry.at)));
            return;
        }
        if (std::ranges::find(inner_names, entry.name) != std::end(inner_names)) {
            return;
        }
        if (!entry.blocks.empty() && nearest(entry.name, inner_names) == "connections") {
            misspelt(entry, "connections");
        } else if (report_.full(Severity::warning)) {
            report_.count(Severity::warning);
        } else {
            unknown(entry);
        }
    }

    Report report_;
    Model& model_;
    std::size_t users_ = 0;
    std::string user_names_;
    Place first_user_{};
};

/// "did you mean", for a file without the block of that name.
std::string found_instead(const Block& block, std::string_view name, std::string otherwise) {
    const std::string_view wanted[] = {name};
    for (const auto& entry : block.entries) {
        if (!entry.blocks.empty() && nearest(entry.name, wanted)) {
            return fmt::format("line {} has '{}': did you mean '{}'?", entry.at.line,
                               printable(entry.name, 60), name);
        }
    }
    return otherwise;
}

}  // namespace

Result<Model> map(Document document, FileName file) {
    const auto top = std::ranges::find(document.entries, "vpncfg", &Entry::name);
    if (top == document.entries.end() || top->blocks.empty()) {
        return fail(Error{Errc::not_found,
                          "there is no vpncfg { } block in the file",
                          {},
                          found_instead(document, "vpncfg", "a vpncfg starts with vpncfg { connections {")});
    }
    const auto* connections = top->blocks.front().find("connections");
    if (connections == nullptr || connections->blocks.empty()) {
        return fail(Error{Errc::not_found, "there is no connection in the vpncfg",
                          Place{{}, top->at.line, top->at.column},
                          found_instead(top->blocks.front(), "connections", "add connections { ... }")});
    }
    Model model;
    model.schema = Schema::vpncfg;
    model.file = *file;
    Mapper(file, model).run(document, *top);
    give_names_and_numbers(model);
    put_in_order(model.findings);
    return model;
}

}  // namespace causeway::config::vpncfg
