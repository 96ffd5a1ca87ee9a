// What tests of the router's files share: a configuration of one tunnel, and findings in one line each.
#pragma once

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "check/router.hpp"
#include "config/load.hpp"
#include "config/model.hpp"

namespace causeway::check {

/// `path` below the project's folder; `called`: what messages and the checks take for its name.
inline config::NamedText file_of(const std::string& path, const std::string& called) {
    std::ifstream file(std::filesystem::path(CAUSEWAY_SOURCE_DIR) / path, std::ios::binary);
    EXPECT_TRUE(file.is_open()) << path;
    std::stringstream text;
    text << file.rdbuf();
    return {called, text.str()};
}

inline config::NamedText recipe(const std::string& name, const std::string& called = {}) {
    return file_of("tests/unit/check/data/recipe/" + name, called.empty() ? name : called);
}

inline config::Model read(const config::NamedText& file) {
    auto model = config::load(file.text, file.name);
    EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().text());
    return model ? std::move(*model) : config::Model{};
}

/// Line 3 is the gateway, 8 `more`, 10 the local network, 11 the remote one.
inline config::Model ours(std::string_view gateway = "far.example.org",
                          std::string_view remote = "192.168.0.0/24",
                          std::string_view more = "option local_identifier '@near.example.org'") {
    return read({"ipsec", fmt::format("config remote 'far'\n"
                                      "\toption enabled '1'\n"
                                      "\toption gateway '{}'\n"
                                      "\toption authentication_method 'psk'\n"
                                      "\toption pre_shared_key 'a key that is long enough for them'\n"
                                      "\tlist p1_proposal 'one'\n"
                                      "\tlist tunnel 'lan'\n"
                                      "\t{}\n"
                                      "config tunnel 'lan'\n"
                                      "\toption local_subnet '192.168.1.0/24'\n"
                                      "\toption remote_subnet '{}'\n"
                                      "\toption p2_proposal 'two'\n"
                                      "config p1_proposal 'one'\n"
                                      "\toption encryption_algorithm 'aes256'\n"
                                      "\toption hash_algorithm 'sha1'\n"
                                      "\toption dh_group 'modp1024'\n"
                                      "config p2_proposal 'two'\n"
                                      "\toption encryption_algorithm 'aes256'\n"
                                      "\toption authentication_algorithm 'sha1'\n"
                                      "\toption pfs_group 'modp1024'\n",
                                      gateway, more, remote)});
}

/// "CODE SEVERITY PLACE PLACE", a line each.
inline std::string told(const std::vector<Finding>& findings) {
    std::string out;
    for (const auto& one : findings) {
        out += fmt::format("{} {}", text(one.code()), name_of(one.severity));
        for (const auto& place : one.places) {
            out += " " + place.text();
        }
        out += "\n";
    }
    return out;
}

/// What a person reads, for assertions about words and for failures.
inline std::string sentences(const std::vector<Finding>& findings) {
    std::string out;
    for (const auto& one : findings) {
        out += one.text() + "\n";
    }
    return out;
}

}  // namespace causeway::check
