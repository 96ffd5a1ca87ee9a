"""causeway with a kernel's ESP: charon and XFRM in a guest (user-mode-linux), no NAT, so plain ESP. Both roles.

plain_esp.py PROGRAMS
"""

import os
import shutil
import sys

from kernel_site import boot, plain_esp_carries

from common import LAN_A, LAN_B, NAME_A, NAME_B, Causeway, Skip, StrongSwan, check, run, uci, wait

PLUGINS = "random nonce openssl kernel-netlink socket-default vici"


class GuestStrongSwan(StrongSwan):
    """charon in the guest, on the guest's kernel."""

    def __init__(self, lab, guest, settings):
        super().__init__(lab, "gwB", {"plugins": PLUGINS, **settings})
        self.guest = guest

    def start(self):
        shutil.copytree(self.folder, os.path.join(self.guest.folder, "etc"), symlinks=True)
        self.guest.run(f"rm -rf /.out/etc/run; cp -a /.out/etc/. /etc; ln -s /.out/charon.log /run/charon.log; "
                       f"{self.CHARON} > /.out/charon.out 2>&1 &")
        wait(lambda: self.guest.run("test -S /run/charon.vici", check=False)[0] == 0, "charon listens in the guest", 40)
        self.swanctl("--load-all")
        return self

    def swanctl(self, *words, check=True, seconds=60):
        return self.guest.program("swanctl", *words, check=check, seconds=seconds)

    def status(self):
        return self.swanctl("--list-sas")[1]


def has_plain_tunnel(peer):
    wait(peer.up, "charon has the tunnel")
    # It says TUNNEL-in-UDP when it encapsulates.
    check("INSTALLED, TUNNEL, ESP" in peer.status(), peer.status)


def plain_esp(lab, programs):
    for needed in (StrongSwan.CHARON, "/usr/sbin/swanctl"):
        if not os.path.exists(needed):
            raise Skip(f"{needed} is not installed (tools/install strongswan)")
    guest = boot(lab)
    suites = {"ike": "aes128-sha1-modp1024", "esp": "aes128-sha1-modp1024"}
    peer = GuestStrongSwan(lab, guest, {"local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A, "local_ts": LAN_B,
                                        "remote_ts": LAN_A, "remote_addrs": NAME_A, **suites}).start()
    gateway = Causeway(lab, "gwA", programs, uci(**suites)).start()
    gateway.wait_up()
    has_plain_tunnel(peer)
    plain_esp_carries(lab, guest, "we-call.pcap")
    gateway.stop()
    wait(lambda: not peer.up(), "charon has heard our delete")
    gateway.write(uci(**suites, tunnel_extra=["mode 'add'"]))
    gateway.start()
    peer.initiate()
    gateway.wait_up()
    has_plain_tunnel(peer)
    plain_esp_carries(lab, guest, "charon-calls.pcap")
    peer.swanctl("--terminate", "--ike", "peer")
    wait(lambda: not gateway.up(), "the tunnel is down after charon's delete")


if __name__ == "__main__":
    sys.exit(run(lambda lab: plain_esp(lab, sys.argv[1])))
