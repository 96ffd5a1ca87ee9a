"""A configuration that is read again: what did not change stays up, and a slip changes nothing."""

import os
import signal

import pair
from lab import wait
from pair import LabTest, uci

TWO = {"lan": ("192.168.1.0/24", "192.168.0.0/24"), "dmz": ("10.1.0.0/24", "10.2.0.0/24")}
TWO_AT_B = {name: (remote, local) for name, (local, remote) in TWO.items()}
DMZ_ONLY_ELSEWHERE = {"lan": TWO["lan"], "dmz": ("10.1.0.0/24", "10.9.0.0/24")}


def spis(gateway):
    """Of each installed tunnel by name, as `ipsec status` shows them."""
    found = {}
    for line in gateway.status().splitlines():
        if "ESP SPIs:" in line:
            found[line.split("{")[0].strip()] = line.split("ESP SPIs:")[1].strip()
    return found


class Reload(LabTest):
    def both_with_two_tunnels(self):
        b = self.pair.daemon("gwB", uci("gwB", tunnels=TWO_AT_B)).start()
        a = self.pair.daemon("gwA", uci("gwA", tunnels=TWO)).start()
        wait(lambda: len(spis(a)) == 2 and len(spis(b)) == 2, "both tunnels are up")
        return a, b

    def test_the_same_file_again_changes_nothing(self):
        a, _ = self.both_with_two_tunnels()
        before = spis(a)
        self.assertEqual(a.tool("reload").returncode, 0)
        self.assertEqual(spis(a), before)

    def test_only_what_changed_is_torn_down(self):
        a, _ = self.both_with_two_tunnels()
        before = spis(a)
        a.write(uci("gwA", tunnels={"lan": TWO["lan"]}))
        os.kill(a.process.pid, signal.SIGHUP)
        wait(lambda: len(spis(a)) == 1, "one tunnel is gone")
        self.assertEqual(list(spis(a).values()), [before["ipsec-lan"]])
        self.assertNotIn("10.2.0.0/24", self.pair.routes("gwA"))
        self.assertIn("192.168.0.0/24", self.pair.routes("gwA"))

    def test_a_new_network_is_closed_at_once(self):
        a, _ = self.both_with_two_tunnels()
        a.write(uci("gwA", tunnels=DMZ_ONLY_ELSEWHERE))
        self.assertEqual(a.tool("reload").returncode, 0)
        self.assertIn("unreachable 10.9.0.0/24", self.pair.routes("gwA"))
        self.assertNotIn("10.2.0.0/24", self.pair.routes("gwA"))

    def test_a_slip_changes_nothing_and_is_told_to_whoever_asked(self):
        a, _ = self.both_with_two_tunnels()
        before = spis(a)
        for text in ("config remote 'Far\n", uci("gwA", remote="  option keyexchange 'ikev2'\n")):
            a.write(text)
            done = a.tool("reload", check=False)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn(f"{a.config}:", done.stdout + done.stderr)
            self.assertIn("the old configuration stays in force", done.stdout + done.stderr)
            self.assertEqual(spis(a), before)

    def test_a_file_that_is_gone_changes_nothing(self):
        a, _ = self.both_with_two_tunnels()
        before = spis(a)
        os.unlink(a.config)
        os.kill(a.process.pid, signal.SIGHUP)
        self.said(a, f"cannot read {a.config}: No such file or directory")
        self.assertEqual(spis(a), before)

    def test_a_connection_that_is_switched_off_goes_down(self):
        a, b = self.both_with_two_tunnels()
        a.write(uci("gwA", tunnels=TWO).replace("option enabled '1'", "option enabled '0'"))
        self.assertEqual(a.tool("reload").returncode, 0)
        self.assertEqual(spis(a), {})
        wait(lambda: spis(b) == {}, "the deletes have arrived")
        self.assertNotIn("192.168.0.0/24", self.pair.routes("gwA"))

    def test_another_key_is_another_connection(self):
        a, b = self.both_with_two_tunnels()
        before = spis(a)
        for gateway, tunnels in ((b, TWO_AT_B), (a, TWO)):
            gateway.write(uci(gateway.namespace, key="a second secret 0815", tunnels=tunnels))
            self.assertEqual(gateway.tool("reload").returncode, 0)
        wait(lambda: len(spis(a)) == 2 and not set(spis(a).values()) & set(before.values()), "both tunnels are up anew", 40)


if __name__ == "__main__":
    pair.main()
