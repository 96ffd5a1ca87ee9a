// What is published: a whole text, and that nothing of anybody is in it.

#include "doctor/bundle.hpp"

#include <cctype>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.hpp"
#include "doctor/stand_in.hpp"
#include "unit/doctor/healthy.hpp"

namespace causeway::doctor {
namespace {

std::string bundle_of(const Examination& seen) {
    return bundle(seen, judge(seen), {});
}

TEST(DoctorBundleTest, OneBlockWithEverythingMasked) {
    auto seen = down(finding<FindingId::identity_differs>(field<"received">("anna@home.example.org"),
                                                          field<"expected">("box.example.net")));
    seen.connection = "Home";
    EXPECT_EQ(bundle_of(seen),
              R"(---- causeway doctor: names and addresses are masked, keys are never shown ----
causewayd 0.1.0, up for 2 h, data plane userspace, MTU 1400
tunnel1: IKEv1 Main Mode, peer at host1.example
  identities: ours host2.example, theirs host1.example
  Phase 1: aes256-sha512-modp2048; lifetime 3h; DPD on
  tunnel1: 10.1.0.0/24 === 10.2.0.0/24, kept up
    Phase 2: aes256-sha512; lifetime 1h

  ok Configuration   /etc/config/ipsec has no errors
  ok Daemon          causewayd 0.1.0 has been running for 2 h
  ok Names           the peer's name host1.example resolves to 203.0.113.1
  ok Names           our name host2.example points to 203.0.113.2
  ok NAT             our address 203.0.113.2 is a public one
  ok Route           203.0.113.1 is reached from 203.0.113.2
  ok Route           10.2.0.0/24 goes into the tunnel
  ok Sockets         listening on UDP 500 and 4500 of 0.0.0.0
  ok Firewall        IP forwarding is on, and no rule is known to drop the tunnels' packets (fw4, zone vpn)
  ok Data plane      causeway0 is up, MTU 1400 (userspace)
  NO Phase 1         the peer identifies itself as user1@host.example, expected host1.example
   - Phase 2         10.1.0.0/24 === 10.2.0.0/24 waits for Phase 1

Most likely cause: the peer identifies itself as user1@host.example, expected host1.example.
More: causeway explain id-differs
---- end ----
)");
}

/// One that no word of ours contains.
rc::Gen<std::string> any_name(const char* prefix) {
    return rc::gen::map(rc::gen::inRange(0, 100000),
                        [prefix](int number) { return std::string(prefix) + "q" + std::to_string(number); });
}

rc::Gen<std::string> any_host() {
    return rc::gen::map(
        rc::gen::pair(any_name("h"), rc::gen::element<std::string>(".dyndns.org", ".example.net", ".de")),
        [](const auto& made) { return made.first + made.second; });
}

rc::Gen<std::string> any_identity() {
    return rc::gen::oneOf(
        any_host(), any_name("keyid-"),
        rc::gen::map(any_host(), [](const std::string& host) { return "someone@" + host; }));
}

rc::Gen<std::string> any_address() {
    return rc::gen::map(rc::gen::tuple(rc::gen::inRange(1, 224), rc::gen::inRange(0, 256),
                                       rc::gen::inRange(0, 256), rc::gen::inRange(1, 255)),
                        [](const auto& parts) {
                            const auto& [a, b, c, d] = parts;
                            return std::to_string(a == 127 ? 126 : a) + "." + std::to_string(b) + "." +
                                   std::to_string(c) + "." + std::to_string(d);
                        });
}

std::string net_around(const std::string& text) {
    return text.substr(0, text.rfind('.')) + ".0/24";
}

/// What was put in: none of it may come out.
struct Secrets {
    std::vector<std::string> all;

