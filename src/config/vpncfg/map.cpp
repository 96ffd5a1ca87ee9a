#include "config/vpncfg/map.hpp"

#include <fmt/format.h>
#include <string>
#include <utility>

#include "base/event.hpp"
#include "config/naming.hpp"
#include "config/vpncfg/connection.hpp"

namespace causeway::config::vpncfg {

Result<Model> map(const Document& document, std::shared_ptr<const std::string> file) {
    const auto* top = document.find("vpncfg");
    if (top == nullptr || top->blocks.empty()) {
        return fail(Error{Errc::not_found,
                          "there is no vpncfg { } block in the file",
                          {},
                          "a vpncfg starts with vpncfg { connections {"});
    }
    const auto* connections = top->blocks.front().find("connections");
    if (connections == nullptr || connections->blocks.empty()) {
        const auto at = top->at;
        return fail(Error{Errc::not_found, "there is no connection in the vpncfg",
                          Place{nullptr, at.line, at.column}, "add connections { ... }"});
    }
    Model model;
    model.schema = Schema::vpncfg;
    model.file = *file;
    Report report(file, model.remarks);
    for (const auto& entry : document.entries) {
        if (entry.name != "vpncfg") {
            report.note(report.place(entry.at.line, entry.at.column),
                        fmt::format("'{}' beside the vpncfg", printable(entry.name, 60)), "it is not read");
        }
    }
    std::size_t number = 0;
    // A second `connections` of its own is as good as a further member of the list.
    for (const auto& entry : top->blocks.front().entries) {
        if (entry.name == "connections") {
            for (const auto& connection : entry.blocks) {
                if (auto peer = read_connection(connection, ++number, report)) {
                    model.peers.push_back(std::move(*peer));
                }
            }
        }
    }
    give_names_and_numbers(model);
    put_in_order(model.remarks);
    return model;
}

}  // namespace causeway::config::vpncfg
