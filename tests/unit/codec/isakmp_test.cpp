#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <rapidcheck/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "codec/isakmp/print.hpp"
#include "codec/isakmp/vendor.hpp"

namespace causeway::isakmp {
namespace {

Header header_of(ExchangeType exchange) {
    Header header;
    header.cky_i = {1, 2, 3, 4, 5, 6, 7, 8};
    header.exchange = exchange;
    return header;
}

// Message 1 of Main Mode as strongSwan 5.9.8 sent it (tests/vectors/ikev1-captures,
// main-aes256-sha1-modp1024-pfs).
const char* const first_message =
    "9c198e0d774f776300000000000000000110020000000000000000b40d00003800000001000000010000002c0001000100000024"
    "010100"
    "0080010007800e01008002000280040002800300 01800b0001800c3de0";

TEST(Header, NeedsTwentyEightOctetsAndAnHonestLength) {
    const Bytes whole = encode_message(header_of(ExchangeType::main), ByteView{});
    ASSERT_EQ(whole.size(), header_octets);
    ASSERT_TRUE(decode_header(whole));
    for (std::size_t length = 0; length < header_octets; ++length) {
        EXPECT_FALSE(decode_header(ByteView(whole).first(length))) << length;
    }
    // CVE-2013-4564: a length below the header, or beyond the datagram.
    for (const std::uint32_t length : {0U, 27U, 29U, 0xffffffffU}) {
        Bytes lying = whole;
        for (unsigned i = 0; i < 4; ++i) {
            lying[24 + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
        }
        EXPECT_FALSE(decode_header(lying)) << length;
    }
}

TEST(Header, EveryTypeVersionAndFlagIsReadAndNotJudged) {
    for (unsigned value = 0; value <= 255; ++value) {
        Header header = header_of(static_cast<ExchangeType>(value));
        header.version = static_cast<std::uint8_t>(value);
        header.flags = static_cast<std::uint8_t>(value);
        header.next_payload = static_cast<PayloadType>(value);
        const auto read = decode_header(encode_message(header, ByteView{}));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->exchange, header.exchange);
        EXPECT_EQ(read->version, header.version);
        EXPECT_EQ(read->flags, header.flags);
        EXPECT_FALSE(print_message(encode_message(header, ByteView{})).empty());
    }
}

TEST(Payloads, AreSplitWhateverTheirType) {
    for (unsigned type = 1; type <= 255; ++type) {
        const Bytes chain{0, 0, 0, 6, 0xaa, 0xbb};
        const auto read = decode_payloads(static_cast<PayloadType>(type), chain, Trailing::none);
        ASSERT_TRUE(read) << type;
        ASSERT_EQ(read->payloads.size(), 1U);
        EXPECT_EQ(read->payloads[0].body, (Bytes{0xaa, 0xbb}));
    }
}

TEST(Payloads, LengthsThatLieAreRefused) {
    for (const Bytes& chain : {Bytes{0, 0, 0, 3}, Bytes{0, 0, 0, 0}, Bytes{0, 0, 0, 5},
                               Bytes{0, 0, 0xff, 0xff, 1}, Bytes{0, 0, 0}, Bytes{13, 0, 0, 4}}) {
        EXPECT_FALSE(decode_payloads(PayloadType::vendor_id, chain, Trailing::none)) << to_hex(chain);
        EXPECT_FALSE(decode_payloads(PayloadType::vendor_id, chain, Trailing::padding)) << to_hex(chain);
    }
}

TEST(Payloads, PaddingIsForDecryptedMessages) {
    const Bytes padded{0, 0, 0, 5, 0xaa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    const auto read = decode_payloads(PayloadType::hash, padded, Trailing::padding);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->octets, 5U);
    EXPECT_EQ(read->payloads.at(0).body, Bytes{0xaa});
}

TEST(Payloads, MoreThanTheBoundIsRefused) {
    std::vector<Payload> many(max_payloads + 1, Payload{PayloadType::vendor_id, {}});
    EXPECT_FALSE(decode_payloads(PayloadType::vendor_id, encode_payloads(many), Trailing::none));
    many.pop_back();
    EXPECT_TRUE(decode_payloads(PayloadType::vendor_id, encode_payloads(many), Trailing::none));
}

TEST(Sa, IsReadAsStrongSwanWritesIt) {
    std::string digits = first_message;
    std::erase(digits, ' ');
    const auto octets = from_hex(digits);
    ASSERT_TRUE(octets);
    // The header's length counts vendor IDs that are not here; the SA payload is whole.
    const auto sa = decode_sa(ByteView(*octets).subspan(header_octets + generic_header_octets));
    ASSERT_TRUE(sa) << sa.error().what;
    ASSERT_EQ(sa->proposals.size(), 1U);
    ASSERT_EQ(sa->proposals[0].transforms.size(), 1U);
    const auto& transform = sa->proposals[0].transforms[0];
    EXPECT_EQ(transform.find(1)->as_number(), 7U);
    EXPECT_EQ(transform.find(14)->as_number(), 256U);
    EXPECT_EQ(transform.find(12)->as_number(), 15840U);
    EXPECT_EQ(encode(*sa), to_bytes(ByteView(*octets).subspan(header_octets + generic_header_octets)));
}

template <class Decode>
void every_prefix_is_refused_or_read(const Bytes& body, Decode decode) {
    for (std::size_t length = 0; length < body.size(); ++length) {
        static_cast<void>(decode(ByteView(body).first(length)));
    }
}

rc::Gen<Bytes> octets(std::size_t most) {
    return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, most), [](std::size_t size) {
        return rc::gen::container<Bytes>(size, rc::gen::arbitrary<std::uint8_t>());
    });
}

