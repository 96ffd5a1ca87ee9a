// What is said of an ipsec.conf, each with its place, and whose key is whose in its ipsec.secrets.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/findings.hpp"
#include "config/load.hpp"
#include "config/verdict.hpp"
#include "unit/config/ipsec_conf_files.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config::ipsecconf {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// "CODE LINE:COLUMN" of each.
std::string codes_of(const Model& model) {
    std::string all;
    for (const auto& one : model.findings) {
        all += fmt::format("{}{} {}:{}", all.empty() ? "" : ", ", text(one.code()), one.place().line,
                           one.place().column);
    }
    return all;
}

struct Case {
    std::string more;      ///< of the conn
    std::string expected;  ///< codes and places
    std::size_t peers;
    std::string said = {};
};

void expect_each(const std::vector<Case>& cases) {
    for (const auto& one : cases) {
        const auto model = read_conf(conf(one.more));
        EXPECT_EQ(codes_of(model), one.expected) << one.more << remarks(model);
        EXPECT_EQ(model.peers.size(), one.peers) << one.more;
        EXPECT_THAT(remarks(model), HasSubstr(one.said)) << one.more;
        EXPECT_THAT(remarks(model), Not(HasSubstr("kkkk"))) << one.more;
    }
}

TEST(IpsecConfFindings, WhatIsNotForCausewayIsSaidOnce) {
    expect_each({
        {"\tauto=ignore\n", "connection-disabled 3:7", 0, "write auto=start, route or add"},
        {"\tauto=maybe\n", "value-not-understood 3:7", 0, "'auto' of conn 'office' is 'maybe'"},
        {"\ttype=transport\n", "encapsulation-differs 3:7", 0, "transport mode"},
        {"\ttype=passthrough\n", "", 0},
        {"\ttype=tunnels\n", "value-not-understood 3:7", 0, "write tunnel, transport"},
        {"\tkeyexchange=ikev2\n", "ike-version-differs 3:14", 0, "causeway speaks IKEv1"},
        {"\tauthby=rsasig\n", "auth-method-differs 3:9", 0, "authenticates by 'rsasig'"},
        {"\tauthby=\n", "auth-method-differs 1:1", 0, "authenticates by 'pubkey'"},
        {"\tleftauth=psk\n", "auth-method-differs 3:11", 0, "authenticates by 'pubkey'"},
        {"\tleftauth=psk\n\trightauth=secret\n", "", 1},
        {"\trightauth=eap-mschapv2\n\tleftauth=psk\n", "kind-unsupported 3:12", 0,
         "dial-in users ('eap-mschapv2')"},
        {"\tauthby=xauthpsk\n", "kind-unsupported 3:9", 0, "dial-in users"},
        {"\trightauth2=xauth\n", "kind-unsupported 3:13", 0, "dial-in users"},
        {"\tah=sha256\n", "option-unsupported 3:5", 0, "AH is not supported"},
        {"\tleftsourceip=%config\n", "kind-unsupported 3:15", 0, "Mode Config"},
        {"\trightsourceip=10.9.0.0/24\n", "kind-unsupported 3:16", 0, "Mode Config"},
        {"\tleftsourceip=192.168.1.1\n", "option-unsupported 3:15", 1, "left to its routes"},
        {"\tleftprotoport=17/1701\n", "kind-unsupported 3:16", 0, "L2TP"},
        {"\taggressive=yes\n", "aggressive-exposes-psk 3:13", 1, "Aggressive Mode"},
        {"\taggressive=true\n", "value-not-understood 3:13", 0, "write yes, no"},
    });
}

