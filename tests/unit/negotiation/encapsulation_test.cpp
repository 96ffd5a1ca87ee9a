#include "negotiation/encapsulation.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "negotiation/phase2.hpp"
#include "unit/negotiation/peers.hpp"

namespace causeway::negotiation {
namespace {

using isakmp::Vendor;
using Mode = isakmp::EncapsulationMode;

TEST(Encapsulation, TheYoungestFormOfNatTraversalIsChosen) {
    const struct {
        std::string what;
        std::vector<Vendor> announced;
        NatVariant chosen;
    } rows[] = {
        {"nothing", {}, NatVariant::none},
        {"others only", {Vendor::dpd, Vendor::xauth, Vendor::avm}, NatVariant::none},
        {"Cisco's own, and so UDP in Cisco's way at most",
         {Vendor::xauth, Vendor::unity, Vendor::cisco_vpn, Vendor::dpd},
         NatVariant::none},
        {"draft 02", {Vendor::nat_t_draft_02}, NatVariant::draft_02},
        {"draft 02 with a newline", {Vendor::dpd, Vendor::nat_t_draft_02_n}, NatVariant::draft_02},
        {"draft 03 behind 02", {Vendor::nat_t_draft_02, Vendor::nat_t_draft_03}, NatVariant::draft_03},
        {"draft 02 behind 03", {Vendor::nat_t_draft_03, Vendor::nat_t_draft_02}, NatVariant::draft_03},
        {"the RFC first", {Vendor::nat_t_rfc3947, Vendor::nat_t_draft_03}, NatVariant::rfc3947},
        {"the RFC last",
         {Vendor::nat_t_draft_02_n, Vendor::nat_t_draft_03, Vendor::nat_t_rfc3947},
         NatVariant::rfc3947},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(choose_nat_variant(row.announced, true), row.chosen) << row.what;
        EXPECT_EQ(choose_nat_variant(row.announced, false), NatVariant::none) << row.what;
    }
}

TEST(Encapsulation, UdpIfThereIsANatAndOpenIfThePeerHasNotSaidSo) {
    const struct {
        NatFound nat;
        Mode mode;
        bool allowed;
        bool open;
    } rows[] = {
        {{NatVariant::none, false, false}, Mode::tunnel, true, true},
        {{NatVariant::none, false, false}, Mode::tunnel, false, false},
        {{NatVariant::rfc3947, true, false}, Mode::tunnel, true, false},
        {{NatVariant::rfc3947, true, true}, Mode::udp_tunnel, true, false},
        {{NatVariant::draft_03, true, true}, Mode::udp_tunnel_draft, true, false},
        {{NatVariant::draft_02, true, true}, Mode::udp_tunnel_draft, true, false},
        // Known from the ISAKMP SA before, and not confirmed under this one.
        {{NatVariant::rfc3947, false, true}, Mode::udp_tunnel, true, true},
    };
    for (const auto& row : rows) {
        const auto after = encapsulation_after(row.nat, row.allowed);
        EXPECT_EQ(after.mode, row.mode);
        EXPECT_EQ(after.open, row.open);
    }
}

config::Tunnel a_tunnel() {
    config::Tunnel tunnel;
    tunnel.display_name = "lan";
    tunnel.proposals = {config::Phase2Proposal{}};
    tunnel.proposals_place = line(7);
    return tunnel;
}

TEST(Encapsulation, WhatTheInitiatorAsksForIsTakenWhereItIsOpen) {
    const auto tunnel = a_tunnel();
    const struct {
        Encapsulation ours;
        Mode offered;
        bool accepted;
    } rows[] = {
        {{Mode::tunnel, false}, Mode::tunnel, true},
        {{Mode::tunnel, false}, Mode::udp_tunnel, false},
        {{Mode::udp_tunnel, false}, Mode::tunnel, false},
        {{Mode::udp_tunnel, false}, Mode::udp_tunnel, true},
        {{Mode::udp_tunnel, false}, Mode::udp_tunnel_draft, false},
        {{Mode::tunnel, true}, Mode::tunnel, true},
        {{Mode::tunnel, true}, Mode::udp_tunnel, true},
        {{Mode::tunnel, true}, Mode::udp_tunnel_draft, true},
        {{Mode::udp_tunnel, true}, Mode::tunnel, true},
        // Transport mode never, however open it is.
        {{Mode::tunnel, true}, Mode::transport, false},
        {{Mode::tunnel, true}, Mode::udp_transport, false},
        {{Mode::tunnel, true}, Mode::udp_transport_draft, false},
    };
    for (const auto& row : rows) {
        const auto offer =
            offer_phase2(tunnel.proposals, tunnel.proposals.front().pfs, {3600, 0}, 0x1000, row.offered);
        const auto chosen = choose_phase2(tunnel, offer, row.ours, true, 0x2000);
        const auto words = name_of(row.ours.mode) + " asked for " + name_of(row.offered);
        ASSERT_EQ(chosen.has_value(), row.accepted) << words;
        if (chosen) {
            EXPECT_EQ(chosen->mode, row.offered) << words;
        } else {
            EXPECT_EQ(chosen.error().obstacle, Obstacle::encapsulation) << words;
        }
    }
}

TEST(Encapsulation, AReasonAboutATunnelNamesItAndItsProposals) {
    const auto tunnel = a_tunnel();
    const auto pfs = tunnel.proposals.front().pfs;
    const auto offer = offer_phase2(tunnel.proposals, pfs, {3600, 0}, 0x1000, Mode::transport);
    const auto refused = choose_phase2(tunnel, offer, {}, true, 0x2000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().phase, Phase::phase2);
    EXPECT_EQ(refused.error().subject, "lan");
    EXPECT_EQ(refused.error().place, line(7));
    const auto answer = check_phase2_answer(tunnel, pfs, offer, Mode::tunnel, true);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().obstacle, Obstacle::not_offered);
    EXPECT_EQ(answer.error().phase, Phase::phase2);
    EXPECT_EQ(answer.error().subject, "lan");
    const auto none = check_phase2_answer(tunnel, pfs, {}, Mode::tunnel, true);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().obstacle, Obstacle::several_answers);
    EXPECT_EQ(none.error().phase, Phase::phase2);
    const auto right = offer_phase2(tunnel.proposals, pfs, {3600, 0}, 0x1000, Mode::tunnel);
    EXPECT_TRUE(check_phase2_answer(tunnel, pfs, right, Mode::tunnel, true));
    EXPECT_FALSE(check_phase2_answer(tunnel, std::nullopt, right, Mode::tunnel, true));
}

}  // namespace
}  // namespace causeway::negotiation
