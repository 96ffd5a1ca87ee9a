// The grammar of a swanctl.conf: how it is recognised, parsed, printed and joined with what it includes, on hostile
// text as well.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/load.hpp"
#include "config/swanctl/parse.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string shown(std::string_view text) {
    const auto shown = show(text, "f", Format::swanctl);
    EXPECT_TRUE(shown.has_value()) << (shown ? "" : shown.error().text());
    return shown.value_or("");
}

/// The value that the lexer makes of what stands behind "a =".
std::string value(std::string_view written) {
    const auto document = swanctl::parse(fmt::format("a = {}", written));
    EXPECT_TRUE(document.has_value()) << written;
    return document && !document->empty() ? document->front().value.text : "?";
}

TEST(SwanctlGrammar, ReadsStatements) {
    EXPECT_EQ(shown("# c\na { b = 1 # c\n\tc=2\n d { e = f }\n}\n h : i.j, k {}\ninclude x/*.conf\nm =\n"),
              "a {\n    b = 1\n    c = 2\n    d {\n        e = f\n    }\n}\nh : i.j, k {\n}\n"
              "include \"x/*.conf\"\nm =\n");
    EXPECT_EQ(shown("a\n{\nb = 1\r\n}\r\n"), "a {\n    b = 1\n}\n");
    EXPECT_EQ(shown("a {"
                    "b = \"\"\n}"),
              "a {\n    b = \"\"\n}\n");
}

TEST(SwanctlGrammar, ReadsValues) {
    EXPECT_EQ(value("x y  z\n"), "x y z");
    EXPECT_EQ(value("x{y,:=.\n"), "x{y,:=.");
    EXPECT_EQ(value("x#y\n"), "x");
    EXPECT_EQ(value("\"x # } \\\"\\\\ \\t\\q\""), "x # } \"\\ \tq");
    EXPECT_EQ(value("\"x\ny\""), "x\ny");
    EXPECT_EQ(value("\"x\\\ny\""), "xy");
    EXPECT_EQ(value("a\"b\"c"), "a b c");
    EXPECT_EQ(value(""), "");
}

TEST(SwanctlGrammar, WhatIsShownIsReadTheSame) {
    for (const std::string_view text :
         {"include {\n", "a = \"x\\ny  z\"\n", "include:a { b = c }\n", "include = x\n",
          "a { include \"b c\"\n}\n", "a = \"\\\\\"\n", "a = { b\n", "a = x # y\nb =\n"}) {
        const auto once = shown(text);
        EXPECT_EQ(shown(once), once) << text;
    }
}

TEST(SwanctlGrammar, SlipsAreNamed) {
    const struct {
        std::string_view text;
        std::string_view what;
        std::string_view remedy;
        unsigned line;
        unsigned column;
    } cases[] = {
        {"connections {\n a {\n", "'a' that opens here has no closing brace", "missing }", 2, 2},
        {"connections {\n}\n}\n", "a closing brace too many", "remove this }", 3, 1},
        {"connections {\n far.example {\n }\n}\n", "a '.' in a name", "far-example", 2, 5},
        {"connections {\n remote_addrs far\n}\n", "where '=' or '{' belongs", "NAME = VALUE", 2, 15},
        {"secrets {\n ike {\n secret = ab}cd\n }\n}\n", "text behind the value of 'secret'", "in quotes", 3,
         14},
        {"secrets {\n ike {\n secret = ab}\n }\n}\n", "a closing brace too many", "remove this }", 5, 1},
        {"connections {\n { }\n}\n", "a section without a name", "NAME {", 2, 2},
        {"connections {\n \"a\" { }\n}\n", "a string where a name belongs", "NAME = \"VALUE\"", 2, 2},
        {"connections {\n a : { }\n}\n", "no section is named behind 'a :'", "NAME : OTHER", 2, 4},
        {"secrets {\n ike {\n secret = \"kkkkqqqq\n", "ends inside the string", "close the string", 3, 11},
        {"\xEF\xBB\xBF"
         "connections {\n}\n",
         "a byte order mark", "tail -c +4", 1, 1},
    };
    for (const auto& one : cases) {
        const auto model = load(one.text, "f", Format::swanctl);
        ASSERT_FALSE(model) << one.text;
        EXPECT_EQ(model.error().code, Errc::malformed);
        EXPECT_THAT(model.error().what, HasSubstr(one.what));
        EXPECT_THAT(model.error().remedy, HasSubstr(one.remedy));
        EXPECT_EQ(model.error().place.line, one.line) << one.text;
        EXPECT_EQ(model.error().place.column, one.column) << one.text;
        EXPECT_EQ(model.error().place.file ? *model.error().place.file : "", "f");
        EXPECT_THAT(model.error().text(), Not(HasSubstr("kkkk")));
    }
}

