// What the UCI reader finds, as programs are told it: code, fields and places.
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

/// "3:9 5:2", where the finding shows and where the other end of it is.
std::string places(const Finding& finding) {
    std::string out;
    for (const auto& place : finding.places) {
        out += fmt::format("{}{}:{}", out.empty() ? "" : " ", place.line, place.column);
    }
    return out;
}

std::string field_of(const Finding& finding, std::string_view name) {
    for (const auto& [key, value] : finding.fields) {
        if (key == name) {
            return value;
        }
    }
    return "no such field";
}

/// The only finding of a row; a test fails without it.
Finding only(const Model& model, FindingId id) {
    const auto is_wanted = [&](const Finding& one) { return one.id == id; };
    EXPECT_EQ(std::ranges::count_if(model.findings, is_wanted), 1) << remarks(model);
    const auto found = std::ranges::find_if(model.findings, is_wanted);
    return found != model.findings.end() ? *found : Finding{};
}

constexpr std::string_view good =
    "config remote 'far'\n"                                           // 1
    "\toption enabled '1'\n"                                          // 2
    "\toption gateway 'far.example.org'\n"                            // 3
    "\toption authentication_method 'psk'\n"                          // 4
    "\toption pre_shared_key 'a key that is long enough for them'\n"  // 5
    "\tlist p1_proposal 'one'\n"                                      // 6
    "\tlist tunnel 'lan'\n"                                           // 7
    "config p1_proposal 'one'\n"                                      // 8
    "\toption encryption_algorithm 'aes256'\n"                        // 9
    "\toption hash_algorithm 'sha1'\n"                                // 10
    "\toption dh_group 'modp1024'\n"                                  // 11
    "config tunnel 'lan'\n"                                           // 12
    "\toption local_subnet '192.168.1.0/24'\n"                        // 13
    "\toption remote_subnet '192.168.2.0/24'\n"                       // 14
    "\toption p2_proposal 'two'\n"                                    // 15
    "config p2_proposal 'two'\n"                                      // 16
    "\toption encryption_algorithm 'aes256'\n"                        // 17
    "\toption authentication_algorithm 'sha1'\n"                      // 18
    "\toption pfs_group 'modp1024'\n";                                // 19

/// `good` with `now` in place of `before`.
std::string with(std::string_view before, std::string_view now) {
    std::string text(good);
    const auto at = text.find(before);
    EXPECT_NE(at, std::string::npos) << before;
    return text.replace(at, before.size(), now);
}

/// One slip in a good file, and what is said of it.
struct Slip {
    std::string_view before;
    std::string_view now;
    FindingId id;
    std::string_view code;
    Severity severity;
    bool dropped;
    std::string_view at;
    std::vector<std::pair<std::string_view, std::string_view>> fields;
};

void PrintTo(const Slip& slip, std::ostream* out) {
    *out << slip.now;
}

using enum Severity;

