#include "cli/check_text.hpp"

#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "cli/colour.hpp"
#include "cli/wrap.hpp"
#include "config/verdict.hpp"
#include "config/words.hpp"

namespace causeway::cli {
namespace {

enum class Tone { good, doubtful, bad, plain };

/// Names and words of files are in what is said of them, and a terminal would obey them. What readers have made printable
/// stays as it is.
std::string harmless(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += (c >= ' ' && c <= '~') ? std::string(1, c)
                                      : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return out;
}

class Text {
 public:
    explicit Text(const CheckText& check) : check_(check), colour_(check.columns && colour_wanted()) {}

    std::string run() {
        for (const auto& connection : check_.outcome.connections) {
            tell(connection);
        }
        std::size_t hidden = 0;
        for (const auto& finding : check_.findings) {
            if (finding.severity == Severity::note && !check_.notes) {
                ++hidden;
            } else {
                tell(finding);
            }
        }
        config::FindingCounts counts;
        for (const auto& finding : check_.findings) {
            ++counts.of(finding.severity);
        }
        line(fmt::format("{}{}", config::text(counts), hidden > 0 ? " (notes: --verbose)" : ""));
        return std::move(text_);
    }

 private:
    void line(const std::string& text) {
        text_ += check_.columns ? wrapped(text + "\n", *check_.columns) : text + "\n";
    }

    [[nodiscard]] std::string toned(std::string_view text, Tone tone) const {
        constexpr std::string_view colours[] = {"\x1b[32m", "\x1b[33m", "\x1b[31m", ""};
        const auto colour = colours[static_cast<std::size_t>(tone)];
        return colour_ && !colour.empty() ? fmt::format("{}{}\x1b[0m", colour, text) : std::string(text);
    }

    static std::string lifetime(std::uint32_t seconds) {
        return config::in_words(std::chrono::seconds(seconds));
    }

    void tell(const check::ConnectionOutcome& connection) {
        const bool alone = connection.theirs == nullptr;
        const auto ours = printable(connection.ours->name);
        std::string head = alone ? ours : fmt::format("{} <-> {}", ours, printable(connection.theirs->name));
        switch (connection.connects) {
            case check::Connects::yes:
                head += ": " + toned("will connect", Tone::good);
                break;
            case check::Connects::no:
                head += ": " + toned("will not connect", Tone::bad);
                break;
            case check::Connects::unknown:
                head += ": " + toned("unknown without the other side's file", Tone::doubtful);
                break;
        }
        if (!connection.why_together.empty()) {
            head += fmt::format(" (matched by {})", connection.why_together);
        }
        line(head);
        if (const auto& phase1 = connection.phase1) {
            line(fmt::format("  Phase 1   {}{}, {}; {}",
                             phase1->suite.empty() ? "no common suite" : phase1->suite,
                             phase1->suite.empty() ? "" : ", " + lifetime(phase1->lifetime_seconds),
                             name_of(phase1->mode), who_calls(connection.initiator)));
        }
        for (const auto& tunnel : connection.phase2) {
            tell(tunnel);
        }
        text_ += '\n';
    }

    static std::string_view who_calls(check::Initiator initiator) {
        switch (initiator) {
            case check::Initiator::nobody:
                return "nobody calls";
            case check::Initiator::ours:
                return "this side calls";
            case check::Initiator::theirs:
                return "the other side calls";
            case check::Initiator::either:
                return "either side calls";
        }
        return "";
    }

    void tell(const check::Phase2Agreed& tunnel) {
        const auto& local = tunnel.ours != nullptr ? tunnel.ours->local : tunnel.theirs->remote;
        const auto& remote = tunnel.ours != nullptr ? tunnel.ours->remote : tunnel.theirs->local;
        const auto what = tunnel.theirs == nullptr ? "only this side has it"
                          : tunnel.ours == nullptr ? "only the other side has it"
                          : tunnel.suite.empty()   ? "no common suite"
                          : tunnel.networks_differ ? "the networks differ"
                                                   : "";
        line(fmt::format("  Phase 2   {} === {}: {}", local.text(), remote.text(),
                         *what != '\0'
                             ? what
                             : fmt::format("{}, {}{}", tunnel.suite, lifetime(tunnel.lifetime_seconds),
                                           tunnel.up ? "" : toned("; stays down", Tone::bad))));
    }

    void tell(const Finding& finding) {
        const auto tone = finding.severity == Severity::error     ? Tone::bad
                          : finding.severity == Severity::warning ? Tone::doubtful
                                                                  : Tone::plain;
        const auto& first = finding.place();
        const auto place = first.known() ? first.text() + ": "
                           : first.file  ? *first.file + ": "
                                         : std::string{};
        line(fmt::format("{}{}: {} [{}]", place, toned(name_of(finding.severity), tone),
                         harmless(finding.message()), causeway::text(finding.code())));
        text_ += check_.quotes.of(finding.place());
        for (std::size_t i = 1; i < finding.places.size(); ++i) {
            if (finding.places[i].known() && finding.places[i] != finding.places[0]) {
                const auto quote = check_.quotes.of(finding.places[i]);
                text_ += finding.places[i].text() + (quote.empty() ? "\n" : ":\n") + quote;
            }
        }
        if (const auto remedy = finding.remedy(); !remedy.empty()) {
            line("       = " + harmless(remedy));
        }
    }

    const CheckText& check_;
    bool colour_;
    std::string text_;
};

}  // namespace

std::string text_of(const CheckText& check) {
    return Text(check).run();
}

}  // namespace causeway::cli
