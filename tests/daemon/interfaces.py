"""What OpenWrt says to the daemon and does with it. `list interface 'wan'`: the device is what ubus says, from the first message on, and followed when it changes.

ubus is a stand-in: a script in /usr/local/bin, in the mount namespace of the daemon alone, that prints a file of the lab.
"""

import json
import os
import unittest

import pair
from lab import wait
from pair import LabTest, uci
from sites import Causeway

WANTED = "  list interface 'wan'\n"


class Interfaces(LabTest):
    def setUp(self):
        super().setUp()
        self.programs = self.lab.path("programs")
        os.makedirs(self.programs + "/bin")
        self.write("programs/bin/ubus", f"#!/bin/sh\n[ \"$*\" = 'call network.interface dump' ] || exit 2\n"
                                        f"cat {self.lab.path('dump')}\n", 0o700)
        self.write("programs/causewayd", f"#!/bin/sh\nmount --bind {self.programs}/bin /usr/local/bin || exit 99\n"
                                         f"exec {pair.PROGRAMS}/causewayd \"$@\"\n", 0o700)
        for name in ("causeway", "ipsec"):
            os.symlink(f"{pair.PROGRAMS}/{name}", f"{self.programs}/{name}")

    def ubus_says(self, **devices):
        """The device of each interface; None: it is down."""
        listed = [{"interface": name, "up": device is not None, **({"l3_device": device} if device else {})}
                  for name, device in devices.items()]
        self.write("fresh", json.dumps({"interface": listed}))
        os.rename(self.lab.path("fresh"), self.lab.path("dump"))

    def both(self, general=WANTED):
        """gwB waits to be called, so that what is tried is gwA's own doing."""
        b = self.pair.daemon("gwB", uci("gwB", gateway_address="any")).start()
        a = Causeway(self.lab, "gwA", self.programs, uci("gwA", general=general)).start()
        return a, b

    def test_the_device_of_an_interface_is_spoken_on(self):
        self.ubus_says(lan="lan", wan="wan")
        a, _ = self.both()
        a.wait_up()
        self.said(a, "the interface wan is device wan")

    def test_nothing_is_sent_elsewhere_and_a_change_is_followed_at_a_reload(self):
        self.ubus_says(lan="lan", wan="lan")
        a, b = self.both()
        self.said(a, "the interface wan is device lan")
        self.said(a, "but IKE listens on lan only")
        self.assertNotIn("starting Main Mode", a.process.output())
        self.ubus_says(lan="lan", wan="wan")
        a.tool("reload")
        a.wait_up()
        self.said(a, "the interface wan is device wan")
        self.assertTrue(b.up())

    def test_one_that_is_down_is_waited_for_and_found_when_links_change(self):
        self.ubus_says(wan=None)
        a, _ = self.both()
        self.said(a, "the interface wan is down and has no device; waiting for it")
        self.said(a, "but IKE listens on devices that are not there yet only")
        self.assertNotIn("starting Main Mode", a.process.output())
        self.ubus_says(wan="wan")
        self.lab.run("gwA", "ip", "address", "add", "192.0.2.7/32", "dev", "lan")
        a.wait_up()

    def test_a_tunnel_that_stands_goes_on_while_ubus_is_silent(self):
        self.ubus_says(wan="wan")
        a, _ = self.both()
        a.wait_up()
        os.remove(self.lab.path("dump"))
        a.tool("reload")
        self.said(a, "it ended with status 1); what it reported before stays in force")
        self.assertTrue(a.up())
        self.assertEqual(self.pair.pings(), 2)

    def test_a_name_that_ubus_does_not_know_restricts_nothing(self):
        self.ubus_says(lan="lan", wan="wan")
        a, _ = self.both("  list interface 'wann'\n")
        a.wait_up()
        self.said(a, "ubus knows no such interface (it knows lan, wan); IKE listens on all devices")

    def test_where_there_is_no_ubus_it_is_said_and_restricts_nothing(self):
        os.remove(self.programs + "/bin/ubus")
        a, _ = self.both()
        a.wait_up()
        self.said(a, "this machine has no ubus to look up their devices; IKE listens on all devices")

    def test_a_stop_while_ubus_does_not_answer_is_a_clean_one(self):
        self.write("programs/bin/ubus", f"#!/bin/sh\necho $$ > {self.lab.path('asked')}\nexec sleep 1000\n", 0o700)
        a = Causeway(self.lab, "gwA", self.programs, uci("gwA", general=WANTED)).start()
        wait(lambda: os.path.exists(self.lab.path("asked")), "ubus is asked")
        with open(self.lab.path("asked")) as file:
            asked = wait(file.read, "ubus is asked").strip()
        a.stop()
        wait(lambda: not os.path.exists("/proc/" + asked), "its child is gone")


