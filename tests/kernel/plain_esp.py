"""causeway with a kernel's ESP: charon and XFRM in a guest (user-mode-linux), no NAT, so plain ESP. Both roles.

plain_esp.py PROGRAMS
"""

import os
import shutil
import sys

from kernel_site import boot, plain_esp_carries

from common import LAN_A, LAN_B, NAME_A, NAME_B, Causeway, Skip, StrongSwan, check, no_strongswan, run, uci, wait

PLUGINS = "random nonce openssl kernel-netlink socket-default vici"
RECIPE = {"ike": "aes128-sha1-modp1024", "esp": "aes128-sha1-modp1024"}
# Ciphers that the guest's kernel has from nobody of us: key sizes, truncations, GCM's salt and nonce.
FURTHER = (
    {"ike": "aes128-sha256-modp2048", "esp": "aes128-sha256-modp2048"},
    {"ike": "aes256-sha512-modp1024", "esp": "aes256-sha512-modp1024"},
    {"ike": "aes256-sha1-modp1024", "esp": "aes256gcm16-modp1024"},
)


class GuestStrongSwan(StrongSwan):
    """charon in the guest, on the guest's kernel."""

    def __init__(self, lab, guest, settings):
        super().__init__(lab, "gwB", {"plugins": PLUGINS, **settings})
        self.guest = guest

    def start(self):
        self._take_over()
        self.guest.run(f"ln -s /.out/charon.log /run/charon.log; {self.CHARON} > /.out/charon.out 2>&1 &")
        wait(lambda: self.guest.run("test -S /run/charon.vici", check=False)[0] == 0, "charon listens in the guest", 40)
        self.swanctl("--load-all")
        return self

    def _take_over(self):
        shutil.copytree(self.folder, os.path.join(self.guest.folder, "etc"), symlinks=True, dirs_exist_ok=True)
        self.guest.run("rm -rf /.out/etc/run; cp -a /.out/etc/. /etc")

    def change(self, **settings):
        self.settings.update(settings)
        self.write(self._connection())
        self._take_over()
        self.swanctl("--load-all")

    def swanctl(self, *words, check=True, seconds=60):
        return self.guest.program("swanctl", *words, check=check, seconds=seconds)

    def status(self):
        return self.swanctl("--list-sas")[1]


def has_plain_tunnel(peer):
    wait(peer.up, "charon has the tunnel")
    # It says TUNNEL-in-UDP when it encapsulates.
    check("INSTALLED, TUNNEL, ESP" in peer.status(), peer.status)


def plain_esp(lab, programs):
    if reason := no_strongswan():
        raise Skip(reason)
    if not os.path.exists("/usr/sbin/swanctl"):
        raise Skip("/usr/sbin/swanctl is not installed (tools/install strongswan)")
    guest = boot(lab)
    peer = GuestStrongSwan(lab, guest, {"local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A, "local_ts": LAN_B,
                                        "remote_ts": LAN_A, "remote_addrs": NAME_A, **RECIPE}).start()
    gateway = Causeway(lab, "gwA", programs, uci(**RECIPE)).start()
    gateway.wait_up()
    has_plain_tunnel(peer)
    plain_esp_carries(lab, guest, "we-call.pcap")
    gateway.stop()
    wait(lambda: not peer.up(), "charon has heard our delete")
    gateway.write(uci(**RECIPE, tunnel_extra=["mode 'add'"]))
    gateway.start()
    peer.initiate()
    gateway.wait_up()
    has_plain_tunnel(peer)
    plain_esp_carries(lab, guest, "charon-calls.pcap")
    peer.swanctl("--terminate", "--ike", "peer")
    wait(lambda: not gateway.up(), "the tunnel is down after charon's delete")
    for suites in FURTHER:
        gateway.stop()
        peer.change(**suites)
        gateway.write(uci(**suites))
        gateway.start()
        gateway.wait_up()
        has_plain_tunnel(peer)
        print(suites["esp"], end=": ")
        plain_esp_carries(lab, guest, suites["esp"] + ".pcap")
    gateway.stop()


if __name__ == "__main__":
    sys.exit(run(lambda lab: plain_esp(lab, sys.argv[1])))
