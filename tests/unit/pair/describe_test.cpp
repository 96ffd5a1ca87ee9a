// Both ends from one description.
#include "pair/describe.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <map>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.hpp"
#include "pair/mirror.hpp"
#include "pair/readme.hpp"
#include "pair/write.hpp"
#include "unit/config/reading.hpp"
#include "unit/pair/meaning.hpp"

namespace causeway::pair {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view key = "5fJq0WvGmN2cYxT8RbKdZ1sLhUe7PaCw3XoVi9ByM4t";

Description description(Kind theirs = Kind::fritzbox) {
    return {{"home.example.org", *Ipv4Net::parse("192.168.1.0/24"), {}, Kind::causeway},
            {"office.example.org", *Ipv4Net::parse("192.168.178.0/24"), {}, theirs},
            std::string(key),
            "Home",
            "Office"};
}

/// The same octets for the same seed.
class Replayed : public RandomSource {
 public:
    explicit Replayed(std::uint32_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> octets) override {
        for (auto& octet : octets) {
            octet = static_cast<std::uint8_t>(engine_());
        }
    }

 private:
    std::mt19937 engine_;
};

TEST(Description, IsReadWithoutErrorsAndWarningsAtBothEnds) {
    for (const auto kind : {Kind::causeway, Kind::fritzbox, Kind::strongswan}) {
        const auto what = description(kind);
        const auto ours = model_of(what);
        const auto theirs = model_of_other(what);
        ASSERT_TRUE(ours && theirs);
        for (const auto form :
             {Form::uci_g0, Form::uci_g1, Form::uci_g2, Form::uci_g3, Form::uci_g4, Form::vpncfg}) {
            if (form == Form::vpncfg && kind != Kind::fritzbox) {
                continue;
            }
            for (const auto* const model : {&*ours, &*theirs}) {
                const auto written = write(*model, form);
                ASSERT_TRUE(written) << title_of(form) << written.error().text();
                const auto read = config::load(written->text, "written");
                ASSERT_TRUE(read) << read.error().text() << written->text;
                EXPECT_EQ(read->counts().errors + read->counts().warnings, 0U)
                    << title_of(form) << "\n"
                    << config::remarks(*read) << written->text;
                for (const auto& lost : written->lost) {
                    EXPECT_EQ(lost.severity, Severity::note) << title_of(form) << "\n" << lost.text();
                }
            }
        }
    }
}

TEST(Description, OneEndIsTheOthersMirror) {
    const auto ours = model_of(description());
    const auto theirs = model_of_other(description());
    ASSERT_TRUE(ours && theirs);
    const auto mirrored = mirror(*ours);
    EXPECT_THAT(mirrored.findings, testing::IsEmpty());
    for (const auto& difference : differences(mirrored.peers.front(), theirs->peers.front())) {
        ADD_FAILURE() << difference.setting << ": " << difference.a << " and " << difference.b;
    }
}

TEST(Description, ABoxGetsTheSuitesThatAreKnownToWork) {
    const auto with_box = model_of(description());
    ASSERT_TRUE(with_box);
    EXPECT_EQ(suites_of(with_box->peers.front().proposals),
              "aes256-sha512-modp2048 aes256-sha512-modp1024 aes256-sha1-modp1024 ");
    EXPECT_EQ(suites_of(with_box->peers.front().tunnels.front().proposals),
              suites_of(with_box->peers.front().proposals));
    const auto without = model_of(description(Kind::causeway));
    ASSERT_TRUE(without);
    EXPECT_EQ(suites_of(without->peers.front().proposals), "aes256-sha512-modp2048 ");
    const auto box = write(*model_of_other(description()), Form::vpncfg);
    ASSERT_TRUE(box);
    EXPECT_THAT(box->text, HasSubstr("phase1ss = \"all/all/all\""));
    EXPECT_THAT(box->text, HasSubstr("phase2ss = \"esp-all-all/ah-none/comp-all/pfs\""));
    EXPECT_THAT(box->text, HasSubstr("mode = phase1_mode_idp"));
}

TEST(Description, WhoCannotBeCalledDials) {
    auto what = description();
    what.theirs.address = config::AnyAddress{};
    const auto ours = model_of(what);
    const auto theirs = model_of_other(what);
    ASSERT_TRUE(ours && theirs);
    EXPECT_EQ(ours->peers.front().tunnels.front().start, config::StartAction::none);
    EXPECT_EQ(theirs->peers.front().tunnels.front().start, config::StartAction::start);
    what.ours.address = config::AnyAddress{};
    EXPECT_FALSE(model_of(what));
}

TEST(Description, WhatCannotWorkIsRefusedWithTheChange) {
    const auto refused = [](auto change) {
        auto what = description();
        change(what);
        const auto model = model_of(what);
        EXPECT_FALSE(model);
        EXPECT_FALSE(model_of_other(what));
        if (!model) {
            EXPECT_FALSE(model.error().remedy.empty());
            EXPECT_THAT(model.error().text(), Not(HasSubstr(std::string(key))));
            return model.error().what;
        }
        return std::string();
    };
    EXPECT_THAT(refused([](Description& what) { what.theirs.lan = *Ipv4Net::parse("192.168.0.0/16"); }),
                HasSubstr("overlap"));
    EXPECT_THAT(refused([](Description& what) { what.theirs.name = "HOME.example.org."; }),
                HasSubstr("both ends are called"));
    EXPECT_THAT(refused([](Description& what) { what.ours.name = "a b"; }), HasSubstr("not a DNS name"));
    EXPECT_THAT(refused([](Description& what) { what.ours.name = "192.0.2.1"; }),
                HasSubstr("not a DNS name"));
    EXPECT_THAT(refused([](Description& what) { what.ours.lan = {0, 0}; }), HasSubstr("network of a LAN"));
    EXPECT_THAT(refused([](Description& what) { what.key.resize(19); }), HasSubstr("19 characters"));
    EXPECT_THAT(refused([](Description& what) { what.key += '"'; }), HasSubstr("quote"));
}

TEST(Key, HasFortyThreeLettersAndDigitsOfWhichAllOccurAlike) {
    std::set<std::string> keys;
    std::map<char, unsigned> counts;
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
        Replayed random(seed);
        const auto made = make_key(random);
        EXPECT_EQ(made.size(), 43U);
        for (const char c : made) {
            EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) != 0);
            ++counts[c];
        }
        keys.insert(made);
    }
    EXPECT_EQ(keys.size(), 2000U);
    EXPECT_EQ(counts.size(), 62U);
    // 86000 characters: 1387 of each, give or take 37; the remainder of 256 by 62 would give eight of them a
    // quarter more.
    for (const auto& [c, count] : counts) {
        EXPECT_GT(count, 1200U) << c;
        EXPECT_LT(count, 1575U) << c;
    }
}

