"""The lamps of a tunnel: what `causeway status` shows of its SAs, its route and the firewall, while each of them changes."""

import json
import os
import shutil
import subprocess

import pair
from lab import wait
from pair import ADDRESS, NET, LabTest

# A firewall of somebody else's, which drops what goes from the LAN into the tunnel.
DROPS = """
table inet other {
    chain forward { type filter hook forward priority filter; policy accept; oifname "causeway0" drop; }
}
"""


class Lamps(LabTest):
    def tunnel(self, daemon):
        return json.loads(daemon.tool("status", "--json").stdout)["peers"][0]["tunnels"][0]

    def lit(self, daemon, **wanted):
        wait(lambda: wanted.items() <= self.tunnel(daemon)["lamps"].items(), f"lit: {wanted}", 10)

    def words(self, daemon):
        """The line for people, and no trace of it where strongSwan's lines are expected."""
        line = [line for line in daemon.tool("status").stdout.splitlines() if ", firewall " in line]
        self.assertEqual(len(line), 1)
        for command in ("status", "statusall"):
            self.assertNotIn("firewall", daemon.tool(command, program="ipsec").stdout)
        return line[0].strip()

    def plugin(self, daemon, *words):
        done = subprocess.run([*daemon.lab.command("gwA", os.path.join(daemon.programs, "causeway"), "--control", daemon.socket,
                                                   "status", "--nagios", *words)], capture_output=True, text=True, timeout=20)
        return done.returncode, done.stdout

    def test_all_is_well_then_the_route_then_the_firewall(self):
        a, _ = self.pair.both()
        self.lit(a, tunnel="up", route="placed", firewall="open")
        self.assertEqual(self.words(a), "ipsec-lan:   tunnel up, route placed, firewall open")
        code, said = self.plugin(a)
        self.assertEqual((code, said.split(" | ")[0]), (0, "CAUSEWAY OK - 1 of 1 tunnel up"))
        self.assertIn("tunnels=1;;;0;1", said)

        self.lab.run("gwA", "ip", "route", "add", "192.168.0.128/25", "via", ADDRESS["gwB"])
        self.lit(a, tunnel="up", route="shadowed", firewall="open")
        finding = self.tunnel(a)["findings"][0]
        self.assertEqual((finding["code"], finding["fields"]["by"]), ("route-shadowed", "the route 192.168.0.128/25 dev wan"))
        self.assertIn("192.168.0.128/25 dev wan takes them", " ".join(a.tool("status").stdout.split()))
        code, said = self.plugin(a, "ipsec-lan")
        self.assertEqual((code, said.split(";")[0]), (1, "CAUSEWAY WARNING - 1 of 1 tunnel up"))
        # The kernel agrees.
        self.assertIn("dev wan", self.lab.run("gwA", "ip", "route", "get", "192.168.0.200").stdout)
        self.lab.run("gwA", "ip", "route", "del", "192.168.0.128/25")
        self.lit(a, route="placed")

        self.lab.run("gwA", "nft", "-f", "-", stdin=DROPS)
        self.lit(a, tunnel="up", route="placed", firewall="blocked")
        self.assertEqual(self.words(a), "ipsec-lan:   tunnel up, route placed, firewall blocked")
        self.assertEqual(self.plugin(a)[0], 1)
        self.lab.run("gwA", "nft", "delete", "table", "inet", "other")
        self.lit(a, firewall="open")
        self.lab.run("gwA", "sysctl", "-qw", "net.ipv4.ip_forward=0")
        self.lit(a, tunnel="up", firewall="blocked")
        self.lab.run("gwA", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.lit(a, firewall="open")

    def test_a_table_that_a_rule_chooses_shadows_the_route(self):
        a, _ = self.pair.both()
        self.lab.run("gwA", "ip", "route", "add", "default", "via", ADDRESS["gwB"], "table", "77")
        self.lab.run("gwA", "ip", "rule", "add", "priority", "1000", "lookup", "77")
        self.lit(a, route="shadowed")
        self.assertEqual(self.tunnel(a)["findings"][0]["fields"]["by"], "a routing rule that leads to device wan")
        self.lab.run("gwA", "ip", "rule", "del", "priority", "1000")
        self.lit(a, route="placed")

    def test_rules_that_cannot_be_read_are_unknown_unless_others_drop(self):
        if shutil.which("iptables-legacy") is None:
            self.skipTest("iptables-legacy is not installed")
        a = self.pair.daemon("gwA").start()
        self.lit(a, firewall="open")
        self.lab.run("gwA", "iptables-legacy", "-L", "-n")
        self.lit(a, firewall="unknown")
        self.lab.run("gwA", "nft", "-f", "-", stdin=DROPS)
        self.lit(a, firewall="blocked")

    def test_on_its_way_up_and_taken_down(self):
        a = self.pair.daemon("gwA").start()
        self.lit(a, tunnel="negotiating", route="placed")
        code, said = self.plugin(a)
        self.assertEqual((code, said[:56]), (2, "CAUSEWAY CRITICAL - 0 of 1 tunnel up; ipsec-lan is down:"))
        a.tool("down")
        self.lit(a, tunnel="down", route="placed")
        code, said = self.plugin(a)
        self.assertEqual((code, said.split(" | ")[0]), (0, "CAUSEWAY OK - 0 of 0 tunnels up, 1 idle"))
        self.assertEqual(self.plugin(a, "nobody")[0], 3)
        self.assertEqual(self.plugin(a, "one", "too-many")[0], 3)
        a.stop()
        code, said = self.plugin(a)
        self.assertEqual(code, 3)
        self.assertTrue(said.startswith("CAUSEWAY UNKNOWN - causewayd is not running"), said)
        self.assertNotIn(NET["gwB"], self.pair.routes("gwA"))


if __name__ == "__main__":
    pair.main()
