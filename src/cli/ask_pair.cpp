#include "cli/ask_pair.hpp"

#include <cstddef>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "cli/forms.hpp"
#include "cli/words.hpp"

namespace causeway::cli {
namespace {

using namespace std::string_view_literals;

/// The factory setting of the boxes (AVM, manual of the FRITZ!Box Fon WLAN 7570, "Factory Settings": 192.168.178.1 with
/// 255.255.255.0).
constexpr Ipv4Net lan_of_new_box{0xc0a8b200, 24};

/// What an empty answer to the last question means.
constexpr std::string_view usually_written = "Y/n";

struct Free {
    void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc): getline's
};

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// What an option would have said, as an error with a text.
Result<std::string> generation_from(std::string_view text) {
    const std::string generation(text);
    if (const auto form = openwrt_form(generation); !form) {
        return fail(Errc::unacceptable, form.error().what);
    }
    return generation;
}

std::string_view title_of(pair::Kind kind) {
    switch (kind) {
        case pair::Kind::causeway:
            return "OpenWrt";
        case pair::Kind::fritzbox:
            return "FRITZ!Box";
        case pair::Kind::strongswan:
            return "strongSwan";
    }
    return "";
}

std::string in_words(const pair::Site& site, const std::string& generation) {
    const auto more = site.kind == pair::Kind::causeway ? "schema " + generation : site.box;
    return fmt::format("{}, {}, {}{}{}", site.name, site.lan.text(), title_of(site.kind),
                       more.empty() ? "" : " ", more);
}

/// For ask_until(): `read` makes a value of the words, `judge` weighs it against what is known.
template <class T, class Read, class Judge>
auto into(T& target, Read read, Judge judge) {
    return [&target, read, judge](const std::string& text) -> Result<> {
        auto value = CAUSEWAY_TRY(read(text));
        CAUSEWAY_CHECK(judge(value));
        target = std::move(value);
        return {};
    };
}

constexpr auto anything = [](const auto& /*value*/) { return Result<>(); };

}  // namespace

std::optional<std::string> Dialogue::line() {
    std::fflush(out_);
    char* text = nullptr;
    std::size_t room = 0;
    const auto length = ::getline(&text, &room, in_);
    const std::unique_ptr<char, Free> owner(text);
    if (length < 0) {
        return std::nullopt;
    }
    return std::string(trimmed({text, static_cast<std::size_t>(length)}));
}

/// `take`: judges an answer, and keeps a good one.
template <class Take>
Outcome<> Dialogue::ask_until(const std::string& question, const std::string& usual, const Take& take) {
    for (;;) {
        fmt::print(out_, "{}{}{} ", question, usual.empty() ? "" : fmt::format(" [{}]", usual),
                   question.ends_with('?') ? "" : ":");
        auto answer = line();
        if (!answer) {
            fmt::print(out_, "\n");
            return failure(Exit::unusable,
                           "the input ended before everything was answered: nothing is written");
        }
        if (answer->empty()) {
            *answer = usual;
        }
        const Result<> taken = take(*answer);
        if (taken) {
            return {};
        }
        fmt::print(out_, "  {}\n", taken.error().text());
    }
}

Outcome<PairAnswers> Dialogue::ask(const PairWords& known) {
    PairAnswers answers;
    for (const auto step : {&Dialogue::ask_of_ours, &Dialogue::ask_of_theirs, &Dialogue::ask_of_files}) {
        if (auto done = (this->*step)(known, answers); !done) {
            return tl::unexpected(done.error());
        }
    }
    return answers;
}

Outcome<> Dialogue::ask_of_ours(const PairWords& known, PairAnswers& answers) {
    auto& ours = answers.ours;
    ours.kind = known.ours.kind.value_or(pair::Kind::causeway);
    if (known.ours.name) {
        ours.name = *known.ours.name;
    } else {
        // Theirs may have come with an option.
        const auto judge = [&](const std::string& name) {
            return known.theirs.name ? pair::check_names_apart(name, *known.theirs.name) : Result<>();
        };
        if (auto done = ask_until("Our public name, as office.example.org", "",
                                  into(ours.name, pair::name_from, judge));
            !done) {
            return done;
        }
    }
    if (known.ours.lan) {
        ours.lan = *known.ours.lan;
        return {};
    }
    const auto judge = [&](const Ipv4Net& lan) {
        return known.theirs.lan ? pair::check_lans_apart(lan, *known.theirs.lan) : Result<>();
    };
    const bool proposed = own_lan_ && judge(*own_lan_);
    return ask_until("Our network", proposed ? own_lan_->text() : "", into(ours.lan, pair::lan_from, judge));
}

