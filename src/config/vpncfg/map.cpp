#include "config/vpncfg/map.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/event.hpp"
#include "config/naming.hpp"
#include "config/vpncfg/connection.hpp"
#include "config/words.hpp"

namespace causeway::config::vpncfg {

namespace {

constexpr std::string_view top_names[] = {"vpncfg"};
constexpr std::string_view inner_names[] = {"vpncfg_version", "global", "connections", "ike_forward_rules"};

class Mapper {
 public:
    Mapper(const std::shared_ptr<const std::string>& file, Model& model)
        : report_(file, model), model_(model) {}

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
    }

 private:
    [[nodiscard]] Place place_of(Position at) const { return report_.place(at.line, at.column); }

    static std::string remedy_for(std::string_view name, std::span<const std::string_view> known) {
        const auto near = nearest(name, known);
        return near ? fmt::format("did you mean '{}'?", *near) : "";
    }

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
        if (users_ > 0) {
            report_.dropped(Severity::note, first_user_,
                            fmt::format("{} dial-in user{}: {}", users_, users_ == 1 ? "" : "s", user_names_),
                            "left out", "causeway joins networks; dial-in users stay with the box");
        }
    }

    /// What stands beside the vpncfg. Connections in a second one would be lost.
    void outside(const Document& document, const Entry& top) {
        if (top.blocks.size() > 1) {
            second(top.blocks[1].at);
        }
        for (const auto& entry : document.entries) {
            if (&entry == &top) {
                continue;
            }
            if (entry.name == "vpncfg" || nearest(entry.name, top_names)) {
                entry.name == "vpncfg" ? second(entry.at) : misspelt(entry, top_names);
            } else if (report_.full(Severity::warning)) {
                report_.count(Severity::warning);
            } else {
                report_.dropped(Severity::warning, place_of(entry.at),
                                fmt::format("'{}' beside the vpncfg", printable(entry.name, 60)),
                                "it is not read");
            }
        }
    }

    void second(Position at) {
        report_.error(place_of(at), "a second vpncfg", "its connections are not read",
                      "move them into the first one");
    }

    void misspelt(const Entry& entry, std::span<const std::string_view> known) {
        report_.error(place_of(entry.at), fmt::format("unknown block '{}'", printable(entry.name, 60)),
                      "what stands in it is not read", remedy_for(entry.name, known));
    }

    void beside_connections(const Entry& entry) {
        if (entry.name == "connections") {
            report_.error(place_of(entry.at), "'connections' has a value and no block",
                          "no connection is read from it", "write connections { ... }");
            return;
        }
        if (std::ranges::find(inner_names, entry.name) != std::end(inner_names)) {
            return;
        }
        if (!entry.blocks.empty() && nearest(entry.name, inner_names) == "connections") {
            misspelt(entry, inner_names);
        } else if (report_.full(Severity::warning)) {
            report_.count(Severity::warning);
        } else {
            report_.dropped(Severity::warning, place_of(entry.at),
                            fmt::format("unknown {} '{}' in the vpncfg",
                                        entry.blocks.empty() ? "key" : "block", printable(entry.name, 60)),
                            "it has no effect", remedy_for(entry.name, inner_names));
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

Result<Model> map(Document document, std::shared_ptr<const std::string> file) {
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
                          Place{nullptr, top->at.line, top->at.column},
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