const Slip slips[] = {
    // What the parser sees.
    {"\toption enabled '1'",
     "\toption enabled '0'\n\toption enabled '1'",
     FindingId::option_again,
     "option-repeated",
     warning,
     false,
     "3:2 2:2",
     {{"option", "enabled"}, {"line", "2"}}},
    {"config p2_proposal 'two'",
     "config p1_proposal 'one'\nconfig p2_proposal 'two'",
     FindingId::section_again,
     "duplicate-section",
     warning,
     false,
     "16:1 8:1",
     {{"section", "one"}, {"line", "8"}}},
    {"'1'", "1#0", FindingId::comment_in_word, "line-cut", warning, false, "2:18", {}},
    // Sections among each other.
    {"'1'",
     "'0'",
     FindingId::remote_not_enabled,
     "connection-disabled",
     note,
     true,
     "2:17",
     {{"section", "remote 'far'"}}},
    {"config p2_proposal",
     "config tunel 'x'\nconfig p2_proposal",
     FindingId::section_misspelt,
     "section-unknown",
     warning,
     true,
     "16:1",
     {{"type", "tunel"}, {"meant", "tunnel"}}},
    {"\tlist tunnel 'lan'",
     "\tlist tunnel 'lan'\n\tlist tunnel 'wan'",
     FindingId::tunnel_section_missing,
     "tunnel-undefined",
     error,
     true,
     "8:14",
     {{"section", "remote 'far'"}, {"option", "tunnel"}, {"name", "wan"}}},
    {"\tlist p1_proposal 'one'",
     "\tlist p1_proposal 'one'\n\tlist p1_proposal 'eno'",
     FindingId::proposal_section_missing,
     "proposal-undefined",
     warning,
     true,
     "7:19",
     {{"name", "eno"}}},
    // One section.
    {"\toption gateway",
     "\toption gatewai 'x'\n\toption gateway",
     FindingId::option_not_known,
     "option-unknown",
     warning,
     true,
     "3:2",
     {{"option", "gatewai"}, {"section", "remote 'far'"}, {"remedy", "did you mean 'gateway'?"}}},
    {"\toption gateway",
     "\toption dpddelay 'soon'\n\toption gateway",
     FindingId::value_unreadable,
     "value-not-understood",
     warning,
     true,
     "3:18",
     {{"option", "dpddelay"}, {"section", "remote 'far'"}, {"value", "soon"}}},
    {"\toption gateway",
     "\toption packet_marker '7'\n\toption gateway",
     FindingId::option_not_supported,
     "option-unsupported",
     warning,
     true,
     "3:2",
     {{"option", "packet_marker"}}},
    // A remote.
    {"\toption pre_shared_key 'a key that is long enough for them'\n",
     "",
     FindingId::pre_shared_key_missing,
     "psk-missing",
     error,
     true,
     "1:1",
     {{"section", "remote 'far'"}}},
    {"'psk'",
     "'pubkey'",
     FindingId::authentication_not_by_key,
     "auth-method-differs",
     error,
     true,
     "4:31",
     {{"value", "pubkey"}}},
    {"\toption gateway",
     "\toption keyexchange 'ikev2'\n\toption gateway",
     FindingId::keyexchange_is_other,
     "ike-version-differs",
     error,
     true,
     "3:21",
     {{"value", "ikev2"}}},
    {"\toption gateway",
     "\toption exchange_mode 'aggressive'\n\toption gateway",
     FindingId::aggressive_mode_used,
     "aggressive-exposes-psk",
     note,
     false,
     "3:23",
     {{"section", "remote 'far'"}}},
    {"\toption gateway",
     "\toption keyingtries '4'\n\toption honour_keyingtries '1'\n\toption gateway",
     FindingId::keyingtries_honoured,
     "keyingtries-finite",
     warning,
     false,
     "3:21 4:28",
     {{"value", "4"}}},
    {"\toption gateway",
     "\toption nat_traversal '0'\n\toption encap '1'\n\toption gateway",
     FindingId::encapsulation_without_nat_traversal,
     "options-contradict",
     warning,
     false,
     "3:23 4:15",
     {}},
    {"\toption gateway",
     "\toption remote_identifier 'C=DE'\n\toption gateway",
     FindingId::identity_unusable,
     "id-unusable",
     error,
     true,
     "3:27",
     {{"option", "remote_identifier"}, {"section", "remote 'far'"}}},
    // Algorithms and networks.
    {"'sha1'",
     "'md5'",
     FindingId::hash_is_md5,
     "crypto-refused",
     warning,
     true,
     "10:24",
     {{"value", "md5"}, {"section", "p1_proposal 'one'"}}},
    {"option encryption_algorithm 'aes256'\n\toption auth",
     "option encryption_algorithm 'aes256gcm16'\n\toption auth",
     FindingId::hash_beside_aead,
     "options-contradict",
     warning,
     true,
     "18:34 17:30",
     {{"option", "authentication_algorithm"}, {"cipher", "aes256gcm16"}}},
    {"'192.168.2.0/24'",
     "'192.168.1.0/24'",
     FindingId::remote_network_is_local,
     "same-lan-both-sides",
     error,
     true,
     "14:23 13:22",
     {{"remote", "192.168.1.0/24"}, {"local", "192.168.1.0/24"}, {"line", "13"}}},
    {"'192.168.2.0/24'",
     "'192.168.1.128/25'",
     FindingId::remote_network_in_local,
     "networks-overlap",
     note,
     false,
     "14:23 13:22",
     {{"remote", "192.168.1.128/25"}, {"local", "192.168.1.0/24"}, {"line", "13"}}},
    {"'192.168.2.0/24'",
     "'192.168.2.7/24'",
     FindingId::subnet_is_host,
     "network-inexact",
     note,
     false,
     "14:23",
     {{"value", "192.168.2.7/24"}, {"network", "192.168.2.0/24"}}},
};

