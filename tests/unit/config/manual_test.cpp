// docs/configuration.md shows the tables that the readers use; CAUSEWAY_ACCEPT=1 writes them anew.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

#include "config/identity_text.hpp"
#include "config/load.hpp"
#include "config/swanctl/keys.hpp"
#include "config/uci/options.hpp"
#include "config/vpncfg/keys.hpp"

namespace causeway::config {
namespace {

std::string with_table(const std::string& page, const std::string& marker, const std::string& table) {
    const auto begin = page.find("<!-- " + marker);
    EXPECT_NE(begin, std::string::npos) << marker;
    const auto after = page.find("-->\n", begin) + 4;
    const auto end = page.find("<!-- end -->", after);
    EXPECT_NE(end, std::string::npos) << marker;
    return page.substr(0, after) + "\n" + table + "\n" + page.substr(end);
}

TEST(Manual, TablesAreThoseOfTheReaders) {
    const std::string path = std::string(CAUSEWAY_SOURCE_DIR) + "/docs/configuration.md";
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    std::string page = with_table(text.str(), "uci options", uci::option_table_text());
    page = with_table(page, "identities", identity_forms_text());
    page = with_table(page, "vpncfg keys", vpncfg::key_table_text());
    page = with_table(page, "vpncfg strategies", vpncfg::strategy_table_text());
    page = with_table(page, "swanctl keys", swanctl::key_table_text());
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        std::ofstream(path) << page;
        return;
    }
    EXPECT_EQ(text.str(), page)
        << "docs/configuration.md is behind the code; CAUSEWAY_ACCEPT=1 writes it anew";
}

/// The example of the manual page that starts with `start`, as a person would copy it.
std::string example(const std::string& start) {
    std::stringstream text;
    text << std::ifstream(std::string(CAUSEWAY_SOURCE_DIR) + "/docs/man/causeway-config.5").rdbuf();
    const auto page = text.str();
    const auto begin = page.find(".nf\n" + start) + 4;
    std::string copied = page.substr(begin, page.find(".fi\n", begin) - begin);
    for (auto at = copied.find("\\-"); at != std::string::npos; at = copied.find("\\-", at)) {
        copied.erase(at, 1);
    }
    return copied;
}

TEST(Manual, ExamplesOfThePageAreUnderstoodWithoutARemark) {
    for (const auto* const start : {"config ipsec", "vpncfg {"}) {
        const auto model = load(example(start), "example");
        ASSERT_TRUE(model.has_value()) << start << model.error().text();
        EXPECT_EQ(model->peers.size(), 1U) << start;
        for (const auto& remark : model->findings) {
            ADD_FAILURE() << remark.text();
        }
    }
}

TEST(Manual, EveryOptionHasAMeaning) {
    for (const auto& rule : uci::option_table()) {
        EXPECT_FALSE(rule.meaning.empty()) << rule.name;
        EXPECT_NE(rule.known_to, 0U) << rule.name;
    }
    for (const auto& rule : vpncfg::key_table()) {
        EXPECT_TRUE(!rule.meaning.empty() || rule.use == vpncfg::Use::kept) << rule.name;
    }
}

}  // namespace
}  // namespace causeway::config