Attribute any_attribute() {
    const auto type = static_cast<std::uint16_t>(*rc::gen::inRange(1, 0x7fff));
    return *rc::gen::arbitrary<bool>() ? Attribute::tv(type, *rc::gen::arbitrary<std::uint16_t>())
                                       : Attribute{type, false, *octets(12)};
}

RC_GTEST_PROP(RoundTrip, SaPayloads, ()) {
    SaPayload sa;
    const int proposals = *rc::gen::inRange(0, 4);
    for (int i = 0; i < proposals; ++i) {
        Proposal proposal;
        proposal.number = *rc::gen::arbitrary<std::uint8_t>();
        proposal.protocol = Protocol::esp;
        proposal.spi = *octets(17);
        const int transforms = *rc::gen::inRange(0, 4);
        for (int k = 0; k < transforms; ++k) {
            Transform transform{*rc::gen::arbitrary<std::uint8_t>(), *rc::gen::arbitrary<std::uint8_t>(), {}};
            const int attributes = *rc::gen::inRange(0, 5);
            for (int n = 0; n < attributes; ++n) {
                transform.attributes.push_back(any_attribute());
            }
            proposal.transforms.push_back(std::move(transform));
        }
        sa.proposals.push_back(std::move(proposal));
    }
    const Bytes body = encode(sa);
    const auto again = decode_sa(body);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == sa);
    every_prefix_is_refused_or_read(body, decode_sa);
}

RC_GTEST_PROP(RoundTrip, Notifications, ()) {
    Notification one;
    one.protocol = Protocol::esp;
    one.spi = *octets(17);
    one.type = static_cast<NotifyType>(*rc::gen::arbitrary<std::uint16_t>());
    one.data = *octets(40);
    const Bytes body = encode(one);
    const auto again = decode_notification(body);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == one);
    every_prefix_is_refused_or_read(body, decode_notification);
}

RC_GTEST_PROP(RoundTrip, Deletes, ()) {
    Delete one;
    one.protocol = Protocol::esp;
    one.spi_octets = 4;
    const int count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) {
        one.spis.push_back(*rc::gen::container<Bytes>(4, rc::gen::arbitrary<std::uint8_t>()));
    }
    const Bytes body = encode(one);
    const auto again = decode_delete(body);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == one);
    every_prefix_is_refused_or_read(body, decode_delete);
}

RC_GTEST_PROP(RoundTrip, Identities, ()) {
    Identification one;
    one.type = static_cast<IdType>(*rc::gen::inRange(1, 12));
    one.protocol = *rc::gen::arbitrary<std::uint8_t>();
    one.port = *rc::gen::arbitrary<std::uint16_t>();
    one.data = *octets(40);
    const auto again = decode_identification(encode(one));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == one);
}

