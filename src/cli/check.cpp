#include "cli/check.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <unistd.h>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "base/sort.hpp"
#include "check/check.hpp"
#include "check/resolved.hpp"
#include "check/router.hpp"
#include "cli/ask_names.hpp"
#include "cli/check_text.hpp"
#include "cli/companions.hpp"
#include "cli/failure.hpp"
#include "cli/quote.hpp"
#include "cli/wrap.hpp"
#include "config/verdict.hpp"
#include "config/vpncfg/box.hpp"
#include "control/checked_sides.hpp"
#include "control/configuration_file.hpp"

namespace causeway::cli {
namespace {

/// One side's file, as far as it could be read.
struct Side {
    std::string name;
    std::string text;
    std::optional<config::Model> model;
    std::vector<Finding> findings;
    Exit exit = Exit::done;
};

using Failures = std::vector<Error>;

Finding unusable(const Error& error, const Place& place) {
    return finding<FindingId::file_unusable>(place, field<"what">(error.what), field<"remedy">(error.remedy));
}

void refuse(Side& side, const Error& error) {
    auto place = error.place;
    if (!place.file) {
        place.file = FileName(side.name);
    }
    side.findings.push_back(
        finding<FindingId::file_unusable>(place, field<"what">(error.what), field<"remedy">(error.remedy)));
    side.exit = static_cast<Exit>(config::verdict_on(error));
}

Side read_side(const std::string& file, const std::string& secrets, std::optional<config::Format> format) {
    Side side;
    side.name = file == "-" ? "stdin" : file;
    auto text = control::read_file(file, config::max_text);
    if (!text) {
        refuse(side, text.error());
        return side;
    }
    side.text = std::move(*text);
    auto model = config::load(side.text, side.name, format, companions(secrets));
    if (!model) {
        refuse(side, model.error());
        return side;
    }
    side.findings = model->findings;
    for (auto& one : config::vpncfg::what_a_box_lacks(side.text, FileName(side.name))) {
        side.findings.push_back(std::move(one));
    }
    side.model = std::move(*model);
    return side;
}

/// Errors first, then warnings, then notes; each once.
std::vector<Finding> sorted(std::vector<Finding> all) {
    sort_stably_by(all, [](const Finding& one) { return one.severity; });
    std::vector<Finding> once;
    std::unordered_set<std::string> told;
    for (auto& one : all) {
        if (told.insert(one.text()).second) {
            once.push_back(std::move(one));
        }
    }
    return once;
}

std::optional<bool> known(check::Connects connects) {
    return connects == check::Connects::unknown ? std::nullopt
                                                : std::optional(connects == check::Connects::yes);
}

control::CheckedPhase2 checked(const check::Phase2Agreed& agreed) {
    const auto& local = agreed.ours != nullptr ? agreed.ours->local : agreed.theirs->remote;
    const auto& remote = agreed.ours != nullptr ? agreed.ours->remote : agreed.theirs->local;
    return {agreed.ours != nullptr ? agreed.ours->name : "",
            agreed.theirs != nullptr ? agreed.theirs->name : "",
            local.text(),
            remote.text(),
            agreed.up,
            agreed.suite,
            "tunnel",
            agreed.lifetime_seconds};
}

control::CheckedConnection checked(const check::ConnectionOutcome& outcome) {
    control::CheckedConnection connection;
    connection.ours = outcome.ours->name;
    connection.theirs = outcome.theirs != nullptr ? outcome.theirs->name : "";
    connection.because = outcome.why_together;
    connection.initiator = word(outcome.initiator);
    connection.connects = known(outcome.connects);
    if (const auto& phase1 = outcome.phase1) {
        connection.phase1 = control::CheckedPhase1{
            phase1->up, phase1->suite, std::string(name_of(phase1->mode)), phase1->lifetime_seconds};
    }
    for (const auto& agreed : outcome.phase2) {
        connection.phase2.push_back(checked(agreed));
    }
    return connection;
}

config::FindingCounts counts_of(const std::vector<Finding>& findings) {
    config::FindingCounts counts;
    for (const auto& one : findings) {
        ++counts.of(one.severity);
    }
    return counts;
}

control::CheckedSides checked(const check::Outcome& outcome, const std::vector<Finding>& findings) {
    control::CheckedSides all;
    all.connects = known(outcome.connects);
    for (const auto& one : outcome.connections) {
        all.connections.push_back(checked(one));
    }
    const auto counts = counts_of(findings);
    all.errors = counts.errors;
    all.warnings = counts.warnings;
    all.notes = counts.notes;
    for (const auto& one : findings) {
        all.findings.push_back(status::told(one));
    }
    return all;
}

check::Outcome outcome_of(const Side& ours, const std::optional<Side>& theirs, bool box) {
    if (!ours.model || (theirs && !theirs->model)) {
        return {check::Connects::no, {}, {}};
    }
    return theirs ? check::check(*ours.model, *theirs->model) : check::check_alone(*ours.model, box);
}

/// A connection that is switched off is worth a note, unless it is the one that is wanted.
void raise_switched_off(Side& side, bool wanted) {
    if (side.model && (wanted || side.model->peers.empty())) {
        for (auto& one : side.findings) {
            if (one.code() == Code::connection_disabled) {
                one.severity = Severity::error;
            }
        }
    }
}

/// Where ours connect, connections of theirs for others are nobody's concern here.
void lower_of_others(Side& theirs, const check::Outcome& outcome) {
    if (outcome.connects != check::Connects::yes) {
        return;
    }
    for (auto& one : theirs.findings) {
        const auto code = one.code();
        if (code == Code::ike_version_differs || code == Code::auth_method_differs) {
            one.severity = Severity::note;
        }
    }
}

bool lacks_counterpart(const check::Outcome& outcome) {
    return std::ranges::any_of(outcome.connections, [](const auto& one) { return one.theirs == nullptr; });
}

/// One of the router's files, which is read as it stands. Its name counts as well.
std::optional<config::NamedText> router_file(const std::string& name, Quotes& quotes, Failures& failures) {
    if (name.empty()) {
        return std::nullopt;
    }
    auto text = control::read_file(name, config::max_text);
    if (!text) {
        failures.push_back(text.error());
        return std::nullopt;
    }
    quotes.add(name, *text, Quotes::Of::router);
    return config::NamedText{name, std::move(*text)};
}

/// What the router's files and the name server have to say.
void look_further(const Arguments& arguments, const Side& ours, const Side* theirs,
                  const check::Outcome& outcome, Quotes& quotes, std::vector<Finding>& all, Exit& exit) {
    Failures failures;
    check::RouterFiles files;
    files.firewall = router_file(arguments.firewall, quotes, failures);
    files.network = router_file(arguments.network, quotes, failures);
    files.hotplug = router_file(arguments.hotplug, quotes, failures);
    files.init = router_file(arguments.init, quotes, failures);
    for (const auto& error : failures) {
        all.push_back(unusable(error, error.place));
        exit = Exit::unusable;
    }
    if (!ours.model) {
        return;
    }
    const auto add = [&](std::vector<Finding> more) { all.insert(all.end(), more.begin(), more.end()); };
    const auto* their_model = theirs != nullptr && theirs->model ? &*theirs->model : nullptr;
    add(check::check_router(*ours.model, their_model, files,
                            arguments.kernel_plane ? check::Plane::kernel : check::Plane::userspace));
    if (arguments.resolve) {
        auto names = check::names_in(*ours.model);
        if (their_model != nullptr) {
            const auto more = check::names_in(*their_model);
            names.insert(names.end(), more.begin(), more.end());
        }
        const auto answers = ask_names(names);
        check::check_answers(*ours.model, answers, all);
        if (their_model != nullptr) {
            check::check_answers(*their_model, answers, all);
        }
        check::check_answers(outcome, answers, all);
    }
}

}  // namespace

Exit check(const Arguments& arguments) {
    if (!arguments.box.empty() && !arguments.peer.empty()) {
        return complain(
            {Exit::unusable,
             "--box is for where the other side's file is not given, and --peer names it: leave out one "
             "of them"});
    }
    auto ours = read_side(arguments.word, arguments.secrets, arguments.format);
    std::optional<Side> theirs;
    Quotes quotes;
    quotes.add(ours.name, ours.text, Quotes::Of::tunnels);
    if (!arguments.peer.empty()) {
        theirs = read_side(arguments.peer, arguments.peer_secrets, std::nullopt);
        quotes.add(theirs->name, theirs->text, Quotes::Of::tunnels);
    }
    auto outcome = outcome_of(ours, theirs, !arguments.box.empty());
    raise_switched_off(ours, false);
    if (theirs) {
        raise_switched_off(*theirs, lacks_counterpart(outcome));
        lower_of_others(*theirs, outcome);
    }
    auto exit = std::max(ours.exit, theirs ? theirs->exit : Exit::done);
    auto all = ours.findings;
    if (theirs) {
        all.insert(all.end(), theirs->findings.begin(), theirs->findings.end());
    }
    all.insert(all.end(), outcome.findings.begin(), outcome.findings.end());
    look_further(arguments, ours, theirs ? &*theirs : nullptr, outcome, quotes, all, exit);
    check::take_back(outcome, all);
    const auto findings = sorted(std::move(all));
    if (arguments.json) {
        fmt::print("{}\n", control::to_json(checked(outcome, findings)));
    } else {
        fmt::print("{}",
                   text_of({outcome, findings, quotes, arguments.verbose, terminal_columns(STDOUT_FILENO)}));
    }
    return exit == Exit::done && counts_of(findings).errors > 0 ? Exit::no : exit;
}

}  // namespace causeway::cli