TEST(IpsecConfFindings, KeysThatNobodyKnowsAndThatNobodyNeeds) {
    expect_each({
        {"\tleftsubnt=10.0.0.0/8\n", "option-unknown 3:2", 1, "did you mean 'leftsubnet'?"},
        {"\tkeyexchnge=ikev1\n", "option-unknown 3:2", 1, "did you mean 'keyexchange'?"},
        {"\tuniqueids=no\n", "option-unknown 3:2", 0, "belongs in 'config setup'"},
        {"\tqqqqqq=no\n", "option-unknown 3:2", 1, "it has no effect\n"},
        {"\tmark=42\n", "option-unsupported 3:2", 1, "by their networks alone"},
        {"\tsha256_96=yes\n", "sha256-truncation 3:2", 1, "every packet is thrown away"},
        {"\tsha256_96=no\n\tmobike=no\n\tfragmentation=yes\n\tcompress=no\n\treauth=yes\n\tmargintime=3m\n"
         "\tleftfirewall=yes\n\tleftikeport=500\n\tinstallpolicy=yes\n",
         "", 1},
        {"\tlifetime=1h\n\tkeylife=2h\n", "option-repeated 4:2", 1,
         "'keylife' of conn 'office' is already set in line 3"},
        {"\tlifetime=1 fortnight\n", "value-not-understood 3:11", 0, "a number of seconds"},
        {"\talso=bass\n", "also-undefined 3:7", 0, "there is no such conn"},
        {"\tpfs=yes\n", "", 1},
        {"\tpfs=no\n", "option-without-effect 3:6", 1, "the group in 'esp' asks for PFS"},
        {"\tpfs=yes\n\tesp=aes256-sha512!\n", "option-without-effect 3:6", 1, "no group in 'esp' is no PFS"},
    });
    const auto setup = read_conf("config setup\n\tcharondebug=\"ike 2\"\n\tcharondebg=1\n" + conf(""));
    EXPECT_EQ(codes_of(setup), "option-unknown 3:2");
    const auto all = read_conf("conn %default\n\tcharondebug=1\n" + conf(""));
    EXPECT_EQ(codes_of(all), "option-unknown 2:2, also-undefined 4:7");
    EXPECT_TRUE(all.peers.empty());
    const auto again = read_conf(conf("") + "conn office\n\tleftsubnet=10.0.0.0/8\n");
    EXPECT_EQ(codes_of(again), "duplicate-section 17:1");
    EXPECT_EQ(again.peers.front().tunnels.front().local.text(), "10.0.0.0/8");
    const auto circle = read_conf("conn a\n also=b\n auto=add\nconn b\n also=a\n auto=add\n");
    EXPECT_EQ(codes_of(circle), "also-undefined 2:7, also-undefined 5:7");
    EXPECT_THAT(remarks(circle), HasSubstr("leads back to it"));
}

TEST(IpsecConfFindings, EndsAndNetworks) {
    expect_each({
        {"\tright=192.168.1\n", "value-not-understood 3:8", 0, "neither an address nor a host name"},
        {"\tright=%any\n\tauto=add\n", "nobody-dials 3:8", 1, "waits for the peer to dial"},
        {"\tright=%gw.example\n\trightallowany=yes\n", "", 1},
        {"\tleftid=*.example\n", "id-unusable 3:9", 0, "is a pattern"},
        {"\tleftid=\"C=DE, CN=x\"\n", "id-unusable 3:9", 0, "certificates"},
        {"\trightid=%any\n", "", 1},
        {"\tleftsubnet=192.168.1.0/24,10.1.0.0/16\n", "first-pair-only 3:28", 1, "has 2 networks"},
        {"\tleftsubnet=\"192.168.1.0/24, 10.1.0.0/16\"\n", "first-pair-only 3:13", 1, "192.168.1.0/24"},
        {"\tleftsubnet=192.168.1.0/255.255.255.0\n", "network-inexact 3:13", 1,
         "write the number of bits, /24"},
        {"\tleftsubnet=192.168.1.1/24\n", "network-inexact 3:13", 1, "write 192.168.1.0/24"},
        {"\tleftsubnet=192.168.1.0\n", "network-inexact 3:13", 1, "write 192.168.1.0/24 if"},
        {"\tleftsubnet=fd00::/64\n", "network-unusable 3:13", 0, "IPv6"},
        {"\tleftsubnet=192.168.1.0/24[tcp]\n", "network-unusable 3:13", 0},
        {"\tleftsubnet=vhost:%priv\n", "network-unusable 3:13", 0},
        {"\tleftsubnet=\n", "", 1},
        {"\tleftsubnet=\n\tleft=home.example\n", "network-missing 1:1", 0, "add leftsubnet=NETWORK/BITS"},
        {"\trightsubnet=192.168.1.128/25\n", "networks-overlap 3:14", 1,
         "lies in the local network 192.168.1.0/24"},
    });
    EXPECT_EQ(read_conf(conf("\tleftsubnet=\n")).peers.front().tunnels.front().local.text(), "192.0.2.1/32");
    // The first pair is asked for, the other one answered.
    const auto two = read_conf(conf("\tleftsubnet=192.168.1.0/24,10.1.0.0/16\n"));
    ASSERT_EQ(two.peers.front().tunnels.size(), 2U);
    EXPECT_EQ(two.peers.front().tunnels.front().local.text(), "192.168.1.0/24");
    EXPECT_NE(two.peers.front().tunnels[0].start, StartAction::none);
    EXPECT_EQ(two.peers.front().tunnels[1].local.text(), "10.1.0.0/16");
    EXPECT_EQ(two.peers.front().tunnels[1].start, StartAction::none);
}

