// What tests of ipsec.conf share: a conn that nothing is said of, files beside it, and reading them together.
#pragma once

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.hpp"

namespace causeway::config::ipsecconf {

using Files = std::map<std::string, std::string>;

inline constexpr const char* key_for_all = ": PSK \"kkkkkkkkkkkkkkkkkkkkqqqq\"\n";

/// Of one folder; a pattern has one asterisk at most.
inline Companions beside(Files files) {
    return [files = std::move(files)](std::string_view pattern,
                                      std::string_view) -> Result<std::vector<NamedText>> {
        const auto star = pattern.find('*');
        std::vector<NamedText> found;
        for (const auto& [name, text] : files) {
            const bool fits = star == std::string_view::npos ? name == pattern
                                                             : name.starts_with(pattern.substr(0, star)) &&
                                                                   name.ends_with(pattern.substr(star + 1));
            if (fits) {
                found.push_back({name, text});
            }
        }
        return found;
    };
}

/// What conns take over.
inline constexpr const char* base_conn =
    "conn base\n"
    "\tkeyexchange=ikev1\n"
    "\tauthby=secret\n"
    "\tleft=192.0.2.1\n"
    "\tleftid=@home.example\n"
    "\tleftsubnet=192.168.1.0/24\n"
    "\tright=198.51.100.7\n"
    "\trightid=@office.example\n"
    "\trightsubnet=192.168.2.0/24\n"
    "\tike=aes256-sha512-modp2048!\n"
    "\tesp=aes256-sha512-modp2048!\n"
    "\tdpdaction=restart\n"
    "\tkeyingtries=%forever\n";

/// `more` begins in line 3. Without an `auto` of its own it dials at once.
inline std::string conf(const std::string& more) {
    const bool starts = more.find("auto=") == std::string::npos;
    return "conn office\n\talso=base\n" + more + (starts ? "\tauto=start\n" : "") + base_conn;
}

inline Model read_conf(const std::string& text, const Files& files = {{"ipsec.secrets", key_for_all}}) {
    auto model = load(text, "ipsec.conf", Format::ipsec_conf, beside(files));
    EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().text()) << text;
    return model ? std::move(*model) : Model{};
}

}  // namespace causeway::config::ipsecconf
