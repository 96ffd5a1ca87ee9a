#include "cli/decode.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>

namespace causeway::cli {
namespace {

Bytes capture() {
    // The first packets of a negotiation between two strongSwan 5.9.8 (tests/vectors/README.md).
    std::ifstream file(std::string(CAUSEWAY_SOURCE_DIR) + "/fuzz/corpus/pcap/main_mode", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Decode, ACaptureBecomesWords) {
    const auto decoded = decode_capture(capture());
    EXPECT_NE(decoded.text.find("192.168.0.1[500] -> 192.168.0.2[500]  IKE, 180 octets"), std::string::npos);
    EXPECT_NE(decoded.text.find("Identity Protection (Main Mode), version 1.0, clear"), std::string::npos);
    EXPECT_NE(decoded.text.find("Key Length 256"), std::string::npos);
    EXPECT_NE(decoded.text.find("80 octets, encrypted; the first payload is ID"), std::string::npos);
    // The file is cut within a packet, and that is said.
    ASSERT_TRUE(decoded.error.has_value());
}

TEST(Decode, CutAnywhereItSaysWhatItCould) {
    const Bytes whole = capture();
    for (std::size_t length = 0; length < 600; ++length) {
        const auto decoded = decode_capture(ByteView(whole).first(length));
        EXPECT_TRUE(decoded.error.has_value() || !decoded.text.empty()) << length;
    }
}

TEST(Decode, HexTakesColonsAndBlanks) {
    EXPECT_EQ(*octets_of_hex("0xde ad:BE\nef"), (Bytes{0xde, 0xad, 0xbe, 0xef}));
    EXPECT_FALSE(octets_of_hex(""));
    EXPECT_FALSE(octets_of_hex("abc"));
    const auto bad = octets_of_hex("ab zz");
    ASSERT_FALSE(bad);
    EXPECT_NE(bad.error().what.find("character 4"), std::string::npos) << bad.error().what;
}

TEST(Decode, TheNonEspMarkerIsSeen) {
    Bytes message(28, 0);
    message[0] = 1;
    message[17] = 0x10;
    message[18] = 5;
    message[27] = 28;
    Bytes marked(4, 0);
    append(marked, message);
    EXPECT_EQ(decode_datagram(marked), decode_datagram(message));
    EXPECT_NE(decode_datagram(message).find("Informational"), std::string::npos);
}

}  // namespace
}  // namespace causeway::cli
