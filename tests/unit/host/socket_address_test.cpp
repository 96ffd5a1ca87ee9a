#include "host/socket_address.hpp"

#include "loop.hpp"

namespace causeway::host {
namespace {

TEST(SocketAddress, KeepsAddressAndPortOfBothFamilies) {
    for (const char* text : {"192.0.2.1", "0.0.0.0", "2001:db8::5", "::", "::ffff:192.0.2.1"}) {
        const Endpoint endpoint{test::address(text), 4500};
        EXPECT_EQ(from_system(to_system(endpoint).get()), endpoint) << text;
    }
}

TEST(SocketAddress, OtherFamiliesAreUnspecified) {
    SocketAddress local;
    local.storage.ss_family = AF_UNIX;
    EXPECT_TRUE(from_system(local.get()).address.is_unspecified());
}

}  // namespace
}  // namespace causeway::host
