// What is written means the same when it is read again, except what is said to be lost.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/convert.hpp"
#include "config/load.hpp"
#include "pair/losses.hpp"
#include "pair/write.hpp"
#include "unit/config/reading.hpp"
#include "unit/pair/meaning.hpp"

namespace causeway::pair {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Form forms[] = {Form::uci_g0, Form::uci_g1, Form::uci_g2,  Form::uci_g3,
                          Form::uci_g4, Form::vpncfg, Form::swanctl, Form::ipsec_conf};

/// No finding has a key in any of its fields. Keys of a few octets are in any text.
void expect_no_key(const config::Model& model, const std::vector<Finding>& findings, const std::string& of) {
    for (const auto& peer : model.peers) {
        const std::string key(as_text(peer.pre_shared_key.view()));
        if (key.size() < 4) {
            continue;
        }
        for (const auto& finding : findings) {
            EXPECT_THAT(finding.text(), Not(HasSubstr(key))) << of;
            EXPECT_THAT(finding.text(), Not(HasSubstr(to_hex(peer.pre_shared_key.view())))) << of;
            for (const auto& [name, value] : finding.fields) {
                EXPECT_THAT(value, Not(HasSubstr(key))) << of;
            }
        }
    }
}

/// Peers that are not in the text, or that our reader of it refuses.
std::set<std::string> left_out(const config::Model& model, const std::vector<Finding>& lost) {
    std::set<std::string> titles;
    for (const auto& peer : model.peers) {
        const auto settings = settings_lost(lost, title_of(peer));
        if (settings.contains("left out") || settings.contains("unread")) {
            titles.insert(title_of(peer));
        }
    }
    return titles;
}

/// How many peers came back.
std::size_t means_the_same(const config::Model& model, Form form, const std::string& of) {
    const auto written = write(model, form);
    if (!written) {
        EXPECT_EQ(written.error().code, Errc::unacceptable) << of;
        EXPECT_THAT(written.error().text(), HasSubstr("is left out")) << of;
        return 0;
    }
    expect_no_key(model, written->lost, of);
    const auto missing = left_out(model, written->lost);
    const config::Companions keys = [&](std::string_view /*name*/, std::string_view /*from*/) {
        return std::vector{config::NamedText{"written.secrets", written->secrets}};
    };
    const auto again = config::load(written->text, "written", std::nullopt, keys);
    if (!again) {
        ADD_FAILURE() << of << "\n" << again.error().text() << "\n" << written->text;
        return 0;
    }
    EXPECT_EQ(again->schema, form) << of << "\n" << written->text;
    EXPECT_EQ(again->peers.size() + missing.size(), model.peers.size()) << of << "\n" << written->text;
    const auto md5 = [](const Finding& one) { return one.id == FindingId::suites_for_strongswan; };
    if (std::ranges::none_of(written->lost, md5)) {
        EXPECT_EQ(again->counts().errors, 0U) << of << "\n" << config::remarks(*again) << written->text;
        for (const auto& finding : again->findings) {
            EXPECT_FALSE(finding.dropped) << of << "\n" << finding.text() << "\n" << written->text;
        }
    }
    auto read = again->peers.begin();
    for (const auto& peer : model.peers) {
        if (missing.contains(title_of(peer)) || read == again->peers.end()) {
            continue;
        }
        const auto lost = settings_lost(written->lost, title_of(peer));
        for (const auto& difference : differences(peer, *read)) {
            EXPECT_TRUE(lost.contains(difference.setting))
                << of << ", " << title_of(peer) << ": " << difference.setting << " is " << difference.a
                << " and comes back as " << difference.b << "\n"
                << written->text << text_of(written->lost);
        }
        ++read;
    }
    return again->peers.size();
}

/// Files of every kind that describe tunnels, in the folder and below it.
std::vector<fs::path> inputs(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const auto end = entry.path().extension();
        if (end == ".uci" || end == ".vpncfg" || end == ".conf") {
            found.push_back(entry.path());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// ours.secrets beside ours.ipsec.conf.
config::Companions keys_beside(const fs::path& file) {
    return
        [file](std::string_view name, std::string_view /*from*/) -> Result<std::vector<config::NamedText>> {
            const auto stem = file.filename().string();
            const auto keys = file.parent_path() / (stem.substr(0, stem.find('.')) + ".secrets");
            if (!name.ends_with("secrets") || !fs::exists(keys)) {
                return std::vector<config::NamedText>{};
            }
            return std::vector{config::NamedText{keys.filename().string(), config::content(keys)}};
        };
}

/// `causeway convert` without --to has a writer of its own (config/convert).
void newest_means_the_same(const config::Model& model, const fs::path& path, const std::string& of) {
    const auto written = write(model, Form::uci_g4);
    const auto converted = config::convert_to_g4(config::content(path), of, std::nullopt, keys_beside(path));
    ASSERT_EQ(converted.has_value(), written.has_value())
        << of << (converted ? "" : converted.error().text());
    if (!converted) {
        return;
    }
    const auto one = config::load(converted->text, "converted");
    const auto other = config::load(written->text, "written");
    ASSERT_TRUE(one && other) << of << converted->text;
    ASSERT_EQ(one->peers.size(), other->peers.size()) << of << converted->text;
    for (std::size_t i = 0; i < one->peers.size(); ++i) {
        for (const auto& difference : differences(one->peers[i], other->peers[i])) {
            ADD_FAILURE() << of << ": " << difference.setting << " is " << difference.a
                          << " without --to and " << difference.b << " with it";
        }
    }
}

/// How many peers came back in each form.
std::map<Form, std::size_t> mean_the_same(const fs::path& folder) {
    std::map<Form, std::size_t> came_back;
    for (const auto& path : inputs(folder)) {
        const auto name = path.lexically_relative(folder).string();
        const auto model = config::load(config::content(path), name, std::nullopt, keys_beside(path));
        if (!model || model->peers.empty()) {
            continue;
        }
        for (const auto form : forms) {
            came_back[form] += means_the_same(*model, form, fmt::format("{} as {}", name, title_of(form)));
        }
        newest_means_the_same(*model, path, name);
    }
    return came_back;
}

TEST(WrittenFiles, EveryFileMeansTheSameInEveryForm) {
    const auto came_back = mean_the_same(config::data_folder());
    for (const auto form : forms) {
        EXPECT_GE(came_back.at(form), form == Form::vpncfg ? 10U : 14U) << title_of(form);
    }
}

TEST(WrittenFiles, BothSidesOfEveryMisconfigurationMeanTheSameInEveryForm) {
    const auto came_back = mean_the_same(fs::path(CAUSEWAY_SOURCE_DIR) / "tests/diagnosis");
    for (const auto form : forms) {
        EXPECT_GE(came_back.at(form), form == Form::vpncfg ? 100U : 400U) << title_of(form);
    }
}

TEST(WrittenFiles, AFileInItsOwnFormLosesNothing) {
    for (const auto& [name, form] : {std::pair{"recipe.uci", Form::uci_g0},
                                     {"g1.uci", Form::uci_g1},
                                     {"g3.uci", Form::uci_g3},
                                     {"g4.uci", Form::uci_g4},
                                     {"recipe.vpncfg", Form::vpncfg},
                                     {"fixed_address.vpncfg", Form::vpncfg}}) {
        const auto model = config::load(config::content(config::data_folder() / name), name);
        ASSERT_TRUE(model) << name;
        const auto written = write(*model, form);
        ASSERT_TRUE(written) << name << written.error().text();
        EXPECT_EQ(text_of(written->lost), "") << name << written->text;
    }
}

/// A remote with one more line of the section `remote` or, behind a slash, of `tunnel`.
std::string odd(const std::string& of_remote, const std::string& of_tunnel = "option startaction start") {
    return fmt::format(
        "config remote 'r'\n option enabled 1\n option gateway gw.example.org\n"
        " option authentication_method psk\n option pre_shared_key kkkkkkkkkkkkkkkkkkkkkkkk\n"
        " option keyexchange ikev1\n list tunnel t\n list crypto_proposal c\n {}\n"
        "config tunnel t\n list local_subnet 10.0.0.0/24\n list remote_subnet 10.1.0.0/24\n"
        " list crypto_proposal c\n {}\n"
        "config crypto_proposal c\n option encryption_algorithm aes256\n option hash_algorithm sha512\n"
        " option dh_group modp1024\n",
        of_remote, of_tunnel);
}

TEST(WrittenFiles, OddValuesComeBackOrAreSaid) {
    std::vector<std::string> texts;
    for (const auto* const line : {"option pre_shared_key 'a#b\"c{d}e f'\\''ghijklmnopq'",
                                   "option pre_shared_key 'a b c d  e f g h i j k'",
                                   "option pre_shared_key 0x6b6b6b6b6b6b6b6b6b6b6b6b",
                                   "option pre_shared_key 0x00ff22270a5c6b6b",
                                   "option pre_shared_key 0x6b226b6b6b6b6b6b6b6b6b",
                                   "option pre_shared_key 0x00ff6b6b6b6b6b6b6b6b6b",
                                   "option pre_shared_key 0x30786b6b6b6b6b6b6b6b6b",
                                   "option pre_shared_key '$$$$ABCDEFGHIJKLMNOPQRSTUV'",
                                   "option pre_shared_key 'back\\slash-and-more-of-it'",
                                   "option remote_identifier '*.example.org'",
                                   "option remote_identifier '*@example.org'",
                                   "option remote_identifier '@#00ff'",
                                   "option remote_identifier user@example.org",
                                   "option remote_identifier 192.0.2.7",
                                   "option remote_identifier 2001:db8::7",
                                   "option local_identifier 'keyid:a b'",
                                   "option remote_identifier '@a b'",
                                   "option remote_identifier 'fqdn:a=b'",
                                   "option remote_identifier 'email:ab'",
                                   "option remote_identifier 'fqdn:@x'",
                                   "option remote_identifier 'userfqdn:fqdn:a@b'",
                                   "option remote_identifier 'fqdn:*a b'",
                                   "option rekey 0",
                                   "option keyingtries 4\n option honour_keyingtries 1",
                                   "option dpddelay 0",
                                   "option dpddelay 77",
                                   "option dpd_misses 7",
                                   "option own_name none",
                                   "option own_name mine.example.org",
                                   "option aggressive 1",
                                   "option encap 1",
                                   "option nat_traversal 0",
                                   "option accept_either_mode 1",
                                   "option local_ip 192.0.2.9",
                                   "option ikelifetime 10",
                                   "option ikelifetime 86401",
                                   "list remote_addrs 192.0.2.1",
                                   "list remote_addrs any",
                                   "list remote_addrs a.example.org\n list remote_addrs 192.0.2.3",
                                   "option local_identifier @me.example.org"}) {
        texts.push_back(odd(line));
    }
    for (const auto* const line :
         {"option startaction add", "option startaction route\n option closeaction restart",
          "option startaction start\n option dpdaction clear\n option closeaction hold", "option lifetime 10",
          "option lifetime 1000\n option lifebytes 500m", "option dpdaction none", "option pfs 0",
          "option pfs ecp256", "option pfs modp2048",
          "list local_subnet 10.0.2.0/24\n list remote_subnet 10.2.0.0/24"}) {
        texts.push_back(odd("", line));
    }
    for (const auto& text : texts) {
        const auto model = config::load(text, "ipsec");
        ASSERT_TRUE(model && model->peers.size() == 1) << text;
        for (const auto form : forms) {
            means_the_same(*model, form, fmt::format("{} as {}", text, title_of(form)));
        }
    }
}

TEST(WrittenFiles, StrongSwanIsToldInItsOwnWords) {
    struct Row {
        const char* remote;
        const char* tunnel;
        const char* swanctl;  ///< what the text has, or lost has
        const char* ipsec_conf;
    };
    for (const auto& row : {
             Row{"option rekey 0", "", "life_time = 66m\n", "\trekey=no\n"},
             {"option rekey 0", "", "the expiry of the ISAKMP SA of peer 'r' is not written", "\trekey=no\n"},
             {"option encap 1", "", " encap = yes\n", "\tforceencaps=yes\n"},
             {"option nat_traversal 0", "", "charon always negotiates it", "charon always negotiates it"},
             {"option accept_either_mode 1", "", "only Main Mode is answered", "only Main Mode is answered"},
             {"option dpddelay 20\n option dpd_misses 2", "", "dpd_timeout = 40s\n", "\tdpdtimeout=40s\n"},
             {"option dpddelay 0", "", "dpd_action = restart\n", "\tdpdaction=none\n"},
             {"option keyingtries 0", "", " keyingtries = 0\n", "\tkeyingtries=%forever\n"},
             {"option local_ip 192.0.2.9", "", "local_addrs = 192.0.2.9\n", "\tleft=192.0.2.9\n"},
             {"option remote_identifier %any", "",
              "        }\n        remote {\n            auth = psk\n            id = %any\n",
              "\trightid=%any\n"},
             {"option pre_shared_key 'kkkkkkkkkkkk,kkkk.kkk'", "", "secret = \"kkkkkkkkkkkk,kkkk.kkk\"\n",
              "\n: PSK \"kkkkkkkkkkkk,kkkk.kkk\"\n"},
             {"option pre_shared_key 0x6b6b6b6b226b", "", "secret = 0x6b6b6b6b226b\n",
              ": PSK 0x6b6b6b6b226b\n"},
             {"option ikelifetime 20m", "", "rekey_time = 18m\n        over_time = 2m\n",
              "\tmargintime=2m\n"},
             {"", "option closeaction clear", "close_action = none\n", "\tcloseaction=clear\n"},
             {"", "option closeaction hold", "close_action = trap\n", "\tcloseaction=hold\n"},
             {"", "option dpdaction clear", "dpd_action = clear\n", "\tdpdaction=clear\n"},
             {"", "option startaction add", "start_action = none\n", "\tauto=add\n"},
             {"", "option startaction route", "start_action = trap\n", "\tauto=route\n"},
             {"", "option lifebytes 10000000", "life_bytes = 10000000\n", "\tlifebytes=10000000\n"},
         }) {
        const auto text = odd(row.remote, *row.tunnel != '\0' ? row.tunnel : "option startaction start");
        const auto model = config::load(text, "ipsec");
        ASSERT_TRUE(model && model->peers.size() == 1) << text;
        for (const auto& [form, wanted] :
             {std::pair{Form::swanctl, row.swanctl}, {Form::ipsec_conf, row.ipsec_conf}}) {
            const auto written = write(*model, form);
            ASSERT_TRUE(written);
            EXPECT_THAT(written->text + written->secrets + text_of(written->lost), HasSubstr(wanted)) << text;
        }
    }
}

TEST(WrittenFiles, WhereNothingIsLeftItIsAnErrorWithTheReason) {
    auto model =
        config::load(odd("list remote_addrs a.example.org\n list remote_addrs b.example.org"), "ipsec");
    ASSERT_TRUE(model);
    model->peers.front().remote_id = std::nullopt;
    model->peers.front().remote_id_any = false;
    for (const auto form : forms) {
        const auto written = write(*model, form);
        ASSERT_FALSE(written) << title_of(form);
        EXPECT_EQ(written.error().code, Errc::unacceptable);
        EXPECT_THAT(written.error().text(), HasSubstr("known by the address that it comes from"));
        EXPECT_THAT(written.error().text(), HasSubstr(std::string(title_of(form))));
    }
}

TEST(WrittenFiles, APeerWithoutTunnelsIsLeftOutAndItsNeighbourIsNot) {
    auto model = config::load(odd("") +
                                  "config remote 's'\n option enabled 1\n option gateway s.example.org\n"
                                  " option authentication_method psk\n option keyexchange ikev1\n"
                                  " option pre_shared_key llllllllllllllllllllllll\n list tunnel t\n"
                                  " list crypto_proposal c\n",
                              "ipsec");
    ASSERT_TRUE(model && model->peers.size() == 2);
    model->peers.front().tunnels.clear();
    for (const auto form : forms) {
        const auto written = write(*model, form);
        ASSERT_TRUE(written) << title_of(form);
        EXPECT_EQ(settings_lost(written->lost, "peer 'r'").count("left out"), 1U) << title_of(form);
        EXPECT_THAT(written->text, HasSubstr("s.example.org"));
        EXPECT_THAT(written->text + written->secrets, Not(HasSubstr("kkkkkkkk")));
    }
}

TEST(WrittenFiles, ABoxTakesNoSuiteThatItDoesNotHave) {
    const auto text_with = [](const char* hash, const char* group) {
        auto text = odd("");
        for (const auto& [from, to] : {std::pair{"sha512", hash}, std::pair{"modp1024", group}}) {
            text.replace(text.find(from), std::string_view(from).size(), to);
        }
        return text;
    };
    for (const auto& [hash, group] : {std::pair{"sha256", "modp1024"}, std::pair{"sha512", "ecp256"}}) {
        const auto model = config::load(text_with(hash, group), "ipsec");
        ASSERT_TRUE(model);
        const auto written = write(*model, Form::vpncfg);
        ASSERT_FALSE(written) << written->text;
        EXPECT_THAT(written.error().text(), HasSubstr("has no list for Phase 1 with one of aes256-"));
    }
}

TEST(WrittenFiles, ABoxGetsTheShortestListThatOffersTheSuite) {
    const auto list_for = [](const std::string& cipher, const std::string& hash, const std::string& group) {
        auto text = odd("");
        for (const auto& [from, to] :
             {std::pair<std::string, std::string>{"aes256", cipher}, {"sha512", hash}, {"modp1024", group}}) {
            text.replace(text.find(from), from.size(), to);
        }
        const auto model = config::load(text, "ipsec");
        const auto written = write(*model, Form::vpncfg);
        EXPECT_TRUE(written) << text;
        const auto again = config::load(written->text, "box");
        const auto at = written->text.find("phase1ss = \"") + 12;
        return written->text.substr(at, written->text.find('"', at) - at);
    };
    EXPECT_EQ(list_for("aes256", "sha512", "modp1024"), "all/all/all");
    EXPECT_EQ(list_for("aes128", "sha1", "modp1024"), "alt/aes/sha");
    EXPECT_EQ(list_for("3des", "sha1", "modp1024"), "alt/3des/sha");
    EXPECT_EQ(list_for("aes192", "sha1", "modp2048"), "dh14/aes/sha");
    EXPECT_EQ(list_for("aes256", "sha512", "modp2048"), "all/all/all");
}

TEST(WrittenFiles, FurtherNetworksAndPortsAreSaidWithTheirPlaces) {
    const auto text = odd("", "list local_subnet 10.0.2.0/24");
    auto model = config::load(text, "ipsec");
    ASSERT_TRUE(model && model->peers.front().tunnels.size() == 2);
    const auto box = write(*model, Form::vpncfg);
    ASSERT_TRUE(box);
    const auto beside = std::ranges::find_if(
        box->lost, [](const Finding& one) { return one.code() == Code::box_one_network; });
    ASSERT_NE(beside, box->lost.end());
    EXPECT_EQ(field_of(*beside, "local"), "10.0.2.0/24");
    EXPECT_EQ(beside->place(), model->peers.front().tunnels[1].place);
    model->peers.front().tunnels[0].remote.protocol = 6;
    model->peers.front().tunnels[0].remote.port = 80;
    for (const auto form : {Form::uci_g0, Form::uci_g4, Form::vpncfg}) {
        const auto written = write(*model, form);
        ASSERT_TRUE(written);
        EXPECT_THAT(text_of(written->lost), HasSubstr("10.0.0.0/24 === 10.1.0.0/24[6/80]"));
        EXPECT_THAT(written->text, Not(HasSubstr("10.0.0.0")));
    }
    const auto swanctl = write(*model, Form::swanctl);
    ASSERT_TRUE(swanctl);
    EXPECT_THAT(swanctl->text, HasSubstr("remote_ts = 10.1.0.0/24[6/80]\n"));
}

}  // namespace
}  // namespace causeway::pair
