"""causeway with a kernel's ESP: charon and XFRM in a guest (user-mode-linux), no NAT, so plain ESP (IP protocol 50).

plain_esp.py PROGRAMS
"""

import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "interop")]

from common import (HOST_A, HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, WAN_B, Causeway, Sites, Skip, StrongSwan,  # noqa: E402
                    check, run, uci, wait, wire)
from guest import CannotBoot, Guest  # noqa: E402

# tests/lab gives the gateway these addresses; in the guest they are on the guest's devices.
NETWORK = f"""set -e
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
ip address add {WAN_B}/24 dev vec0; ip link set vec0 up
ip address add 192.168.0.1/24 dev vec1; ip link set vec1 up
ip route add default via 198.51.100.1
modprobe -a esp4 xfrm_user authenc echainiv cbc hmac gcm seqiv tunnel4"""
PLUGINS = "random nonce openssl kernel-netlink socket-default vici"
PINGS = 10
PATTERN = "5ca1ab1e"


class GuestStrongSwan(StrongSwan):
    """charon in the guest, on the guest's kernel."""

    def __init__(self, lab, guest, settings):
        super().__init__(lab, "gwB", {"libipsec": False, "plugins": PLUGINS, **settings})
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

    def log(self):
        with open(os.path.join(self.guest.folder, "charon.log"), errors="replace") as file:
            return file.read()


def pings(lab):
    """Both ways; one packet too large for the WAN among them, which crosses as fragments."""
    for source, address in (("lanA", HOST_B), ("lanB", HOST_A)):
        answered, _ = lab.ping(source, address, count=PINGS, interval=0.05, pattern=PATTERN)
        check(answered == PINGS, f"{source}: {answered} of {PINGS} pings answered")
        answered, _ = lab.ping(source, address, count=1, size=3000, options=("-M", "dont"))
        check(answered == 1, f"{source}: a ping of 3000 octets was not answered")


def carried(guest):
    """Packets that the guest's kernel has sealed or opened, over all its states."""
    counts = guest.run("ip -s xfrm state | grep -A1 'lifetime current' | grep -o '[0-9]*(packets)'", check=False)[1]
    return sum(int(line.split("(")[0]) for line in counts.splitlines())


def holds(lab, guest, peer, gateway, capture_name):
    """The tunnel is there: plain ESP carries everything, and nothing else does."""
    wait(lambda: "INSTALLED" in peer.status(), "charon has the tunnel")
    # charon says TUNNEL-in-UDP when it encapsulates.
    check("INSTALLED, TUNNEL, ESP" in peer.status(), peer.status)
    capture = lab.capture("internet", capture_name, "toB")
    before = carried(guest)
    pings(lab)
    by_kernel = carried(guest) - before
    check(by_kernel >= 4 * PINGS, f"the guest's kernel counts {by_kernel} packets")
    findings = wire.inspect([capture.stop()], bytes.fromhex(PATTERN) * 2)
    check(findings.clean, lambda: f"on the wire: {findings}")
    check(findings.kinds.get("ESP", 0) >= 4 * PINGS, lambda: f"on the wire: {findings}")
    check("ESP-in-UDP" not in findings.kinds, lambda: f"on the wire: {findings}")
    print(f"on the wire: {findings}; the guest's kernel sealed or opened {by_kernel}")
    check(gateway.up(), gateway.status)


def plain_esp(lab, programs):
    for needed in (StrongSwan.CHARON, "/usr/sbin/swanctl", "/usr/sbin/modprobe"):
        if not os.path.exists(needed):
            raise Skip(f"{needed} is not installed (tools/install strongswan kernel)")
    Sites(lab)
    try:
        guest = Guest(lab, "gwB", ("wan", "lan"))
    except CannotBoot as reason:
        raise Skip(str(reason)) from reason
    guest.run(NETWORK)
    suites = {"ike": "aes128-sha1-modp1024", "esp": "aes128-sha1-modp1024"}
    peer = GuestStrongSwan(lab, guest, {"local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A, "local_ts": LAN_B,
                                        "remote_ts": LAN_A, "remote_addrs": NAME_A, **suites}).start()
    gateway = Causeway(lab, "gwA", programs, uci(**suites)).start()
    gateway.wait_up()
    holds(lab, guest, peer, gateway, "we-call.pcap")
    gateway.stop()
    wait(lambda: "INSTALLED" not in peer.status(), "charon has heard our delete")
    gateway.write(uci(**suites, tunnel_extra=["mode 'add'"]))
    gateway.start()
    peer.initiate()
    gateway.wait_up()
    holds(lab, guest, peer, gateway, "charon-calls.pcap")
    peer.swanctl("--terminate", "--ike", "peer")
    wait(lambda: not gateway.up(), "the tunnel is down after charon's delete")


if __name__ == "__main__":
    sys.exit(run(lambda lab: plain_esp(lab, sys.argv[1])))
