// Vendor IDs that mean something to causeway (RFC 2408 3.16), with their sources. Data, not behaviour.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace causeway::isakmp {

enum class Vendor {
    nat_t_rfc3947,     ///< RFC 3947 3.1
    nat_t_draft_03,    ///< draft-ietf-ipsec-nat-t-ike-03
    nat_t_draft_02,    ///< draft-ietf-ipsec-nat-t-ike-02
    nat_t_draft_02_n,  ///< "...-02\n": the form most widely sent
    dpd,               ///< RFC 3706 5; the last two octets are the version
    fragmentation,     ///< Cisco and Microsoft IKE fragmentation
    xauth,             ///< draft-ietf-ipsec-isakmp-xauth-06
    unity,             ///< Cisco Unity
    avm,               ///< FRITZ!OS (strongSwan commit 521af8024e: "experimentally discovered")
    strongswan,
    microsoft,
    pluto,        ///< FreeS/WAN, Openswan and libreswan: "OE" or "OSW", then a hash made printable
    cisco_vpn,    ///< Cisco VPN concentrator: its MD5("ALTIGA GATEWAY"), cut, with a version
    fortigate,    ///< as ike-scan 1.9.5 lists it (ike-vendor-ids)
    racoon,       ///< KAME, ipsec-tools: MD5("KAME/racoon")
    check_point,  ///< as ike-scan 1.9.5 lists it
    causeway,     ///< ours: md5("causeway")
};

/// The vendor whose ID this is (some compare by prefix); nothing when unknown.
std::optional<Vendor> recognise_vendor(ByteView body);
/// The octets we send for it; empty for those that are only recognised.
ByteView vendor_id(Vendor vendor);
std::string_view name_of(Vendor vendor);

}  // namespace causeway::isakmp
