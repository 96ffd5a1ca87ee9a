#include "probe/words.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "codec/isakmp/numbers.hpp"
#include "codec/isakmp/version2.hpp"

namespace causeway::probe {

namespace {

using isakmp::NotifyType;

bool says(const Asked& asked, NotifyType type) {
    return asked.outcome == Outcome::refused && asked.notify == static_cast<std::uint16_t>(type);
}

/// RFC 7296 2.6, 1.3: the first message once more, with a cookie or another group.
bool wants_more(const Asked& asked) {
    return asked.notify == isakmp::version2::cookie || asked.notify == isakmp::version2::invalid_ke_payload;
}

bool asked_and_silent(const AskedPort& port) {
    return port.port != 0 && !port.answered;
}

double milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

std::string text_of(const AskedPort& port) {
    return port.answered      ? "answers"
           : port.unreachable ? "no answer, and ICMP says that nothing listens there"
                              : "no answer";
}

std::string text_of(const Asked& asked, bool version2) {
    switch (asked.outcome) {
        case Outcome::not_asked:
            return "not asked";
        case Outcome::silent:
            return "no answer";
        case Outcome::accepted:
            return asked.suite.empty() ? "yes" : "yes, chooses " + asked.suite;
        case Outcome::refused:
            return fmt::format("{}: {}",
                               says(asked, NotifyType::invalid_major_version) ? "no"
                               : version2 && wants_more(asked) ? "yes, but wants another first message"
                                                               : "refused",
                               notify_of(asked, version2));
        case Outcome::odd:
            return "an answer that does not fit the question";
    }
    return {};
}

std::string text_of(Nat nat) {
    switch (nat) {
        case Nat::none:
            return "none between us";
        case Nat::here:
            return "our side is behind NAT";
        case Nat::there:
            return "the peer is behind NAT";
        case Nat::both:
            return "both sides are behind NAT";
        case Nat::unknown:
            break;
    }
    return "not known";
}

std::string vendors_of(const Report& report) {
    std::vector<std::string> names;
    for (const auto vendor : report.vendors) {
        names.emplace_back(isakmp::name_of(vendor));
    }
    for (const auto& unknown : report.unknown_vendors) {
        constexpr std::size_t shown = 20;
        const auto head = ByteView(unknown).first(std::min(unknown.size(), shown));
        names.push_back(
            fmt::format("unknown {:02x}{}", fmt::join(head, ""), unknown.size() > shown ? "..." : ""));
    }
    return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

bool is_causewayd(const Report& report) {
    return std::ranges::find(report.vendors, isakmp::Vendor::causeway) != report.vendors.end();
}

/// Of the suites that were not accepted: refused, or not known.
Row rest_of(const Report& report) {
    const auto count = report.rest.size();
    switch (report.suites_end) {
        case SuitesEnd::refused:
            return {"Refuses", fmt::format("the other {} of {} asked for", count, report.offered.size())};
        case SuitesEnd::silent:
            return {"Not known", fmt::format("{} other suites: {}", count,
                                             is_causewayd(report) ? "causewayd refuses once a minute"
                                                                  : "it stopped answering")};
        case SuitesEnd::bound:
            return {"Not known", fmt::format("{} other suites: enough was sent", count)};
        case SuitesEnd::not_asked:
            break;
    }
    return {"Not known", fmt::format("{} other suites: time was up", count)};
}

/// Silence: what cannot be told apart.
void add_silence(std::vector<std::string>& sentences, const Report& report) {
    if (report.ike.unreachable || report.nat_t.unreachable) {
        sentences.emplace_back(
            "The host is there, and reports that nothing listens on the port: its IKE daemon is not running, "
            "or the "
            "port leads elsewhere. ICMP can be forged, and a firewall can send it too.");
        return;
    }
    sentences.emplace_back(
        "Silence proves nothing: there may be no IKE service, a firewall on the way may drop UDP 500 and "
        "4500, or the peer "
        "answers only addresses that it knows, as causewayd does. What a FRITZ!Box answers to a stranger is "
        "not "
        "documented.");
}

void add_main(std::vector<std::string>& sentences, const Report& report) {
    const auto& main =
        report.main.outcome == Outcome::accepted || report.main_nat_t.outcome != Outcome::accepted
            ? report.main
            : report.main_nat_t;
    if (says(main, NotifyType::no_proposal_chosen) && report.version2.outcome == Outcome::accepted) {
        sentences.emplace_back(
            "It takes IKEv2 from our address and refuses IKEv1, which causeway needs: its connection has to "
            "be set to IKEv1 "
            "(strongSwan: version = 1, OpenWrt: keyexchange 'ikev1').");
    } else if (main.outcome == Outcome::accepted) {
        sentences.push_back(
            fmt::format("It takes Main Mode from our address, with {}. The pre-shared key, the identities "
                        "and the networks "
                        "were not tried.",
                        main.suite));
    } else if (says(main, NotifyType::no_proposal_chosen)) {
        sentences.push_back(fmt::format(
            "It speaks IKE, and refuses Main Mode: it accepts none of the {} suites asked for, or has no "
            "IKEv1 "
            "connection for our address, or wants another mode. These cannot be told apart from here.",
            report.offered.size()));
    } else if (says(main, NotifyType::invalid_major_version)) {
        sentences.emplace_back("It does not speak IKEv1, so causeway cannot connect to it.");
    } else if (main.outcome == Outcome::silent && report.answered()) {
        sentences.emplace_back(
            "It answers, but not to Main Mode: it may ignore IKEv1 altogether, or Main Mode from our "
            "address.");
    }
    if (says(report.key, NotifyType::invalid_key_information)) {
        sentences.emplace_back(
            "It has no pre-shared key for our address: Main Mode would end at message 3. Check which address "
            "or name its "
            "configuration has for us.");
    }
}

void add_version2(std::vector<std::string>& sentences, const Report& report) {
    const auto& asked = report.version2;
    if (says(asked, NotifyType::invalid_major_version)) {
        sentences.emplace_back("It does not speak IKEv2.");
    } else if (says(asked, NotifyType::no_proposal_chosen)) {
        sentences.emplace_back(
            "Its daemon can speak IKEv2, and has no IKEv2 connection for our address or none of the suites "
            "asked for.");
    } else if ((asked.outcome == Outcome::accepted && !says(report.main, NotifyType::no_proposal_chosen)) ||
               asked.outcome == Outcome::refused) {
        sentences.emplace_back("It speaks IKEv2, which causeway does not.");
    }
}

void add_aggressive(std::vector<std::string>& sentences, const Report& report) {
    if (report.aggressive.outcome == Outcome::accepted) {
        sentences.emplace_back(
            "It answers Aggressive Mode with a hash made with the pre-shared key: whoever asks with this "
            "identity can guess "
            "keys offline. Use Main Mode, or a long random key.");
    } else if (says(report.aggressive, NotifyType::authentication_failed)) {
        sentences.emplace_back(
            "It refuses Aggressive Mode before any key was used: its connection wants Main Mode, it does not "
            "know the "
            "identity, or it does not allow Aggressive Mode with a pre-shared key.");
    }
}

void add_ports(std::vector<std::string>& sentences, const Report& report) {
    if (report.ike.answered && asked_and_silent(report.nat_t)) {
        const bool refused = report.main.outcome == Outcome::refused;
        sentences.push_back(fmt::format(
            "Nothing came from port {}: with NAT on the way IKE and ESP need it. {}", report.nat_t.port,
            refused ? "A peer that has just refused may not do so twice, as causewayd does not."
                    : "UDP 4500 may be filtered, or the peer does not begin there."));
    }
    if (report.nat_t.answered && asked_and_silent(report.ike)) {
        sentences.push_back(
            fmt::format("Only port {} answers; IKE begins on port 500 unless both sides know better.",
                        report.nat_t.port));
    }
}

}  // namespace

std::vector<Row> rows(const Report& report) {
    std::vector<Row> table;
    const auto port_row = [&](const AskedPort& port) {
        if (port.port != 0) {
            table.push_back({fmt::format("Port {}", port.port), text_of(port)});
        }
    };
    port_row(report.ike);
    port_row(report.nat_t);
    if (!report.answered()) {
        return table;
    }
    if (report.round_trip) {
        table.push_back({"Round trip", fmt::format("{:.1f} ms", milliseconds(*report.round_trip))});
    }
    table.push_back({"Main Mode", text_of(report.main, false)});
    if (report.main.outcome != Outcome::accepted && report.main_nat_t.outcome == Outcome::accepted) {
        table.push_back({fmt::format("  on port {}", report.nat_t.port), text_of(report.main_nat_t, false)});
    }
    if (report.key.outcome == Outcome::refused || report.key.outcome == Outcome::silent) {
        table.push_back({"  message 3", text_of(report.key, false)});
    }
    if (report.aggressive.outcome != Outcome::not_asked) {
        table.push_back({"Aggressive Mode", text_of(report.aggressive, false)});
        if (!report.aggressive_identity.empty()) {
            table.push_back({"  calls itself", report.aggressive_identity});
        }
    }
    table.push_back({"IKEv2", is_causewayd(report) && report.version2.outcome == Outcome::not_asked
                                  ? "not asked: causewayd speaks IKEv1 alone"
                                  : text_of(report.version2, true)});
    if (!report.accepted.empty()) {
        table.push_back({"Accepts", fmt::format("{}", fmt::join(report.accepted, ", "))});
        table.push_back(rest_of(report));
    }
    table.push_back({"Vendor IDs", vendors_of(report)});
    table.push_back({"NAT", text_of(report.nat)});
    return table;
}

std::vector<std::string> meaning(const Report& report) {
    std::vector<std::string> sentences;
    if (!report.answered()) {
        add_silence(sentences, report);
    } else {
        add_main(sentences, report);
        add_version2(sentences, report);
        add_aggressive(sentences, report);
        add_ports(sentences, report);
    }
    if (report.out_of_time) {
        sentences.emplace_back("Time was up before everything was asked: --timeout gives more.");
    }
    return sentences;
}

std::string word_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::not_asked:
            return "not asked";
        case Outcome::silent:
            return "silent";
        case Outcome::accepted:
            return "accepted";
        case Outcome::refused:
            return "refused";
        case Outcome::odd:
            return "odd";
    }
    return {};
}

std::string word_of(Nat nat) {
    switch (nat) {
        case Nat::unknown:
            return "unknown";
        case Nat::none:
            return "none";
        case Nat::here:
            return "here";
        case Nat::there:
            return "there";
        case Nat::both:
            return "both";
    }
    return {};
}

std::string word_of(SuitesEnd end) {
    switch (end) {
        case SuitesEnd::not_asked:
            return "not asked";
        case SuitesEnd::refused:
            return "refused";
        case SuitesEnd::silent:
            return "silent";
        case SuitesEnd::bound:
            return "bound";
    }
    return {};
}

std::string notify_of(const Asked& asked, bool version2) {
    if (!asked.notify) {
        return {};
    }
    return version2 ? isakmp::version2::name_of_notify(*asked.notify)
                    : isakmp::name_of(static_cast<NotifyType>(*asked.notify));
}

}  // namespace causeway::probe
