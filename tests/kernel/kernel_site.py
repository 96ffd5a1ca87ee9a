"""Site B with a kernel of its own: its gateway is a guest, whose XFRM seals and opens. What every peer there is asked."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "interop"))

from common import HOST_A, HOST_B, WAN_B, Sites, Skip, check, wire  # noqa: E402
from guest import CannotBoot, Guest  # noqa: E402

# tests/lab gives the gateway these addresses; here they are on the guest's devices.
NETWORK = f"""set -e
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
ip address add {WAN_B}/24 dev vec0; ip link set vec0 up
ip address add 192.168.0.1/24 dev vec1; ip link set vec1 up
ip route add default via 198.51.100.1
modprobe -a esp4 xfrm_user authenc echainiv cbc hmac gcm seqiv tunnel4"""
PINGS = 10
PATTERN = "5ca1ab1e"


def boot(lab):
    """The guest as gwB between both sites; Skip where this machine cannot."""
    if not os.path.exists("/usr/sbin/modprobe"):
        raise Skip("modprobe is not installed (tools/install kernel)")
    Sites(lab)
    try:
        guest = Guest(lab, "gwB", ("wan", "lan"))
    except CannotBoot as reason:
        raise Skip(str(reason)) from reason
    guest.run(NETWORK)
    return guest


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


def plain_esp_carries(lab, guest, capture_name):
    """Pings pass, as plain ESP (IP protocol 50) and as nothing else; the guest's kernel did its half."""
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
