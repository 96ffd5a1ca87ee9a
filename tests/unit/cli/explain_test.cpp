// `causeway explain`, and the section FINDINGS of causeway(8), which is made from the catalogue.
// CAUSEWAY_ACCEPT=1 writes it anew.
#include "cli/explain.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/findings.hpp"

namespace causeway::cli {
namespace {

std::string printed_by(const std::string& code, bool json, Exit expected) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(explain(code, json), expected);
    return testing::internal::GetCapturedStdout();
}

TEST(Explain, SaysWhatACodeMeans) {
    const auto said = printed_by("psk-missing", false, Exit::done);
    EXPECT_TRUE(said.starts_with("psk-missing\n\n")) << said;
    EXPECT_NE(said.find(explanation(Code::psk_missing).substr(0, 20)), std::string::npos) << said;
    const auto json = nlohmann::json::parse(printed_by("psk-missing", true, Exit::done));
    EXPECT_EQ(json["code"], "psk-missing");
    EXPECT_EQ(json["explanation"], explanation(Code::psk_missing));
}

TEST(Explain, ListsEveryCode) {
    const auto said = printed_by("", false, Exit::done);
    for (const Code code : all_codes()) {
        EXPECT_NE(said.find(text(code) + " "), std::string::npos) << text(code);
    }
}

TEST(Explain, NamesTheCodeThatIsMeant) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(printed_by("psk-misssing", false, Exit::unusable), "");
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "causeway: no finding has the code 'psk-misssing' (did you mean 'psk-missing'?)\n");
}

/// A text as nroff takes it: hyphens that can be copied, backslashes, and no line that begins a request.
std::string for_nroff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c == '-' ? "\\-" : c == '\\' ? "\\e" : std::string(1, c);
    }
    return (out.starts_with('.') || out.starts_with('\'') ? "\\&" : "") + out;
}

TEST(Explain, TheManualHasEveryCode) {
    const std::string path = std::string(CAUSEWAY_SOURCE_DIR) + "/docs/man/causeway.8";
    std::stringstream page;
    page << std::ifstream(path).rdbuf();
    const std::string text = page.str();
    const std::string start = ".SH FINDINGS\n.\\\" written from the code\n";
    const auto begin = text.find(start);
    ASSERT_NE(begin, std::string::npos);
    const auto end = text.find(".SH ", begin + start.size());
    ASSERT_NE(end, std::string::npos);
    std::string codes;
    for (const Code code : all_codes()) {
        codes +=
            fmt::format(".TP\n.B {}\n{}\n", for_nroff(causeway::text(code)), for_nroff(explanation(code)));
    }
    const std::string fresh = text.substr(0, begin) + start + codes + text.substr(end);
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        std::ofstream(path) << fresh;
        return;
    }
    EXPECT_EQ(text, fresh) << "docs/man/causeway.8 is behind the code; CAUSEWAY_ACCEPT=1 writes it anew";
}

}  // namespace
}  // namespace causeway::cli