// CAUSEWAY_ACCEPT=1 writes them.
void is_golden(const std::string& text, const std::string& name) {
    const auto path = fs::path(CAUSEWAY_SOURCE_DIR) / "tests/unit/pair/golden" / name;
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
    }
    EXPECT_EQ(text, config::content(path)) << name;
}

TEST(Golden, APairWithABoxInEveryForm) {
    const auto ours = model_of(description());
    const auto theirs = model_of_other(description());
    ASSERT_TRUE(ours && theirs);
    for (const auto& [form, name] : {std::pair{Form::uci_g0, "g0.uci"},
                                     {Form::uci_g1, "g1.uci"},
                                     {Form::uci_g2, "g2.uci"},
                                     {Form::uci_g3, "g3.uci"},
                                     {Form::uci_g4, "g4.uci"},
                                     {Form::swanctl, "swanctl.conf"}}) {
        is_golden(write(*ours, form)->text, name);
    }
    const auto old = write(*ours, Form::ipsec_conf);
    is_golden(old->text, "ipsec.conf");
    is_golden(old->secrets, "ipsec.secrets");
    EXPECT_THAT(old->text, Not(HasSubstr(std::string(key))));
    const auto box = write(*theirs, Form::vpncfg);
    is_golden(box->text, "box.vpncfg");
    is_golden(text_of(box->lost), "box.lost");
    is_golden(readme(description(), Form::uci_g3, Form::vpncfg), "README.txt");
}

