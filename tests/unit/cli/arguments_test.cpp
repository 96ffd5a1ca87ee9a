// The tool's words: which are taken, in which order, and what is said of those that are not.

#include "cli/arguments.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

namespace causeway::cli {
namespace {

Arguments read(const std::vector<std::string>& words) {
    auto arguments = read_arguments(words);
    EXPECT_TRUE(arguments) << arguments.error().what;
    return arguments.value_or(Arguments{});
}

std::string refused(const std::vector<std::string>& words) {
    const auto arguments = read_arguments(words);
    return arguments ? "taken" : arguments.error().what;
}

TEST(ArgumentsTest, OptionsStandBeforeAndAfterTheCommand) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"--control", "/x", "up", "Site2Site", "--timeout", "5", "--no-wait"},
          std::vector<std::string>{"--no-wait", "up", "--timeout=5", "Site2Site", "--control=/x"},
          std::vector<std::string>{"up", "--no-wait", "--timeout=5", "--control=/x", "--", "Site2Site"}}) {
        const Arguments arguments = read(words);
        EXPECT_EQ(arguments.verb, Verb::up);
        EXPECT_EQ(arguments.word, "Site2Site");
        EXPECT_EQ(arguments.control, "/x");
        EXPECT_EQ(arguments.timeout_seconds, 5U);
        EXPECT_TRUE(arguments.no_wait);
        EXPECT_FALSE(arguments.json);
    }
}

TEST(ArgumentsTest, ANameBehindTwoHyphensMayBeginWithOne) {
    EXPECT_EQ(read({"status", "--", "-odd"}).word, "-odd");
}

TEST(ArgumentsTest, AHyphenIsStdin) {
    EXPECT_EQ(read({"decode", "-"}).word, "-");
    EXPECT_EQ(read({"config", "check", "-", "--format", "vpncfg"}).format, config::Format::vpncfg);
}

TEST(ArgumentsTest, TheRecipesWordsAreThere) {
    const Arguments start = read({"starter", "--auto-update", "65"});
    EXPECT_EQ(start.verb, Verb::start);
    EXPECT_EQ(start.auto_update_seconds, 65U);
    EXPECT_EQ(read({"start", "--nofork", "--conf", "/etc/x"}).config, "/etc/x");
    for (const char* word : {"reload", "update", "rereadsecrets", "rereadall"}) {
        EXPECT_EQ(read({word}).verb, Verb::reload) << word;
    }
}

TEST(ArgumentsTest, StatusForAMonitorTakesAConnection) {
    const Arguments given = read({"status", "lan", "--nagios"});
    EXPECT_TRUE(given.nagios);
    EXPECT_EQ(given.word, "lan");
    EXPECT_FALSE(read({"status"}).nagios);
    EXPECT_EQ(refused({"status", "--nagios", "--json"}), "--json and --nagios exclude each other");
    EXPECT_EQ(refused({"statusall", "--nagios"}), "'statusall' does not take --nagios");
}

TEST(ArgumentsTest, AProbeTakesAHostAndWhatItIsAskedWith) {
    const Arguments plain = read({"probe", "fritz.example"});
    EXPECT_EQ(plain.verb, Verb::probe);
    EXPECT_EQ(plain.word, "fritz.example");
    EXPECT_TRUE(plain.aggressive.empty());
    EXPECT_EQ(plain.port, std::nullopt);
    const Arguments more = read({"probe", "h", "--aggressive", "@office.example", "--port=1500", "--json"});
    EXPECT_EQ(more.aggressive, "@office.example");
    EXPECT_EQ(more.port, 1500);
    EXPECT_TRUE(more.json);
    for (const char* number : {"0", "65536", "x", "-1", "500x", ""}) {
        EXPECT_EQ(refused({"probe", "h", "--port", number}),
                  std::string("--port is 1 to 65535, not '") + number + "'");
    }
    EXPECT_EQ(refused({"probe", "h", "--aggressive", ""}), "--aggressive wants an identity");
    EXPECT_EQ(refused({"probe"}), "'probe' needs HOST: Its name or address");
    EXPECT_EQ(refused({"status", "--port", "1"}), "'status' does not take --port");
}

