// Whatever slip of one character is put anywhere into a file with a known key: no message, and nothing that
// is said of the effective tunnels, holds four successive characters of the key.
#include <array>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "config/load.hpp"
#include "config/verdict.hpp"

namespace causeway::config {
namespace {

constexpr std::size_t part = 4;

/// Texts with `key` in them. What surrounds it is short, but has everything in front of the key and behind it
/// that a slip can join with it.
std::string uci_g0(std::string_view key) {
    return fmt::format(
        "config remote 'far'\n option enabled '1'\n option gateway \"far.example\"\n"
        " option authentication_method 'psk'\n option local_identifier '@me.example'\n"
        " option pre_shared_key {} # it's the box's\n"
        " option exchange_mode main\n list p1_proposal 'a'\n list tunnel 'lan'\n"
        "config p1_proposal 'a'\n option encryption_algorithm aes256\n"
        " option hash_algorithm sha1\n option dh_group modp1024\n"
        "config tunnel 'lan'\n option local_subnet 10.1.0.0/24\n option remote_subnet '10.2.0.0/24'\n",
        key);
}

std::string uci_g1(std::string_view key) {
    return fmt::format(
        "config remote far\n option enabled 1\n option pre_shared_key {}\n option gateway far.example\n"
        " option authentication_method psk\n list tunnel lan\n"
        "config tunnel lan\n option keyexchange ikev1\n option margintime 9m\n"
        " option local_subnet 10.1.0.0/24\n option remote_subnet 10.2.0.0/24\n",
        key);
}

std::string uci_swanctl(std::string_view key, std::string_view addresses) {
    return fmt::format(
        "config remote 'far'\n option enabled '1'\n {} 'far.example'\n option keyexchange 'ikev1'\n"
        " option authentication_method 'psk'\n option remote_identifier 'far.example'\n"
        " option pre_shared_key {}\n list tunnel 'lan'\n option own_name 'me.example'\n"
        "config tunnel 'lan'\n list local_subnet '10.1.0.0/24'\n list remote_subnet '10.2.0.0/24'\n",
        addresses, key);
}

std::string box(std::string_view key) {
    return fmt::format(
        "vpncfg {{ // box\n connections {{\n  name = \"far\"; remotehostname = \"far.example\";\n"
        "  localid {{ fqdn = \"me.example\"; }}\n  mode = phase1_mode_idp;\n  key = {};\n"
        "  remoteid {{ fqdn = \"far.example\"; }}\n"
        "  phase2localid {{ ipnet {{ ipaddr = 10.1.0.0; mask = 255.255.0.0; }} }}\n"
        "  phase2remoteid {{ ipaddr = 10.2.0.1; }}\n  accesslist = \"permit ip any 10.2.0.1 "
        "255.255.255.255\";\n"
        " }}\n}}\n",
        key);
}

std::string everything_said(const std::string& text) {
    const auto model = load(text, "f");
    return model ? describe(*model) + joined(findings(*model)) : joined(findings(model.error()));
}

class Slips {
 public:
    Slips(std::string text, std::string_view key) : text_(std::move(text)) {
        for (std::size_t i = 0; i + part <= key.size(); ++i) {
            parts_.insert(key.substr(i, part));
        }
    }

    void run() {
        check(text_, "none");
        for (std::size_t at = 0; at <= text_.size() && failures_ < 5; ++at) {
            for (const char c : characters) {
                slip(at, 0, std::string(1, c), "inserted");
                if (at < text_.size()) {
                    slip(at, 1, std::string(1, c), "replaced");
                }
            }
            if (at < text_.size()) {
                slip(at, 1, "", "deleted");
            }
            if (at + 1 < text_.size()) {
                slip(at, 2, {text_[at + 1], text_[at]}, "swapped");
            }
        }
        EXPECT_GT(loads_, text_.size() * 2 * characters.size());
    }

 private:
    static constexpr std::string_view characters = "'\"\n#;{}\\ \ta,=";

    void slip(std::size_t at, std::size_t count, const std::string& with, std::string_view how) {
        auto text = text_;
        text.replace(at, count, with);
        check(text, fmt::format("{} at {}: {}", how, at, with));
    }

    void check(const std::string& text, const std::string& what) {
        ++loads_;
        const auto said = everything_said(text);
        for (std::size_t i = 0; i + part <= said.size(); ++i) {
            if (parts_.contains(std::string_view(said).substr(i, part))) {
                ++failures_;
                ADD_FAILURE() << what << "\n" << said;
                return;
            }
        }
    }

    std::string text_;
    std::set<std::string_view> parts_;
    std::size_t loads_ = 0;
    int failures_ = 0;
};

constexpr std::string_view plain = "Zq7xWv93Kj5mPt2RbYc8Lf4u";
constexpr std::string_view odd = "Zq7x Wv#93Kj;5mPt{2RbYc}8Lf4";

std::string quoted(std::string_view key, char quote) {
    return fmt::format("{0}{1}{0}", quote, key);
}

TEST(Slips, TheTestSeesAKey) {
    // As if a message quoted it: the check itself can fail.
    EXPECT_NE(quoted(plain, '\'').find(std::string(plain.substr(7, part))), std::string::npos);
    EXPECT_EQ(everything_said(uci_g0(quoted(plain, '\''))).find(": error: "), std::string::npos);
    EXPECT_EQ(everything_said(box(quoted(plain, '"'))).find(": error: "), std::string::npos);
}

TEST(Slips, InUciG0) {
    Slips(uci_g0(quoted(plain, '\'')), plain).run();
}

TEST(Slips, InUciG0AndAnotherKey) {
    Slips(uci_g0(quoted(odd, '"')), odd).run();
}

TEST(Slips, InUciG1WithABareKey) {
    Slips(uci_g1(plain), plain).run();
}

TEST(Slips, InUciG1WithABareKeyAndAnotherKey) {
    Slips(uci_g1(quoted(odd, '\'')), odd).run();
}

TEST(Slips, InUciG2) {
    Slips(uci_swanctl(quoted(plain, '"'), "option gateway"), plain).run();
}

TEST(Slips, InUciG2AndAnotherKey) {
    Slips(uci_swanctl(quoted(odd, '\''), "option gateway"), odd).run();
}

TEST(Slips, InUciG3) {
    Slips(uci_swanctl(quoted("0x5a7137785776393347", '\''), "list remote_addrs"), "5a7137785776393347").run();
}

TEST(Slips, InUciG3AndAnotherKey) {
    Slips(uci_swanctl(quoted("0sWnE3eFd2OTNLajU=", '\''), "list remote_addrs"), "WnE3eFd2OTNLajU=").run();
}

TEST(Slips, InAVpncfg) {
    Slips(box(quoted(plain, '"')), plain).run();
}

TEST(Slips, InAVpncfgAndAnotherKey) {
    Slips(box(quoted(odd, '"')), odd).run();
}

}  // namespace
}  // namespace causeway::config