TEST(IpsecConfFindings, SuitesAndTimes) {
    expect_each({
        {"\tike=aes256-sha512-modp2048,aes128-md5-modp1024!\n", "crypto-refused 3:29", 1,
         "'md5' is insecure"},
        {"\tike=des-sha1-modp1024!\n", "crypto-refused 3:6, no-usable-proposal 3:6", 0, "protects nothing"},
        {"\tike=aes128gcm16-prfsha256-modp2048\n", "crypto-refused 3:6", 1, "IKEv1's Phase 1"},
        {"\tike=aes128-sha1!\n", "crypto-refused 3:6, no-usable-proposal 3:6", 0,
         "names no Diffie-Hellman group"},
        {"\tesp=aes128!\n", "crypto-refused 3:6, no-usable-proposal 3:6", 0, "names no hash"},
        {"\tesp=aes128-foo\n", "crypto-refused 3:6", 1, "'foo' is no algorithm"},
        {"\tesp=aes128-sha1-modp768\n", "crypto-refused 3:6", 1, "not supported"},
        {"\tesp=aes128-sha1-esn\n", "esn-not-spoken 3:6", 1},
        {"\tesp=aes128-sha1-esn-noesn!\n", "", 1},
        {"\tdpdaction=none\n", "dpd-off 3:12", 1},
        {"\tdpdaction=\n\tauto=add\n", "", 1},
        {"\tdpddelay=0\n", "dpd-off 3:11", 1},
        {"\tkeyingtries=3\n", "keyingtries-finite 3:14", 1, "write %forever"},
        {"\tkeyingtries=1\n\tauto=add\n", "", 1},
        {"\tkeyingtries=many\n", "value-not-understood 3:14", 0},
    });
    const auto times = read_conf(
        conf("\tdpddelay=10\n\tdpdtimeout=45s\n\tlifebytes=5000000\n\trekey=no\n\tforceencaps=yes\n"));
    const auto& peer = times.peers.front();
    EXPECT_EQ(peer.liveness.idle, std::chrono::seconds(10));
    EXPECT_EQ(peer.liveness.misses, 4U);
    EXPECT_EQ(peer.tunnels.front().lifetime.kilobytes, 5000U);
    EXPECT_FALSE(peer.rekey);
    EXPECT_TRUE(peer.force_encapsulation);
}

/// Which key is found: its last character, which differs.
char key_of(const Model& model) {
    return model.peers.empty() ? '-' : static_cast<char>(model.peers.front().pre_shared_key.view().back());
}