TEST(ArgumentsTest, DoctorTakesAConnectionAndAHostToPing) {
    const Arguments plain = read({"doctor"});
    EXPECT_EQ(plain.verb, Verb::doctor);
    EXPECT_EQ(plain.word, "");
    EXPECT_EQ(plain.ping, "");
    EXPECT_FALSE(plain.bundle);
    const Arguments more =
        read({"doctor", "ipsec-lan", "--ping", "192.168.178.1", "--bundle", "--config", "x"});
    EXPECT_EQ(more.word, "ipsec-lan");
    EXPECT_EQ(more.ping, "192.168.178.1");
    EXPECT_TRUE(more.bundle);
    EXPECT_EQ(more.config, "x");
    EXPECT_TRUE(read({"doctor", "--json"}).json);
    EXPECT_EQ(refused({"doctor", "--ping", ""}), "--ping wants a host's name or address");
    EXPECT_EQ(refused({"status", "--bundle"}), "'status' does not take --bundle");
}

TEST(ArgumentsTest, AHistoryIsOfSomeHours) {
    EXPECT_EQ(read({"history"}).verb, Verb::history);
    EXPECT_EQ(read({"history"}).hours, std::nullopt);
    const Arguments more = read({"history", "office", "--hours", "168", "--json"});
    EXPECT_EQ(more.word, "office");
    EXPECT_EQ(more.hours, 168U);
    EXPECT_TRUE(more.json);
    for (const char* number : {"0", "169", "x", "-1", "24h", ""}) {
        EXPECT_EQ(refused({"history", "--hours", number}),
                  std::string("--hours is 1 to 168, not '") + number + "'");
    }
    EXPECT_EQ(refused({"status", "--hours", "1"}), "'status' does not take --hours");
}

TEST(ArgumentsTest, AReportHasAFileAndMasks) {
    EXPECT_EQ(read({"report"}).verb, Verb::report);
    const Arguments more = read({"report", "-o", "-", "--mask-addresses", "--hours", "6"});
    EXPECT_EQ(more.output, "-");
    EXPECT_TRUE(more.mask_addresses);
    EXPECT_EQ(more.hours, 6U);
    EXPECT_EQ(refused({"report", "office"}), "'office' is one word too many for 'report'");
    EXPECT_EQ(refused({"status", "--mask-addresses"}), "'status' does not take --mask-addresses");
    EXPECT_EQ(read({"metrics", "--timeout", "2"}).verb, Verb::metrics);
    EXPECT_EQ(refused({"metrics", "--json"}), "'metrics' does not take --json");
}

TEST(ArgumentsTest, TwoWordsNameWhatIsDoneWithAFile) {
    EXPECT_EQ(read({"config", "show", "f", "--json"}).verb, Verb::config_show);
    EXPECT_EQ(refused({"config"}),
              "'config' needs a subcommand: 'config show FILE', 'config check FILE' or "
              "'config migrate FILE'");
    EXPECT_EQ(refused({"config", "chekc", "f"}), refused({"config"}));
}

TEST(ArgumentsTest, EachSlipIsNamed) {
    EXPECT_EQ(refused({}), "no command given");
    EXPECT_EQ(refused({"--json"}), "no command given");
    EXPECT_EQ(refused({"stauts"}), "unknown command 'stauts' (did you mean 'status'?)");
    EXPECT_EQ(refused({"status", "--loud"}), "unknown option '--loud'");
    EXPECT_EQ(refused({"status", "-x"}), "unknown option '-x'");
    EXPECT_EQ(refused({"status", "a", "b"}), "'b' is one word too many for 'status'");
    EXPECT_EQ(refused({"reload", "x"}), "'x' is one word too many for 'reload'");
    EXPECT_EQ(refused({"status", "--no-wait"}), "'status' does not take --no-wait");
    EXPECT_EQ(refused({"status", "--conf=x"}), "'status' does not take --config");
    EXPECT_EQ(refused({"status", "--json=yes"}), "--json=yes: this option takes no value");
    EXPECT_EQ(refused({"status", "--timeout"}), "--timeout needs a value");
    EXPECT_EQ(refused({"status", "--control="}), "--control wants the path of a socket");
    EXPECT_EQ(refused({"config", "check", "f", "--format", "xml"}),
              "--format is uci, ipsec.conf, swanctl.conf or vpncfg, not 'xml'");
    EXPECT_EQ(refused({"decode"}),
              "'decode' needs WHAT: A capture file (tcpdump -w), one message in hexadecimal digits, or - for "
              "either "
              "on stdin");
    EXPECT_EQ(refused({"log-level", "loud"}),
              "unknown log level 'loud', expected debug, info, notice, warning or error");
}

