// What strongSwan wrote (tests/vectors/ikev1-captures) is read, printed, and written again octet for octet.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "codec/isakmp/print.hpp"

namespace causeway::isakmp {
namespace {

struct Captured {
    std::string place;
    Bytes octets;
    Bytes plain;  // the decrypted payloads with their padding, where the message is encrypted
    bool encrypted = false;
    std::vector<unsigned> payloads;
};

std::vector<Captured> captured_messages() {
    std::vector<Captured> all;
    for (const auto& entry :
         std::filesystem::directory_iterator(CAUSEWAY_SOURCE_DIR "/tests/vectors/ikev1-captures")) {
        std::ifstream file(entry.path() / "vectors.json");
        const auto vectors = nlohmann::json::parse(file);
        if (!vectors.contains("messages")) {
            continue;  // main-wrong-psk has values only
        }
        for (const auto& message : vectors.at("messages")) {
            Captured one;
            one.place = entry.path().filename().string() + " " + std::to_string(all.size());
            one.octets = from_hex(message.at("message").get<std::string>()).value();
            one.encrypted = message.at("encrypted").get<bool>();
            if (message.contains("plain")) {
                one.plain = from_hex(message.at("plain").get<std::string>()).value();
            }
            one.payloads = message.at("payloads").get<std::vector<unsigned>>();
            all.push_back(std::move(one));
        }
    }
    return all;
}

template <class Decode>
void is_written_as_it_was(const Payload& payload, Decode decode) {
    const auto value = decode(payload.body);
    ASSERT_TRUE(value) << value.error().what;
    EXPECT_EQ(to_hex(encode(*value)), to_hex(payload.body));
}

void check_body(const Payload& payload) {
    switch (payload.type) {
        case PayloadType::sa:
            return is_written_as_it_was(payload, decode_sa);
        case PayloadType::identification:
            return is_written_as_it_was(payload, decode_identification);
        case PayloadType::notification:
            return is_written_as_it_was(payload, decode_notification);
        case PayloadType::delete_:
            return is_written_as_it_was(payload, decode_delete);
        default:
            return;
    }
}

TEST(Captures, AreReadAndWrittenAgainOctetForOctet) {
    std::size_t in_clear = 0;
    std::size_t decrypted = 0;
    for (const auto& one : captured_messages()) {
        SCOPED_TRACE(one.place);
        const auto header = decode_header(one.octets);
        ASSERT_TRUE(header) << header.error().what;
        EXPECT_EQ(header->encrypted(), one.encrypted);
        const ByteView body = ByteView(one.octets).subspan(header_octets);
        EXPECT_EQ(to_hex(encode_message(*header, body)), to_hex(one.octets));
        if (one.encrypted && one.plain.empty()) {
            continue;  // keys differ at the two ends: nobody could read it
        }
        const ByteView chain_octets = one.encrypted ? ByteView(one.plain) : body;
        const auto chain = decode_payloads(header->next_payload, chain_octets,
                                           one.encrypted ? Trailing::padding : Trailing::none);
        ASSERT_TRUE(chain) << chain.error().what;
        std::vector<unsigned> types;
        for (const auto& payload : chain->payloads) {
            types.push_back(static_cast<unsigned>(payload.type));
            check_body(payload);
        }
        EXPECT_EQ(types, one.payloads);
        EXPECT_EQ(to_hex(encode_payloads(chain->payloads)), to_hex(chain_octets.first(chain->octets)));
        ++(one.encrypted ? decrypted : in_clear);
    }
    EXPECT_GE(in_clear, 30U);
    EXPECT_GE(decrypted, 30U);
}

TEST(Captures, APrefixIsNeverTakenForTheMessage) {
    for (const auto& one : captured_messages()) {
        SCOPED_TRACE(one.place);
        for (std::size_t length = 0; length < one.octets.size(); ++length) {
            const ByteView prefix = ByteView(one.octets).first(length);
            EXPECT_FALSE(decode_header(prefix)) << length;
            EXPECT_TRUE(print_message(prefix).starts_with("no ISAKMP message: ")) << length;
        }
    }
}

TEST(Captures, APrefixOfThePayloadsIsRefused) {
    for (const auto& one : captured_messages()) {
        if (one.encrypted) {
            continue;
        }
        SCOPED_TRACE(one.place);
        const ByteView body = ByteView(one.octets).subspan(header_octets);
        const auto first = static_cast<PayloadType>(one.octets.at(16));
        for (std::size_t length = 0; length < body.size(); ++length) {
            EXPECT_FALSE(decode_payloads(first, body.first(length), Trailing::none)) << length;
        }
    }
}

TEST(Captures, OneOctetChangedIsStillPrinted) {
    for (const auto& one : captured_messages()) {
        if (one.encrypted) {
            continue;
        }
        SCOPED_TRACE(one.place);
        Bytes octets = one.octets;
        for (auto& octet : octets) {
            const auto before = octet;
            for (const unsigned value : {0x00U, 0xffU}) {
                octet = static_cast<std::uint8_t>(value);
                EXPECT_FALSE(print_message(octets).empty());
            }
            octet = before;
        }
    }
}

TEST(Captures, AProposalIsPrintedFieldByField) {
    for (const auto& one : captured_messages()) {
        if (one.place.starts_with("main-aes256-sha1-modp1024-pfs ") && one.payloads.front() == 1) {
            const std::string text = print_message(one.octets);
            EXPECT_NE(text.find("  SA, 52 octets\n"
                                "    proposal 1 ISAKMP: 1 transform\n"
                                "      transform 1 id 1: Encryption Algorithm 7, Key Length 256, "
                                "Hash Algorithm 2, Group Description 2, Authentication Method 1, "
                                "Life Type 1, Life Duration 15840\n"),
                      std::string::npos)
                << text;
            return;
        }
    }
    FAIL() << "the capture is missing";
}

}  // namespace
}  // namespace causeway::isakmp
