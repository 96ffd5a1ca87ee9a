"""causewayd begins, carries packets, and ends: cleanly, or killed."""

import os
import pty
import signal
import subprocess

import pair
from lab import wait
from pair import ADDRESS, KEY, NET, LabTest


class Start(LabTest):
    def test_a_tunnel_by_addresses_carries_packets_both_ways(self):
        a, b = self.pair.both()
        self.assertEqual(self.pair.pings("gwA"), 2)
        self.assertEqual(self.pair.pings("gwB"), 2)
        self.assertNotIn(KEY, a.process.output() + b.process.output())
        self.assertNotIn(KEY, a.tool("status", "--json").stdout)

    def test_a_terminal_has_colours_and_a_pipe_has_none(self):
        a, _ = self.pair.both()

        def on_a_terminal(**more):
            leader, follower = pty.openpty()
            env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"} | more
            words = [os.path.join(a.programs, "causeway"), "--control", a.socket, "status"]
            done = subprocess.run(a.lab.command("gwA", *words), stdout=follower, env=env, check=True, timeout=20)
            self.assertEqual(done.returncode, 0)
            os.close(follower)
            with open(leader, "rb", closefd=True) as terminal:
                return terminal.read1(65536).decode()

        self.assertIn("\x1b[32mINSTALLED\x1b[0m", on_a_terminal())
        for plain in (on_a_terminal(NO_COLOR="1"), on_a_terminal(TERM="dumb"), a.status()):
            self.assertIn("INSTALLED", plain)
            self.assertNotIn("\x1b", plain)

    def test_no_line_is_long_unless_ipsec_is_asked(self):
        a = self.pair.daemon("gwA", pair.uci("gwA", gateway_address="a-name-that-nobody-knows.of-this-length.example.net")).start()
        wait(lambda: "cannot be resolved" in " ".join(a.tool("status").stdout.split()), "the name is asked for")
        for words in (["status"], ["statusall"], ["--help"], ["decode", "--help"]):
            self.assertLessEqual(max(map(len, a.tool(*words).stdout.splitlines())), 100, words)
        as_ipsec = a.status().splitlines()
        self.assertGreater(max(map(len, as_ipsec)), 100)
        self.assertTrue(all(line.startswith(("Security Associations", "  ipsec-lan:", "  none")) for line in as_ipsec), as_ipsec)

    def test_ipsec_writes_suites_as_strongswan_does(self):
        a, _ = self.pair.both()
        self.assertIn("IKE proposal: AES_CBC_256/HMAC_SHA2_256/MODP_2048\n", a.tool("statusall", program="ipsec").stdout)
        self.assertIn("IKE proposal: aes256-sha256-modp2048\n", a.tool("statusall").stdout)
        self.assertTrue(a.says("established: aes256-sha256-modp2048,"), a.process.output())

    def test_sigterm_is_a_clean_stop(self):
        a, b = self.pair.both()
        self.assertIn(f"unreachable {NET['gwB']}", self.pair.routes("gwA"))
        self.assertIn("causeway", self.pair.guard("gwA"))
        self.assertEqual(a.process.stop(signal.SIGTERM), 0)
        self.said(b, "tunnel down")  # the deletes have arrived
        self.assertNotIn(NET["gwB"], self.pair.routes("gwA"))
        self.assertNotIn("causeway", self.pair.guard("gwA"))
        self.assertFalse(os.path.exists(a.socket))

    def test_an_interrupt_is_a_clean_stop(self):
        a = self.pair.daemon("gwA").start()
        self.assertEqual(a.process.stop(signal.SIGINT), 0)
        self.assertNotIn(NET["gwB"], self.pair.routes("gwA"))
        self.assertTrue(a.says("causeway stopped: interrupted"))

    def test_a_stop_by_the_tool_waits_until_all_is_gone(self):
        a = self.pair.daemon("gwA").start()
        self.assertEqual(a.tool("stop", program="ipsec").returncode, 0)
        self.assertNotIn(NET["gwB"], self.pair.routes("gwA"))
        self.assertEqual(a.process.popen.wait(5), 0)

    def test_a_killed_daemon_leaves_the_networks_closed_and_is_succeeded(self):
        a, b = self.pair.both()
        a.process.kill()
        self.assertIn(f"unreachable {NET['gwB']}", self.pair.routes("gwA"))
        self.assertIn("causeway", self.pair.guard("gwA"))
        self.assertTrue(os.path.exists(a.socket))
        a.start()
        a.wait_up()
        wait(lambda: self.pair.pings("gwA", count=1) == 1, "packets go through the new tunnel")
        a.stop()
        self.assertNotIn(NET["gwB"], self.pair.routes("gwA"))

    def test_in_the_background_the_exit_status_tells_whether_it_stands(self):
        config = self.write("gwA.conf", pair.uci("gwA"))
        pid_file = self.lab.path("gwA.pid")
        options = ["--config", config, "--control", self.lab.path("gwA.sock"), "--pid-file", pid_file, "-D"]
        done = self.pair.run("gwA", *options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open(pid_file) as file:
            number = int(file.read())
        self.assertIn(f"unreachable {NET['gwB']}", self.pair.routes("gwA"))  # it stood when the command returned
        again = self.pair.run("gwA", *options[:2], "--control", self.lab.path("second.sock"), "-D")
        self.assertEqual(again.returncode, 3)
        self.assertIn(f"UDP port 500 is taken by causewayd (pid {number})", again.stderr)
        with open(f"/proc/{number}/limits") as file:
            limit = next(line for line in file if line.startswith("Max core file size"))
        self.assertEqual(limit.split()[4:6], ["0", "0"])
        os.kill(number, signal.SIGTERM)
        wait(lambda: not os.path.exists(pid_file), "the file with the process number is gone")
        wait(lambda: not os.path.exists(f"/proc/{number}"), "the daemon has ended")

    def test_the_memory_with_the_keys_is_no_ones_to_look_at(self):
        a = self.pair.daemon("gwA").start()
        # Not dumpable: its files in /proc belong to root whoever runs it, and a core is never written.
        script = "import ctypes,os,sys; sys.exit(os.stat(f'/proc/{sys.argv[1]}/mem').st_uid)"
        self.assertEqual(subprocess.run(["/usr/bin/python3", "-c", script, str(a.process.pid)]).returncode, 0)
        with open(f"/proc/{a.process.pid}/limits") as file:
            limit = next(line for line in file if line.startswith("Max core file size"))
        self.assertEqual(limit.split()[4:6], ["0", "0"])

    def test_it_answers_from_the_address_that_was_asked(self):
        self.lab.run("gwB", "ip", "address", "add", "203.0.113.113/24", "dev", "wan")
        b = self.pair.daemon("gwB").start()
        # gwA knows gwB by its second address only: an answer from the first one would be nobody's.
        a = self.pair.daemon("gwA", pair.uci("gwA", gateway_address="203.0.113.113")).start()
        a.wait_up()
        self.assertIn(f"203.0.113.113[{pair.NAMES['gwB']}]", a.status())
        self.assertIn(f"{ADDRESS['gwA']}[{pair.NAMES['gwA']}]", b.status())
        self.assertEqual(self.pair.pings("gwA"), 2)


if __name__ == "__main__":
    pair.main()