TEST(SwanctlGrammar, IsRecognised) {
    for (const std::string_view text :
         {"connections {\n", "# c\n\nconnections\n{\n", "secrets { ike { secret = x } }\n",
          "include conf.d/*.conf\n", "include a\ninclude b\n# c\n",
          "base {\n remote_addrs = x\n}\nconnections {\n a : base { } }\n",
          "conections {\n a {\n remote_addrs = b\n", "a : b {\n children { } }\n",
          "remote_addrs = far.example\n",
          "\xEF\xBB\xBF"
          "connections {\n"}) {
        EXPECT_EQ(recognise(text), Format::swanctl) << text;
    }
    for (const std::string_view text :
         {"connections {\n enabled = yes;\n conn_type = conntype_lan;\n", "config remote 'connections'\n",
          "far.example near.example : PSK \"connections\"\n", ": PSK \"x\"\n", "", "# connections {\n",
          "other {\n a = b\n}\n", "dpd_delay = 4;\n"}) {
        EXPECT_EQ(recognise(text), Format::uci) << text;
    }
    for (const std::string_view text : {"conn far\n remote_addrs = x\n", "config setup\n\nconn a\n",
                                        "include x.conf\nconn a\n  left=b\n"}) {
        EXPECT_EQ(recognise(text), Format::ipsec_conf) << text;
    }
    EXPECT_EQ(recognise("vpncfg {\n connections {\n"), Format::vpncfg);
    for (const auto& entry : std::filesystem::directory_iterator(data_folder())) {
        EXPECT_NE(recognise(content(entry.path())), Format::swanctl) << entry.path();
    }
}

TEST(SwanctlGrammar, JsonHasEveryValueWithItsPlace) {
    const auto json = show_json("a : b {\n c = \"d\"\n}\ninclude e\n", "f", Format::swanctl);
    ASSERT_TRUE(json.has_value());
    EXPECT_THAT(*json, HasSubstr("\"format\": \"swanctl.conf\""));
    EXPECT_THAT(*json, HasSubstr("\"value\": \"d\""));
    EXPECT_THAT(*json, HasSubstr("\"column\": 6"));
    EXPECT_THAT(*json, HasSubstr("\"include\": \"e\""));
}

constexpr std::string_view office =
    "office {\n version = 1\n local {\n auth = psk\n }\n remote {\n auth = psk\n }\n children {\n lan {\n"
    " local_ts = 10.1.0.0/24\n remote_ts = 10.2.0.0/24\n }\n }\n }\n";

/// Files by name, found as they are written.
Companions folder(std::map<std::string, std::string> files) {
    return [files = std::move(files)](std::string_view pattern,
                                      std::string_view) -> Result<std::vector<NamedText>> {
        std::vector<NamedText> found;
        if (pattern == "forbidden") {
            return fail(Errc::unsupported, "cannot be opened: permission denied");
        }
        for (const auto& [name, text] : files) {
            if (name == pattern || (pattern == "conf.d/*.conf" && name.starts_with("conf.d/"))) {
                found.push_back({name, text});
            }
        }
        return found;
    };
}

TEST(SwanctlFiles, AreJoinedInOrder) {
    const auto files =
        folder({{"conf.d/a.conf", fmt::format("connections {{\n{}}}\n", office)},
                {"conf.d/b.conf", "connections {\n office {\n remote_addrs = b.example\n }\n}\n"},
                {"conf.d/c.conf", "connections {\n office {\n remote_addrs = c.example\n }\n}\n"},
                {"secret", "secret = Xq7mP2vT9rLs4WzB8nKd\n"}});
    const auto model =
        load("include conf.d/*.conf\nsecrets {\n ike {\n include secret\n }\n}\n", "main", {}, files);
    ASSERT_TRUE(model.has_value()) << model.error().text();
    ASSERT_EQ(model->peers.size(), 1U) << remarks(*model);
    const auto& peer = model->peers[0];
    EXPECT_EQ(text(peer.addresses.at(0).value), "c.example");  // the last one counts
    EXPECT_EQ(*peer.addresses[0].place.file, "conf.d/c.conf");
    EXPECT_EQ(peer.addresses[0].place.line, 3U);
    EXPECT_EQ(*peer.place.file, "conf.d/a.conf");
    EXPECT_EQ(*peer.pre_shared_key_place.file, "secret");
    EXPECT_EQ(model->counts().warnings, 0U) << remarks(*model);
}

