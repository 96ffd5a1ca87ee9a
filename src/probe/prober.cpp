#include "probe/prober.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/ports.hpp"

namespace causeway::probe {

namespace {

/// RFC 3948 2.2: in front of IKE on port 4500.
constexpr std::array<std::uint8_t, 4> non_esp_marker{};
/// RFC 2409 5: 8 to 256; as long as the daemon's.
constexpr std::size_t nonce_octets = 32;
/// A question, once more, and its parting.
constexpr unsigned packets_of_round = tries_max + 1;
/// RFC 2409 5.4: Aggressive Mode fixes the group in its first message. FRITZ!Box's own first, then what most others take.
constexpr std::array aggressive_groups{crypto::GroupId::modp1024, crypto::GroupId::modp2048};
constexpr auto refuses_version = static_cast<std::uint16_t>(isakmp::NotifyType::invalid_major_version);

}  // namespace

Prober::Prober(Settings settings, RandomSource& random, PublicValue public_value, Instant now)
    : settings_(std::move(settings)), random_(random), public_value_(std::move(public_value)), start_(now) {
    report_.address = settings_.remote.address;
    report_.ike = {.port = settings_.remote.port, .local_port = settings_.local.port};
    for (const auto& suite : settings_.suites) {
        report_.offered.push_back(suite.text());
    }
    ask_main(Purpose::main, Port::ike, settings_.suites);
    if (settings_.nat_t) {
        report_.nat_t = {.port = settings_.nat_t->port,
                         .local_port = settings_.local_nat_t.value_or(Endpoint{}).port};
        ask_main(Purpose::main, Port::nat_t, settings_.suites);
    }
}

const Endpoint& Prober::remote(Port port) const {
    return port == Port::nat_t && settings_.nat_t ? *settings_.nat_t : settings_.remote;
}

Outgoing Prober::packet(Port port, Bytes message) const {
    if (remote(port).port != nat_t_port) {
        return {port, std::move(message)};
    }
    Bytes marked = to_bytes(non_esp_marker);
    append(marked, message);
    return {port, std::move(marked)};
}

std::optional<ByteView> Prober::unwrapped(Port port, ByteView octets) const {
    if (remote(port).port != nat_t_port) {
        return octets;
    }
    if (octets.size() < non_esp_marker.size() ||
        !equal(octets.first(non_esp_marker.size()), non_esp_marker)) {
        return std::nullopt;
    }
    return octets.subspan(non_esp_marker.size());
}

std::optional<Drawn> Prober::drawn(crypto::GroupId group) {
    auto value = public_value_(group);
    if (!value) {
        return std::nullopt;
    }
    return Drawn{std::move(*value), random_.octets(nonce_octets)};
}

Prober::Question& Prober::ask(Purpose purpose, Port port, Suites offered) {
    Question& question = questions_.emplace_back();
    question.purpose = purpose;
    question.port = port;
    question.offered = std::move(offered);
    random_.fill(question.between.cky_i);
    question.between.local = port == Port::ike ? settings_.local : settings_.local_nat_t.value_or(Endpoint{});
    question.between.remote = remote(port);
    return question;
}

void Prober::ask_main(Purpose purpose, Port port, Suites offered) {
    auto& question = ask(purpose, port, std::move(offered));
    question.message = main_mode_1(question.between.cky_i, question.offered);
}

void Prober::ask_version2(Port port) {
    if (const auto fresh = drawn(version2_group)) {
        auto& question = ask(Purpose::version2, port);
        question.message = init_request(question.between, *fresh);
    }
}

void Prober::ask_aggressive(crypto::GroupId group) {
    ++aggressive_asked_;
    Suites offered;
    std::ranges::copy_if(settings_.suites, std::back_inserter(offered),
                         [group](const auto& suite) { return suite.group == group; });
    const auto fresh = drawn(group);
    if (fresh && !offered.empty()) {
        auto& question = ask(Purpose::aggressive, suites_at_.value_or(Port::ike), std::move(offered));
        question.message =
            aggressive_1(question.between.cky_i, question.offered, *fresh, *settings_.identity);
    }
}

bool Prober::open(Purpose purpose) const {
    return std::ranges::any_of(questions_, [purpose](const Question& question) {
        return !question.over && question.purpose == purpose;
    });
}

Suites Prober::left() const {
    Suites suites;
    std::ranges::copy_if(settings_.suites, std::back_inserter(suites), [this](const auto& suite) {
        return std::ranges::find(report_.accepted, suite.text()) == report_.accepted.end();
    });
    return suites;
}

bool Prober::has_asked(Purpose purpose, Port port) const {
    return std::ranges::any_of(questions_, [=](const Question& question) {
        return question.purpose == purpose && question.port == port;
    });
}

void Prober::plan() {
    plan_version2();
    plan_suites();
    plan_aggressive();
}

/// On port 500 behind Main Mode, and on 4500 where neither has been heard of. Not of a causewayd: it speaks IKEv1 alone,
/// takes a peer at our address for one of IKEv2 if we ask, and refuses strangers only once a minute.
void Prober::plan_version2() {
    if (std::ranges::find(vendors_, isakmp::Vendor::causeway) != vendors_.end()) {
        return;
    }
    const auto unanswered = [this](Port port) {
        return std::ranges::any_of(questions_, [port](const Question& question) {
            return question.port == port && question.purpose == Purpose::main &&
                   (question.over || question.tries == tries_max);
        });
    };
    if (!has_asked(Purpose::version2, Port::ike) &&
        (report_.main.outcome != Outcome::not_asked || unanswered(Port::ike))) {
        ask_version2(Port::ike);
    }
    if (settings_.nat_t && !has_asked(Purpose::version2, Port::nat_t) && !report_.nat_t.answered &&
        report_.main.outcome != Outcome::accepted && report_.version2.notify != refuses_version &&
        unanswered(Port::nat_t)) {
        ask_version2(Port::nat_t);
    }
}

void Prober::plan_suites() {
    const auto under_way = [this](const Question& question) {
        return !question.over && question.port == *suites_at_ &&
               (question.purpose == Purpose::main || question.purpose == Purpose::suites);
    };
    if (!suites_at_ || report_.suites_end != SuitesEnd::not_asked ||
        std::ranges::any_of(questions_, under_way)) {
        return;
    }
    const auto rest = left();
    const unsigned kept = settings_.identity ? tries_max : 0;
    if (rest.empty()) {
        report_.suites_end = SuitesEnd::refused;
    } else if (suite_rounds_ == suite_rounds_max ||
               report_.sent + packets_of_round + kept > settings_.packets) {
        report_.suites_end = SuitesEnd::bound;
    } else {
        ++suite_rounds_;
        ask_main(Purpose::suites, *suites_at_, rest);
    }
}

void Prober::plan_aggressive() {
    if (!settings_.identity || open(Purpose::main) || open(Purpose::suites) || open(Purpose::aggressive)) {
        return;
    }
    if (!report_.accepted.empty()) {
        if (aggressive_asked_ == 0) {
            const auto first = std::ranges::find(settings_.suites, report_.accepted.front(),
                                                 [](const auto& suite) { return suite.text(); });
            ask_aggressive(first->group);
        }
        return;
    }
    if (aggressive_asked_ == 0 ||
        (aggressive_asked_ < aggressive_groups.size() && report_.aggressive.outcome == Outcome::refused)) {
        ask_aggressive(aggressive_groups.at(aggressive_asked_));
    }
}

void Prober::settle(Instant now) {
    if (ended_) {
        return;
    }
    const bool spent = report_.sent >= settings_.packets;
    for (auto& question : questions_) {
        if (question.over) {
            continue;
        }
        if (question.tries == 0) {
            // Cannot be asked any more: nothing is known of it.
            question.over = spent;
        } else if (now >= question.due && (question.tries == tries_max || spent)) {
            settled(question, Outcome::silent);
        }
    }
    if (!spent) {
        plan();
    }
    report_.out_of_time = now >= start_ + settings_.time_max;
    if (report_.out_of_time ||
        ((partings_.empty() || spent) && std::ranges::all_of(questions_, &Question::over))) {
        ended_ = now;
        report_.out_of_time = std::ranges::any_of(questions_, [](const auto& one) { return !one.over; });
    }
}

/// After settle(), which has ended what was asked often enough.
Prober::Question* Prober::due_question(Instant now) {
    const auto found = std::ranges::find_if(questions_, [now](const Question& question) {
        return !question.over && (question.tries == 0 || now >= question.due);
    });
    return found == questions_.end() ? nullptr : &*found;
}

std::optional<Outgoing> Prober::next(Instant now) {
    settle(now);
    if (ended_ || report_.sent >= settings_.packets || (last_sent_ && now < *last_sent_ + packet_gap)) {
        return std::nullopt;
    }
    std::optional<Outgoing> out;
    if (!partings_.empty()) {
        out = std::move(partings_.front());
        partings_.pop_front();
    } else if (auto* const question = due_question(now)) {
        ++question->tries;
        question->sent_at = now;
        question->due = now + (asked(question->port).unreachable ? unreachable_wait : answer_wait);
        out = packet(question->port, question->message);
    }
    if (out) {
        ++report_.sent;
        last_sent_ = now;
    }
    return out;
}

std::optional<Instant> Prober::wake_at() const {
    if (ended_) {
        return std::nullopt;
    }
    Instant earliest = start_ + settings_.time_max;
    const Instant free = last_sent_ ? *last_sent_ + packet_gap : start_;
    if (!partings_.empty() && report_.sent < settings_.packets) {
        earliest = std::min(earliest, free);
    }
    for (const auto& question : questions_) {
        if (!question.over) {
            earliest = std::min(earliest, question.tries == 0 ? free : std::max(free, question.due));
        }
    }
    return earliest;
}

void Prober::unreachable(Instant now, Port port) {
    asked(port).unreachable = true;
    for (auto& question : questions_) {
        if (!question.over && question.port == port && question.tries > 0) {
            question.due = std::min(question.due, now + unreachable_wait);
        }
    }
}

Report Prober::report(Instant now) const {
    Report report = report_;
    report.vendors = vendors_;
    report.took = ended_.value_or(now) - start_;
    if (!report.accepted.empty()) {
        for (const auto& suite : left()) {
            report.rest.push_back(suite.text());
        }
    }
    return report;
}

}  // namespace causeway::probe
