#include "host/hosts_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace causeway::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

IpAddress address(const char* text) {
    return *IpAddress::parse(text);
}

TEST(HostsFile, EveryAddressOfTheNameInItsOrder) {
    EXPECT_THAT(addresses_in_hosts("192.0.2.1 box.example.org box\n"
                                   "# 192.0.2.9 box\n"
                                   "2001:db8::1\tother  box # 192.0.2.8\n"
                                   "192.0.2.1 box\n",
                                   "box"),
                ElementsAre(address("192.0.2.1"), address("2001:db8::1")));
}

TEST(HostsFile, NamesHaveNoCase) {
    EXPECT_THAT(addresses_in_hosts("192.0.2.1 Box.Example.org\r\n", "bOX.example.ORG"),
                ElementsAre(address("192.0.2.1")));
}

TEST(HostsFile, AnAddressIsNoNameAndPartOfANameIsNone) {
    EXPECT_THAT(addresses_in_hosts("192.0.2.1 box.example.org\n", "192.0.2.1"), IsEmpty());
    EXPECT_THAT(addresses_in_hosts("192.0.2.1 box.example.org\n", "box"), IsEmpty());
}

TEST(HostsFile, LinesThatAreNoneArePassedOver) {
    EXPECT_THAT(addresses_in_hosts("box box\n\n  \n999.0.2.1 box\n192.0.2.1\n 192.0.2.2 box", "box"),
                ElementsAre(address("192.0.2.2")));
}

}  // namespace
}  // namespace causeway::host
