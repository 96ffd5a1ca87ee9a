#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace causeway::config {
namespace {

std::vector<Finding> remarks_about_keys(const Model& model) {
    std::vector<Finding> found;
    for (const auto& remark : model.findings) {
        if (remark.message().find("pre-shared key shorter") != std::string::npos) {
            found.push_back(remark);
        }
    }
    return found;
}

Model uci(const std::string& key, const std::string& mode) {
    const std::string text =
        "config remote 'far'\n option enabled '1'\n option gateway 'far.example'\n option exchange_mode '" +
        mode + "'\n option authentication_method 'psk'\n option pre_shared_key '" + key +
        "'\n list tunnel 'lan'\nconfig tunnel 'lan'\n option local_subnet '10.1.0.0/16'\n"
        " option remote_subnet '10.2.0.0/16'\n";
    return *load(text, "ipsec", std::nullopt);
}

Model box(const std::string& key, const std::string& mode) {
    const std::string text =
        "vpncfg { connections { enabled = yes; conn_type = conntype_lan; name = \"far\"; remotehostname = "
        "\"far.example\"; "
        "localid { fqdn = \"a.example\"; } remoteid { fqdn = \"b.example\"; } mode = " +
        mode + "; keytype = connkeytype_pre_shared; key = \"" + key +
        "\"; phase2localid { ipnet { ipaddr = 10.1.0.0; mask = 255.255.0.0; } } "
        "phase2remoteid { ipnet { ipaddr = 10.2.0.0; mask = 255.255.0.0; } } "
        "accesslist = \"permit ip any 10.2.0.0 255.255.0.0\"; } }";
    return *load(text, "box.cfg", std::nullopt);
}

TEST(KeyStrength, ShortKeysAreWarnedOfByBothReaders) {
    for (const std::size_t octets : {1U, 8U, 19U, 20U, 64U}) {
        const std::string key(octets, 'k');
        for (const auto& model : {uci(key, "main"), box(key, "phase1_mode_idp")}) {
            const auto remarks = remarks_about_keys(model);
            ASSERT_EQ(remarks.size(), octets < 20 ? 1U : 0U) << octets;
            for (const auto& remark : remarks) {
                EXPECT_EQ(remark.severity, Severity::warning);
                EXPECT_EQ(remark.text().find(std::string(octets, 'k')),
                          octets == 1 ? remark.text().find('k') : std::string::npos);
                EXPECT_NE(remark.place().line, 0U);
            }
            EXPECT_TRUE(model.usable());
        }
    }
}

TEST(KeyStrength, WithAggressiveModeTheWarningIsLoud) {
    for (const auto& model : {uci("elephant", "aggressive"), box("elephant", "phase1_mode_aggressive")}) {
        const auto remarks = remarks_about_keys(model);
        ASSERT_EQ(remarks.size(), 1U);
        EXPECT_EQ(remarks.front().message().find("DANGER"), 0U);
        EXPECT_EQ(remarks.front().text().find("elephant"), std::string::npos);
    }
}

}  // namespace
}  // namespace causeway::config
