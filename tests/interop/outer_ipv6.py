"""Two gateways that reach each other over IPv6 only: plain ESP and ESP in UDP, names with AAAA records.

outer_ipv6.py PROGRAMS
"""

import sys

from common import (HOST_A, HOST_B, NAME_A, NAME_B, Causeway, check, far_side, pings_both_ways, run, uci, wait,
                    wire)

WAN_A, WAN_B = "2001:db8:a::2", "2001:db8:b::2"


def world(lab):
    lab.namespace("lanA", "lanB")
    lab.namespace("gwA", "internet", "gwB", forward=True)
    lab.link("lanA", "eth0", HOST_A + "/24", "gwA", "br-lan", "192.168.1.1/24")
    lab.link("lanB", "eth0", HOST_B + "/24", "gwB", "lan", "192.168.0.1/24")
    lab.default_route("lanA", "192.168.1.1")
    lab.default_route("lanB", "192.168.0.1")
    lab.link("gwA", "wan", None, "internet", "toA", None)
    lab.link("gwB", "wan", None, "internet", "toB", None)
    lab.run("internet", "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
    for namespace, device, address in (("gwA", "wan", WAN_A), ("internet", "toA", "2001:db8:a::1"),
                                       ("gwB", "wan", WAN_B), ("internet", "toB", "2001:db8:b::1")):
        lab.run(namespace, "ip", "-6", "address", "add", address + "/64", "dev", device, "nodad")
    lab.run("gwA", "ip", "-6", "route", "add", "default", "via", "2001:db8:a::1")
    lab.run("gwB", "ip", "-6", "route", "add", "default", "via", "2001:db8:b::1")
    # dnsmasq listens on IPv4; each gateway reaches it over a link of its own that leads nowhere else.
    lab.run("internet", "ip", "address", "add", "203.0.113.1/32", "dev", "lo")
    for gateway, far, net in (("gwA", "toA", "10.9.1"), ("gwB", "toB", "10.9.2")):
        lab.run(gateway, "ip", "address", "add", f"{net}.2/24", "dev", "wan")
        lab.run("internet", "ip", "address", "add", f"{net}.1/24", "dev", far)
        lab.run(gateway, "ip", "route", "add", "203.0.113.1/32", "via", f"{net}.1")
    lab.name_server("internet", "203.0.113.1", {NAME_A: WAN_A, NAME_B: WAN_B})


def protocols(file):
    """The next headers of the IPv6 packets of a capture."""
    found = {}
    for link, frame in wire.packets(file):
        ethertype, packet = wire.network_packet(link, frame)
        if ethertype == 0x86DD:
            found[packet[6]] = found.get(packet[6], 0) + 1
    return found


def one(lab, programs, extra, expected):
    world(lab)
    a = Causeway(lab, "gwA", programs, uci(remote_extra=extra)).start()
    b = Causeway(lab, "gwB", programs, far_side({"tunnel_extra": ["mode 'add'"]})).start()
    a.wait_up()
    wait(b.up, "the far side is up")
    check(f"{WAN_A}[" in a.status() and f"{WAN_B}[" in a.status(), a.status())
    capture = lab.capture("internet", "wan.pcap", "toB")
    pings_both_ways(lab)
    answered, _ = lab.ping("lanA", HOST_B, count=3, size=3000, options=("-M", "dont"))
    check(answered == 3, f"{answered} of 3 large pings answered")
    found = protocols(capture.stop())
    check(found.get(expected, 0) >= 20, f"protocols on the wire: {found}")
    a.stop()
    b.stop()


def test(lab, programs):
    for extra, expected in (([], wire.PROTOCOL_ESP), (["force_encapsulation '1'"], wire.PROTOCOL_UDP)):
        inner = type(lab)(f"six{expected}")
        try:
            one(inner, programs, extra, expected)
        except Exception:
            print(open(inner.path("gwA.log")).read(), open(inner.path("gwB.log")).read())
            raise
        finally:
            inner.close()


if __name__ == "__main__":
    sys.exit(run(test, sys.argv[1]))