RC_GTEST_PROP(RoundTrip, WholeMessages, ()) {
    std::vector<Payload> payloads;
    const int count = *rc::gen::inRange(0, 8);
    for (int i = 0; i < count; ++i) {
        payloads.push_back({static_cast<PayloadType>(*rc::gen::inRange(1, 256)), *octets(60)});
    }
    const Bytes message = encode_message(header_of(ExchangeType::main), payloads);
    const auto header = decode_header(message);
    RC_ASSERT(header.has_value());
    RC_ASSERT(header->length == message.size());
    const auto chain =
        decode_payloads(header->next_payload, ByteView(message).subspan(header_octets), Trailing::none);
    RC_ASSERT(chain.has_value());
    RC_ASSERT(chain->payloads == payloads);
    RC_ASSERT(!print_message(message).empty());
}

TEST(Attributes, NumbersTakeTheFormThatFits) {
    EXPECT_TRUE(Attribute::number(12, 3600).basic);
    EXPECT_FALSE(Attribute::number(12, 86400).basic);
    EXPECT_EQ(Attribute::number(12, 86400).as_number(), 86400U);
    EXPECT_FALSE((Attribute{12, false, {}}).as_number().has_value());
    EXPECT_FALSE((Attribute{12, false, Bytes(9, 1)}).as_number().has_value());
}

TEST(Print, SaysWhatIsInAMessage) {
    Notification notification;
    notification.type = NotifyType::no_proposal_chosen;
    const std::vector<Payload> payloads{{PayloadType::notification, encode(notification)},
                                        {PayloadType::vendor_id, to_bytes(vendor_id(Vendor::dpd))},
                                        {static_cast<PayloadType>(77), {1, 2}}};
    EXPECT_EQ(print_message(encode_message(header_of(ExchangeType::informational), payloads)),
              "Informational, version 1.0, clear, message id 00000000, 66 octets\n"
              "CKY-I 0102030405060708, CKY-R 0000000000000000\n"
              "  N, 8 octets\n"
              "    NO-PROPOSAL-CHOSEN about ISAKMP\n"
              "  VID, 16 octets\n"
              "    afcad71368a1f1c96b8696fc77570100 (DPD (RFC 3706))\n"
              "  payload 77, 2 octets\n"
              "    0102\n");
}

TEST(Print, NeverFailsOnNonsense) {
    EXPECT_NE(print_message({}).find("no ISAKMP message"), std::string::npos);
    EXPECT_NE(print_message(Bytes(27, 0xff)).find("no ISAKMP message"), std::string::npos);
}

TEST(VendorTest, MakesAreRecognisedByWhatTheirVersionsShare) {
    const auto make = [](std::string_view hex) { return recognise_vendor(*from_hex(hex)); };
    // From ike-scan's list: Openswan 2.1.0, libreswan 3.3, a concentrator of two versions, a FortiGate, racoon.
    EXPECT_EQ(make("4f455d787a5b6948787a655b"), Vendor::pluto);
    EXPECT_EQ(make("4f454e574547444b6865684a"), Vendor::pluto);
    EXPECT_EQ(make("1f07f70eaa6514d3b0fa96542a500306"), Vendor::cisco_vpn);
    EXPECT_EQ(make("1f07f70eaa6514d3b0fa96542a500407"), Vendor::cisco_vpn);
    EXPECT_EQ(make("1d6e178f6c2c0be284985465450fe9d4"), Vendor::fortigate);
    EXPECT_EQ(make("7003cbc1097dbe9c2600ba6983bc8b35"), Vendor::racoon);
    EXPECT_EQ(make("f4ed19e0c114eb516faaac0ee37daf2807b4381f000000010000138d"), Vendor::check_point);
    // Twelve printable octets in pluto's alphabet, which 0x30 is not of, and no others.
    EXPECT_EQ(make("4f4530787a5b6948787a655b"), std::nullopt);
    EXPECT_EQ(make("4f455d787a5b6948787a65"), std::nullopt);
    EXPECT_EQ(make("4f465d787a5b6948787a655b"), std::nullopt);
    EXPECT_EQ(make(""), std::nullopt);
    EXPECT_EQ(name_of(Vendor::pluto), "libreswan or Openswan");
}

}  // namespace
}  // namespace causeway::isakmp
