// Identities as people write them: each row of the documentation's table, and what a missing one means.
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <gmock/gmock.h>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "config/identity_text.hpp"
#include "config/load.hpp"
#include "config/words.hpp"

namespace causeway::config {
namespace {

using ::testing::HasSubstr;

/// Type and octets of the ID payload that charon 5.9.8 sends for the text as local identity, as seen in the
/// first message of Aggressive Mode (type 11, "of": "0b6f66"); "any", "refused", or a "~" in front where we
/// differ.
const std::map<std::string, std::string, std::less<>> wire{
    {"gw.example.org", "0267772e6578616d706c652e6f7267"},
    {"@gw.example.org", "0267772e6578616d706c652e6f7267"},
    {"@192.0.2.1", "023139322e302e322e31"},
    {"fqdn:gw.example.org", "0267772e6578616d706c652e6f7267"},
    {"dns:gw.example.org", "0267772e6578616d706c652e6f7267"},
    {"FQDN:gw.example.org", "0267772e6578616d706c652e6f7267"},
    {"user@example.org", "0375736572406578616d706c652e6f7267"},
    {"@@user@example.org", "0375736572406578616d706c652e6f7267"},
    {"userfqdn:user@example.org", "0375736572406578616d706c652e6f7267"},
    {"email:user@example.org", "0375736572406578616d706c652e6f7267"},
    {"rfc822:user@example.org", "0375736572406578616d706c652e6f7267"},
    {"192.0.2.1", "01c0000201"},
    {"2001:db8::1", "0520010db8000000000000000000000001"},
    // charon: 01 and the letters "192.0.2.1".
    {"ipv4:192.0.2.1", "~01c0000201"},
    {"ipv6:2001:db8::1", "~0520010db8000000000000000000000001"},
    {"keyid:office", "0b6f6666696365"},
    {"@#6f66", "0b6f66"},
    {"keyid:#6f66", "0b6f66"},
    {"@#0x6f:66", "0b6f66"},
    {"@#f66", "0b0f66"},
    {"fqdn:#6777", "026777"},
    {"userfqdn:#614062", "03614062"},
    {"ipv4:#c0000201", "01c0000201"},
    {"{2}:gw", "026777"},
    {"{3}:a@b", "03614062"},
    {"{11}:#6f66", "0b6f66"},
    {"{0xb}:office", "0b6f6666696365"},
    {"{1}:#c0000201", "01c0000201"},
    {"office:1", "0b6f66666963653a31"},
    {"aa:bb:cc:dd:ee:ff", "0b61613a62623a63633a64643a65653a6666"},
    {"*.example.org", "022a2e6578616d706c652e6f7267"},
    {"@*.example.org", "022a2e6578616d706c652e6f7267"},
    {"fqdn:*.example.org", "022a2e6578616d706c652e6f7267"},
    {"fqdn:*", "022a"},
    {"*@example.org", "032a406578616d706c652e6f7267"},
    {"email:*@example.org", "032a406578616d706c652e6f7267"},
};

std::string read_as(std::string_view text) {
    const auto read = read_identity(text);
    if (!read) {
        EXPECT_FALSE(read.error().what.empty()) << text;
        EXPECT_FALSE(read.error().remedy.empty()) << text;
        return "refused";
    }
    if (!read->identity) {
        return "any";
    }
    const auto payload = read->identity->payload();
    return fmt::format("{:02x}{}", static_cast<unsigned>(payload.type), to_hex(payload.data));
}

class Form : public testing::TestWithParam<IdentityForm> {};

TEST_P(Form, IsReadAsTheTableSays) {
    const auto& form = GetParam();
    EXPECT_FALSE(form.source.empty());
    for (const auto example : split_words(form.examples)) {
        const auto read = read_as(example);
        switch (form.meaning) {
            case FormMeaning::refused:
                EXPECT_EQ(read, "refused") << example;
                continue;
            case FormMeaning::any:
                EXPECT_EQ(read, "any") << example;
                continue;
            case FormMeaning::pattern:
            case FormMeaning::identity:
                break;
        }
        const auto seen = wire.find(example);
        ASSERT_NE(seen, wire.end()) << example << ": what does charon send?";
        const bool differs = seen->second.starts_with('~');
        EXPECT_EQ(read, seen->second.substr(differs ? 1 : 0)) << example;
        EXPECT_EQ(read_identity(example)->identity->pattern, form.meaning == FormMeaning::pattern) << example;
        if (differs) {
            EXPECT_NE(read_identity(example)->remark, "") << example;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Rows, Form, testing::ValuesIn(identity_forms().begin(), identity_forms().end()),
                         [](const auto& one) { return fmt::format("Row{}", one.index + 1); });

TEST(IdentityText, IsShownWithItsType) {
    const std::pair<const char*, const char*> cases[] = {
        {"@a.example", "FQDN a.example"},
        {"u@a.example", "USER-FQDN u@a.example"},
        {"192.0.2.1", "IPv4 address 192.0.2.1"},
        {"2001:db8::1", "IPv6 address 2001:db8::1"},
        {"keyid:of", "KEY-ID 6f66"},
    };
    for (const auto& [text, expected] : cases) {
        const auto identity = Identity::parse(text);
        ASSERT_TRUE(identity) << text;
        EXPECT_EQ(identity->text_with_type(), expected) << text;
        EXPECT_EQ(Identity::from_payload(identity->payload()), *identity);
    }
    EXPECT_FALSE(Identity::parse("%any"));
    EXPECT_FALSE(Identity::parse("*.example.org"));
}

TEST(IdentityText, APatternAdmitsWhatEndsSoAndNothingElse) {
    const auto pattern = *read_identity("*.example.org")->identity;
    for (const auto* const text :
         {"gw.example.org", "a.b.example.org", "GW.Example.ORG", "gw.example.org."}) {
        EXPECT_TRUE(pattern.admits(*Identity::parse(text))) << text;
    }
    for (const auto* const text : {"example.org", "gwexample.org", "gw.example.com", "gw@a.example.org",
                                   "192.0.2.1", "keyid:gw.example.org"}) {
        EXPECT_FALSE(pattern.admits(*Identity::parse(text))) << text;
    }
    EXPECT_FALSE(pattern.admits(Identity::fqdn(".example.org")));
    EXPECT_FALSE(pattern.admits(Identity::fqdn("")));
    const auto mailbox = *read_identity("*@example.org")->identity;
    EXPECT_TRUE(mailbox.admits(*Identity::parse("user@example.org")));
    EXPECT_FALSE(mailbox.admits(*Identity::parse("user@mail.example.org")));
    EXPECT_FALSE(mailbox.admits(*Identity::parse("example.org")));
    // What a peer sends is never a pattern.
    EXPECT_FALSE(Identity::parse("gw.example.org")->admits(Identity::fqdn("*.example.org")));
    EXPECT_FALSE(Identity::from_payload(pattern.payload()).admits(Identity::fqdn("gw.example.org")));
}

/// A file of each generation with the lines that a test adds to its remote.
std::string file_of(Schema schema, std::string_view gateway, std::string_view lines) {
    const std::string key =
        " option authentication_method psk\n option pre_shared_key kkkkkkkkkkkkkkkkkkkkkkkk\n list tunnel "
        "t\n";
    const std::string nets = " list local_subnet 10.0.0.0/24\n list remote_subnet 10.0.1.0/24\n";
    const std::string where = schema == Schema::uci_g3 ? "list remote_addrs" : "option gateway";
    std::string remote =
        fmt::format("config remote r\n option enabled 1\n {} {}\n{}{}", where, gateway, key, lines);
    switch (schema) {
        case Schema::uci_g0:
            return remote + "config tunnel t\n" + nets + "config p1_proposal unused\n";
        case Schema::uci_g1:
            return remote + "config tunnel t\n option keyexchange ikev1\n" + nets;
        default:
            return remote + " option keyexchange ikev1\nconfig tunnel t\n" + nets;
    }
}

std::string expected_identity(Schema schema, std::string_view gateway, std::string_view lines) {
    const auto model = load(file_of(schema, gateway, lines), "ipsec");
    if (!model) {
        return model.error().text();
    }
    EXPECT_EQ(model->schema, schema);
    if (model->peers.empty()) {
        return "refused";
    }
    const auto& peer = model->peers[0];
    EXPECT_FALSE(peer.remote_id && peer.remote_id_any);
    return peer.remote_id_any ? "any"
           : peer.remote_id   ? peer.remote_id->value.text_with_type()
                              : "its address";
}

TEST(RemoteIdentifier, AMissingOneIsWhatTheScriptOfTheGenerationMadeOfIt) {
    for (const auto schema : {Schema::uci_g0, Schema::uci_g1}) {
        EXPECT_EQ(expected_identity(schema, "gw.example.org", ""), "FQDN gw.example.org");
        EXPECT_EQ(expected_identity(schema, "192.0.2.1", ""), "IPv4 address 192.0.2.1");
        EXPECT_EQ(expected_identity(schema, "any", ""), "any");
        EXPECT_EQ(expected_identity(schema, "'a.example.org b.example.org'", ""), "its address");
    }
    for (const auto schema : {Schema::uci_g2, Schema::uci_g3}) {
        for (const auto* const gateway : {"gw.example.org", "192.0.2.1", "any"}) {
            EXPECT_EQ(expected_identity(schema, gateway, ""), "any");
        }
    }
}

TEST(RemoteIdentifier, AWrittenOneCountsInEveryGeneration) {
    for (const auto schema : {Schema::uci_g0, Schema::uci_g1, Schema::uci_g2, Schema::uci_g3}) {
        const auto written = [&](std::string_view text) {
            return expected_identity(schema, "gw.example.org",
                                     fmt::format(" option remote_identifier '{}'\n", text));
        };
        EXPECT_EQ(written("@box"), "FQDN box");
        EXPECT_EQ(written("*"), "any");
        EXPECT_EQ(written("0.0.0.0"), "any");
        EXPECT_EQ(written("*.example.org"), "FQDN *.example.org");
        // Never "any" for what is not understood.
        EXPECT_EQ(written("C=DE, CN=gw"), "refused");
        EXPECT_EQ(written("192.0.2.0/24"), "refused");
        EXPECT_EQ(written("%box"), "refused");
    }
}

TEST(LocalIdentifier, APatternIsRefusedAndAnyIsOurAddress) {
    const auto read = [](std::string_view text) {
        return load(
            file_of(Schema::uci_g2, "192.0.2.1", fmt::format(" option local_identifier '{}'\n", text)),
            "ipsec");
    };
    EXPECT_TRUE(read("*.example.org")->peers.empty());
    ASSERT_EQ(read("%any")->peers.size(), 1U);
    EXPECT_FALSE(read("%any")->peers[0].local_id);
}

TEST(LocalIdentifier, WhereStrongswanSendsOtherOctetsItIsSaid) {
    const auto model =
        load(file_of(Schema::uci_g2, "192.0.2.1", " option local_identifier ipv4:192.0.2.9\n"), "ipsec");
    const auto said = std::ranges::find(model->findings, Severity::warning, &Finding::severity);
    ASSERT_NE(said, model->findings.end());
    EXPECT_THAT(said->text(), HasSubstr("write 192.0.2.9 without a type in front"));
    EXPECT_EQ(model->peers[0].local_id->value.text_with_type(), "IPv4 address 192.0.2.9");
}

}  // namespace
}  // namespace causeway::config
