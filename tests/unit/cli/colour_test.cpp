// States have a colour where a person reads them; nothing else of the lines changes.
#include "cli/colour.hpp"

#include <gtest/gtest.h>

namespace causeway::cli {
namespace {

TEST(Colour, IsTheStatesOnly) {
    EXPECT_EQ(coloured("Security Associations (1 up, 0 connecting):\n"
                       "  lan[1]: ESTABLISHED 3 minutes ago, 192.0.2.1[a]...192.0.2.2[b]\n"
                       "  lan[2]: CONNECTING, 192.0.2.1[a]...192.0.2.2[b]\n"
                       "  lan{1}:  INSTALLED, TUNNEL, reqid 1\n"
                       "  lan{1}:   10.1.0.0/16 === 10.2.0.0/16\n"
                       "  far:  DOWN for 4 seconds, 10.1.0.0/16 === 10.3.0.0/16\n"
                       "  far:   why: the peer is DOWN, says it is ESTABLISHED\n"),
              "Security Associations (1 up, 0 connecting):\n"
              "  lan[1]: \x1b[32mESTABLISHED\x1b[0m 3 minutes ago, 192.0.2.1[a]...192.0.2.2[b]\n"
              "  lan[2]: \x1b[33mCONNECTING\x1b[0m, 192.0.2.1[a]...192.0.2.2[b]\n"
              "  lan{1}:  \x1b[32mINSTALLED\x1b[0m, TUNNEL, reqid 1\n"
              "  lan{1}:   10.1.0.0/16 === 10.2.0.0/16\n"
              "  far:  \x1b[31mDOWN\x1b[0m for 4 seconds, 10.1.0.0/16 === 10.3.0.0/16\n"
              "  far:   why: the peer is DOWN, says it is ESTABLISHED\n");
    EXPECT_EQ(coloured("  lan:   tunnel up, route placed, firewall open\n"
                       "  lan:   tunnel negotiating, route shadowed, firewall unknown\n"
                       "  lan:   tunnel down, route absent, firewall blocked\n"
                       "  lan:   tunnel down, as everybody says\n"),
              "  lan:   tunnel \x1b[32mup\x1b[0m, route \x1b[32mplaced\x1b[0m, firewall \x1b[32mopen\x1b[0m\n"
              "  lan:   tunnel \x1b[33mnegotiating\x1b[0m, route \x1b[33mshadowed\x1b[0m, firewall "
              "\x1b[33munknown\x1b[0m\n"
              "  lan:   tunnel \x1b[31mdown\x1b[0m, route \x1b[31mabsent\x1b[0m, firewall "
              "\x1b[31mblocked\x1b[0m\n"
              "  lan:   tunnel down, as everybody says\n");
    EXPECT_EQ(coloured(""), "");
    EXPECT_EQ(coloured("  lan:  DOWN"), "  lan:  \x1b[31mDOWN\x1b[0m");
}

}  // namespace
}  // namespace causeway::cli
