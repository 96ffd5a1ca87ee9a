#include "cli/forms.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <set>
#include <unistd.h>
#include <utility>

#include "base/event.hpp"
#include "cli/wrap.hpp"

namespace causeway::cli {

using pair::Form;

std::optional<Form> form_named(std::string_view name) {
    constexpr std::pair<std::string_view, Form> forms[] = {
        {"uci:g0", Form::uci_g0}, {"uci:g1", Form::uci_g1},        {"uci:g2", Form::uci_g2},
        {"uci:g3", Form::uci_g3}, {"uci:g4", Form::uci_g4},        {"uci", Form::uci_g4},
        {"vpncfg", Form::vpncfg}, {"swanctl.conf", Form::swanctl}, {"ipsec.conf", Form::ipsec_conf}};
    for (const auto& [word, form] : forms) {
        if (word == name) {
            return form;
        }
    }
    return std::nullopt;
}

Outcome<Form> openwrt_form(const std::string& generation) {
    if (const auto form = form_named("uci:" + (generation.empty() ? "g0" : generation))) {
        return *form;
    }
    return failure(Exit::unusable,
                   fmt::format("--generation is g0 to g4, not '{}'", printable(generation, 40)));
}

void tell(const std::vector<Finding>& findings) {
    const auto columns = terminal_columns(STDERR_FILENO);
    std::set<std::string> told;
    for (const auto& one : findings) {
        const auto text = one.text() + "\n";
        if (!told.insert(text).second) {
            continue;
        }
        fmt::print(stderr, "{}", columns ? wrapped(text, *columns) : text);
    }
}

}  // namespace causeway::cli
