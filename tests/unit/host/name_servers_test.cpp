#include "host/name_servers.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace causeway::host {
namespace {

TEST(NameServers, AreReadAsTheLibraryReadsThem) {
    const auto servers = name_servers_in(
        "# nameserver 192.0.2.1\n"
        "search example.net\n"
        "nameserver 10.255.0.53\r\n"
        "nameserver\t2001:db8::53 # of the provider\n"
        "nameserver fe80::1%eth0\n"
        "nameserver10.0.0.1\n"
        "nameserver\n"
        "nameserver words\n"
        "nameserver 10.255.0.53\n"
        "nameserver 127.0.0.1");
    ASSERT_EQ(servers.size(), 4U);
    EXPECT_EQ(servers[0].text(), "10.255.0.53");
    EXPECT_EQ(servers[1].text(), "2001:db8::53");
    EXPECT_EQ(servers[2].text(), "fe80::1");
    EXPECT_EQ(servers[3].text(), "127.0.0.1");
}

TEST(NameServers, TheLastListOfDomainsCounts) {
    EXPECT_EQ(search_domains_in(
                  "domain example.org\nsearch lan  home.arpa\r\nsearching no\nnameserver 192.0.2.1\n"),
              (std::vector<std::string>{"lan", "home.arpa"}));
    EXPECT_EQ(search_domains_in("search a b c d e f g").size(), 6U);
    EXPECT_TRUE(search_domains_in("search lan\nsearch \n").empty());
}

}  // namespace
}  // namespace causeway::host
