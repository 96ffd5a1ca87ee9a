#include "negotiation/phase1.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "negotiation/attributes.hpp"
#include "negotiation/peer.hpp"
#include "negotiation/words.hpp"

namespace causeway::negotiation {
namespace {

using isakmp::Phase1Attribute;

/// One offered transform, as far as its attributes could be read. Absent: an algorithm that causeway does not
/// know.
struct Reading {
    bool key_ike = true;
    std::optional<std::uint64_t> authentication;
    std::optional<crypto::CipherId> cipher;
    std::optional<crypto::HashId> hash;
    std::optional<crypto::GroupId> group;
    config::Lifetime lifetime{default_lifetime_seconds, 0};
    std::optional<Unfit> unfit;
    std::string cipher_text = "no cipher";
    std::string hash_text = "no hash";
    std::string group_text = "no group";

    [[nodiscard]] std::string text() const {
        std::string all = fmt::format("{}-{}-{}", cipher_text, hash_text, group_text);
        if (authentication != isakmp::authentication_psk) {
            all += authentication ? fmt::format(" (authentication method {})", *authentication)
                                  : " (no authentication method)";
        }
        return all;
    }
    /// Beside its own suite charon offers such a transform when nothing is configured (seen of 5.9.8 and 6.0.1): what IKEv1
    /// can say of its second default, which is for AEAD ciphers.
    [[nodiscard]] bool is_left_of_a_default() const {
        return cipher_text == "no cipher" && hash_text == "no hash";
    }
};

std::optional<std::uint64_t> number(const isakmp::Transform& transform, Phase1Attribute type) {
    const auto* attribute = transform.find(static_cast<std::uint16_t>(type));
    return attribute != nullptr ? attribute->as_number() : std::nullopt;
}

Reading read(const isakmp::Transform& transform) {
    Reading reading;
    reading.key_ike = transform.id == isakmp::transform_key_ike;
    reading.authentication = number(transform, Phase1Attribute::authentication_method);
    const auto key_bits = small_number(number(transform, Phase1Attribute::key_length));
    if (const auto cipher = number(transform, Phase1Attribute::encryption_algorithm)) {
        if (*cipher <= 0xffff) {
            reading.cipher = crypto::cipher_from_oakley(static_cast<std::uint16_t>(*cipher), key_bits);
        }
        reading.cipher_text = reading.cipher ? std::string(crypto::info(*reading.cipher).name)
                              : key_bits     ? fmt::format("cipher {} with {} bits", *cipher, *key_bits)
                                             : fmt::format("cipher {}", *cipher);
    }
    if (const auto hash = number(transform, Phase1Attribute::hash_algorithm)) {
        if (*hash <= 0xffff) {
            reading.hash = crypto::hash_from_oakley(static_cast<std::uint16_t>(*hash));
        }
        reading.hash_text =
            reading.hash ? std::string(crypto::info(*reading.hash).name) : fmt::format("hash {}", *hash);
    }
    if (const auto group = number(transform, Phase1Attribute::group_description)) {
        if (*group <= 0xffff) {
            reading.group = crypto::group_from_number(static_cast<std::uint16_t>(*group));
        }
        reading.group_text =
            reading.group ? std::string(crypto::info(*reading.group).name) : fmt::format("group {}", *group);
    }
    reading.lifetime = lifetime_of_phase1(transform);
    reading.unfit = unfit_for_phase1(transform);
    return reading;
}

/// How far an offered transform is from one we accept: differing attributes, the graver ones counting more.
unsigned distance(const Reading& theirs, const config::Phase1Proposal& ours) {
    return (theirs.key_ike && theirs.authentication == isakmp::authentication_psk ? 0U : 100U) +
           (theirs.cipher == ours.cipher ? 0U : 3U) + (theirs.hash == ours.hash ? 0U : 2U) +
           (theirs.group == ours.group ? 0U : 2U) + (theirs.unfit ? 1U : 0U);
}

Differences differences_of(std::uint8_t transform_id, const Reading& theirs,
                           const config::Phase1Proposal& ours) {
    Differences differences;
    if (!theirs.key_ike) {
        differences.add(Obstacle::transform_id, "transform", std::to_string(transform_id), "KEY_IKE");
    }
    if (theirs.authentication != isakmp::authentication_psk) {
        differences.add(Obstacle::authentication_method, "authentication method",
                        theirs.authentication ? std::to_string(*theirs.authentication) : "none",
                        "pre-shared key");
    }
    if (theirs.cipher != ours.cipher) {
        differences.add(Obstacle::encryption, "encryption", theirs.cipher_text,
                        crypto::info(ours.cipher).name);
    }
    if (theirs.hash != ours.hash) {
        differences.add(Obstacle::hash, "hash", theirs.hash_text, crypto::info(ours.hash).name);
    }
    if (theirs.group != ours.group) {
        differences.add(Obstacle::group, "group", theirs.group_text, crypto::info(ours.group).name);
    }
    if (theirs.unfit) {
        differences.note(theirs.unfit->obstacle, theirs.unfit->text);
    }
    return differences;
}

/// RFC 2408 3.5: the SPI of an ISAKMP proposal is of 0 to 16 octets, and means nothing.
constexpr std::size_t isakmp_spi_octets_max = 16;

bool is_readable(const isakmp::Proposal& proposal) {
    return proposal.protocol == isakmp::Protocol::isakmp && proposal.spi.size() <= isakmp_spi_octets_max;
}

Reason explain(std::span<const config::Phase1Proposal> accepted, const isakmp::SaPayload& offer) {
    Reason reason;
    reason.offered = describe_phase1_offer(offer);
    reason.accepted = list_of(accepted);
    unsigned best = ~0U;
    for (const auto& proposal : offer.proposals) {
        if (!is_readable(proposal)) {
            if (reason.nearest.empty()) {
                const bool spi = proposal.protocol == isakmp::Protocol::isakmp;
                reason.obstacle = spi ? Obstacle::spi : Obstacle::protocol;
                reason.nearest = spi ? fmt::format("an SPI of {} octets, at most {} are allowed",
                                                   proposal.spi.size(), isakmp_spi_octets_max)
                                     : "no proposal for ISAKMP";
            }
            continue;
        }
        for (const auto& transform : proposal.transforms) {
            const auto theirs = read(transform);
            if (theirs.is_left_of_a_default() && proposal.transforms.size() > 1) {
                continue;
            }
            for (const auto& ours : accepted) {
                if (const unsigned d = distance(theirs, ours); d < best) {
                    best = d;
                    auto differences = differences_of(transform.id, theirs, ours);
                    reason.obstacle = differences.first;
                    reason.nearest = std::move(differences.text);
                    reason.differences = differences.count;
                }
            }
        }
    }
    return reason;
}

}  // namespace

std::string Phase1Choice::text() const {
    return config::Phase1Proposal{.cipher = cipher, .hash = hash, .group = group}.text();
}

std::vector<crypto::GroupId> offered_groups(std::span<const config::Phase1Proposal> proposals) {
    std::vector<crypto::GroupId> groups;
    for (const auto& proposal : proposals) {
        if (proposal.offered && std::find(groups.begin(), groups.end(), proposal.group) == groups.end()) {
            groups.push_back(proposal.group);
        }
    }
    return groups;
}

std::vector<config::Phase1Proposal> offered_with(std::span<const config::Phase1Proposal> proposals,
                                                 crypto::GroupId group) {
    std::vector<config::Phase1Proposal> chosen;
    std::copy_if(proposals.begin(), proposals.end(), std::back_inserter(chosen),
                 [&](const auto& proposal) { return proposal.offered && proposal.group == group; });
    return chosen;
}

isakmp::SaPayload offer_phase1(std::span<const config::Phase1Proposal> proposals,
                               const config::Lifetime& lifetime) {
    isakmp::Proposal proposal{1, isakmp::Protocol::isakmp, {}, {}};
    for (const auto& ours : proposals) {
        const auto& cipher = crypto::info(ours.cipher);
        if (!ours.offered || !cipher.oakley || proposal.transforms.size() == isakmp::max_transforms) {
            continue;
        }
        isakmp::Transform transform{
            static_cast<std::uint8_t>(proposal.transforms.size() + 1), isakmp::transform_key_ike, {}};
        const auto add = [&](Phase1Attribute type, std::uint16_t value) {
            transform.attributes.push_back(isakmp::Attribute::tv(static_cast<std::uint16_t>(type), value));
        };
        add(Phase1Attribute::encryption_algorithm, *cipher.oakley);
        if (cipher.key_length_bits) {
            add(Phase1Attribute::key_length, *cipher.key_length_bits);
        }
        add(Phase1Attribute::hash_algorithm, crypto::info(ours.hash).oakley);
        add(Phase1Attribute::group_description, static_cast<std::uint16_t>(ours.group));
        add(Phase1Attribute::authentication_method, isakmp::authentication_psk);
        write_lifetime(transform, static_cast<std::uint16_t>(Phase1Attribute::life_type),
                       static_cast<std::uint16_t>(Phase1Attribute::life_duration), lifetime);
        proposal.transforms.push_back(std::move(transform));
    }
    return {isakmp::doi_ipsec, isakmp::situation_identity_only, {std::move(proposal)}};
}

tl::expected<Phase1Choice, Reason> choose_phase1(std::span<const config::Phase1Proposal> accepted,
                                                 const isakmp::SaPayload& offer) {
    for (const auto& ours : accepted) {
        for (const auto& proposal : offer.proposals) {
            if (!is_readable(proposal)) {
                continue;
            }
            for (const auto& transform : proposal.transforms) {
                const auto theirs = read(transform);
                if (distance(theirs, ours) != 0) {
                    continue;
                }
                Phase1Choice choice{ours.cipher, ours.hash, ours.group, theirs.lifetime, offer};
                // The SPI of an ISAKMP proposal means nothing (RFC 2408 3.5); it is answered as it came.
                choice.reply.proposals = {
                    isakmp::Proposal{proposal.number, proposal.protocol, proposal.spi, {transform}}};
                return choice;
            }
        }
    }
    return tl::unexpected(explain(accepted, offer));
}

tl::expected<Phase1Choice, Reason> check_phase1_answer(std::span<const config::Phase1Proposal> proposals,
                                                       const isakmp::SaPayload& answer) {
    if (answer.proposals.size() != 1 || answer.proposals.front().transforms.size() != 1) {
        return tl::unexpected(
            Reason{Obstacle::several_answers, describe_phase1_offer(answer), list_of(proposals), {}, {}});
    }
    std::vector<config::Phase1Proposal> offered;
    for (const auto& proposal : proposals) {
        if (proposal.offered) {
            offered.push_back(proposal);
        }
    }
    auto choice = choose_phase1(offered, answer);
    if (!choice) {
        choice.error().obstacle = Obstacle::not_offered;
    }
    return choice;
}

tl::expected<Phase1Choice, Reason> choose_phase1(const config::Peer& peer, const isakmp::SaPayload& offer) {
    auto choice = choose_phase1(peer.proposals, offer);
    if (!choice) {
        choice.error().subject = peer.name;
        choice.error().place = peer.proposals_place;
    }
    return choice;
}

tl::expected<Phase1Choice, Reason> choose_phase1(const Candidates& candidates,
                                                 const isakmp::SaPayload& offer) {
    if (auto mode = check_mode(candidates, config::ExchangeMode::main); !mode) {
        return tl::unexpected(std::move(mode.error()));
    }
    auto choice = choose_phase1(candidates.proposals(), offer);
    if (!choice) {
        const auto* only = candidates.only();
        choice.error().subject = only != nullptr ? only->name : std::string{};
        choice.error().place = candidates.front().proposals_place;
    }
    return choice;
}

tl::expected<void, Reason> check_chosen(const config::Peer& peer, const Phase1Choice& chosen) {
    if (accepts(peer.proposals, chosen.cipher, chosen.hash, chosen.group)) {
        return {};
    }
    Reason reason;
    reason.obstacle = Obstacle::chosen;
    reason.offered = chosen.text();
    reason.accepted = list_of(peer.proposals);
    reason.subject = peer.name;
    reason.place = peer.proposals_place;
    return tl::unexpected(std::move(reason));
}

tl::expected<Phase1Choice, Reason> check_phase1_answer(const config::Peer& peer,
                                                       std::optional<crypto::GroupId> group,
                                                       const isakmp::SaPayload& answer) {
    auto choice = group ? check_phase1_answer(offered_with(peer.proposals, *group), answer)
                        : check_phase1_answer(std::span(peer.proposals), answer);
    if (!choice) {
        choice.error().subject = peer.name;
        choice.error().place = peer.proposals_place;
    }
    return choice;
}

bool accepts(std::span<const config::Phase1Proposal> accepted, crypto::CipherId cipher, crypto::HashId hash,
             crypto::GroupId group) {
    for (const auto& ours : accepted) {
        if (ours.cipher == cipher && ours.hash == hash && ours.group == group) {
            return true;
        }
    }
    return false;
}

config::Lifetime lifetime_of_phase1(const isakmp::Transform& attributes) {
    return read_lifetime(attributes, static_cast<std::uint16_t>(Phase1Attribute::life_type),
                         static_cast<std::uint16_t>(Phase1Attribute::life_duration));
}

std::string describe_phase1_offer(const isakmp::SaPayload& offer) {
    List list;
    bool is_default = false;
    for (const auto& proposal : offer.proposals) {
        for (const auto& transform : proposal.transforms) {
            const auto theirs = read(transform);
            if (theirs.is_left_of_a_default() && proposal.transforms.size() > 1) {
                is_default = true;
            } else {
                list.add(theirs.text());
            }
        }
    }
    return list.text() + (is_default ? " (the default of strongSwan, for want of a proposal)" : "");
}

}  // namespace causeway::negotiation