class UciFinding : public testing::TestWithParam<Slip> {};

TEST_P(UciFinding, HasItsCodeItsFieldsAndItsPlaces) {
    const auto& slip = GetParam();
    const auto model = read(with(slip.before, slip.now));
    const auto finding = only(model, slip.id);
    EXPECT_EQ(text(finding.code()), slip.code);
    EXPECT_EQ(finding.severity, slip.severity);
    EXPECT_EQ(finding.dropped, slip.dropped);
    EXPECT_EQ(places(finding), slip.at);
    for (const auto& [name, value] : slip.fields) {
        EXPECT_EQ(field_of(finding, name), value) << name;
    }
    for (const auto& place : finding.places) {
        ASSERT_TRUE(place.file);
        EXPECT_EQ(*place.file, "ipsec");
    }
}

INSTANTIATE_TEST_SUITE_P(Rows, UciFinding, testing::ValuesIn(slips));

// A hub, a spoke, and the far end of a tunnel for everything.
TEST(UciFindings, NetworksMayLieInEachOther) {
    for (const auto& [local, remote] :
         {std::pair{"192.168.0.0/16", "192.168.2.0/24"}, std::pair{"192.168.2.0/24", "192.168.0.0/16"},
          std::pair{"0.0.0.0/0", "192.168.2.0/24"}}) {
        std::string text = with("'192.168.1.0/24'", fmt::format("'{}'", local));
        text.replace(text.rfind("192.168.2.0/24"), 14, remote);
        const auto model = read(text);
        ASSERT_EQ(model.peers.size(), 1U) << remarks(model);
        EXPECT_EQ(model.peers[0].tunnels.at(0).local.net.text(), local);
        EXPECT_EQ(model.peers[0].tunnels.at(0).remote.net.text(), remote);
        EXPECT_EQ(model.counts().errors + model.counts().warnings, 0U) << remarks(model);
    }
}

TEST(UciFindings, AGoodFileGivesNone) {
    const auto model = read(std::string(good));
    EXPECT_EQ(remarks(model), "");
}

TEST(UciFindings, AFileOfMetricsHasItsWholePath) {
    const auto with = [](const std::string& file) {
        return read("config ipsec\n\toption control_group 'watch'\n\toption metrics_file '" + file + "'\n" +
                    std::string(good));
    };
    for (const char* const wrong : {"causeway.prom", "/", "/run/", "./x", "/run/a\tb"}) {
        const auto model = with(wrong);
        EXPECT_EQ(field_of(only(model, FindingId::value_unreadable), "option"), "metrics_file") << wrong;
        EXPECT_FALSE(model.options.metrics_file) << wrong;
    }
    const auto model = with("/run/causeway.prom");
    EXPECT_EQ(model.options.metrics_file->value, "/run/causeway.prom");
    EXPECT_EQ(model.options.metrics_file->place.line, 3U);
    EXPECT_EQ(model.options.control_group->value, "watch");
}

}  // namespace
}  // namespace causeway::config