TEST(ArgumentsTest, SecondsAreWholeAndNeitherNoneNorMoreThanADay) {
    for (const char* odd : {"0", "86401", "5s", "-1", "", " 5", "1e3", "99999999999999999999"}) {
        EXPECT_EQ(refused({"up", std::string("--timeout=") + odd}),
                  std::string("--timeout is 1 to 86400 seconds, not '") + odd + "'");
    }
    EXPECT_EQ(read({"up", "--timeout=86400"}).timeout_seconds, 86400U);
}

TEST(ArgumentsTest, ABoxIsAModelAndPerhapsAVersion) {
    EXPECT_EQ(read({"pair", "--box", "7590@8.02"}).box, "7590@8.02");
    EXPECT_EQ(read({"check", "f", "--box", "7590 AX"}).box, "7590 AX");
    EXPECT_EQ(refused({"pair", "--box", "7590@"}),
              "--box: '7590@' is not a model of the FRITZ!Box; write the model, and behind an @ its FRITZ!OS "
              "if you "
              "like: 7590 or 7590@8.02");
    EXPECT_EQ(refused({"pair", "--box="}), "--box wants a value");
}

TEST(ArgumentsTest, APairIsMadeFromOptionsAFileOrADialogue) {
    EXPECT_EQ(read({"pair", "--sites", "f", "-o", "d"}).sites, "f");
    EXPECT_TRUE(read({"pair", "--ask"}).ask);
    EXPECT_FALSE(read({"pair"}).ask);
    EXPECT_EQ(refused({"pair", "--sites="}), "--sites wants the path of a file");
    EXPECT_EQ(refused({"convert", "f", "--ask"}), "'convert' does not take --ask");
}

TEST(ArgumentsTest, LevelsAreThoseOfTheLog) {
    EXPECT_EQ(read({"log-level", "debug"}).level, Level::debug);
    EXPECT_EQ(read({"log-level", "error"}).level, Level::error);
}

TEST(ArgumentsTest, HelpNeedsNothingElseToBeRight) {
    EXPECT_TRUE(read({"decode", "--help"}).help);
    EXPECT_TRUE(read({"config", "-h"}).help);
    EXPECT_TRUE(read({"-h"}).help);
    EXPECT_TRUE(read({"--version"}).own_version);
}

TEST(ArgumentsTest, HelpTellsWhatACommandTakes) {
    const std::string up = help_text(Verb::up, "causeway");
    for (const char* part : {"Usage: causeway up [OPTIONS] [NAME]", "--no-wait", "--timeout SECONDS",
                             "60 unless", "--json", "--control PATH", "-h, --help", "Exit status: 0 done"}) {
        EXPECT_NE(up.find(part), std::string::npos) << part << " in\n" << up;
    }
    EXPECT_EQ(up.find("--nofork"), std::string::npos);
    EXPECT_NE(help_text({}, "ipsec").find("Usage: ipsec [OPTIONS] COMMAND"), std::string::npos);
    EXPECT_NE(help_text({}, "ipsec").find("starter"), std::string::npos);
    EXPECT_EQ(help_text({}, "ipsec").find("rereadall"), std::string::npos);
}

}  // namespace
}  // namespace causeway::cli