TEST(IpsecSecrets, TheOwnersThatFitBestDecide) {
    const struct {
        const char* lines;
        char key;
    } cases[] = {
        {": PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n", '1'},
        {"@home.example @office.example : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n", '1'},
        {"office.example : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n", '1'},
        {"@HOME.example. : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n", '1'},
        {"192.0.2.1 198.51.100.7 : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n", '1'},
        {"%any : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n: PSK \"kkkkkkkkkkkkkkkkkkkkkkkk2\"\n", '1'},
        {": PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n@office.example : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk2\"\n", '2'},
        {"@home.example : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n@office.example : PSK "
         "\"kkkkkkkkkkkkkkkkkkkkkkkk2\"\n",
         '2'},
        {"@office.example : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n"
         "@home.example @office.example : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk2\"\n",
         '2'},
        {"*.example : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n: PSK \"kkkkkkkkkkkkkkkkkkkkkkkk2\"\n", '1'},
        {"192.0.2.1 : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n: PSK \"kkkkkkkkkkkkkkkkkkkkkkkk2\"\n", '2'},
        {": RSA my.pem \"pass\"\nbob : EAP \"x\"\ncarol : XAUTH \"y\"\n# c\n  : "
         "PSK\t'kkkkkkkkkkkkkkkkkkkkkkkk1' # c\r\n",
         '1'},
        {"\"C=DE, CN=x\" : PSK \"kkkkkkkkkkkkkkkkkkkkkkkk1\"\n@office.example : PSK "
         "kkkkkkkkkkkkkkkkkkkkkkkk2\n",
         '2'},
        {"include more\n", '3'},
    };
    for (const auto& one : cases) {
        const auto model = read_conf(
            conf(""), {{"ipsec.secrets", one.lines}, {"more", ": PSK \"kkkkkkkkkkkkkkkkkkkkkkkk3\"\n"}});
        EXPECT_EQ(key_of(model), one.key) << one.lines << remarks(model);
        EXPECT_EQ(remarks(model), "") << one.lines;
    }
}

TEST(IpsecSecrets, AreLookedForUnderThreeNames) {
    for (const std::string name : {"ipsec.secrets", "site.secrets", "site.conf.secrets"}) {
        const auto model =
            load(conf(""), "/tmp/x/site.conf", Format::ipsec_conf, beside({{name, key_for_all}}));
        ASSERT_TRUE(model);
        EXPECT_EQ(model->peers.size(), 1U) << name;
    }
    const auto none =
        load(conf("") + conf("").replace(5, 6, "second"), "/tmp/x/site.conf", Format::ipsec_conf, beside({}));
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->peers.empty());
    EXPECT_THAT(remarks(*none),
                HasSubstr("/tmp/x/site.conf:1: error: there is no key for conn 'office', nor for any other: "
                          "none of ipsec.secrets, site.secrets, site.conf.secrets lies beside the file"));
    EXPECT_EQ(none->counts().errors, 1U);
    EXPECT_EQ(none->findings.front().code(), Code::secret_not_found);
}

TEST(IpsecSecrets, WhatIsSaidOfThem) {
    const struct {
        std::string lines;
        std::string expected;  ///< codes and places
        std::string said;
    } cases[] = {
        {"@other.example : PSK \"kkkkkkkkkkkkkkkkkkkkqqqq\"\n", "secret-not-found 1:1",
         "no key in ipsec.secrets belongs to home.example or office.example"},
        {": PSK \"kkkkkkkkkkkkkkkkkkkkqqqq\"rest\"\n", "psk-not-carried 1:7",
         "reads 24 characters of it, and so does causeway; as it stands there it has 29"},
        {": PSK kkkkkkkkkkkkkkkkkkkkqqqq and more\n", "psk-not-carried 1:7", "ends at a blank"},
        {": PSK \"kkkkqqqq\"\n", "psk-weak 1:7", "shorter than 20"},
        {": PSK \"changeme\"\n", "psk-placeholder 1:7, psk-weak 1:7", "placeholder"},
        {": PSK \"\"\n", "psk-missing 1:7", "is empty"},
        {": PSK 0x6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b\n", "psk-encoding-differs 1:7",
         "hexadecimal digits"},
        {": PSK 0sa2tra2tra2tra2tra2tra2tra2tr\n", "psk-encoding-differs 1:7", "Base64"},
        {": PSK 0xkkkk\n", "value-not-understood 1:7", "not hexadecimal"},
        {": PSK \"0x6b6b6b6b6b6b6b6b6b6b6b6b\"\n", "", ""},
        {"@home.example: PSK \"kkkkkkkkkkkkkkkkkkkkqqqq\"\n", "line-cut 1:14",
         "no blank in front of the colon"},
        {"nonsense\n: PSK \"kkkkkkkkkkkkkkkkkkkkqqqq\"\n", "secret-not-found 1:1, line-cut 1:1",
         "reads nothing of the file"},
        {": PSK \"kkkkkkkkkkkkkkkkkkkkqqqq\n", "secret-not-found 1:1, line-cut 1:7",
         "the quote of the key is not closed"},
        {": PKS \"kkkkkkkkkkkkkkkkkkkkqqqq\"\n", "secret-not-found 1:1, line-cut 1:3",
         "a kind of key is expected"},
        {": PSK\n", "secret-not-found 1:1, line-cut 1:3", "nothing behind the kind of key"},
        {"include gone\n: PSK \"kkkkkkkkkkkkkkkkkkkkqqqq\"\n", "include-unread 1:1", "finds no file"},
        {"include ipsec.secrets\n: PSK \"kkkkkkkkkkkkkkkkkkkkqqqq\"\n", "include-unread 1:1", "leads back"},
    };
    for (const auto& one : cases) {
        const auto model = read_conf(conf(""), {{"ipsec.secrets", one.lines}});
        EXPECT_EQ(codes_of(model), one.expected) << one.lines << remarks(model);
        EXPECT_THAT(remarks(model), HasSubstr(one.said)) << one.lines;
        EXPECT_THAT(remarks(model), Not(HasSubstr("kkkk"))) << one.lines;
        EXPECT_THAT(remarks(model), Not(HasSubstr("6b6b"))) << one.lines;
    }
}

