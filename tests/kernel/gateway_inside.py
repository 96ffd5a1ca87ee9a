"""causeway's address inside the network that charon has behind it, with the kernel's ESP: IKE and ESP stay outside the tunnel, and
packets for that address go through it. What `causeway check` says of strongSwan goes by this (strongswan_manner in kind.cpp).

gateway_inside.py PROGRAMS
"""

import re
import sys

from kernel_site import PATTERN, boot
from plain_esp import RECIPE, GuestStrongSwan, has_plain_tunnel

from common import HOST_B, LAN_B, NAME_A, NAME_B, WAN_A, Causeway, Skip, check, no_strongswan, run, uci, wait, wire

NETWORKS = (WAN_A + "/32", WAN_A.rsplit(".", 1)[0] + ".0/24")


def newest(peer):
    """The number of charon's newest established ISAKMP SA."""
    return max(map(int, re.findall(r"peer: #(\d+), ESTABLISHED", peer.status())), default=0)


def carries(lab, name):
    """Pings from the guest's LAN to the gateway itself, and back, as ESP and as nothing else."""
    capture = lab.capture("internet", name, "toB")
    for source, target, options in (("lanB", WAN_A, ()), ("gwA", HOST_B, ("-I", WAN_A))):
        answered, _ = lab.ping(source, target, count=5, interval=0.05, pattern=PATTERN, options=options)
        check(answered == 5, f"{name}: {source}: {answered} of 5 pings answered")
    found = wire.inspect([capture.stop()], bytes.fromhex(PATTERN) * 2)
    check(found.clean and found.kinds.get("ESP", 0) >= 20, f"{name}: on the wire: {found}")


def test(lab, programs):
    if reason := no_strongswan():
        raise Skip(reason)
    guest = boot(lab)
    peer = GuestStrongSwan(lab, guest, {"local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A, "local_ts": LAN_B,
                                        "remote_ts": NETWORKS[0], "remote_addrs": NAME_A, **RECIPE}).start()
    for number, network in enumerate(NETWORKS):
        peer.change(remote_ts=network)
        gateway = Causeway(lab, "gwA", programs, uci(**RECIPE, local=network)).start()
        gateway.wait_up()
        has_plain_tunnel(peer)
        carries(lab, f"we-call-{number}.pcap")
        # Messages of charon's own under the policy that the tunnel has brought.
        before = newest(peer)
        peer.swanctl("--rekey", "--ike", "peer")
        wait(lambda: peer.up() and newest(peer) > before, "charon's new Phase 1")
        carries(lab, f"renewed-{number}.pcap")
        gateway.stop()
        wait(lambda: not peer.up(), "charon has heard our delete")
        gateway.write(uci(**RECIPE, local=network, tunnel_extra=["mode 'add'"]))
        gateway.start()
        peer.initiate()
        gateway.wait_up()
        carries(lab, f"charon-calls-{number}.pcap")
        print(f"{network}: carries")
        peer.swanctl("--terminate", "--ike", "peer")
        wait(lambda: not gateway.up(), "the tunnel is down after charon's delete")
        gateway.stop()


if __name__ == "__main__":
    sys.exit(run(test, sys.argv[1]))
