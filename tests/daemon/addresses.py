"""Our own end moves: addresses that change, lines that flap, uplinks that take turns, devices that are made anew.

    gwA wan  203.0.113.56  - 203.0.113.1  isp 198.51.100.1 - 198.51.100.112 wan gwB
        wan2 192.0.2.56    - 192.0.2.1    isp

Both gateways know each other by name; the provider also answers for names.
"""

import json

import pair
from lab import Lab, wait
from pair import INNER, NAMES, LabTest, uci

WAN = "203.0.113.56"
NEXT = "203.0.113.57"
SECOND = "192.0.2.56"
FAR = "198.51.100.112"
WAN6 = "2001:db8:a::56"
FAR6 = "2001:db8:b::112"


class Provider(pair.Pair):
    def __init__(self, lab):
        self.lab = lab
        lab.namespace("gwA", "gwB", "isp", forward=True)
        lab.run("isp", "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
        self.plug("wan", WAN, "203.0.113.1")
        lab.link("gwB", "wan", FAR + "/24", "isp", "to-b", "198.51.100.1/24")
        lab.default_route("gwB", "198.51.100.1")
        for gateway, address in INNER.items():
            lab.run(gateway, "ip", "link", "add", "lan", "type", "veth", "peer", "name", "lan-end")
            lab.run(gateway, "ip", "address", "add", address + "/24", "dev", "lan")
            lab.run(gateway, "ip", "link", "set", "lan", "up")
            lab.run(gateway, "ip", "link", "set", "lan-end", "up")
        lab.name_server("isp", "198.51.100.1", {NAMES["gwA"]: WAN, NAMES["gwB"]: FAR})

    def plug(self, device, address, router, default=True):
        self.lab.link("gwA", device, address + "/24", "isp", "to-" + device, router + "/24")
        if default:
            self.lab.default_route("gwA", router)

    def unplug(self, device):
        self.lab.run("gwA", "ip", "link", "del", device)

    def number_six(self):
        for namespace, device, address in (("gwA", "wan", WAN6), ("isp", "to-wan", "2001:db8:a::1"),
                                           ("gwB", "wan", FAR6), ("isp", "to-b", "2001:db8:b::1")):
            self.lab.run(namespace, "ip", "address", "add", address + "/64", "dev", device, "nodad")
        self.lab.run("gwA", "ip", "-6", "route", "add", "default", "via", "2001:db8:a::1")
        self.lab.run("gwB", "ip", "-6", "route", "add", "default", "via", "2001:db8:b::1")


def spis(gateway):
    """The pairs that it holds: (inbound SPI, outbound SPI)."""
    return {tuple(spi[:-2] for spi in line.split("ESP SPIs:")[1].split())
            for line in gateway.status().splitlines() if "ESP SPIs:" in line}


def settled(a, b):
    """Both began, perhaps at the same instant; what that made stands at both ends, and nothing is under way."""
    def stands():
        return (all("0 connecting" in one.status() for one in (a, b))
                and spis(a) == {(spi_in, spi_out) for spi_out, spi_in in spis(b)})
    wait(stands, "both ends hold the same pairs")
    return spis(a)


class Addresses(LabTest):
    def setUp(self):
        self.lab = Lab("d")
        self.addCleanup(self.lab.close)
        self.pair = Provider(self.lab)

    def both_up(self, general_a="", at_a=NAMES["gwB"], at_b=NAMES["gwA"]):
        b = self.pair.daemon("gwB", uci("gwB", gateway_address=at_b)).start()
        a = self.pair.daemon("gwA", uci("gwA", gateway_address=at_a, general=general_a)).start()
        a.wait_up()
        wait(b.up, "the tunnel is up at gwB")
        settled(a, b)
        self.assertEqual(self.pair.pings(), 2)
        return a, b

    def begun(self, daemon):
        return daemon.process.output().count("starting Main Mode with ")

    def follows(self, a, b, address):
        """The tunnel goes by `address`, and packets pass."""
        wait(lambda: f"{address}[" in a.status() and "INSTALLED" in a.status(), f"gwA speaks from {address}")
        wait(lambda: self.pair.pings(count=1) == 1, "packets follow")
        wait(lambda: f"{address}[" in b.status(), "gwB has followed")

    def test_another_address(self):
        a, b = self.both_up()
        self.lab.run("gwA", "ip", "address", "del", WAN + "/24", "dev", "wan")
        self.lab.run("gwA", "ip", "address", "add", NEXT + "/24", "dev", "wan")
        self.lab.default_route("gwA", "203.0.113.1")
        # Its name has not followed yet: a causeway at the other end finds the key by trial.
        self.follows(a, b, NEXT)
        self.assertTrue(a.says(f"our address {WAN} is gone"))
        wait(lambda: b.says("has restarted (INITIAL-CONTACT)"), "what gwB still held is cleared")
        self.assertEqual(b.status().count("INSTALLED"), 1)
        told = f"{NAMES['gwA']} points to {WAN}, but our address is {NEXT}: a peer that knows us by this name cannot match us until"
        wait(lambda: told in a.status(), "status tells that our name is behind")
        self.said(a, f"our own name {NAMES['gwA']} still points to {WAN}, but our address is {NEXT}")

        def state():
            return json.loads(a.tool("status", "--json").stdout)["peers"][0]["own_name_state"]

        self.assertEqual(state(), "elsewhere")
        self.lab.publish({NAMES["gwA"]: NEXT})
        wait(lambda: state() == "right", "our name has followed")
        self.assertNotIn("cannot match us", a.status())

    def test_a_line_that_flaps_and_keeps_its_address(self):
        a, b = self.both_up()
        before = spis(a)
        # Two, or one when the other end was up before it began.
        begun = self.begun(a) + self.begun(b)
        self.pair.unplug("wan")
        self.said(a, "our address is now 192.168.1.1")
        self.pair.plug("wan", WAN, "203.0.113.1")
        self.said(a, f"our address is now 192.168.1.1, {WAN}")
        wait(lambda: self.pair.pings(count=1) == 1, "packets pass again")
        self.assertEqual(spis(a), before)
        self.assertEqual(settled(a, b), before)
        self.assertEqual(self.begun(a) + self.begun(b), begun)

    def test_a_line_that_flaps_and_gets_another_address(self):
        a, b = self.both_up()
        self.pair.unplug("wan")
        self.said(a, "our address is now 192.168.1.1")
        self.pair.plug("wan", NEXT, "203.0.113.1")
        self.follows(a, b, NEXT)

    def test_another_uplink_is_taken_make_before_break(self):
        a, b = self.both_up()
        self.pair.plug("wan2", SECOND, "192.0.2.1", default=False)
        before = spis(a)
        ping = self.lab.start("gwA", "ping", "-n", "-i", "0.1", "-I", INNER["gwA"], INNER["gwB"], log="ping")
        wait(lambda: "icmp_seq=3 " in ping.output(), "ping runs")
        self.lab.default_route("gwA", "192.0.2.1")
        self.said(a, f"{FAR} is now reached from {SECOND} instead of {WAN}")
        self.follows(a, b, SECOND)
        wait(lambda: before.isdisjoint(spis(a)), "the new pair carries it")
        ping.stop(2)
        self.assertIn(" 0% packet loss", ping.output())
        self.assertFalse(a.says("tunnel down"))

    def test_a_device_that_is_renamed(self):
        a, _ = self.both_up()
        before = spis(a)
        self.lab.run("gwA", "ip", "link", "set", "wan", "down")
        self.lab.run("gwA", "ip", "link", "set", "wan", "name", "ppp0")
        self.lab.run("gwA", "ip", "link", "set", "ppp0", "up")
        self.lab.default_route("gwA", "203.0.113.1")
        wait(lambda: self.pair.pings(count=1) == 1, "packets pass again")
        self.assertEqual(spis(a), before)
        self.assertEqual(self.begun(a), 1)

    def test_a_device_to_listen_on_that_is_made_anew(self):
        a, b = self.both_up(general_a="  list listen 'wan'\n")
        self.pair.unplug("wan")
        self.said(a, "IKE device wan does not exist yet; waiting for it")
        self.pair.plug("wan", NEXT, "203.0.113.1")
        self.said(a, "listening for IKE on wan")
        self.follows(a, b, NEXT)

    def test_temporary_ipv6_addresses_come_and_go(self):
        self.pair.number_six()
        a, _ = self.both_up(at_a=FAR6, at_b=WAN6)
        self.assertIn(f"{WAN6}[", a.status())
        before = spis(a)
        settings = "net.ipv6.conf.wan."
        self.lab.run("gwA", "sysctl", "-qw", settings + "use_tempaddr=2", settings + "temp_prefered_lft=100",
                     settings + "temp_valid_lft=100", settings + "accept_dad=0", settings + "dad_transmits=0")
        self.lab.run("gwA", "ip", "address", "change", WAN6 + "/64", "dev", "wan", "mngtmpaddr", "nodad")

        def temporary():
            shown = self.lab.run("gwA", "ip", "-6", "-o", "address", "show", "dev", "wan", "temporary").stdout
            return "" if "tentative" in shown or not shown else shown.split()[3]

        address = wait(temporary, "a temporary address")
        self.said(a, f", {address.split('/')[0]}")
        self.lab.run("gwA", "ip", "address", "del", address, "dev", "wan")
        wait(lambda: a.process.output().count("our address is now") == 2, "both changes are seen")
        self.assertEqual(self.pair.pings(), 2)
        self.assertEqual(spis(a), before)
        self.assertEqual(self.begun(a), 1)


if __name__ == "__main__":
    pair.main()