    const std::string& keep(std::string text) { return all.emplace_back(std::move(text)); }
};

Examination any_examination(Secrets& secrets) {
    const auto theirs = secrets.keep(*any_address());
    const auto ours = secrets.keep(*any_address());
    auto seen = healthy();
    auto& peer = peer_of(seen);
    auto& tunnel = tunnel_of(seen);
    seen.names.clear();
    peer.name = secrets.keep(*any_name("Peer"));
    peer.display_name = tunnel.display_name = secrets.keep(*any_name("ipsec-"));
    tunnel.name = secrets.keep(*any_name("net"));
    peer.gateway = secrets.keep(*any_host());
    peer.own_name = secrets.keep(*any_host());
    peer.own_name_note = peer.own_name + " points to " + ours;
    peer.local_id = secrets.keep(*any_identity());
    peer.remote_id = secrets.keep(*any_identity());
    const auto local = *any_address();
    const auto remote = *any_address();
    tunnel.local = secrets.keep(net_around(local));
    tunnel.remote = secrets.keep(net_around(remote));
    seen.names[peer.gateway] = {{address(theirs)}, "", true};
    seen.ways = {{address(theirs), {address(ours), ""}}};
    peer.ike_sas.front().remote.address = address(theirs);
    auto& ping = seen.ping.emplace();
    ping.host = secrets.keep(*any_host());
    ping.address = address(secrets.keep(remote));
    ping.source = address(secrets.keep(local));
    ping.sent = 3;
    seen.connection = peer.name;
    return seen;
}

bool is_of_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

/// As a word of its own: "1.2.3.4" is not in "1.2.3.45".
bool occurs(const std::string& text, const std::string& word) {
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const bool begins = at == 0 || !is_of_word(text[at - 1]);
        const bool ends = at + word.size() == text.size() || !is_of_word(text[at + word.size()]);
        if (begins && ends) {
            return true;
        }
    }
    return false;
}

TEST(DoctorBundleTest, PropertyNothingOfAnybodyIsInIt) {
    EXPECT_TRUE(rc::check([] {
        Secrets secrets;
        auto seen = any_examination(secrets);
        const int fate = *rc::gen::element(0, 1, 2, 3, 4, 5);
        auto& tunnel = tunnel_of(seen);
        if (fate > 0) {
            peer_of(seen).ike_sas.clear();
            tunnel.sas.clear();
        }
        if (fate == 1) {
            tunnel.why_down = status::told(
                finding<FindingId::identity_differs>(field<"received">(secrets.keep(*any_identity())),
                                                     field<"expected">(peer_of(seen).remote_id)));
        } else if (fate == 2) {
            tunnel.why_down = status::told(finding<FindingId::phase1_unanswered>(
                field<"remote">(secrets.keep(*any_address())), field<"tries">("5"), field<"state">("MM-I1")));
        } else if (fate == 4) {
            tunnel.wanted = false;  // the remedy names it
        } else if (fate == 5) {
            peer_of(seen).tunnels.push_back(tunnel);  // both are named
            peer_of(seen).tunnels.back().display_name = secrets.keep(*any_name("ipsec-b"));
        } else if (fate == 3) {
            seen.running = false;
            seen.file.path = secrets.keep("/root/" + *any_name("file") + ".conf");
            seen.not_running =
                "there is no control socket " + secrets.keep("/tmp/" + *any_name("s") + ".sock");
        }
        const auto text = bundle_of(seen);
        for (const auto& secret : secrets.all) {
            RC_ASSERT(!occurs(text, secret));
        }
    }));
}

TEST(DoctorBundleTest, AKeyIsNeverInIt) {
    EXPECT_TRUE(rc::check([] {
        const auto key = *any_name("Secret9") + "xyzzy-plugh";
        const std::string file = R"(
config remote 'Far'
  option enabled '1'
  option gateway 'far.example.net'
  option authentication_method 'psk'
  option pre_shared_key ')" + key +
                                 R"('
  list p1_proposal 'ike'
  list tunnel 'lan'
config p1_proposal 'ike'
  option encryption_algorithm 'aes256'
  option hash_algorithm 'sha512'
  option dh_group 'modp2048'
config p2_proposal 'esp'
  option encryption_algorithm 'aes256'
  option authentication_algorithm 'sha512'
  option pfs_group 'modp2048'
config tunnel 'lan'
  option local_subnet '192.168.1.0/24'
  option remote_subnet '192.168.178.0/24'
  option p2_proposal 'esp'
)";
        const auto model = config::load(file, "/etc/config/ipsec");
        RC_ASSERT(model.has_value());
        RC_ASSERT(model->peers.size() == 1U);
        auto seen = stopped();
        seen.status = stand_in(*model);
        for (const auto& one : model->findings) {
            seen.file.findings.push_back(status::told(one));
        }
        const auto text = bundle_of(seen);
        RC_ASSERT(text.find(key) == std::string::npos);
        RC_ASSERT(text.find("xyzzy") == std::string::npos);
        RC_ASSERT(text.find("10.1.0.0/24 === 10.2.0.0/24") != std::string::npos);
    }));
}

TEST(DoctorStandInTest, TheConfigurationTakesTheDaemonsPlace) {
    const auto model = config::load(R"(
config remote 'Far'
  option enabled '1'
  option gateway 'far.example.net'
  option exchange_mode 'main'
  option authentication_method 'psk'
  option local_identifier '@near.example.net'
  option remote_identifier '@far.example.net'
  option pre_shared_key 'a long-enough secret 4711'
  list p1_proposal 'ike'
  list tunnel 'lan'
config p1_proposal 'ike'
  option encryption_algorithm 'aes256'
  option hash_algorithm 'sha512'
  option dh_group 'modp2048'
config p2_proposal 'esp'
  option encryption_algorithm 'aes256'
  option authentication_algorithm 'sha512'
config tunnel 'lan'
  option local_subnet '192.168.1.0/24'
  option remote_subnet '192.168.178.0/24'
  option p2_proposal 'esp'
)",
                                    "/etc/config/ipsec");
    ASSERT_TRUE(model);
    const auto status = stand_in(*model);
    EXPECT_EQ(status.daemon.config_file, "/etc/config/ipsec");
    ASSERT_EQ(status.engine.peers.size(), 1U);
    const auto& peer = status.engine.peers.front();
    EXPECT_EQ(peer.name, "Far");
    EXPECT_EQ(peer.gateway, "far.example.net");
    EXPECT_EQ(peer.own_name, "near.example.net");
    EXPECT_EQ(peer.remote_id, "far.example.net");
    ASSERT_EQ(peer.tunnels.size(), 1U);
    EXPECT_EQ(peer.tunnels.front().local, "192.168.1.0/24");
    EXPECT_EQ(peer.tunnels.front().remote, "192.168.178.0/24");
    EXPECT_FALSE(peer.tunnels.front().up());
}

}  // namespace
}  // namespace causeway::doctor
