// Files of another kind are named for what they are, and a file of ours with a slip is not taken for one of
// them.
#include "config/other_kind.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <string>
#include <string_view>

#include "config/load.hpp"
#include "config/verdict.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string utf16(std::string_view text) {
    std::string wide = "\xFF\xFE";
    for (const char c : text) {
        wide += c;
        wide += '\0';
    }
    return wide;
}

TEST(OtherKind, IsNamedWithItsLine) {
    const struct {
        std::string text;
        std::string_view said;
        unsigned line;
    } cases[] = {
        {"ipsec.@ipsec[0]=ipsec\nipsec.far=remote\nipsec.far.pre_shared_key='kkkkqqqqkkkk'\n",
         "'uci show' prints", 1},
        {"# mine\n\tleft=%defaultroute\n\tright=far.example\n", "part of an ipsec.conf", 2},
        {"far.example near.example : PSK \"kkkkqqqqkkkk\"\n", "an ipsec.secrets", 1},
        {"here it is:\nconnections {\n  far {\n    remote_addrs = far.example\n  }\n}\nsecrets {\n  ike-1 {\n"
         "    secret = kkkkqqqqkkkk\n  }\n}\n",
         "a swanctl.conf of strongSwan", 4},
        {"[Interface]\nPrivateKey = kkkkqqqqkkkk=\n", "a WireGuard configuration", 1},
        {"connections {\n        enabled = yes;\n        conn_type = conntype_lan;\n        key = "
         "\"kkkkqqqqkkkk\";\n}\n",
         "part of a vpncfg, without its first line", 3},
        {utf16("config remote 'far'\n\toption pre_shared_key 'kkkkqqqqkkkk'\n"), "in UTF-16", 1},
        {"\xEF\xBB\xBF"
         "config remote 'far'\n\toption enabled '1'\n",
         "a byte order mark", 1},
        {"config remote 'far'\n\xC2\xA0\xC2\xA0option enabled '1'\n", "a no-break space", 2},
    };
    for (const auto& one : cases) {
        const auto model = load(one.text, "f");
        ASSERT_FALSE(model) << one.said;
        EXPECT_THAT(model.error().text(), HasSubstr(one.said));
        EXPECT_EQ(model.error().place.line, one.line) << one.said;
        EXPECT_FALSE(model.error().remedy.empty()) << one.said;
        EXPECT_EQ(static_cast<int>(verdict_on(model.error())), 2) << one.said;
        EXPECT_THAT(model.error().text(), Not(HasSubstr("kkkk")));
    }
}

TEST(OtherKind, ASectionCutOutOfAnExportIsRead) {
    const auto whole = content(data_folder() / "export.vpncfg");
    const auto begin = whole.find("**** CFGFILE:vpn.cfg");
    ASSERT_NE(begin, std::string::npos);
    const auto model = load(whole.substr(begin), "f");
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_EQ(model->peers.size(), load(whole, "f")->peers.size());
}

TEST(OtherKind, NoFileOfOursIsOne) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(data_folder())) {
        const auto kind = other_kind(content(entry.path()));
        const bool vpncfg =
            entry.path().extension() == ".vpncfg";  // never asked about: its first line is there
        EXPECT_TRUE(vpncfg || entry.path().extension() != ".uci" || !kind)
            << entry.path() << (kind ? kind->what : "");
        ++files;
    }
    EXPECT_GT(files, 40U);
    for (const std::string_view slip :
         {"config remote 'far'\n option gateway=far.example\n", "config remote 'far\n option enabled 1\n",
          "config remote far\n option local_identifier \xC2\xA0x\n option\n", "confg remote 'far'\n"}) {
        const auto model = load(slip, "f");
        ASSERT_FALSE(model);
        EXPECT_THAT(model.error().text(), Not(HasSubstr("this is "))) << slip;
    }
}

}  // namespace
}  // namespace causeway::config
