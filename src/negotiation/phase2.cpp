#include "negotiation/phase2.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "negotiation/attributes.hpp"
#include "negotiation/words.hpp"

namespace causeway::negotiation {
namespace {

using isakmp::Phase2Attribute;

constexpr std::size_t esp_spi_octets = 4;

struct Reading {
    std::optional<crypto::CipherId> cipher;
    std::optional<crypto::IntegrityId> integrity;
    std::optional<crypto::GroupId> pfs;
    bool pfs_asked = false;
    std::uint64_t mode = 0;
    config::Lifetime lifetime{};
    std::optional<Unfit> unfit;
    std::string cipher_text;
    std::string integrity_text;
    std::string pfs_text;

    [[nodiscard]] std::string text() const {
        std::string all = cipher_text;
        if (!integrity_text.empty()) {
            all += "-" + integrity_text;
        }
        if (pfs_asked) {
            all += "-" + pfs_text;
        }
        if (unfit && unfit->obstacle == Obstacle::esn) {
            all += "-esn";
        }
        return all;
    }
};

std::optional<std::uint64_t> number(const isakmp::Transform& transform, Phase2Attribute type) {
    const auto* attribute = transform.find(static_cast<std::uint16_t>(type));
    return attribute != nullptr ? attribute->as_number() : std::nullopt;
}

Reading read(const isakmp::Transform& transform) {
    Reading reading;
    const auto key_bits = small_number(number(transform, Phase2Attribute::key_length));
    reading.cipher = crypto::cipher_from_esp(transform.id, key_bits);
    reading.cipher_text = reading.cipher ? std::string(crypto::info(*reading.cipher).name)
                          : key_bits ? fmt::format("ESP transform {} with {} bits", transform.id, *key_bits)
                                     : fmt::format("ESP transform {}", transform.id);
    if (const auto integrity = number(transform, Phase2Attribute::authentication_algorithm)) {
        reading.integrity = crypto::integrity_from_attribute(
            static_cast<std::uint16_t>(std::min<std::uint64_t>(*integrity, 0xffff)));
        reading.integrity_text = reading.integrity ? std::string(crypto::info(*reading.integrity).name)
                                                   : fmt::format("integrity {}", *integrity);
    } else {
        reading.integrity = crypto::IntegrityId::none;
    }
    if (const auto group = number(transform, Phase2Attribute::group_description)) {
        reading.pfs_asked = true;
        reading.pfs =
            crypto::group_from_number(static_cast<std::uint16_t>(std::min<std::uint64_t>(*group, 0xffff)));
        reading.pfs_text =
            reading.pfs ? std::string(crypto::info(*reading.pfs).name) : fmt::format("group {}", *group);
    }
    // RFC 2407 4.5: without the attribute the mode is the host's choice; tunnel is the only one here.
    reading.mode = number(transform, Phase2Attribute::encapsulation_mode)
                       .value_or(static_cast<std::uint64_t>(isakmp::EncapsulationMode::tunnel));
    reading.lifetime = lifetime_of_phase2(transform);
    reading.unfit = unfit_for_phase2(transform);
    return reading;
}

bool pfs_agrees(const Reading& theirs, const config::Phase2Proposal& ours, bool has_key_exchange) {
    if (!ours.pfs) {
        return !theirs.pfs_asked && !has_key_exchange;
    }
    return has_key_exchange && theirs.pfs == ours.pfs;
}

unsigned distance(const Reading& theirs, const config::Phase2Proposal& ours, std::uint64_t mode,
                  bool has_key_exchange) {
    return (theirs.cipher == ours.cipher ? 0U : 3U) + (theirs.integrity == ours.integrity ? 0U : 2U) +
           (pfs_agrees(theirs, ours, has_key_exchange) ? 0U : 2U) + (theirs.mode == mode ? 0U : 1U) +
           (theirs.unfit ? 1U : 0U);
}

Differences differences_of(const Reading& theirs, const config::Phase2Proposal& ours,
                           isakmp::EncapsulationMode mode, bool has_key_exchange) {
    Differences differences;
    if (theirs.cipher != ours.cipher) {
        differences.add(Obstacle::encryption, "encryption", theirs.cipher_text,
                        crypto::info(ours.cipher).name);
    }
    if (theirs.integrity != ours.integrity) {
        differences.add(
            Obstacle::integrity, "integrity", theirs.integrity_text.empty() ? "none" : theirs.integrity_text,
            ours.integrity == crypto::IntegrityId::none ? "none" : crypto::info(ours.integrity).name);
    }
    if (!pfs_agrees(theirs, ours, has_key_exchange)) {
        differences.add(Obstacle::pfs, "PFS",
                        theirs.pfs_asked   ? theirs.pfs_text
                        : has_key_exchange ? "a key exchange without its group"
                                           : "none",
                        ours.pfs ? crypto::info(*ours.pfs).name : "none");
    }
    if (theirs.mode != static_cast<std::uint64_t>(mode)) {
        differences.add(
            Obstacle::encapsulation, "encapsulation",
            name_of(static_cast<isakmp::EncapsulationMode>(std::min<std::uint64_t>(theirs.mode, 0xffff))),
            name_of(mode));
    }
    if (theirs.unfit) {
        differences.note(theirs.unfit->obstacle, theirs.unfit->text);
    }
    return differences;
}

bool alone_under_its_number(const isakmp::SaPayload& offer, const isakmp::Proposal& proposal) {
    return std::count_if(offer.proposals.begin(), offer.proposals.end(),
                         [&](const auto& other) { return other.number == proposal.number; }) == 1;
}

/// RFC 4303 2.1: 1 to 255 are reserved, 0 is never sent.
constexpr std::uint32_t first_free_spi = 256;

/// Why a proposal is passed over whatever its transforms are; nothing: it is one for ESP alone, with an SPI
/// that can be used.
std::optional<Unfit> unfit_proposal(const isakmp::SaPayload& offer, const isakmp::Proposal& proposal) {
    if (proposal.protocol != isakmp::Protocol::esp) {
        return Unfit{Obstacle::protocol, "no proposal for ESP alone"};
    }
    if (!alone_under_its_number(offer, proposal)) {
        return Unfit{
            Obstacle::protocol,
            fmt::format("no proposal for ESP alone: number {} asks for more at once", proposal.number)};
    }
    if (proposal.spi.size() != esp_spi_octets) {
        return Unfit{Obstacle::spi,
                     fmt::format("an SPI of {} octets, expected {}", proposal.spi.size(), esp_spi_octets)};
    }
    if (const auto spi = spi_number(proposal.spi); spi < first_free_spi) {
        return Unfit{Obstacle::spi, fmt::format("SPI {:08x} is reserved", spi)};
    }
    return std::nullopt;
}

Reason explain(std::span<const config::Phase2Proposal> accepted, const isakmp::SaPayload& offer,
               isakmp::EncapsulationMode mode, bool has_key_exchange) {
    Reason reason;
    reason.phase = Phase::phase2;
    reason.offered = describe_phase2_offer(offer);
    reason.accepted = list_of(accepted);
    unsigned best = ~0U;
    for (const auto& proposal : offer.proposals) {
        if (auto unfit = unfit_proposal(offer, proposal)) {
            if (reason.nearest.empty()) {
                reason.obstacle = unfit->obstacle;
                reason.nearest = std::move(unfit->text);
            }
            continue;
        }
        for (const auto& transform : proposal.transforms) {
            const auto theirs = read(transform);
            for (const auto& ours : accepted) {
                const unsigned d = distance(theirs, ours, static_cast<std::uint64_t>(mode), has_key_exchange);
                if (d < best) {
                    best = d;
                    auto differences = differences_of(theirs, ours, mode, has_key_exchange);
                    const bool esn_alone = d == 1 && differences.first == Obstacle::esn;
                    reason.obstacle = differences.first;
                    reason.nearest = std::move(differences.text);
                    reason.differences = differences.count;
                    reason.remedy = esn_alone ? "configure the peer without ESN (strongSwan: remove esn from "
                                                "esp_proposals)"
                                              : "";
                }
            }
        }
    }
    return reason;
}

}  // namespace

std::string Phase2Choice::text() const {
    return config::Phase2Proposal{.cipher = cipher, .integrity = integrity, .pfs = pfs}.text();
}

std::vector<PfsGroup> offered_pfs(std::span<const config::Phase2Proposal> proposals) {
    std::vector<PfsGroup> groups;
    for (const auto& proposal : proposals) {
        if (proposal.offered && std::find(groups.begin(), groups.end(), proposal.pfs) == groups.end()) {
            groups.push_back(proposal.pfs);
        }
    }
    return groups;
}

std::vector<config::Phase2Proposal> offered_with(std::span<const config::Phase2Proposal> proposals,
                                                 PfsGroup pfs) {
    std::vector<config::Phase2Proposal> chosen;
    std::copy_if(proposals.begin(), proposals.end(), std::back_inserter(chosen),
                 [&](const auto& proposal) { return proposal.offered && proposal.pfs == pfs; });
    return chosen;
}

isakmp::SaPayload offer_phase2(std::span<const config::Phase2Proposal> proposals, PfsGroup pfs,
                               const config::Lifetime& lifetime, std::uint32_t own_spi,
                               isakmp::EncapsulationMode mode) {
    isakmp::Proposal proposal{1, isakmp::Protocol::esp, spi_octets(own_spi), {}};
    for (const auto& ours : offered_with(proposals, pfs)) {
        if (proposal.transforms.size() == isakmp::max_transforms) {
            break;
        }
        const auto& cipher = crypto::info(ours.cipher);
        isakmp::Transform transform{
            static_cast<std::uint8_t>(proposal.transforms.size() + 1), cipher.esp_transform, {}};
        const auto add = [&](Phase2Attribute type, std::uint16_t value) {
            transform.attributes.push_back(isakmp::Attribute::tv(static_cast<std::uint16_t>(type), value));
        };
        if (pfs) {
            add(Phase2Attribute::group_description, static_cast<std::uint16_t>(*pfs));
        }
        add(Phase2Attribute::encapsulation_mode, static_cast<std::uint16_t>(mode));
        if (cipher.key_length_bits) {
            add(Phase2Attribute::key_length, *cipher.key_length_bits);
        }
        if (ours.integrity != crypto::IntegrityId::none) {
            add(Phase2Attribute::authentication_algorithm, crypto::info(ours.integrity).attribute);
        }
        write_lifetime_phase2(transform, lifetime);
        proposal.transforms.push_back(std::move(transform));
    }
    return {isakmp::doi_ipsec, isakmp::situation_identity_only, {std::move(proposal)}};
}

tl::expected<Phase2Choice, Reason> choose_phase2(std::span<const config::Phase2Proposal> accepted,
                                                 const isakmp::SaPayload& offer,
                                                 isakmp::EncapsulationMode mode, bool has_key_exchange,
                                                 std::uint32_t own_spi) {
    for (const auto& ours : accepted) {
        for (const auto& proposal : offer.proposals) {
            if (unfit_proposal(offer, proposal)) {
                continue;
            }
            for (const auto& transform : proposal.transforms) {
                const auto theirs = read(transform);
                if (distance(theirs, ours, static_cast<std::uint64_t>(mode), has_key_exchange) != 0) {
                    continue;
                }
                Phase2Choice choice{
                    ours.cipher, ours.integrity, ours.pfs, theirs.lifetime, spi_number(proposal.spi),
                    mode,        offer};
                choice.reply.proposals = {
                    isakmp::Proposal{proposal.number, proposal.protocol, spi_octets(own_spi), {transform}}};
                return choice;
            }
        }
    }
    return tl::unexpected(explain(accepted, offer, mode, has_key_exchange));
}

tl::expected<Phase2Choice, Reason> check_phase2_answer(std::span<const config::Phase2Proposal> proposals,
                                                       PfsGroup pfs, const isakmp::SaPayload& answer,
                                                       isakmp::EncapsulationMode mode,
                                                       bool has_key_exchange) {
    const auto offered = offered_with(proposals, pfs);
    if (answer.proposals.size() != 1 || answer.proposals.front().transforms.size() != 1) {
        return tl::unexpected(Reason{Obstacle::several_answers,
                                     describe_phase2_offer(answer),
                                     list_of(offered),
                                     {},
                                     {},
                                     Phase::phase2});
    }
    auto choice = choose_phase2(offered, answer, mode, has_key_exchange, 0);
    if (!choice) {
        choice.error().obstacle = Obstacle::not_offered;
    }
    return choice;
}

tl::expected<Phase2Choice, Reason> choose_phase2(const config::Tunnel& tunnel, const isakmp::SaPayload& offer,
                                                 const Encapsulation& encapsulation, bool has_key_exchange,
                                                 std::uint32_t own_spi) {
    auto choice = choose_phase2(tunnel.proposals, offer, encapsulation.mode, has_key_exchange, own_spi);
    using Mode = isakmp::EncapsulationMode;
    for (const auto mode : {Mode::tunnel, Mode::udp_tunnel, Mode::udp_tunnel_draft}) {
        if (!choice && encapsulation.open) {
            choice = choose_phase2(tunnel.proposals, offer, mode, has_key_exchange, own_spi);
        }
    }
    if (!choice) {
        choice.error().subject = tunnel.display_name;
        choice.error().place = tunnel.proposals_place;
    }
    return choice;
}

tl::expected<Phase2Choice, Reason> check_phase2_answer(const config::Tunnel& tunnel, PfsGroup pfs,
                                                       const isakmp::SaPayload& answer,
                                                       isakmp::EncapsulationMode mode,
                                                       bool has_key_exchange) {
    auto choice = check_phase2_answer(tunnel.proposals, pfs, answer, mode, has_key_exchange);
    if (!choice) {
        choice.error().subject = tunnel.display_name;
        choice.error().place = tunnel.proposals_place;
    }
    return choice;
}

void write_lifetime_phase2(isakmp::Transform& transform, const config::Lifetime& lifetime) {
    write_lifetime(transform, static_cast<std::uint16_t>(Phase2Attribute::life_type),
                   static_cast<std::uint16_t>(Phase2Attribute::life_duration), lifetime);
}

config::Lifetime lifetime_of_phase2(const isakmp::Transform& attributes) {
    return read_lifetime(attributes, static_cast<std::uint16_t>(Phase2Attribute::life_type),
                         static_cast<std::uint16_t>(Phase2Attribute::life_duration));
}

std::string describe_phase2_offer(const isakmp::SaPayload& offer) {
    List list;
    for (const auto& proposal : offer.proposals) {
        if (proposal.protocol != isakmp::Protocol::esp) {
            list.add(name_of(proposal.protocol));
            continue;
        }
        for (const auto& transform : proposal.transforms) {
            list.add(read(transform).text());
        }
    }
    return list.text();
}

}  // namespace causeway::negotiation