TEST(IpsecSecrets, AnAddressThatIsKnownOnlyWhenItSpeaksMayBeTheOwner) {
    const auto model = read_conf(conf("\tleft=%defaultroute\n\tleftid=\n"),
                                 {{"ipsec.secrets", "203.0.113.9 : PSK \"kkkkkkkkkkkkkkkkkkkkqqqq\"\n"}});
    EXPECT_EQ(model.peers.size(), 1U) << remarks(model);
    const auto known =
        read_conf(conf(""), {{"ipsec.secrets", "203.0.113.9 : PSK \"kkkkkkkkkkkkkkkkkkkkqqqq\"\n"}});
    EXPECT_TRUE(known.peers.empty());
}

TEST(IpsecConfFindings, NothingHostileCostsMoreThanItsText) {
    std::string chain;
    for (int i = 0; i < 2000; ++i) {
        chain += fmt::format("conn c{}\n also=c{}\n auto=add\n", i, i + 1);
    }
    EXPECT_THAT(remarks(read_conf(chain)), HasSubstr("too deep"));
    std::string wide = "conn w\n auto=add\n";
    std::string parents;
    for (int i = 0; i < 200; ++i) {
        wide += fmt::format(" also=p{}\n", i);
        parents += fmt::format("conn p{}\n", i);
    }
    EXPECT_THAT(remarks(read_conf(wide + parents)), HasSubstr("more than 64 conns"));
    std::string many;
    for (int i = 0; i < 10001; ++i) {
        many += fmt::format("conn c{}\n", i);
    }
    const auto refused = load(many, "f");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::limit);
    std::string suites = "\tike=aes128";
    for (int i = 0; i < 5000; ++i) {
        suites += "-aes256-sha1-modp1024-sha512-modp2048,aes128";
    }
    EXPECT_LE(read_conf(conf(suites + "-sha1-modp1024\n")).peers.front().proposals.size(), 400U);
    // Every octet somewhere, also in what is beside the file.
    for (int octet = 0; octet < 256; ++octet) {
        const std::string odd(1, static_cast<char>(octet));
        for (const auto& text : {conf("\tleftid=" + odd + "\n"), "conn " + odd + "\n",
                                 odd + "conn a\n left=1\n", conf("\t" + odd)}) {
            const auto model = load(text, "f", Format::ipsec_conf,
                                    beside({{"ipsec.secrets", odd + " : PSK \"" + odd + "\"\n" + odd}}));
            EXPECT_FALSE(model ? remarks(*model).empty() && model->peers.empty()
                               : model.error().text().empty());
        }
    }
    const auto nothing = load("", "f", Format::ipsec_conf);
    ASSERT_FALSE(nothing);
    EXPECT_EQ(verdict_on(nothing.error()), Verdict::errors);
}

}  // namespace
}  // namespace causeway::config::ipsecconf
