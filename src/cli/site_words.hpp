// What --ours and --theirs say of an end: "name=office.example.org,lan=192.168.1.0/24,kind=openwrt". Pure.
#pragma once

#include <optional>
#include <string>

#include "base/address.hpp"
#include "cli/failure.hpp"
#include "pair/site.hpp"

namespace causeway::cli {

/// What is not said is nothing.
struct SiteWords {
    std::optional<std::string> name;
    std::optional<Ipv4Net> lan;
    std::optional<pair::Kind> kind;
};

/// `option`: as messages call it. An empty text says nothing.
Outcome<SiteWords> site_words(const std::string& text, const std::string& option);

/// A failure: name or network is missing.
Outcome<pair::Site> whole_site(const SiteWords& words, const std::string& option);

}  // namespace causeway::cli
