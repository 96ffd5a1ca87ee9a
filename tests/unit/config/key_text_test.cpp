// A key as the program behind each generation reads it. What swanctl.conf makes of a text was found with
// strongSwan 5.9.8's own parser (settings_create of libstrongswan), with the text unquoted behind `secret = `
// as OpenWrt's script writes it.
#include "config/key_text.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>

#include "config/load.hpp"

namespace causeway::config {
namespace {

struct Reading {
    std::optional<std::string> key;
    Model model;
};

Reading read(const std::string& written, KeyChain chain) {
    Reading reading;
    Report report({}, reading.model);
    if (const auto key = read_key({written, report.place(7, 1)}, chain, "remote 'far'", report)) {
        reading.key = as_text(key->view());
    }
    return reading;
}

std::string said(const Model& model) {
    std::string all;
    for (const auto& remark : model.findings) {
        all += remark.text() + "\n";
    }
    return all;
}

TEST(KeyText, SwanctlConfReadsItAsStrongSwanDoes) {
    const struct {
        std::string written;
        std::string key;
        std::string_view expected;  // in the warning; empty: nothing to say
    } cases[] = {
        {"abcdefgh", "abcdefgh", ""},
        {"abc def", "abc def", ""},
        {"abc{def", "abc{def", ""},
        {"{abc", "{abc", ""},
        {"a=b.c,d:e;f", "a=b.c,d:e;f", ""},
        {"a\\b", "a\\b", ""},
        {"abc'def", "abc'def", ""},
        {"'abc'", "'abc'", ""},
        {"abcd#efg", "abcd", "has a '#': strongSwan reads 4 characters of it"},
        {"a b#c", "a b", "as it stands here it has 5 characters"},
        {"  abc   def  ", "abc def", "blanks at its ends or side by side"},
        {"abc\"def\"ghi", "abc def ghi", "has a '\"': strongSwan reads 11 characters"},
        {"\"abc  def\"", "abc  def", "has a '\"'"},
        {"\"a\\\"b\"", "a\"b", "has a '\"'"},
        {"\"abc\"def", "abc def", "has a '\"'"},
        {"a\"b\"#\"c\"", "a b", "has a '#'"},
        // strongSwan refuses the whole file, or finds no key: there is no other reading to keep.
        {"abc}def", "abc}def", "can read nothing from the swanctl.conf"},
        {"abc\"def", "abc\"def", "can read nothing from the swanctl.conf"},
        {"#abcdefg", "#abcdefg", "reads no key from the swanctl.conf"},
        {"\"\"", "\"\"", "reads no key"},
    };
    for (const auto& one : cases) {
        const auto reading = read(one.written, KeyChain::swanctl_conf);
        EXPECT_EQ(reading.key, one.key) << one.written;
        const auto text = said(reading.model);
        EXPECT_EQ(text.empty(), one.expected.empty()) << one.written << text;
        EXPECT_NE(text.find(one.expected), std::string::npos) << one.written << text;
        EXPECT_EQ(reading.model.counts().errors, 0U);
    }
}

TEST(KeyText, IpsecSecretsHasItInQuotes) {
    const struct {
        std::string written;
        std::string key;
        bool said;
    } cases[] = {
        {"abc#def", "abc#def", false},   {"  abc  ", "  abc  ", false}, {"abc}def", "abc}def", false},
        {"0x616263", "0x616263", false}, {"0sYWJj", "0sYWJj", false},   {"a\\b", "a\\b", false},
        {"abcd\"efg", "abcd", true},     {"\"abc\"", "\"abc\"", true},  // nothing stands before the first
                                                                        // quote
    };
    for (const auto& one : cases) {
        const auto reading = read(one.written, KeyChain::ipsec_secrets);
        EXPECT_EQ(reading.key, one.key) << one.written;
        EXPECT_EQ(!reading.model.findings.empty(), one.said) << said(reading.model);
    }
}

TEST(KeyText, HexadecimalAndBase64) {
    const struct {
        std::string written;
        std::string key;
    } cases[] = {
        {"0x616263", "abc"},
        {"0X616263", "abc"},
        {"0x61:62:63", "abc"},
        {"0x1:62",
         "\x01"
         "b"},
        {"0x16162",
         "\x01"
         "ab"},
        {"0xFFfe", "\xff\xfe"},
        {"0sYWJj", "abc"},
        {"0SYWJjZA==", "abcd"},
        {"0sYWJjZGU=", "abcde"},
        {"0s-_-_", "\xfb\xff\xbf"},
        {"0s+/+/", "\xfb\xff\xbf"},
        {"0x6162#63", "ab"},
    };
    for (const auto& one : cases) {
        const auto reading = read(one.written, KeyChain::swanctl_conf);
        EXPECT_EQ(reading.key, one.key) << one.written;
        EXPECT_NE(
            said(reading.model)
                .find(one.written.find('s') == 1 || one.written.find('S') == 1 ? "it is read as Base64"
                                                                               : "it is read as hexadecimal"),
            std::string::npos)
            << said(reading.model);
    }
    for (const char* const bad : {"0x", "0xabcg", "0x6", "0xzz", "0x61:6", "0x:61", "0x61::62", "0x61:", "0s",
                                  "0sYWJ", "0sYWJjZ", "0sYW=j", "0s====", "0sYWJ*", "0s YWJj", "0x 6162"}) {
        const auto reading = read(bad, KeyChain::swanctl_conf);
        if (std::string_view(bad) == "0x6") {
            EXPECT_EQ(reading.key, "\x06");  // charon: one digit is an octet
            continue;
        }
        EXPECT_FALSE(reading.key.has_value()) << bad;
        EXPECT_EQ(reading.model.counts().errors, 1U) << bad;
        EXPECT_NE(said(reading.model).find(bad[1] == 'x' ? "not hexadecimal" : "not Base64"),
                  std::string::npos);
    }
}

TEST(KeyText, AKeyOfTwoLinesIsASlip) {
    for (const auto chain : {KeyChain::swanctl_conf, KeyChain::ipsec_secrets}) {
        const auto reading = read("first line\nsecond", chain);
        EXPECT_FALSE(reading.key.has_value());
        EXPECT_NE(said(reading.model).find("has more than one line"), std::string::npos);
    }
}

TEST(KeyText, EachGenerationHasItsOwn) {
    const auto key = [](const std::string& remote, const std::string& more) {
        const auto model = load(
            "config remote 'far'\n option enabled '1'\n option gateway 'far.example'\n"
            " option authentication_method 'psk'\n option pre_shared_key '0x616263'\n" +
                remote + " list tunnel 'lan'\n" + more +
                " list local_subnet '10.1.0.0/24'\n list remote_subnet '10.2.0.0/24'\n",
            "ipsec");
        EXPECT_TRUE(model && model->peers.size() == 1);
        return model && model->peers.size() == 1 ? as_text(model->peers[0].pre_shared_key.view()) : "";
    };
    EXPECT_EQ(key(" option exchange_mode 'main'\n", "config tunnel 'lan'\n"), "0x616263");  // G0
    EXPECT_EQ(key("", "config tunnel 'lan'\n option keyexchange 'ikev1'\n option margintime '9m'\n"),
              "0x616263");                                                            // G1
    EXPECT_EQ(key(" option keyexchange 'ikev1'\n", "config tunnel 'lan'\n"), "abc");  // G2
    EXPECT_EQ(key(" option keyexchange 'ikev1'\n list vips '0.0.0.0'\n", "config tunnel 'lan'\n"),
              "abc");  // G3
}

}  // namespace
}  // namespace causeway::config