/// What the first description does not have.
constexpr std::string_view everything_else = R"(config ipsec
	option debug 2
	list interface wan
config remote 'r'
	option enabled 1
	option gateway 198.51.100.9
	option local_ip 192.0.2.9
	option aggressive 1
	option authentication_method psk
	option pre_shared_key 'a"b\c#d0123456789abcdef'
	option local_identifier 'keyid:left office'
	option remote_identifier user@example.org
	option keyexchange ikev1
	option encap 1
	option dpddelay 0
	option ikelifetime 900
	option honour_keyingtries 1
	option keyingtries 5
	option own_name home.example.org
	option allow_md5 1
	list tunnel a
	list tunnel b
	list crypto_proposal c
config tunnel a
	list local_subnet 10.0.0.0/24
	list remote_subnet 10.1.0.0/24
	option startaction route
	option lifetime 1000
	option lifebytes 22000000
	list crypto_proposal d
config tunnel b
	list local_subnet 10.0.0.0/24
	list remote_subnet 10.2.0.0/24
	option startaction add
	list crypto_proposal c
config crypto_proposal c
	option encryption_algorithm 3des
	option hash_algorithm md5
	option dh_group ecp256
config crypto_proposal d
	option encryption_algorithm aes128gcm16
)";

TEST(Golden, EverythingElseForStrongSwan) {
    const auto model = config::load(everything_else, "ipsec");
    ASSERT_TRUE(model) << model.error().text();
    const auto swanctl = write(*model, Form::swanctl);
    const auto old = write(*model, Form::ipsec_conf);
    ASSERT_TRUE(swanctl && old);
    is_golden(swanctl->text, "everything_else.swanctl.conf");
    is_golden(old->text, "everything_else.ipsec.conf");
    is_golden(old->secrets, "everything_else.ipsec.secrets");
    is_golden(text_of(swanctl->lost) + text_of(old->lost), "everything_else.lost");
}

TEST(Readme, HasTheStepsOfEachEndAndNoKey) {
    for (const auto form : {Form::uci_g0, Form::uci_g1, Form::uci_g2, Form::uci_g3, Form::uci_g4,
                            Form::vpncfg, Form::swanctl, Form::ipsec_conf}) {
        const auto text = readme(description(), form, form);
        EXPECT_THAT(text, Not(HasSubstr(std::string(key))));
        EXPECT_THAT(text, HasSubstr(std::string(file_of(form))));
        EXPECT_THAT(text, HasSubstr("home.example.org"));
        EXPECT_THAT(text, HasSubstr("Office"));
    }
    EXPECT_THAT(readme(description(), Form::vpncfg, Form::vpncfg),
                HasSubstr("Internet > Permit Access > VPN"));
}

TEST(Firewall, IsWhatTheInitScriptWrites) {
    const auto script =
        config::content(fs::path(CAUSEWAY_SOURCE_DIR) / "packaging/openwrt/causeway/files/firewall.sh");
    std::istringstream lines(script);
    std::string wanted_zone;
    std::string wanted_rules;
    for (std::string line; std::getline(lines, line);) {
        const auto at = line.find_first_not_of("\t ");
        line = at == std::string::npos ? "" : line.substr(at);
        if (line.starts_with("set firewall.") || line.starts_with("add_list firewall.")) {
            const bool rule = line.find("causeway_ike") != std::string::npos ||
                              line.find("causeway_esp") != std::string::npos;
            if (const auto zone = line.find("$1"); zone != std::string::npos) {
                line.replace(zone, 2, "vpn");
            }
            (rule ? wanted_rules : wanted_zone) += line + "\n";
        }
    }
    EXPECT_EQ(firewall_batch(), wanted_rules);
    EXPECT_EQ(firewall_batch("vpn"), wanted_zone + wanted_rules);
    EXPECT_THAT(firewall_batch("a'b"), HasSubstr(".name='a'\\''b'\n"));
}

}  // namespace
}  // namespace causeway::pair
