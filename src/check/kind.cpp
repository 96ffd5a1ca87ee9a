#include "check/kind.hpp"

namespace causeway::check {
namespace {

constexpr Manner causeway_manner{Kind::causeway, "causeway",         true, false, false,
                                 false,          SparesGateway::yes, false};

// AVM's knowledge base of 2021, as quoted in a public issue: one phase2remoteid a connection, SHA2-512 beside SHA1, group
// 2 first. What a box does with a network that overlaps its own is not known: it is taken to compare literally.
constexpr Manner fritzbox_manner{Kind::fritzbox, "the FRITZ!Box",   false, false, true,
                                 false,          SparesGateway::no, false};

// strongSwan 5.9.8, measured: Quick Mode is answered with the intersection of the networks; in Aggressive
// Mode one KE of the first proposal's group; "i_dont_care_about_security_and_use_aggressive_mode_psk" (strongswan.conf(5)).
// A peer inside its own remote network: kernel-netlink, what is loaded where nothing else is asked for, gives each IKE
// socket a policy of its own (kernel_netlink_ipsec.c, bypass_socket()), and the kernel looks up no policy for the ESP that
// it has made (tests/kernel/gateway_inside.py). kernel-libipsec refuses the peer's address as the remote network, and
// takes it out of a larger one (kernel_libipsec_ipsec.c, install_route(); strongswan.conf(5), allow_peer_ts).
constexpr Manner strongswan_manner{
    Kind::strongswan, "strongSwan", false, true, false, true, SparesGateway::with_kernel_esp, true};

}  // namespace

const Manner& manner_of(config::Schema schema) {
    switch (schema) {
        case config::Schema::vpncfg:
            return fritzbox_manner;
        case config::Schema::swanctl:
        case config::Schema::ipsec_conf:
            return strongswan_manner;
        default:
            return causeway_manner;
    }
}

}  // namespace causeway::check
