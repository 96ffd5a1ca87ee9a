// The prober's ear: which question a datagram answers, and what it says.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/isakmp/vendor.hpp"
#include "config/identity.hpp"
#include "probe/prober.hpp"

namespace causeway::probe {

namespace {

namespace version2 = isakmp::version2;
using isakmp::ExchangeType;
using isakmp::NotifyType;
using isakmp::Payload;
using isakmp::PayloadType;

/// RFC 2408 3.14.1, RFC 7296 3.10.1: below are errors, above is status.
constexpr std::uint16_t first_status = 16384;
constexpr std::uint16_t invalid_major = static_cast<std::uint16_t>(NotifyType::invalid_major_version);

unsigned major_of(const isakmp::Header& header) {
    return header.version >> 4U;
}

/// The first error of an IKEv1 message.
std::optional<std::uint16_t> error_in(const std::vector<Payload>& payloads) {
    for (const auto& payload : payloads) {
        if (payload.type == PayloadType::notification) {
            const auto notification = isakmp::decode_notification(payload.body);
            if (notification && static_cast<std::uint16_t>(notification->type) < first_status) {
                return static_cast<std::uint16_t>(notification->type);
            }
        }
    }
    return std::nullopt;
}

std::optional<std::vector<Payload>> payloads_of(const isakmp::Header& header, ByteView message) {
    auto chain = isakmp::decode_payloads(header.next_payload,
                                         message.first(header.length).subspan(isakmp::header_octets),
                                         isakmp::Trailing::none);
    return chain ? std::optional(std::move(chain->payloads)) : std::nullopt;
}

std::vector<Bytes> vendor_bodies(const std::vector<Payload>& payloads) {
    std::vector<Bytes> bodies;
    for (const auto& payload : payloads) {
        if (payload.type == PayloadType::vendor_id) {
            bodies.push_back(payload.body);
        }
    }
    return bodies;
}

negotiation::NatVariant nat_variant_of(const std::vector<Payload>& payloads) {
    std::vector<isakmp::Vendor> announced;
    for (const auto& body : vendor_bodies(payloads)) {
        if (const auto vendor = isakmp::recognise_vendor(body)) {
            announced.push_back(*vendor);
        }
    }
    return negotiation::choose_nat_variant(announced, true);
}

/// The one suite that an answer chooses of those that were offered.
std::optional<negotiation::Phase1Choice> choice_in(const std::vector<Payload>& payloads,
                                                   const Suites& offered) {
    const auto sa = isakmp::decode_sa(isakmp::find(payloads, PayloadType::sa)->body);
    if (!sa) {
        return std::nullopt;
    }
    auto choice = negotiation::check_phase1_answer(offered, *sa);
    return choice ? std::optional(std::move(*choice)) : std::nullopt;
}

}  // namespace

Asked* Prober::place(const Question& question) {
    switch (question.purpose) {
        case Purpose::main:
            return question.chosen_hash           ? &report_.key
                   : question.port == Port::nat_t ? &report_.main_nat_t
                                                  : &report_.main;
        case Purpose::version2:
            return &report_.version2;
        case Purpose::aggressive:
            return &report_.aggressive;
        case Purpose::suites:
            break;
    }
    return nullptr;
}

void Prober::settled(Question& question, Outcome outcome, std::optional<std::uint16_t> notify,
                     std::string suite) {
    question.over = true;
    if (question.purpose == Purpose::suites && outcome != Outcome::accepted) {
        report_.suites_end = outcome == Outcome::refused ? SuitesEnd::refused : SuitesEnd::silent;
    }
    // IKEv2 may be asked for on two ports: silence on one takes back nothing.
    if (auto* const asked = place(question);
        asked != nullptr && (outcome != Outcome::silent || asked->outcome == Outcome::not_asked)) {
        *asked = {outcome, notify, std::move(suite)};
    }
}

void Prober::part(const Question& question) {
    partings_.push_back(packet(question.port, parting(question.between.cky_i, question.between.cky_r)));
}

void Prober::accepted(const std::string& suite) {
    if (std::ranges::find(report_.accepted, suite) == report_.accepted.end()) {
        report_.accepted.push_back(suite);
    }
}

void Prober::learn_vendors(const std::vector<Bytes>& bodies) {
    for (const auto& body : bodies) {
        const auto vendor = isakmp::recognise_vendor(body);
        if (vendor && std::ranges::find(vendors_, *vendor) == vendors_.end()) {
            vendors_.push_back(*vendor);
        }
        auto& unknown = report_.unknown_vendors;
        if (!vendor && unknown.size() < unknown_vendors_max &&
            std::ranges::find(unknown, body) == unknown.end()) {
            unknown.push_back(body);
        }
    }
}

void Prober::heard(Instant now, Question& question) {
    asked(question.port).answered = true;
    if (question.tries == 1) {
        const Duration took = now - question.sent_at;
        report_.round_trip = std::min(report_.round_trip.value_or(took), took);
    }
}

void Prober::receive(Instant now, Port port, const Endpoint& from, ByteView octets) {
    if (ended_) {
        return;
    }
    const auto message = from == remote(port) ? unwrapped(port, octets) : std::nullopt;
    const auto header = message ? isakmp::decode_header(*message) : fail(Errc::malformed, "");
    const auto found = std::ranges::find_if(questions_, [&](const Question& question) {
        return header && question.port == port && (question.tries > 0 || question.chosen_hash) &&
               question.between.cky_i == header->cky_i;
    });
    if (found == questions_.end()) {
        ++report_.ignored;
        return;
    }
    // What is over comes late, or is said again: pluto repeats its message 2 until it gives up.
    const bool read = found->over ||
                      (found->purpose == Purpose::version2 ? answer_version2(now, *found, *header, *message)
                                                           : answer_version1(now, *found, *header, *message));
    ++(read ? report_.received : report_.ignored);
}

bool Prober::answer_version2(Instant now, Question& question, const isakmp::Header& header,
                             ByteView message) {
    if (major_of(header) != 2) {
        const auto payloads = payloads_of(header, message);
        const auto error = payloads ? error_in(*payloads) : std::nullopt;
        if (!error) {
            return false;
        }
        heard(now, question);
        settled(question, Outcome::refused, error);
        return true;
    }
    const auto answer = version2::decode_init_answer(header, message);
    if (!answer || version2::is_request(header)) {
        return false;
    }
    heard(now, question);
    learn_vendors(answer->vendors);
    if (!answer->chosen.empty() && answer->key_exchange) {
        question.between.cky_r = header.cky_r;
        if (report_.nat == Nat::unknown) {
            report_.nat = nat_told(*answer, question.between);
        }
        settled(question, Outcome::accepted, {}, suite_of(answer->chosen));
        return true;
    }
    const auto said = std::ranges::find_if(
        answer->notifies, [](std::uint16_t type) { return type < first_status || type == version2::cookie; });
    const bool refused = said != answer->notifies.end();
    settled(question, refused ? Outcome::refused : Outcome::odd,
            refused ? std::optional(*said) : std::nullopt);
    return true;
}

bool Prober::answer_version1(Instant now, Question& question, const isakmp::Header& header,
                             ByteView message) {
    if (major_of(header) == 2) {
        if (!version2::says_invalid_major_version(header, message)) {
            return false;
        }
        heard(now, question);
        settled(question, Outcome::refused, invalid_major);
        return true;
    }
    const auto payloads = payloads_of(header, message);
    const auto wanted =
        question.purpose == Purpose::aggressive ? ExchangeType::aggressive : ExchangeType::main;
    if (!payloads || major_of(header) != 1 || header.encrypted() ||
        (header.exchange != wanted && header.exchange != ExchangeType::informational)) {
        return false;
    }
    const bool is_sa = isakmp::find(*payloads, PayloadType::sa) != nullptr;
    if (question.chosen_hash && header.exchange == wanted) {
        // Message 2 again crosses message 3, or comes before it is out; a message 4 belongs to both cookies.
        if (is_sa || question.tries == 0 || header.cky_r != question.between.cky_r) {
            return true;
        }
        heard(now, question);
        take_key_exchange(question, *payloads);
        return true;
    }
    if (is_sa && header.exchange == wanted) {
        heard(now, question);
        take_choice(now, question, header, *payloads);
        return true;
    }
    if (const auto error = error_in(*payloads)) {
        heard(now, question);
        settled(question, Outcome::refused, error);
        return true;
    }
    return false;
}

void Prober::take_choice(Instant now, Question& question, const isakmp::Header& header,
                         const std::vector<Payload>& payloads) {
    learn_vendors(vendor_bodies(payloads));
    const auto choice = choice_in(payloads, question.offered);
    if (!choice || header.cky_r == isakmp::Cookie{}) {
        settled(question, Outcome::odd);
        return;
    }
    question.between.cky_r = header.cky_r;
    settled(question, Outcome::accepted, {}, choice->text());
    if (question.purpose == Purpose::aggressive) {
        question.variant = nat_variant_of(payloads);
        question.chosen_hash = choice->hash;
        take_aggressive(question, header, payloads);
        return;
    }
    accepted(choice->text());
    suites_at_ = suites_at_.value_or(question.port);
    question.variant = nat_variant_of(payloads);
    if (question.purpose == Purpose::main && report_.nat == Nat::unknown &&
        question.variant != negotiation::NatVariant::none && question.port == *suites_at_) {
        go_on_to_message_3(now, question, *choice);
    } else {
        part(question);
    }
}

void Prober::go_on_to_message_3(Instant now, Question& question, const negotiation::Phase1Choice& choice) {
    const auto fresh = drawn(choice.group);
    if (!fresh) {
        part(question);
        return;
    }
    question.message = main_mode_3(question.between, choice.hash, question.variant, *fresh);
    question.chosen_hash = choice.hash;
    question.tries = 0;
    question.due = now;
    question.over = false;
}

void Prober::take_key_exchange(Question& question, const std::vector<Payload>& payloads) {
    if (isakmp::find(payloads, PayloadType::key_exchange) != nullptr) {
        report_.nat = nat_told(payloads, question.between, *question.chosen_hash, question.variant);
        settled(question, Outcome::accepted);
        return;
    }
    const auto error = error_in(payloads);
    settled(question, error ? Outcome::refused : Outcome::odd, error);
}

void Prober::take_aggressive(Question& question, const isakmp::Header& header,
                             const std::vector<Payload>& payloads) {
    if (const auto* const payload = isakmp::find(payloads, PayloadType::identification)) {
        if (const auto identity = isakmp::decode_identification(payload->body)) {
            report_.aggressive_identity = config::Identity::from_payload(*identity).text();
        }
    }
    if (report_.nat == Nat::unknown && header.cky_r == question.between.cky_r) {
        report_.nat = nat_told(payloads, question.between, *question.chosen_hash, question.variant);
    }
}

}  // namespace causeway::probe
