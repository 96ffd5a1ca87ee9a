// docs/states.md is written from the rules and arrows in the code; this test writes it anew and compares.
// CAUSEWAY_ACCEPT=1 in the environment replaces the file.
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "ike/v1/aggressive_mode.hpp"
#include "ike/v1/main_mode.hpp"
#include "ike/v1/quick_mode.hpp"

namespace {

using namespace causeway;  // NOLINT(google-build-using-namespace): the three exchanges are what this file is
                           // about
using ike::v1::StepRule;

template <class T>
concept HasRule = requires {
    T::rule;
};

template <class State>
std::string name_of_state() {
    if constexpr (HasRule<State>) {
        return std::string(State::rule.name);
    } else if constexpr (std::is_same_v<State, ike::v1::Established>) {
        return "established";
    } else {
        return "";
    }
}

/// The states that an arrow may lead to, by the type of its result.
template <class Next>
struct Names {
    static std::string text() { return name_of_state<Next>(); }
};
template <class First, class Second>
struct Names<std::variant<First, Second>> {
    static std::string text() {
        return fmt::format("{}` or `{}", name_of_state<First>(), name_of_state<Second>());
    }
};
template <class Result>
std::string names_of(const Result* /*arrow*/) {
    return Names<typename Result::value_type>::text();
}

template <class State, class Input, class Context>
std::string arrow() {
    if constexpr (requires(const State& s, const Input& i, const Context& c, ike::v1::Effects& e) {
                      advance(s, i, c, e);
                  }) {
        using Next = decltype(advance(std::declval<const State&>(), std::declval<const Input&>(),
                                      std::declval<const Context&>(), std::declval<ike::v1::Effects&>()));
        return names_of(static_cast<const Next*>(nullptr));
    } else {
        return "";
    }
}

/// Where the first message leads that a responder gets.
template <class Next, class... In>
std::string arrow(Next (* /*respond*/)(In...)) {
    return names_of(static_cast<const Next*>(nullptr));
}

std::string payload_names(const ike::v1::PayloadList& list) {
    std::string text;
    for (const auto type : list.types()) {
        text += (text.empty() ? "" : ", ") + name_of(type);
    }
    return text.empty() ? "-" : text;
}

class Page {
 public:
    void section(const std::string& title, const std::string& words) {
        text_ += fmt::format("\n## {}\n\n{}\n\n", title, words);
        text_ +=
            "| state | sent on entering | awaited | required | expected | protection | clause | leads to |\n"
            "|---|---|---|---|---|---|---|---|\n";
    }
    void row(const StepRule& rule, const std::string& next) {
        text_ +=
            fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", rule.name, or_dash(rule.sent),
                        or_dash(rule.awaited), payload_names(rule.required), payload_names(rule.expected),
                        name_of(rule.protection), rule.clause, or_dash(next));
    }
    template <class State, class Context>
    void state() {
        const std::string by_message = arrow<State, ike::v1::Message, Context>();
        row(State::rule, by_message.empty() ? arrow<State, ike::v1::DhResult, Context>() : by_message);
    }
    std::string text_;

 private:
    static std::string or_dash(std::string_view text) {
        return text.empty() ? "-" : fmt::format("`{}`", text);
    }
};

std::string written() {
    Page page;
    page.text_ =
        "# The states of IKEv1\n\n"
        "Written from the rules and arrows in `src/ike/v1` by `tests/scenarios/states_test.cpp`, which also "
        "compares.\n"
        "A name ending in `k` waits for Diffie-Hellman, the others for the peer. A message that breaks the "
        "rule of its\n"
        "state changes nothing: the old state is replaced only when the next one exists.\n";
    using ike::v1::Context;
    {
        using namespace ike::v1::main_mode;
        page.section("Main Mode, initiator", "RFC 2409 5.4, with NAT traversal as in RFC 3947.");
        page.state<SaSent, Context>();
        page.state<KeyPending, Context>();
        page.state<KeSent, Context>();
        page.state<AgreePending, Context>();
        page.state<AuthSent, Context>();
        page.section("Main Mode, responder",
                     "The key is known by the peer's address, or tried on message 5.");
        page.row(first_message_rule, arrow(respond));
        page.state<SaReplied, Context>();
        page.state<ResponderKeyPending, Context>();
        page.state<KeReplied, Context>();
    }
    {
        using namespace ike::v1::aggressive_mode;
        page.section("Aggressive Mode, initiator", "RFC 2409 5.4.");
        page.state<KeyPending, Context>();
        page.state<SaSent, Context>();
        page.state<AgreePending, Context>();
        page.section("Aggressive Mode, responder",
                     "Message 2 is repeated only for a repeated message 1, or when a later exchange comes "
                     "before message 3.");
        page.row(first_message_rule, arrow(respond));
        page.state<ResponderKeyPending, Context>();
        page.state<Replied, Context>();
    }
    {
        using namespace ike::v1::quick_mode;
        page.section("Quick Mode, initiator",
                     "RFC 2409 5.5. Without PFS the states that wait for Diffie-Hellman are left out.");
        page.state<KeyPending, QuickContext>();
        page.state<Offered, QuickContext>();
        page.state<AgreePending, QuickContext>();
        page.state<Completed, QuickContext>();
        page.section("Quick Mode, responder",
                     "Inbound is installed before message 2 leaves, outbound used after message 3 or the "
                     "first packet.");
        page.row(first_message_rule, arrow(respond));
        page.state<ResponderKeyPending, QuickContext>();
        page.state<Replied, QuickContext>();
    }
    return page.text_;
}

TEST(States, PageIsWhatTheCodeSays) {
    const std::string path = std::string(CAUSEWAY_SOURCE_DIR) + "/docs/states.md";
    const std::string now = written();
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        std::ofstream(path) << now;
    }
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), now) << "docs/states.md is behind the code; CAUSEWAY_ACCEPT=1 writes it anew";
}

}  // namespace
