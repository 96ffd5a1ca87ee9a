#include "cli/quote.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "base/place.hpp"

namespace causeway::cli {
namespace {

std::string shown(std::string_view line, Quotes::Of of = Quotes::Of::tunnels) {
    Quotes quotes;
    quotes.add("f", line, of);
    return quotes.of({FileName("f"), 1, 3});
}

constexpr std::string_view hidden = "     1 | (not shown: it may hold a key)\n";

TEST(Quote, PointsAtTheColumn) {
    EXPECT_EQ(shown("  option gateway 'far.example'"),
              "     1 |   option gateway 'far.example'\n       |   ^\n");
}

TEST(Quote, ShowsNoKeyUnderWhateverName) {
    constexpr std::string_view key = "wBN4HKbOL4SrbQf9MCa2HLWh6raiPi";
    for (const std::string_view name :
         {"pre_shared_key", "pre_shared_kye", "preshared", "pwd", "geheim", "psc", "key", "kee", "schluessel",
          "secret", "secert", "psk", "leftpsk"}) {
        for (const auto& line :
             {fmt::format("  option '{}' '{}'", name, key), fmt::format("option {} \"{}\"", name, key),
              fmt::format("list {} {}", name, key), fmt::format("\t\t{} = \"{}\";", name, key),
              fmt::format("  {} = {}", name, key), fmt::format("\t{}={}", name, key),
              fmt::format("vpncfg {{ connections {{ name = \"n\"; {} = \"{}\"; }} }}", name, key),
              fmt::format("far {{ version = 1 {} = {} }}", name, key)}) {
            EXPECT_EQ(shown(line), hidden) << line;
        }
    }
    for (const auto& line :
         {fmt::format("{}", key), fmt::format("{}'", key), fmt::format("@a @b : PSK \"{}\"", key),
          fmt::format("  option gateway 'far.example' # was {}", key), fmt::format("# {}", key),
          fmt::format("\t\tmode = phase1_mode_idp; // {}", key), fmt::format("\"{}\",", key),
          fmt::format("\"{}\" {{", key), fmt::format("config remote x {} y", key)}) {
        EXPECT_EQ(shown(line), hidden) << line;
    }
    EXPECT_EQ(shown("  option password 'x'", Quotes::Of::router), hidden);
}

TEST(Quote, ShowsWhatIsKnown) {
    for (const std::string_view line :
         {"  option 'exchange_mode' 'main'", "list remote_subnet 10.0.0.0/8", "config remote 'far'",
          "conn far", "\t\tmode = phase1_mode_idp;", "\tremoteid {", "\t\tphase1ss = \"all/all/all\";",
          "  local_ts = 10.0.0.0/8", "\tleftsubnet=10.0.0.0/8", "  children {", "ipaddr = 192.168.1.0;",
          "  option keyexchange 'ikev2'", "include conf.d/tunnels.conf", "\t\t\tkey_id = \"office\";",
          "option rekeytime 20m", "  option honour_keyingtries 1", "\tkeyingtries=3", "  rekey_time = 4h"}) {
        EXPECT_NE(shown(line).find(line.substr(line.find_last_of('\t') + 1)), std::string::npos) << line;
    }
    EXPECT_NE(shown("iptables -A input_rule -p esp -j ACCEPT", Quotes::Of::router).find("-p esp"),
              std::string::npos);
    EXPECT_EQ(shown(""), "");
}

}  // namespace
}  // namespace causeway::cli