Outcome<> Dialogue::ask_of_theirs(const PairWords& known, PairAnswers& answers) {
    auto& theirs = answers.theirs;
    if (!known.box.empty()) {
        theirs.kind = pair::Kind::fritzbox;
    } else if (known.theirs.kind) {
        theirs.kind = *known.theirs.kind;
    } else if (auto done = ask_until("What is at the other end: fritzbox, openwrt or strongswan", "fritzbox",
                                     into(theirs.kind, pair::kind_from, anything));
               !done) {
        return done;
    }
    if (known.theirs.name) {
        theirs.name = *known.theirs.name;
    } else {
        const auto judge = [&](const std::string& name) {
            return pair::check_names_apart(answers.ours.name, name);
        };
        if (auto done = ask_until("Their public name", "", into(theirs.name, pair::name_from, judge));
            !done) {
            return done;
        }
    }
    if (known.theirs.lan) {
        theirs.lan = *known.theirs.lan;
    } else {
        const auto judge = [&](const Ipv4Net& lan) { return pair::check_lans_apart(answers.ours.lan, lan); };
        const bool proposed = theirs.kind == pair::Kind::fritzbox && judge(lan_of_new_box);
        if (auto done = ask_until("Their network", proposed ? lan_of_new_box.text() : "",
                                  into(theirs.lan, pair::lan_from, judge));
            !done) {
            return done;
        }
    }
    theirs.box = known.box;
    if (theirs.kind != pair::Kind::fritzbox || !theirs.box.empty()) {
        return {};
    }
    const auto box = [](const std::string& text) {
        return text.empty() ? Result<std::string>("") : pair::box_from(text);
    };
    return ask_until("The model of their FRITZ!Box, as 7590 or 7590@8.02; may be left empty", "",
                     into(theirs.box, box, anything));
}

Outcome<> Dialogue::ask_of_files(const PairWords& known, PairAnswers& answers) {
    answers.generation = known.generation;
    const bool has_openwrt =
        answers.ours.kind == pair::Kind::causeway || answers.theirs.kind == pair::Kind::causeway;
    if (answers.generation.empty() && !has_openwrt) {
        answers.generation = "g0";
    } else if (answers.generation.empty()) {
        const auto question =
            "The schema of OpenWrt's file: g0 to g3 for /etc/config/ipsec, g4 for /etc/config/swanctl";
        if (auto done = ask_until(question, "g0", into(answers.generation, generation_from, anything));
            !done) {
            return done;
        }
    }
    if (!known.folder.empty()) {
        answers.folder = known.folder;
        return {};
    }
    const auto folder = [](const std::string& text) { return Result<std::string>(text); };
    return ask_until("The folder for the files", "tunnel", into(answers.folder, folder, anything));
}

Outcome<bool> Dialogue::confirm(const PairAnswers& answers, std::size_t files) {
    fmt::print(out_, "\nOurs:   {}\nTheirs: {}\nFolder: {}, {}\n", in_words(answers.ours, answers.generation),
               in_words(answers.theirs, answers.generation), answers.folder, counted(files, "file"));
    bool yes = false;
    const auto take = [&](const std::string& text) -> Result<> {
        for (const std::string_view word : {usually_written, "y"sv, "Y"sv, "yes"sv, "n"sv, "N"sv, "no"sv}) {
            if (text == word) {
                yes = word.front() == 'y' || word.front() == 'Y';
                return {};
            }
        }
        return fail(Errc::unacceptable, "answer y or n");
    };
    if (auto done = ask_until("Write these files?", std::string(usually_written), take); !done) {
        return tl::unexpected(done.error());
    }
    return yes;
}

}  // namespace causeway::cli