TEST(SwanctlFiles, OneThatIsIncludedAgainIsNoSlip) {
    const auto files = folder({{"office", fmt::format("connections {{\n{}}}\n", office)}});
    const std::string key = "secrets {\n ike {\n secret = Xq7mP2vT9rLs4WzB8nKd\n }\n}\n";
    const auto once = load("include office\n" + key, "main", {}, files);
    const auto twice = load("include office\ninclude office\n" + key, "main", {}, files);
    ASSERT_TRUE(once.has_value() && twice.has_value());
    ASSERT_EQ(twice->peers.size(), 1U);
    EXPECT_EQ(remarks(*twice), remarks(*once));
    const auto slip = folder({{"office", "connections {\n office {\n version = 1\n version = 2\n }\n}\n"}});
    const auto told = load("include office\n", "main", {}, slip);
    ASSERT_TRUE(told.has_value());
    EXPECT_THAT(remarks(*told), ::testing::HasSubstr("already set in line 3"));
}

std::vector<Finding> unread(const Model& model) {
    std::vector<Finding> found;
    std::ranges::copy_if(model.findings, std::back_inserter(found),
                         [](const Finding& finding) { return finding.code() == Code::include_unread; });
    return found;
}

TEST(SwanctlFiles, ThatAreNotReadAreSaid) {
    const auto text = fmt::format("connections {{\n{}}}\ninclude x.conf\n", office);
    const auto alone = load(text, "main");
    ASSERT_TRUE(alone.has_value());
    ASSERT_EQ(unread(*alone).size(), 1U);
    EXPECT_EQ(unread(*alone)[0].place().line, 18U);
    const auto gone = load(text, "main", {}, folder({}));
    ASSERT_TRUE(gone.has_value());
    EXPECT_THAT(unread(*gone).at(0).message(), HasSubstr("there is no such file"));
    const auto closed =
        load(fmt::format("connections {{\n{}}}\ninclude forbidden\n", office), "main", {}, folder({}));
    ASSERT_TRUE(closed.has_value());
    EXPECT_THAT(unread(*closed).at(0).message(), HasSubstr("permission denied"));
    // A folder may be empty.
    const auto none =
        load(fmt::format("connections {{\n{}}}\ninclude conf.d/*.conf\n", office), "main", {}, folder({}));
    ASSERT_TRUE(none.has_value());
    EXPECT_THAT(unread(*none), IsEmpty());
}

TEST(SwanctlFiles, AloneWithIncludesAreRefusedWithTheReason) {
    const auto model = load("include conf.d/*.conf\n", "main");
    ASSERT_FALSE(model.has_value());
    EXPECT_EQ(model.error().code, Errc::unacceptable);
    EXPECT_THAT(model.error().text(), HasSubstr("it includes files, which were not read"));
    const auto misspelt = load("conections {\n a {\n remote_addrs = b\n }\n}\n", "main");
    ASSERT_FALSE(misspelt.has_value());
    EXPECT_THAT(misspelt.error().text(), HasSubstr("did you mean 'connections'"));
}

TEST(SwanctlFiles, ASlipInAnIncludedOneHasItsName) {
    const auto model = load("include x.conf\n", "main", {}, folder({{"x.conf", "\n}\n"}}));
    ASSERT_FALSE(model.has_value());
    EXPECT_EQ(*model.error().place.file, "x.conf");
    EXPECT_EQ(model.error().place.line, 2U);
}

TEST(SwanctlFiles, ThatIncludeThemselvesEnd) {
    const auto text = fmt::format("connections {{\n{}}}\ninclude main\n", office);
    const auto model = load(text, "main", {}, folder({{"main", text}}));
    ASSERT_TRUE(model.has_value());
    EXPECT_EQ(model->counts().errors, 2U) << remarks(*model);  // and there is no key
    const auto many = load("include main\ninclude main\ninclude main\ninclude main\n", "main", {},
                           folder({{"main", "include main\ninclude main\ninclude main\ninclude main\n"}}));
    ASSERT_FALSE(many.has_value());
    EXPECT_EQ(many.error().code, Errc::limit);
}

