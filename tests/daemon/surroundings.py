"""A remote network that overlaps with what the router is connected to: the router stays online in every state of the
daemon, and nothing between the tunnel's two networks leaves in clear.

    lan 192.168.1.10 - gw - provider - 203.0.113.112 (peer, which never answers)
    guest 192.168.2.10 -'
"""

import os
import unittest

import pair
from lab import Lab, wait
from sites import Causeway

PEER = "203.0.113.112"


class Overlap(unittest.TestCase):
    def setUp(self):
        self.lab = Lab("o")
        self.addCleanup(self.lab.close)
        self.lab.namespace("lan", "guest")
        self.lab.namespace("gw", "provider", forward=True)
        self.lab.link("lan", "eth0", "192.168.1.10/24", "gw", "br-lan", "192.168.1.1/24")
        self.lab.default_route("lan", "192.168.1.1")

    def wan(self, ours, theirs, *hosts):
        """The WAN link, and hosts that the provider has behind it."""
        self.lab.link("gw", "wan", ours, "provider", "cable", theirs)
        self.lab.default_route("gw", theirs.split("/")[0])
        for host in (PEER, *hosts):
            self.lab.run("provider", "ip", "address", "add", host + "/32", "dev", "lo")
        self.lab.run("provider", "ip", "route", "add", "192.168.1.0/24", "via", ours.split("/")[0])

    def resolv_conf(self, server):
        folder = f"/etc/netns/{self.lab.name('gw')}"
        os.makedirs(folder, exist_ok=True)
        with open(folder + "/resolv.conf", "w") as file:
            file.write(f"nameserver {server}\n")

    def daemon(self, remote):
        config = pair.uci("gwA", gateway_address=PEER, tunnels={"lan": ("192.168.1.0/24", remote)})
        return Causeway(self.lab, "gw", pair.PROGRAMS, config)

    def reaches(self, who, *hosts):
        for host in hosts:
            self.assertEqual(self.lab.ping(who, host, count=2)[0], 2, f"{who} reaches {host}")

    def in_every_state(self, remote, check):
        """Before, while it tries, after it was killed, while it runs again, after a clean stop."""
        check()
        daemon = self.daemon(remote).start()
        check()
        daemon.process.kill()
        wait(lambda: "causeway0" not in self.lab.run("gw", "ip", "link").stdout, "the TUN is gone")
        check()
        daemon.start()
        check()
        said = daemon.process.output()
        daemon.stop()
        check()
        return daemon, said

    def closed(self, inside):
        """Nothing from the LAN for the remote network reaches the provider."""
        self.assertEqual(self.lab.ping("lan", inside, count=2)[0], 0)

    def test_the_wans_network_gateway_and_name_server_lie_inside_the_remote_one(self):
        self.wan("10.0.1.2/24", "10.0.1.1/24", "10.200.0.53", "10.9.9.9")
        self.resolv_conf("10.200.0.53")
        _, said = self.in_every_state("10.0.0.0/8", lambda: self.reaches("gw", "10.0.1.1", "10.200.0.53", PEER))
        self.assertIn("10.0.1.0/24 (wan)", said)
        daemon = self.daemon("10.0.0.0/8").start()
        self.assertIn("10.0.1.0/24 (wan)", daemon.status())
        self.reaches("lan", "10.0.1.1")
        self.closed("10.9.9.9")
        daemon.process.kill()
        self.closed("10.9.9.9")
        self.reaches("lan", "10.0.1.1", PEER)

    def test_the_providers_box_has_the_remote_networks_addresses(self):
        self.wan("192.168.0.2/24", "192.168.0.1/24")
        _, said = self.in_every_state("192.168.0.0/24", lambda: self.reaches("gw", "192.168.0.1", PEER))
        self.assertIn("renumber", said)
        self.assertNotIn("remove", said)
        daemon = self.daemon("192.168.0.0/24").start()
        self.assertIn("all of it (wan)", daemon.status())
        self.reaches("lan", PEER)
        # Its other addresses may be at either end: nothing for them leaves in clear, also after a SIGKILL.
        self.lab.run("provider", "ip", "address", "add", "192.168.0.10/24", "dev", "cable")
        self.closed("192.168.0.10")
        daemon.process.kill()
        self.closed("192.168.0.10")
        self.reaches("lan", PEER)
        self.reaches("gw", "192.168.0.1")

    def test_a_lease_that_collides_while_the_daemon_runs(self):
        self.wan("203.0.113.2/24", "203.0.113.1/24")
        daemon = self.daemon("192.168.0.0/24").start()
        self.assertIn("192.168.0.0/24 dev causeway0", self.lab.run("gw", "ip", "route").stdout)
        self.lab.run("gw", "ip", "address", "flush", "dev", "wan", "scope", "global")
        self.lab.run("gw", "ip", "address", "add", "192.168.0.2/24", "dev", "wan")
        self.lab.run("provider", "ip", "address", "add", "192.168.0.1/24", "dev", "cable")
        wait(lambda: self.lab.ping("gw", "192.168.0.1", count=1)[0] == 1, "the gateway is reached")
        self.lab.default_route("gw", "192.168.0.1")
        self.reaches("gw", "192.168.0.1", PEER)
        wait(lambda: daemon.says("all of it (wan)"), "it is said")

    def test_what_claims_to_be_from_the_remote_network_comes_through_the_tunnel_only(self):
        self.wan("10.0.1.2/24", "10.0.1.1/24", "10.9.9.9")
        daemon = self.daemon("10.0.0.0/8").start()
        for state in ("running", "killed"):
            # From the WAN to the tunnel's own network, the router's address in it among them.
            for host in ("192.168.1.10", "192.168.1.1"):
                self.assertEqual(self.lab.ping("provider", host, count=2, options=("-I", "10.9.9.9"))[0], 0, (state, host))
            self.assertGreater(self.dropped("entering"), 3)
            daemon.process.kill()

    def dropped(self, chain):
        listed = self.lab.run("gw", "nft", "list", "chain", "ip", "causeway", chain).stdout
        return sum(int(line.split("packets ")[1].split()[0]) for line in listed.splitlines() if "counter" in line)

    def test_guests_lie_inside_the_remote_network(self):
        self.wan("203.0.113.2/24", "203.0.113.1/24")
        self.lab.link("guest", "eth0", "192.168.2.10/24", "gw", "br-guest", "192.168.2.1/24")
        self.lab.default_route("guest", "192.168.2.1")

        def check():
            self.reaches("guest", "192.168.2.1", "192.168.1.10")
            self.reaches("lan", "192.168.2.10", "192.168.1.1")
        _, said = self.in_every_state("192.168.0.0/16", check)
        self.assertIn("192.168.2.0/24 (br-guest)", said)

    def test_another_wan_after_it_was_killed(self):
        # The lease changes while nobody is there to follow it.
        self.wan("203.0.113.2/24", "203.0.113.1/24")
        daemon = self.daemon("10.0.0.0/8").start()
        daemon.process.kill()
        self.lab.run("gw", "ip", "address", "flush", "dev", "wan", "scope", "global")
        self.lab.run("gw", "ip", "address", "add", "10.0.1.2/24", "dev", "wan")
        self.lab.run("provider", "ip", "address", "add", "10.0.1.1/24", "dev", "cable")
        self.lab.default_route("gw", "10.0.1.1")
        self.reaches("gw", "10.0.1.1", PEER)


if __name__ == "__main__":
    pair.main()
