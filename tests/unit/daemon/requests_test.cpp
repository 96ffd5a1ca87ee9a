// What the confined process asks, as octets: what was meant arrives, and nothing that may not be asked does. The other end of
// these tests is a process that somebody has taken over.
#include "daemon/requests.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <string>
#include <utility>
#include <vector>

#include "codec/writer.hpp"

namespace causeway::daemon {
namespace {

firewall::Guard some_guard() {
    firewall::Guard guard;
    guard.pairs = {{*Ipv4Net::parse("192.168.1.0/24"), *Ipv4Net::parse("192.168.0.0/24")},
                   {{0, 0}, {0x0a000001, 32}}};
    guard.on_link = {{"br-lan", *Ipv4Net::parse("192.168.0.1")}};
    guard.outer = {{*Ipv4Net::parse("192.168.0.9"), *Ipv4Net::parse("192.168.1.1")}};
    guard.exempt_from_nat = true;
    guard.kernel_encrypts = true;
    return guard;
}

firewall::Openings some_openings() {
    firewall::Openings openings;
    openings.pairs = some_guard().pairs;
    openings.closed = {some_guard().pairs.front()};
    openings.peers = {*IpAddress::parse("203.0.113.5"), *IpAddress::parse("2001:db8::5")};
    openings.mss = 1360;
    return openings;
}

/// One of each kind, in the variant's order.
std::vector<Request> one_of_each() {
    return {OpenControl{},
            ShareLock{},
            OpenConfiguration{2},
            OpenSystemFile{host::SystemFile::rp_filter, "eth0.7"},
            FindPrograms{},
            ListChains{},
            ListTable{true, "fw4"},
            PlaceGuard{some_guard()},
            PlaceOpenings{config::Firewall::fw4, some_openings(), "vpn"},
            StartUbus{},
            EndUbus{true},
            FreshFile{FreshFile::Which::metrics, FreshFile::Step::keep},
            WriteLog{Level::warning, "a line"},
            Announce{Announce::What::failed, "why"},
            NameMetricsFile{"/srv/metrics.prom"}};
}

template <class Kind>
Kind there_and_back(const Kind& asked) {
    const auto got = parse_request(encode(Request(asked)));
    EXPECT_TRUE(got) << got.error().text();
    return got ? std::get<Kind>(*got) : Kind{};
}

bool refused(const Request& asked) {
    return !parse_request(encode(asked)).has_value();
}

TEST(Requests, EachKindArrivesAndNoOctetOfItIsLeftOut) {
    const std::vector<Request> all = one_of_each();
    ASSERT_EQ(all.size(), std::variant_size_v<Request>);
    for (std::size_t i = 0; i < all.size(); ++i) {
        ASSERT_EQ(all[i].index(), i);
        const Bytes octets = encode(all[i]);
        const auto got = parse_request(octets);
        ASSERT_TRUE(got) << i;
        EXPECT_EQ(got->index(), i);
        EXPECT_EQ(encode(*got), octets) << i;
        for (std::size_t length = 0; length < octets.size(); ++length) {
            EXPECT_FALSE(parse_request(ByteView(octets).first(length))) << i << " cut at " << length;
        }
        Bytes longer = octets;
        longer.push_back(0);
        EXPECT_FALSE(parse_request(longer)) << i;
    }
}

TEST(Requests, ValuesArriveAsTheyWere) {
    const auto guard = there_and_back(PlaceGuard{some_guard()});
    ASSERT_TRUE(guard.guard);
    EXPECT_EQ(*guard.guard, some_guard());
    EXPECT_FALSE(there_and_back(PlaceGuard{}).guard);
    const auto openings = there_and_back(PlaceOpenings{config::Firewall::iptables, some_openings(), ""});
    EXPECT_EQ(openings.openings, some_openings());
    EXPECT_EQ(openings.kind, config::Firewall::iptables);
    const auto file = there_and_back(OpenSystemFile{host::SystemFile::hosts, ""});
    EXPECT_EQ(file.file, host::SystemFile::hosts);
    EXPECT_EQ(there_and_back(WriteLog{Level::debug, "a line"}).line, "a line");
}

TEST(Requests, WhatIsTheParentsOwnIsNotTakenFromTheOtherProcess) {
    firewall::Guard guard = some_guard();
    guard.table = "filter";
    guard.device = "eth0";
    guard.mark = 1;
    const auto got = there_and_back(PlaceGuard{guard});
    EXPECT_EQ(got.guard->table, firewall::Guard{}.table);
    EXPECT_EQ(got.guard->device, firewall::Guard{}.device);
    EXPECT_EQ(got.guard->mark, 0U);
    firewall::Openings openings;
    openings.device = "eth0";
    EXPECT_EQ(there_and_back(PlaceOpenings{config::Firewall::fw4, openings, ""}).openings.device,
              firewall::Openings{}.device);
}

TEST(Requests, NamesThatWouldBeMoreThanNamesAreRefused) {
    for (const char* name : {"x; flush ruleset", "fw4 }", "\"fw4\"", "", "-a", "1st", "a\nb", "../x"}) {
        EXPECT_TRUE(refused(ListTable{false, name})) << name;
    }
    for (const char* zone : {"vpn; flush ruleset", "vpn\" drop", "-vpn"}) {
        EXPECT_TRUE(refused(PlaceOpenings{config::Firewall::fw4, {}, zone})) << zone;
    }
    EXPECT_TRUE(refused(ListTable{false, std::string(200, 'a')}));
    for (const char* device : {"../../all", "eth0\" accept", "a b", "a\n", "sixteen-octets-x", "..", ""}) {
        EXPECT_TRUE(refused(OpenSystemFile{host::SystemFile::rp_filter, device})) << device;
        firewall::Guard guard;
        guard.on_link = {{device, {}}};
        EXPECT_TRUE(refused(PlaceGuard{guard})) << device;
    }
    EXPECT_TRUE(refused(OpenSystemFile{host::SystemFile::hosts, "eth0"}));
}

TEST(Requests, NumbersOutsideTheirRangeAreRefused) {
    EXPECT_FALSE(parse_request({}));
    EXPECT_FALSE(parse_request(Bytes{static_cast<std::uint8_t>(std::variant_size_v<Request>)}));
    EXPECT_TRUE(refused(OpenSystemFile{static_cast<host::SystemFile>(200), ""}));
    EXPECT_TRUE(refused(FreshFile{FreshFile::Which::history, static_cast<FreshFile::Step>(3)}));
    EXPECT_TRUE(refused(FreshFile{static_cast<FreshFile::Which>(2), FreshFile::Step::begin}));
    EXPECT_TRUE(refused(NameMetricsFile{"relative.prom"}));
    EXPECT_TRUE(refused(NameMetricsFile{""}));
    EXPECT_TRUE(refused(NameMetricsFile{std::string("/a\0b", 4)}));
    EXPECT_TRUE(refused(NameMetricsFile{"/" + std::string(max_line_octets, 'x')}));
    EXPECT_FALSE(refused(NameMetricsFile{"/var/lib/node_exporter/causeway.prom"}));
    firewall::Guard guard;
    guard.pairs = {{{0xc0a80101, 24}, {0, 0}}};  // host bits
    EXPECT_TRUE(refused(PlaceGuard{guard}));
    guard.pairs = {{{0, 33}, {0, 0}}};
    EXPECT_TRUE(refused(PlaceGuard{guard}));
    EXPECT_TRUE(refused(WriteLog{Level::error, std::string(max_line_octets + 1, 'x')}));
}

TEST(Requests, ACountIsNotBelieved) {
    Writer octets;
    octets.u8(static_cast<std::uint8_t>(Request(PlaceGuard{}).index())).u8(1).u32(0xffffffff);
    EXPECT_FALSE(parse_request(std::move(octets).finish()));
}

TEST(Requests, AnswersArriveToo) {
    Answer answer;
    answer.error = Error{Errc::permission, "what", {}, "remedy"};
    answer.number = 0x1'0000'0001;
    answer.second = 7;
    answer.text = "text";
    answer.chains = {{"inet", "fw4", "forward", "filter", host::NftHook::forward}};
    const auto got = parse_answer(encode(answer));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->error->code, Errc::permission);
    EXPECT_EQ(got->error->text(), answer.error->text());
    EXPECT_EQ(got->number, answer.number);
    EXPECT_EQ(got->second, 7U);
    EXPECT_EQ(got->text, "text");
    ASSERT_EQ(got->chains.size(), 1U);
    EXPECT_EQ(got->chains[0].table, "fw4");
    EXPECT_EQ(got->chains[0].hook, host::NftHook::forward);
}

TEST(Requests, WhateverIsTakenForOneIsOneByteForByte) {
    rc::check([](std::vector<std::uint8_t> tail, std::uint8_t kind) {
        Bytes octets{static_cast<std::uint8_t>(kind % (std::variant_size_v<Request> + 1))};
        octets.insert(octets.end(), tail.begin(), tail.end());
        if (const auto got = parse_request(octets)) {
            RC_ASSERT(encode(*got) == octets);
        }
    });
    const std::vector<Request> all = one_of_each();
    rc::check([&](std::uint32_t which, std::uint32_t at, std::uint8_t value) {
        Bytes octets = encode(all[which % all.size()]);
        octets[at % octets.size()] = value;
        if (const auto got = parse_request(octets)) {
            RC_ASSERT(encode(*got) == octets);
        }
    });
}

}  // namespace
}  // namespace causeway::daemon
