// The report in words: whole texts, as a person sees them.

#include "doctor/words.hpp"

#include <gtest/gtest.h>
#include <string>

#include "unit/doctor/healthy.hpp"

namespace causeway::doctor {
namespace {

std::string text_of(const Examination& seen, const Marks& marks = {}) {
    const auto report = judge(seen);
    return steps_text(report, marks) + "\n" + verdict_text(report);
}

TEST(DoctorWordsTest, AllIsWell) {
    EXPECT_EQ(text_of(healthy(), marks_in_utf8),
              R"(  ✓ Configuration   /etc/config/ipsec has no errors
  ✓ Daemon          causewayd 0.1.0 has been running for 2 h
  ✓ Names           the peer's name box.example.net resolves to 198.51.100.112
  ✓ Names           our name office.example.net points to 203.0.113.56
  ✓ NAT             the peer is behind NAT, and ESP is sent in UDP
  ✓ Route           198.51.100.112 is reached from 203.0.113.56
  ✓ Route           192.168.178.0/24 goes into the tunnel
  ✓ Sockets         listening on UDP 500 and 4500 of 0.0.0.0
  ✓ Firewall        IP forwarding is on, and no rule is known to drop the tunnels' packets (fw4, zone vpn)
  ✓ Data plane      causeway0 is up, MTU 1400 (userspace)
  ✓ Phase 1         established with 198.51.100.112 20 min ago (Main Mode, aes256-sha512-modp2048)
  ✓ Phase 2         192.168.1.0/24 === 192.168.178.0/24 installed 20 min ago (aes256-sha512, ESP in UDP)
  ✓ Counters        420 packets in, 400 out, the last came 3 s ago
  ✓ Path MTU        1492 octets (probed)
  - Far host        '--ping HOST' pings a host in 192.168.178.0/24

Nothing wrong was found.
)");
}

TEST(DoctorWordsTest, TheKeysDiffer) {
    EXPECT_EQ(text_of(down(finding<FindingId::message_5_unanswered>(field<"remote">("198.51.100.112"),
                                                                    field<"place">("/etc/config/ipsec:9")))),
              R"(  ok Configuration   /etc/config/ipsec has no errors
  ok Daemon          causewayd 0.1.0 has been running for 2 h
  ok Names           the peer's name box.example.net resolves to 198.51.100.112
  ok Names           our name office.example.net points to 203.0.113.56
  ok NAT             our address 203.0.113.56 is a public one
  ok Route           198.51.100.112 is reached from 203.0.113.56
  ok Route           192.168.178.0/24 goes into the tunnel
  ok Sockets         listening on UDP 500 and 4500 of 0.0.0.0
  ok Firewall        IP forwarding is on, and no rule is known to drop the tunnels' packets (fw4, zone vpn)
  ok Data plane      causeway0 is up, MTU 1400 (userspace)
  NO Phase 1         198.51.100.112 answers all messages but the one that our key encrypts: the pre-shared keys differ, most likely
   - Phase 2         192.168.1.0/24 === 192.168.178.0/24 waits for Phase 1

Most likely cause: 198.51.100.112 answers all messages but the one that our key encrypts: the pre-shared keys differ, most likely. Other causes can look the same.
What to do: compare the keys (/etc/config/ipsec:9); an identity that it does not know can look the same.
More: causeway explain psk-differs
)");
}

TEST(DoctorWordsTest, NoDaemon) {
    EXPECT_EQ(text_of(stopped()),
              R"(  ok Configuration   /etc/config/ipsec has no errors
  NO Daemon          causewayd is not running: there is no control socket /run/causeway/control.sock
  ok Names           the peer's name box.example.net resolves to 198.51.100.112
  ok Names           our name office.example.net points to 203.0.113.56, which is this machine
  ok NAT             our address 203.0.113.56 is a public one
  ok Route           198.51.100.112 is reached from 203.0.113.56
  ok Sockets         UDP 500 and 4500 are free
   ? Firewall        IP forwarding is on; the rules are known to the running daemon only
  ok Data plane      /dev/net/tun can be opened
   - Phase 1         causewayd is not running
   - Phase 2         192.168.1.0/24 === 192.168.178.0/24 waits for Phase 1

Most likely cause: causewayd is not running: there is no control socket /run/causeway/control.sock.
What to do: start it ('/etc/init.d/causeway start', 'systemctl start causewayd'), and read its log if it ends again.
More: causeway explain daemon-not-running
)");
}

TEST(DoctorWordsTest, WhatIsNotKnownIsSaidAtTheEnd) {
    auto seen = healthy();
    tunnel_of(seen).sas.front().path_mtu_from = "device";
    EXPECT_EQ(verdict_text(judge(seen)),
              "Nothing wrong was found; what has a '?' could not be determined.\n");
}

TEST(DoctorWordsTest, SeveralConnectionsAreNamed) {
    auto seen = healthy();
    auto second = peer_of(seen);
    second.display_name = second.tunnels.front().display_name = "branch";
    second.tunnels.front().sas.clear();
    second.tunnels.front().why_down = status::told(finding<FindingId::quick_mode_unconfirmed>());
    seen.status.engine.peers.push_back(second);
    const auto text = text_of(seen);
    EXPECT_NE(text.find("  NO Phase 2         branch: the peer did not confirm Quick Mode\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("  ok Daemon          causewayd 0.1.0"), std::string::npos) << text;
    EXPECT_NE(text.find("Most likely cause: branch: the peer did not confirm Quick Mode.\nMore: "),
              std::string::npos)
        << text;
}

}  // namespace
}  // namespace causeway::doctor
