// What a person does with the files of a pair: the README.txt beside them, and the firewall's part on
// OpenWrt. Pure.
#pragma once

#include <string>

#include "pair/describe.hpp"
#include "pair/star.hpp"
#include "pair/write.hpp"

namespace causeway::pair {

/// README.txt: what to do at which end with the files that were written in these forms. Without the key. An
/// OpenWrt end is told of firewall.txt, which firewall_batch() makes.
std::string readme(const Description& description, Form ours, Form theirs);
/// The same of a star, whose sites have a folder each, called by their titles. `openwrt`: as form_of().
std::string readme(const Star& star, Form openwrt);

/// For `uci batch` on OpenWrt: IKE and ESP come in from the WAN, in the sections that `/etc/init.d/causeway
/// firewall` writes. With a `zone`, also that zone around causeway's device, and both ways between it and the LAN.
std::string firewall_batch(const std::string& zone = {});

}  // namespace causeway::pair
