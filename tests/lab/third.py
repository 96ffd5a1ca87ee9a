"""A third gateway, gwC, on a line of its own: a second way to lanB, or a site of its own with lanC.

    lanA - gwA - internet - gwB - lanB            lanA - gwA - internet - gwB, the hub - lanB
                     |                |                           |
                    gwC --------------+                          gwC - lanC
"""

from lab import Lab
from recipe import far_side, uci
from sites import HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, PSK, Causeway, Daemon, Lan, Sites, StrongSwan

NAME_C, WAN_C, INTERNET_C = "thirdsite.dyndns.org", "192.0.2.112", "192.0.2.1"
LAN_C = Lan("192.168.2.0/24")
HUB = "192.168.0.0/16"  # all three LANs
SECOND_IN_LAN_B = "192.168.0.2"
SUITE = "aes128-sha1-modp1024"


def connect(sites: Sites) -> None:
    """gwC on the Internet, with its name."""
    lab = sites.lab
    lab.namespace("gwC", forward=True)
    lab.resolver("gwC")
    sites.join("gwC", "wan", "toC", WAN_C, INTERNET_C)
    lab.publish({NAME_C: WAN_C})


def second_way(sites: Sites) -> None:
    """gwC leads to lanB as gwB does. What it brings comes from its own address there, so that lanB answers to whichever of the
    two has asked."""
    lab = sites.lab
    connect(sites)
    lab.link("gwC", "lan", SECOND_IN_LAN_B + "/24", "lanB", "eth1", None)
    lab.run("lanB", "ip", "route", "add", SECOND_IN_LAN_B, "dev", "eth1", "src", HOST_B)
    lab.masquerade("gwC", "lan")


def third_site(sites: Sites) -> None:
    """gwC has a LAN of its own."""
    lab = sites.lab
    connect(sites)
    lab.namespace("lanC")
    lab.link("lanC", "eth0", f"{LAN_C.host}/{LAN_C.prefix}", "gwC", "lan", f"{LAN_C.router}/{LAN_C.prefix}")
    lab.default_route("lanC", LAN_C.router)


def third_remote(own_name: str, tunnel: str, local: str, remote: str, mode: str) -> str:
    """A remote that leads to gwC, behind what recipe.uci() writes; the proposals are the same."""
    return f"""
config remote 'Third'
  option enabled '1'
  option gateway '{NAME_C}'
  option exchange_mode 'main'
  option local_identifier '@{own_name}'
  option remote_identifier '@{NAME_C}'
  option authentication_method 'psk'
  option pre_shared_key '{PSK}'
  list p1_proposal 'first'
  list tunnel '{tunnel}'

config tunnel '{tunnel}'
  option local_subnet '{local}'
  option remote_subnet '{remote}'
  option p2_proposal 'second'
  option mode '{mode}'
"""


def spare_remote() -> str:
    """Of gwA: the same networks as by gwB, by gwC."""
    return third_remote(NAME_A, "spare", LAN_A, LAN_B, "start")


def spare_end(lab: Lab, programs: str, peer: str) -> Daemon:
    """The daemon of the second way: it answers, as gwB does."""
    if peer == "strongswan":
        return StrongSwan(lab, "gwC", {"local_id": "fqdn:" + NAME_C, "remote_id": "fqdn:" + NAME_A, "local_ts": LAN_B,
                                       "remote_ts": LAN_A, "remote_addrs": NAME_A, "ike": SUITE, "esp": SUITE})
    return Causeway(lab, "gwC", programs, far_side({"local_id": "@" + NAME_C, "tunnel_extra": ["mode 'add'"]}))


def spoke_end(lab: Lab, programs: str) -> Daemon:
    """The daemon of the second spoke, which keeps its tunnel to the hub up."""
    return Causeway(lab, "gwC", programs, uci(gateway=NAME_B, local_id="@" + NAME_C, remote_id="@" + NAME_B,
                                              local=LAN_C.network, remote=HUB))


def hub_config(peer: str) -> str:
    """Of the hub at gwB, which answers both spokes."""
    if peer == "strongswan":
        return f"""connections {{
{_spoke_of_strongswan("a", NAME_A, LAN_A)}{_spoke_of_strongswan("c", NAME_C, LAN_C.network)}}}
secrets {{ ike-peer {{ secret = "{PSK}" }} }}
"""
    first = far_side({"local": HUB, "remote": LAN_A, "tunnel_extra": ["mode 'add'"]})
    return first + third_remote(NAME_B, "third", HUB, LAN_C.network, "add")


def _spoke_of_strongswan(name: str, gateway: str, network: str) -> str:
    return f"""  {name} {{
    version = 1
    remote_addrs = {gateway}
    proposals = {SUITE}
    local {{ auth = psk
             id = fqdn:{NAME_B} }}
    remote {{ auth = psk
              id = fqdn:{gateway} }}
    children {{
      {name} {{
        local_ts = {HUB}
        remote_ts = {network}
        esp_proposals = {SUITE}
        start_action = none
      }}
    }}
  }}
"""