class Supervised(LabTest):
    """The tool under OpenWrt's procd: what runs the daemon starts it again, so that it has to be asked."""

    def setUp(self):
        super().setUp()
        self.folder = self.lab.path("init.d")
        os.makedirs(self.folder)
        # Starts the daemon as its child and again when it ends, until it is told to stop; named as procd is.
        self.write("procd", f"""import ctypes, os, subprocess, sys, time
ctypes.CDLL(None).prctl(15, b"procd", 0, 0, 0)
while not os.path.exists("{self.lab.path('end')}"):
    if os.path.exists("{self.lab.path('wanted')}"):
        os.remove("{self.lab.path('wanted')}")
        subprocess.run(sys.argv[1:], check=False)
    time.sleep(0.02)
""")
        self.write("init.d/causeway", f"""#!/bin/sh
echo "$1" >> {self.lab.path('asked')}
case $1 in
    start) : > {self.lab.path('wanted')} ;;
    stop) kill -TERM $(cat {self.lab.path('pid')}) ;;
esac
""", 0o700)
        self.daemon = self.pair.daemon("gwA")
        self.write("wanted", "")
        self.procd = self.lab.start("gwA", "/usr/bin/python3", self.lab.path("procd"), os.path.join(pair.PROGRAMS, "causewayd"),
                                    "--config", self.daemon.config, "--control", self.daemon.socket, "--pid-file",
                                    self.lab.path("pid"), log="procd.log")
        self.addCleanup(lambda: open(self.lab.path("end"), "w").close())
        wait(self.pid, "causewayd answers")

    def ipsec(self, *words):
        script = f"mount --bind {self.folder} /etc/init.d && exec {pair.PROGRAMS}/ipsec --control {self.daemon.socket} \"$@\""
        return self.lab.run("gwA", "sh", "-c", script, "ipsec", *words, check=False)

    def pid(self):
        done = self.lab.run("gwA", os.path.join(pair.PROGRAMS, "causeway"), "--control", self.daemon.socket, "status", "--json",
                            check=False)
        return json.loads(done.stdout).get("pid") if done.stdout.startswith("{") else None

    def asked(self):
        with open(self.lab.path("asked")) as file:
            return file.read().split()

    def test_restart_leaves_the_start_to_it(self):
        before = self.pid()
        done = self.ipsec("restart")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.asked(), ["start"])
        after = self.pid()
        self.assertNotEqual(before, after)
        with open(f"/proc/{after}/stat") as file:
            self.assertEqual(int(file.read().rsplit(")", 1)[1].split()[1]), self.procd.pid)
        self.assertIn(f"causewayd started (process {after})", done.stdout)

    def test_stop_is_its_stop(self):
        done = self.ipsec("stop")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.asked(), ["stop"])
        self.assertIsNone(self.pid())

    def test_starter_leaves_it_alone_and_says_what_would_help(self):
        before = self.pid()
        done = self.ipsec("starter", "--auto-update", "65")
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"already running (process {before})", done.stdout)
        self.assertIn("'option lookup_ceiling 65'", done.stdout)
        self.assertEqual(self.pid(), before)


if __name__ == "__main__":
    pair.main()
