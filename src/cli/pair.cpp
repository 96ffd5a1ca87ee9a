#include "cli/pair.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/finding.hpp"
#include "base/findings.hpp"
#include "base/result.hpp"
#include "cli/ask_pair.hpp"
#include "cli/forms.hpp"
#include "cli/own_lan.hpp"
#include "cli/pair_files.hpp"
#include "cli/site_words.hpp"
#include "cli/wrap.hpp"
#include "config/limits.hpp"
#include "control/configuration_file.hpp"
#include "crypto/random.hpp"
#include "pair/describe.hpp"
#include "pair/read_star.hpp"
#include "pair/site.hpp"
#include "pair/star.hpp"

namespace causeway::cli {
namespace {

/// What the options say of two ends.
Outcome<PairWords> words_of(const Arguments& arguments) {
    auto ours = site_words(arguments.ours, "--ours");
    auto theirs = site_words(arguments.theirs, "--theirs");
    if (!ours || !theirs) {
        return tl::unexpected(ours ? theirs.error() : ours.error());
    }
    if (!arguments.box.empty()) {
        if (theirs->kind && *theirs->kind != pair::Kind::fritzbox) {
            return failure(Exit::unusable,
                           "--box says that the other side is a FRITZ!Box, and --theirs has another kind: "
                           "leave one of them out");
        }
        theirs->kind = pair::Kind::fritzbox;
    }
    // What contradicts itself needs no further question.
    for (const auto& apart :
         {ours->name && theirs->name ? pair::check_names_apart(*ours->name, *theirs->name) : Result<>(),
          ours->lan && theirs->lan ? pair::check_lans_apart(*ours->lan, *theirs->lan) : Result<>()}) {
        if (!apart) {
            return failure(Exit::unusable, apart.error().text());
        }
    }
    return PairWords{std::move(*ours), std::move(*theirs), arguments.box, arguments.generation,
                     arguments.output};
}

/// Without a dialogue: all of it must have been said.
Outcome<PairAnswers> whole(const PairWords& words) {
    auto ours = whole_site(words.ours, "--ours");
    auto theirs = whole_site(words.theirs, "--theirs");
    if (!ours || !theirs) {
        return tl::unexpected(ours ? theirs.error() : ours.error());
    }
    theirs->box = words.box;
    return PairAnswers{std::move(*ours), std::move(*theirs), words.generation, words.folder};
}

/// Notes are for --verbose: what a form has no word for is usually what the other end does anyway.
Exit write(PairFiles&& made, const Arguments& arguments, const std::string& folder) {
    if (!arguments.verbose) {
        std::erase_if(made.lost, [](const Finding& one) { return one.severity == Severity::note; });
    }
    tell(made.lost);
    return write_all(folder, made.files, arguments.force);
}

Exit pair_of_two(const Arguments& arguments) {
    const auto words = words_of(arguments);
    if (!words) {
        return complain(words.error());
    }
    // Before the first question.
    if (const auto form = openwrt_form(words->generation); !form) {
        return complain(form.error());
    }
    Dialogue dialogue(stdin, stderr, arguments.ask && !words->ours.lan ? own_lan() : std::nullopt);
    const auto answers = arguments.ask ? dialogue.ask(*words) : whole(*words);
    if (!answers) {
        return complain(answers.error());
    }
    crypto::SystemRandom random;
    auto made = files_of(pair::Description{answers->ours, answers->theirs, pair::make_key(random), {}, {}},
                         *openwrt_form(answers->generation));
    if (!made) {
        return complain(made.error());
    }
    if (arguments.ask) {
        const auto yes = dialogue.confirm(*answers, made->files.size());
        if (!yes || !*yes) {
            return complain(yes ? Failure{Exit::no, "nothing is written"} : yes.error());
        }
    }
    return write(std::move(*made), arguments, answers->folder);
}

/// Each with its column and its code, as `check` has them.
void tell_of_sites(const std::vector<Finding>& findings) {
    const auto columns = terminal_columns(STDERR_FILENO);
    for (const auto& one : findings) {
        const auto line = fmt::format("{}: {}: {} [{}]\n", one.place().text(), name_of(one.severity),
                                      one.sentence(), text(one.code()));
        fmt::print(stderr, "{}", columns ? wrapped(line, *columns) : line);
    }
}

Exit pair_of_sites(const Arguments& arguments) {
    const auto text = control::read_file(arguments.sites, config::max_text);
    if (!text) {
        return complain({Exit::unusable, text.error().text()});
    }
    std::vector<Finding> findings;
    auto star = pair::read_star(*text, arguments.sites == "-" ? "stdin" : arguments.sites, findings);
    if (!star) {
        tell_of_sites(findings);
        return Exit::unusable;
    }
    const auto openwrt = openwrt_form(arguments.generation);
    if (!openwrt) {
        return complain(openwrt.error());
    }
    crypto::SystemRandom random;
    pair::draw_keys(*star, random);
    auto made = files_of(*star, *openwrt);
    return made ? write(std::move(*made), arguments, arguments.output) : complain(made.error());
}

}  // namespace

Exit pair(const Arguments& arguments) {
    const bool by_options = !arguments.ours.empty() || !arguments.theirs.empty() || !arguments.box.empty();
    if (!arguments.sites.empty() && (arguments.ask || by_options)) {
        return complain(
            {Exit::unusable, "--sites says what --ours, --theirs, --box and --ask are for: leave these out"});
    }
    if (!arguments.sites.empty() && !arguments.output.empty()) {
        return pair_of_sites(arguments);
    }
    const bool complete = !arguments.ours.empty() && !arguments.theirs.empty() && !arguments.output.empty();
    if (!arguments.sites.empty() || (!arguments.ask && !complete)) {
        return complain({Exit::unusable,
                         arguments.sites.empty()
                             ? "pair needs --ours, --theirs and --output: causeway pair --ours "
                               "name=office.example.org,lan=192.168.1.0/24 --theirs "
                               "name=home.example.org,lan=192.168.0.0/24 --box 7590 -o tunnel; with --ask it "
                               "asks for them"
                             : "pair --sites needs --output, the folder for the files"});
    }
    return pair_of_two(arguments);
}

}  // namespace causeway::cli
