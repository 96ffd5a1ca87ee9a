// `pair --ask`: a dialogue that asks for what the options have not said. Each answer is judged at once, by what judges
// the options. Called by `pair` only. Never asks for a key, never shows one, writes no file.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "cli/failure.hpp"
#include "cli/site_words.hpp"
#include "pair/site.hpp"

namespace causeway::cli {

/// What is known before the first question; what is empty is asked.
struct PairWords {
    SiteWords ours;
    SiteWords theirs;
    std::string box;  ///< whoever gives it has a FRITZ!Box at the other end
    std::string generation;
    std::string folder;
};

/// All that there is to know.
struct PairAnswers {
    pair::Site ours;
    pair::Site theirs;
    std::string generation;
    std::string folder;
};

class Dialogue {
 public:
    /// `own_lan`: what is proposed as our network. Both streams must outlive this.
    Dialogue(std::FILE* in, std::FILE* out, std::optional<Ipv4Net> own_lan)
        : in_(in), out_(out), own_lan_(own_lan) {}

    /// A question for each thing that is not known, again until its answer is good; an empty answer takes what stands in
    /// brackets. A failure: the input has ended.
    Outcome<PairAnswers> ask(const PairWords& known);
    /// Says what is about to be written, and asks whether to. False: no.
    Outcome<bool> confirm(const PairAnswers& answers, std::size_t files);

 private:
    template <class Take>
    Outcome<> ask_until(const std::string& question, const std::string& usual, const Take& take);
    Outcome<> ask_of_ours(const PairWords& known, PairAnswers& answers);
    Outcome<> ask_of_theirs(const PairWords& known, PairAnswers& answers);
    Outcome<> ask_of_files(const PairWords& known, PairAnswers& answers);
    std::optional<std::string> line();

    std::FILE* in_;
    std::FILE* out_;
    std::optional<Ipv4Net> own_lan_;
};

}  // namespace causeway::cli
