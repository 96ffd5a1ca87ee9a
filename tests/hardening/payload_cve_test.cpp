// One test for each IKEv1 fault that other daemons had and that is about what is inside a payload.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hardening/hostile.hpp"

namespace causeway::hardening {
namespace {

class CvePayload : public Hostile {
 protected:
    /// Message `count` of Main Mode with a change inside, then the real one: it must still be good.
    void harmless(std::size_t count, const std::function<void(Payloads&)>& change) {
        begin();
        until_message(count);
        const auto bad = changed(change);
        ASSERT_TRUE(bad);
        answers_to(*bad, east_end);
        EXPECT_TRUE(west().installed.empty());
        world_->settle();
        EXPECT_NE(west().sending(), nullptr);
    }
    static Payload* find(Payloads& payloads, PayloadType type) {
        const auto found = std::find_if(payloads.begin(), payloads.end(),
                                        [&](const Payload& payload) { return payload.type == type; });
        return found == payloads.end() ? nullptr : &*found;
    }
    /// A Quick Mode message 1 from the peer, as east would send it, with a change inside.
    std::vector<Flight> quick_from_the_peer(const std::function<void(Payloads&)>& change) {
        if (quick_.empty()) {
            world_->on_send = [this](const Flight& flight) {
                if (flight.seen.header.encrypted()) {
                    known_ = flight.payload;
                }
                if (quick_.empty() && flight.from == "east" &&
                    flight.seen.header.exchange == ExchangeType::quick) {
                    quick_ = flight.seen.payloads;
                }
            };
            up();
        }
        Payloads payloads(quick_.begin() + 1, quick_.end());
        change(payloads);
        return from_the_peer(ExchangeType::quick, payloads);
    }
    Payloads quick_;
};

// CVE-2026-50721, CVE-2015-3204's neighbourhood: signatures. There are none here: a SIG payload in HASH's
// place authenticates nobody.
TEST_F(CvePayload, SignatureInPlaceOfTheHash) {
    for (const std::size_t octets : {0U, 1U, 20U, 256U}) {
        harmless(5, [&](Payloads& payloads) {
            auto* hash = find(payloads, PayloadType::hash);
            ASSERT_NE(hash, nullptr);
            *hash = {PayloadType::signature, Bytes(octets, 0)};
        });
    }
}

// CVE-2026-14957 (libreswan): a CERT that cannot be read. With pre-shared keys nobody reads it.
TEST_F(CvePayload, CertificatesAreNotLookedAt) {
    until_message(5);
    const auto with_certificate = changed([](Payloads& payloads) {
        payloads.push_back({PayloadType::certificate, Bytes(600, 0x30)});
        payloads.push_back({PayloadType::certificate, {}});
        payloads.push_back({PayloadType::certificate_request, {4}});
    });
    ASSERT_TRUE(with_certificate);
    EXPECT_EQ(answers_to(*with_certificate, east_end).size(), 1U);
    EXPECT_EQ(peer_at_west().ike_sas.size(), 1U);
}

// CVE-2024-3652 (libreswan): an ESP transform whose key material has no length.
TEST_F(CvePayload, EveryEspTransformAndIntegrity) {
    for (unsigned id = 0; id <= 255; ++id) {
        for (const unsigned integrity : {0U, 1U, 2U, 5U, 9U, 13U, 255U}) {
            quick_from_the_peer([&](Payloads& payloads) {
                auto sa = isakmp::decode_sa(find(payloads, PayloadType::sa)->body);
                ASSERT_TRUE(sa);
                auto& transform = sa->proposals.front().transforms.front();
                transform.id = static_cast<std::uint8_t>(id);
                for (auto& attribute : transform.attributes) {
                    if (attribute.type == 5) {
                        attribute = isakmp::Attribute::tv(5, static_cast<std::uint16_t>(integrity));
                    }
                }
                sa->proposals.front().transforms = {transform};
                find(payloads, PayloadType::sa)->body = isakmp::encode(*sa);
            });
            for (const auto& [number, one] : west().installed) {
                ASSERT_GE(one.pair->inbound.encryption_key.size(), 16U) << id;
                ASSERT_FALSE(one.pair->integrity == crypto::IntegrityId::none &&
                             one.pair->cipher == crypto::CipherId::aes_cbc_128);
            }
        }
        world_->wire().clear();
    }
    expect_up();
}

// CVE-2023-38711 (libreswan): an identity of an unexpected type in Quick Mode.
TEST_F(CvePayload, EveryIdentityTypeInQuickMode) {
    const std::size_t before = [&] {
        quick_from_the_peer([](Payloads&) {});
        return west().installed.size();
    }();
    for (unsigned type = 0; type <= 255; ++type) {
        for (const bool first : {true, false}) {
            for (const std::size_t octets : {0U, 1U, 4U, 5U, 8U, 16U, 32U, 200U}) {
                const auto answers = quick_from_the_peer([&](Payloads& payloads) {
                    auto id = std::find_if(payloads.begin(), payloads.end(), [](const Payload& payload) {
                        return payload.type == PayloadType::identification;
                    });
                    ASSERT_NE(id, payloads.end());
                    if (!first) {
                        ++id;
                    }
                    isakmp::Identification odd;
                    odd.type = static_cast<isakmp::IdType>(type);
                    odd.data = Bytes(octets, 0x41);
                    id->body = isakmp::encode(odd);
                });
                ASSERT_LE(answers.size(), 1U);
            }
        }
    }
    EXPECT_EQ(west().installed.size(), before);
    expect_up();
}

// CVE-2015-3204 (libreswan): bits of the situation that nobody has assigned; every next-payload value.
TEST_F(CvePayload, EverySituationBitAndEveryNextPayload) {
    for (unsigned bit = 0; bit <= 32; ++bit) {
        harmless(1, [&](Payloads& payloads) {
            auto& body = find(payloads, PayloadType::sa)->body;
            const std::uint32_t situation = bit == 32 ? 0xffffffffU : 1U << bit;
            for (unsigned i = 0; i < 4; ++i) {
                body[4 + i] = static_cast<std::uint8_t>(situation >> (24 - 8 * i));
            }
            body[0] = bit % 2 == 0 ? 0xff : body[0];  // and of the DOI
        });
    }
    begin();
    until_message(1);
    const Bytes first = world_->wire().front().payload;
    for (unsigned type = 0; type <= 255; ++type) {
        for (const std::size_t at : {std::size_t{16}, isakmp::header_octets}) {
            Bytes odd = first;
            odd[at] = static_cast<std::uint8_t>(type);
            odd[0] = static_cast<std::uint8_t>(type);
            for (const auto& answer : answers_to(odd, stranger)) {
                EXPECT_LE(answer.payload.size(), 3 * odd.size());
            }
            for (const auto& event : west().events) {
                EXPECT_LT(event.text().size(), 2000U);
            }
            west().events.clear();
        }
    }
}

// CVE-2015-3991 (strongSwan): payloads of the other version, taken for what they are not.
TEST_F(CvePayload, PayloadsOfIkeVersion2InVersion1AndTheReverse) {
    for (unsigned type = 33; type <= 53; ++type) {
        for (const std::size_t message : {1U, 3U, 5U}) {
            harmless(message,
                     [&](Payloads& payloads) { payloads.front().type = static_cast<PayloadType>(type); });
        }
    }
    // A whole message of ours that says it is of version 2.
    begin();
    until_message(1);
    for (const std::uint8_t exchange : Bytes{34, 35, 36, 37}) {
        Bytes odd = world_->wire().front().payload;
        odd[17] = 0x20;
        odd[18] = exchange;
        odd[0] ^= exchange;
        for (const auto& answer : answers_to(odd, east_end)) {
            EXPECT_EQ(header_of(answer.payload).version, 0x20);  // that version is refused
        }
        odd[17] = isakmp::version_1_0;
        EXPECT_TRUE(answers_to(odd, east_end).empty());
    }
}

// CVE-2013-6076 (strongSwan), CVE-2009-1574 and CVE-2016-10396 (racoon): fragments. They are not announced
// and not put together: no number, order or emptiness of theirs costs anything.
TEST_F(CvePayload, FragmentsAreNotPutTogether) {
    constexpr auto fragment = static_cast<PayloadType>(132);
    up_and_known();
    isakmp::Header header = header_of(known_);
    header.flags = 0;
    header.message_id = 0;
    header.exchange = ExchangeType::main;
    const auto cookies = {header.cky_i, isakmp::Cookie{1, 2, 3}};
    for (unsigned number = 0; number <= 255; ++number) {
        for (const std::uint8_t last : Bytes{0, 1, 0xff}) {
            for (const auto& cookie : cookies) {
                header.cky_i = cookie;
                const Payloads payloads{
                    {fragment, {0, 1, static_cast<std::uint8_t>(255 - number), last, 0xde, 0xad}}};
                EXPECT_TRUE(
                    answers_to(isakmp::encode_message(header, std::span<const Payload>(payloads)), east_end)
                        .empty());
            }
        }
    }
    const Payloads empty{{fragment, {}}};
    EXPECT_TRUE(
        answers_to(isakmp::encode_message(header, std::span<const Payload>(empty)), east_end).empty());
    EXPECT_EQ(half_open(), 0U);
    expect_up();
}

// CVE-2013-6075 (strongSwan): a distinguished name compared over its own, short, length.
TEST_F(CvePayload, IdentitiesAreComparedWhole) {
    const auto idii = [&](isakmp::IdType type, Bytes data) {
        begin();
        until_message(5);
        const auto other = changed([&](Payloads& payloads) {
            isakmp::Identification id;
            id.type = type;
            id.data = std::move(data);
            find(payloads, PayloadType::identification)->body = isakmp::encode(id);
        });
        ASSERT_TRUE(other);
        // Hashed with the right key, so it is the peer's own word: refused, and the exchange is over.
        answers_to(*other, east_end);
        EXPECT_TRUE(peer_at_west().ike_sas.empty());
        EXPECT_TRUE(std::any_of(west().events.begin(), west().events.end(), [](const Event& event) {
            return event.code == EventCode::phase1_id_mismatch;
        }));
    };
    idii(isakmp::IdType::der_asn1_dn, {});
    idii(isakmp::IdType::der_asn1_dn, {0x30});
    idii(isakmp::IdType::der_asn1_dn, {0x30, 0x80});
    idii(isakmp::IdType::ipv4_addr, {});
    idii(isakmp::IdType::ipv4_addr, {198});
    idii(isakmp::IdType::ipv4_addr, {198, 51, 100});
    idii(isakmp::IdType::ipv4_addr, {198, 51, 100, 1, 0});
    idii(isakmp::IdType::fqdn, {});
    idii(isakmp::IdType::key_id, {198, 51, 100, 1});
    idii(isakmp::IdType::ipv4_addr_subnet, {198, 51, 100, 1, 255, 255, 255, 255});
}

// CVE-2015-4047 (racoon), CVE-2018-0131 (Cisco and others; keys encrypted with public keys): authentication
// methods other than pre-shared keys. None is implemented; every one is refused.
TEST_F(CvePayload, EveryAuthenticationMethod) {
    for (unsigned method = 0; method <= 0xffff; method += method < 300 ? 1 : 97) {
        if (method == 1) {
            continue;
        }
        begin();
        until_message(1);
        const auto odd = changed([&](Payloads& payloads) {
            auto sa = isakmp::decode_sa(find(payloads, PayloadType::sa)->body);
            ASSERT_TRUE(sa);
            for (auto& transform : sa->proposals.front().transforms) {
                for (auto& attribute : transform.attributes) {
                    if (attribute.type == 3) {
                        attribute = isakmp::Attribute::tv(3, static_cast<std::uint16_t>(method));
                    }
                }
            }
            find(payloads, PayloadType::sa)->body = isakmp::encode(*sa);
        });
        const auto answers = answers_to(*odd, east_end);
        ASSERT_EQ(answers.size(), 1U) << method;
        EXPECT_EQ(answers.front().seen.header.exchange, ExchangeType::informational);
        EXPECT_EQ(half_open(), 0U);
    }
}

// CVE-2014-9221 (strongSwan): a Diffie-Hellman group that there is not. CVE-2016-5391 (libreswan): none at
// all.
TEST_F(CvePayload, EveryDiffieHellmanGroup) {
    for (unsigned group = 0; group <= 1100; ++group) {
        begin();
        until_message(1);
        const auto odd = changed([&](Payloads& payloads) {
            auto sa = isakmp::decode_sa(find(payloads, PayloadType::sa)->body);
            ASSERT_TRUE(sa);
            for (auto& transform : sa->proposals.front().transforms) {
                std::erase_if(transform.attributes, [](const auto& one) { return one.type == 4; });
                if (group != 1100) {
                    transform.attributes.push_back(
                        isakmp::Attribute::tv(4, static_cast<std::uint16_t>(group)));
                }
            }
            find(payloads, PayloadType::sa)->body = isakmp::encode(*sa);
        });
        ASSERT_LE(answers_to(*odd, east_end).size(), 1U);
        ASSERT_LE(half_open(), 1U);
    }
}

// CVE-2015-3240 (libreswan): the public value 0. In Quick Mode, under the keys; for Phase 1 the scenarios
// ke_value_* play every bad value with real groups.
TEST_F(CvePayload, PublicValuesInQuickMode) {
    begin({{"esp", "aes128-sha1-modp1024"}});
    for (const std::size_t octets : {0U, 1U, 127U, 129U, 4000U}) {
        quick_from_the_peer([&](Payloads& payloads) {
            auto* ke = find(payloads, PayloadType::key_exchange);
            ASSERT_NE(ke, nullptr);
            ke->body.assign(octets, 0);
        });
        EXPECT_EQ(west().installed.size(), 1U) << octets;
    }
    quick_from_the_peer(
        [&](Payloads& payloads) { payloads.push_back(*find(payloads, PayloadType::key_exchange)); });
    quick_from_the_peer([&](Payloads& payloads) {
        std::erase_if(payloads,
                      [](const Payload& payload) { return payload.type == PayloadType::key_exchange; });
    });
    EXPECT_EQ(west().installed.size(), 1U);
    expect_up();
}

// PROTOS c09-isakmp (CVE-2005-3666 to 3675 and more): malformed Phase 1, payload by payload, to every message
// that a responder reads; the real message is good afterwards.
TEST_F(CvePayload, MalformedPhase1PayloadByPayload) {
    using Change = std::function<void(Payloads&, std::size_t)>;
    const std::vector<Change> changes{
        [](Payloads& all, std::size_t at) { all[at].body.clear(); },
        [](Payloads& all, std::size_t at) { all[at].body.resize(all[at].body.size() / 2); },
        [](Payloads& all, std::size_t at) { all[at].body.resize(all[at].body.size() + 1); },
        [](Payloads& all, std::size_t at) { all[at].body.resize(60'000, 0xff); },
        [](Payloads& all, std::size_t at) { std::fill(all[at].body.begin(), all[at].body.end(), 0xff); },
        [](Payloads& all, std::size_t at) { std::fill(all[at].body.begin(), all[at].body.end(), 0); },
        [](Payloads& all, std::size_t at) { all.insert(all.begin(), all[at]); },
        [](Payloads& all, std::size_t at) { all.erase(all.begin() + static_cast<std::ptrdiff_t>(at)); },
        [](Payloads& all, std::size_t at) { all[at].type = PayloadType::none; },
        [](Payloads& all, std::size_t at) { all[at].type = static_cast<PayloadType>(255); },
        [](Payloads& all, std::size_t at) { all.insert(all.end(), 80, all[at]); },
    };
    for (const std::string mode : {"main", "aggressive"}) {
        for (const std::size_t message : {1U, 3U, 5U}) {
            if (mode == "aggressive" && message == 5) {
                continue;
            }
            for (std::size_t change = 0; change < changes.size(); ++change) {
                for (std::size_t at = 0; at < 12; ++at) {
                    begin({{"mode", mode}});
                    until_message(message);
                    if (at >= world_->wire().front().seen.payloads.size()) {
                        break;
                    }
                    const auto bad = changed([&](Payloads& payloads) { changes[change](payloads, at); });
                    ASSERT_TRUE(bad);
                    const auto answers = answers_to(*bad, east_end);
                    ASSERT_LE(answers.size(), 1U + ike::limits::own_quick_modes_per_sa);
                    world_->settle();
                    // A changed message 1 holds its cookie until it is forgotten.
                    world_->pass(2 * ike::limits::half_open_time, true);
                    world_->input(east(), ike::CommandUp{});
                    world_->settle();
                    ASSERT_NE(west().sending(), nullptr)
                        << mode << " message " << message << " change " << change << " payload " << at;
                }
            }
        }
    }
}

}  // namespace
}  // namespace causeway::hardening