TEST(SwanctlReferences, AreInherited) {
    const auto text = fmt::format(
        "defaults {{\n remote_addrs = base.example\n dpd_delay = 20\n keyingtries = 7\n}}\n"
        "child-base {{\n start_action = start\n}}\n"
        "connections {{\n{}\n home : connections.office, defaults {{\n dpd_delay =\n children {{\n lan : "
        "child-base "
        "{{\n }}\n }}\n }}\n}}\nsecrets {{\n ike {{\n secret = Xq7mP2vT9rLs4WzB8nKd\n }}\n}}\n",
        office);
    const auto model = load(text, "f");
    ASSERT_TRUE(model.has_value()) << model.error().text();
    ASSERT_EQ(model->peers.size(), 2U) << remarks(*model);
    const auto& home = model->peers[1];
    EXPECT_EQ(home.name, "home");
    EXPECT_EQ(causeway::config::text(home.addresses.at(0).value), "base.example");
    EXPECT_EQ(home.addresses[0].place.line, 2U);
    EXPECT_EQ(home.keying_tries, 7U);
    EXPECT_FALSE(home.liveness.enabled);  // cleared
    EXPECT_EQ(home.tunnels.at(0).start, StartAction::start);
    EXPECT_EQ(home.tunnels[0].remote.net.text(), "10.2.0.0/24");
    EXPECT_THAT(remarks(*model), Not(HasSubstr("unknown section")));
}

TEST(SwanctlReferences, ToNothingAreSaid) {
    const auto model =
        load(fmt::format("connections {{\n{} a : connections.offise {{\n }}\n}}\n", office), "f");
    ASSERT_TRUE(model.has_value());
    EXPECT_THAT(remarks(*model), HasSubstr("no section 'connections.offise' to inherit from"));
}

TEST(SwanctlReferences, InACircleEnd) {
    const auto model =
        load("connections {\n a : connections.b {\n }\n b : connections.a, connections.b {\n }\n}\n", "f");
    ASSERT_TRUE(model.has_value());
    EXPECT_THAT(model->peers, IsEmpty());
}

TEST(SwanctlReferences, ThatMultiplyAreBounded) {
    std::string text = "connections {\n}\n";
    for (int i = 0; i < 200; ++i) {
        text += fmt::format("s{0} : s{1}, s{1} {{\n x{0} {{\n }}\n}}\n", i, i + 1);
    }
    text += "connections : s0 {\n}\n";
    const auto model = load(text, "f", Format::swanctl);
    ASSERT_TRUE(model.has_value()) << model.error().text();
}

TEST(SwanctlHostile, DeepNestingIsRefused) {
    std::string text;
    for (int i = 0; i < 100000; ++i) {
        text += "a {\n";
    }
    const auto model = load(text, "f", Format::swanctl);
    ASSERT_FALSE(model.has_value());
    EXPECT_THAT(model.error().what, HasSubstr("nested more than 32 deep"));
    EXPECT_EQ(model.error().place.line, 33U);
}

TEST(SwanctlHostile, ALineOfAMegabyteIsRead) {
    const std::string long_text(1 << 20, 'x');
    for (const auto& text :
         {"connections {\n a {\n remote_addrs = " + long_text + "\n }\n}\n",
          "connections {\n " + long_text + " {\n }\n}\n",
          "connections {\n a {\n " + long_text + " = 1\n }\n}\n",
          "connections {\n a {\n version = 1\n remote_addrs = \"" + long_text + "\"\n }\n}\n"}) {
        const auto model = load(text, "f");
        ASSERT_TRUE(model.has_value()) << model.error().text();
        EXPECT_LT(remarks(*model).size(), 4096U);
    }
    const auto refused = load("connections {\n" + long_text, "f");
    ASSERT_FALSE(refused.has_value());
    EXPECT_LT(refused.error().text().size(), 1024U);
}

TEST(SwanctlHostile, ManyConnectionsAndSecretsTakeNoLongerThanTheyMust) {
    std::string connections;
    std::string secrets;
    for (int i = 0; i < 2000; ++i) {
        connections += fmt::format(
            " c{0} {{\n version = 1\n remote_addrs = c{0}.example\n local {{\n auth = psk\n id = "
            "hub.example\n }}\n"
            " remote {{\n auth = psk\n id = c{0}.example\n }}\n children {{\n n {{\n local_ts = 10.0.0.0/24\n"
            " remote_ts = 10.1.0.0/24\n }}\n }}\n }}\n",
            i);
        secrets += fmt::format(
            " ike-{0} {{\n id-1 = hub.example\n id-2 = *\n id-3 = *.x{0}\n secret = k{0}\n }}\n", i);
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto model = load("connections {\n" + connections + "}\nsecrets {\n" + secrets + "}\n", "f");
    ASSERT_TRUE(model.has_value());
    EXPECT_EQ(model->peers.size(), 2000U);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace causeway::config
