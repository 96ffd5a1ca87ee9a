// Messages that must point at the culprit, and at what to write instead.
#include <algorithm>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <string>
#include <string_view>

#include "config/load.hpp"
#include "config/verdict.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string file(std::string_view remote, std::string_view p1, std::string_view tunnel, std::string_view p2) {
    return fmt::format(
        "config remote 'far'\n option enabled 1\n option gateway far.example\n option authentication_method "
        "psk\n"
        " option pre_shared_key kkkkkkkkkkkkkkkkkkkkkkkk\n list p1_proposal p1\n list tunnel t\n{}"
        "config p1_proposal p1\n option encryption_algorithm aes128\n option dh_group modp1024\n{}"
        "config tunnel t\n option local_subnet 192.168.1.0/24\n option p2_proposal p2\n{}"
        "config p2_proposal p2\n option encryption_algorithm aes128\n{}",
        remote, p1, tunnel, p2);
}

constexpr std::string_view p1 = " option hash_algorithm sha1\n";
constexpr std::string_view tunnel = " option remote_subnet 192.168.2.0/24\n";
constexpr std::string_view p2 = " option authentication_algorithm sha1\n option pfs_group modp1024\n";

std::string said(const std::string& text) {
    const auto model = load(text, "f");
    return model ? joined(findings(*model)) : joined(findings(model.error()));
}

TEST(Messages, AnOptionOfTheOtherPhaseIsCalledByItsNameThere) {
    EXPECT_THAT(
        said(file("", p1, tunnel, " option authentication_algorithm sha1\n option dh_group modp1024\n")),
        HasSubstr("in a 'p2_proposal' section it is called 'pfs_group'"));
    EXPECT_THAT(said(file("", " option authentication_algorithm sha1\n", tunnel, p2)),
                HasSubstr("in a 'p1_proposal' section it is called 'hash_algorithm'"));
}

TEST(Messages, AnAeadInPhase1IsTheFaultAndNotItsMissingHash) {
    auto text = file("", "", tunnel, p2);
    text.replace(text.find("aes128"), 6, "aes128gcm16");
    EXPECT_THAT(said(text), HasSubstr("'aes128gcm16' does not exist in IKEv1's Phase 1"));
    EXPECT_THAT(said(text), Not(HasSubstr("has no 'hash_algorithm'")));
}

TEST(Messages, EveryReasonOfARefusedRemoteAtOnce) {
    const auto all = said(file(" option exchange_mode mail\n", p1, " option remote_subnet 10.0.0.0/33\n",
                               " option authentication_algorithm md4\n"));
    EXPECT_THAT(all, HasSubstr("'exchange_mode' is 'mail'"));
    EXPECT_THAT(all, HasSubstr("10.0.0.0/33"));
    EXPECT_THAT(all, HasSubstr("'md4' is not a supported integrity algorithm"));
    EXPECT_THAT(all, Not(HasSubstr("above")));
}

TEST(Messages, ANetworkThatIsNoneIsRefusedWithItsReason) {
    const auto of = [](std::string_view network) {
        return said(file("", p1, fmt::format(" option remote_subnet {}\n", network), p2));
    };
    auto everything = file("", p1, " option remote_subnet 0.0.0.0/0\n option mark 42\n", p2);
    everything.replace(everything.find("192.168.1.0/24"), 14, "0.0.0.0/0");
    EXPECT_THAT(said(everything), HasSubstr("write the networks of the two sides"));
    EXPECT_THAT(said(everything), Not(HasSubstr("renumber")));
    EXPECT_THAT(of("192.168.1.0/24"), HasSubstr("renumber one of the two networks"));
    EXPECT_THAT(of("'192.168.2.0/24[tcp/80]'"), HasSubstr("every protocol and port"));
    EXPECT_THAT(of("%dynamic"), HasSubstr("the peer's own address"));
}

TEST(Messages, AMissingQuoteIsReportedWhereItIsMissing) {
    const auto good = file("", p1, tunnel, p2) + "config x y\n option a 'b'\n option c 'd e'\n";
    std::size_t tried = 0;
    for (const std::string_view culprit :
         {"gateway far.example", "hash_algorithm sha1", "local_subnet 192.168.1.0/24"}) {
        const auto value = culprit.find(' ') + 1;
        const auto at = good.find(culprit) + value;
        const auto line = std::count(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
        auto slip = good;
        slip.insert(at, "'");
        const auto model = load(slip, "f");
        ASSERT_FALSE(model) << culprit;
        EXPECT_EQ(model.error().place.line, line) << model.error().text();
        EXPECT_THAT(model.error().text(), HasSubstr(fmt::format("close it in line {}", line)));
        ++tried;
    }
    EXPECT_EQ(tried, 3U);
}

TEST(Messages, AHostNameThatIsNoneIsNotCalledMissing) {
    const auto all = said(
        "vpncfg { connections { name = \"x\"; remotehostname = \"a b\"; key = \"kkkkkkkkkkkkkkkkkkkkkkkk\";\n"
        "phase2localid { ipaddr = 10.1.0.1; } phase2remoteid { ipaddr = 10.2.0.1; } } }\n");
    EXPECT_THAT(all, HasSubstr("'a b' is not a valid host name"));
    EXPECT_THAT(all, Not(HasSubstr("neither remotehostname nor remoteip")));
}

}  // namespace
}  // namespace causeway::config
