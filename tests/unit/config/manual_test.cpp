// docs/configuration.md and causeway-config(5) show the tables that the readers use; CAUSEWAY_ACCEPT=1 writes them anew.
#include <cstddef>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// A cell of a table in Markdown as nroff takes it: code in bold, hyphens that can be copied.
std::string for_nroff(std::string_view cell) {
    std::string out;
    bool code = false;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        if (cell.substr(i).starts_with("**")) {
            ++i;
        } else if (cell[i] == '`') {
            code = !code;
            out += code ? "\\fB" : "\\fR";
        } else if (cell[i] != '\\') {  // in front of a bar that ends no cell
            out += cell[i] == '-' ? "\\-" : std::string(1, cell[i]);
        }
    }
    return out;
}

/// The cells between the bars of a line.
std::vector<std::string> cells(std::string_view line) {
    std::vector<std::string> found{""};
    for (std::size_t i = 2; i < line.size(); ++i) {
        if (line.substr(i).starts_with(" |") && (i + 2 == line.size() || line[i + 2] == ' ')) {
            found.emplace_back();
            i += 2;
        } else {
            found.back() += line[i];
        }
    }
    found.pop_back();  // behind the last bar
    return found;
}

/// Tables in Markdown as a list of a page: a heading for each, an entry for each row. Of `Known to` a part in parentheses;
/// sources are left out.
std::string as_page(const std::string& tables) {
    std::string text;
    std::vector<std::string> titles;
    std::stringstream lines(tables);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("### ")) {
            text += ".SS " + for_nroff(line.substr(4)) + '\n';
            titles.clear();
        } else if (line.starts_with("| ") && titles.empty()) {
            titles = cells(line);
            std::getline(lines, line);  // the rule below
        } else if (line.starts_with("| ")) {
            const auto row = cells(line);
            EXPECT_EQ(row.size(), titles.size()) << line;
            const bool known_to = titles.at(1) == "Known to";
            text += ".TP\n" + for_nroff(row.at(0)) + (known_to ? " (" + row.at(1) + ")" : "") + "\n\\&" +
                    for_nroff(row.at(known_to ? 2 : 1)) + '\n';
        } else if (!line.empty()) {
            text += ".PP\n" + for_nroff(line) + '\n';
        }
    }
    return text;
}

TEST(Manual, ThePageHasEveryOption) {
    const std::string path = std::string(CAUSEWAY_SOURCE_DIR) + "/docs/man/causeway-config.5";
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    std::string page = text.str();
    for (const auto& [marker, tables] :
         {std::pair("UCI options", uci::option_table_text()), std::pair("identities", identity_forms_text()),
          std::pair("vpncfg keys", vpncfg::key_table_text()),
          std::pair("swanctl keys", swanctl::key_table_text())}) {
        const std::string start = fmt::format(".\\\" written from the code: {}\n", marker);
        const auto begin = page.find(start);
        ASSERT_NE(begin, std::string::npos) << marker;
        const auto end = page.find(".\\\" end\n", begin);
        ASSERT_NE(end, std::string::npos) << marker;
        page.replace(begin, end - begin, start + as_page(tables));
    }
    for (const auto& rule : uci::option_table()) {
        EXPECT_NE(page.find(fmt::format("\\fB{}\\fR (", rule.name)), std::string::npos) << rule.name;
    }
    for (const auto& rule : vpncfg::key_table()) {
        EXPECT_NE(page.find(fmt::format(".TP\n\\fB{}\\fR\n", rule.name)), std::string::npos) << rule.name;
    }
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        std::ofstream(path) << page;
        return;
    }
    EXPECT_EQ(text.str(), page)
        << "docs/man/causeway-config.5 is behind the code; CAUSEWAY_ACCEPT=1 writes it anew";
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
