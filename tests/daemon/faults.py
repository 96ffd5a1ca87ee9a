"""What the machine may refuse, and what causewayd makes of it: a clear message and a defined end, or another try."""

import os
import re
import signal
import subprocess

import pair
from lab import wait
from pair import ADDRESS, NAMES, NET, LabTest

HOLD_PORT = """
import signal, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('0.0.0.0', int(sys.argv[1])))
print('held', flush=True)
signal.pause()
"""


class Refused(LabTest):
    def options(self, gateway="gwA", control=None):
        return ["--config", self.write(f"{gateway}.conf", pair.uci(gateway)), "--control",
                control or self.lab.path("x.sock")]

    def test_a_second_daemon_on_the_same_control_socket(self):
        a = self.pair.daemon("gwA").start()
        done = self.pair.run("gwA", *self.options(control=a.socket))
        self.assertEqual(done.returncode, 4)
        self.assertIn(f"another causewayd is running with the control socket {a.socket}", done.stderr)
        self.assertNotIn("not running", a.tool("version").stdout)
        self.assertIn(f"unreachable {NET['gwB']}", self.pair.routes("gwA"))

    def test_a_second_daemon_on_the_same_ports(self):
        a = self.pair.daemon("gwA").start()
        before = self.pair.routes("gwA")
        done = self.pair.run("gwA", *self.options())
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"UDP port 500 is taken by causewayd (pid {a.process.pid})", done.stderr)
        self.assertEqual(self.pair.routes("gwA"), before)

    def test_each_port_taken_by_another_program(self):
        for port in (500, 4500):
            with self.subTest(port=port):
                holder = self.lab.start("gwA", "/usr/bin/python3", "-c", HOLD_PORT, str(port), log=f"hold{port}")
                wait(lambda: "held" in holder.output(), "the port is held")
                done = self.pair.run("gwA", *self.options())
                self.assertEqual(done.returncode, 3)
                self.assertIn(f"UDP port {port} is taken by python3 (pid {holder.pid}); end that program", done.stderr)
                holder.stop()

    def test_without_rights(self):
        # In a namespace of its own, as a user who may do nothing.
        options = self.options(control="/tmp/" + self.lab.prefix + ".sock")
        os.chmod(self.lab.folder, 0o755)
        os.chmod(options[1], 0o644)
        self.addCleanup(lambda: os.path.exists(options[3] + ".lock") and os.unlink(options[3] + ".lock"))
        with open(os.path.join(pair.PROGRAMS, "causewayd"), "rb") as program:
            words = self.lab.command("gwA", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                     f"/proc/self/fd/{program.fileno()}", *options)
            done = subprocess.run(words, capture_output=True, text=True, timeout=15, pass_fds=[program.fileno()])
        self.assertEqual(done.returncode, 3)
        self.assertIn("UDP port 500: bind: Permission denied; causewayd needs CAP_NET_BIND_SERVICE: start it as root", done.stderr)

    def test_a_control_socket_in_a_place_that_cannot_be_written(self):
        done = self.pair.run("gwA", *self.options(control="/proc/nowhere/x.sock"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("name another place with --control", done.stderr)

    def test_a_control_socket_that_is_a_file_of_somebody(self):
        path = self.write("precious", "text")
        done = self.pair.run("gwA", *self.options(control=path))
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"{path} exists and is not a socket", done.stderr)
        with open(path) as file:
            self.assertEqual(file.read(), "text")

    def test_a_pid_file_that_cannot_be_written(self):
        done = self.pair.run("gwA", *self.options(), "--pid-file", "/proc/nowhere/pid")
        self.assertEqual(done.returncode, 3)
        self.assertIn("/proc/nowhere/pid cannot be written: No such file or directory", done.stderr)

    def test_no_tun(self):
        done = self.pair.run("gwA", *self.options(),
                             wrap=("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /dev/net; exec "$@"', "sh"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("/dev/net/tun: No such file or directory; load the module: modprobe tun", done.stderr)

    def test_a_file_in_the_place_of_tun(self):
        done = self.pair.run("gwA", *self.options(), wrap=(
            "unshare", "-m", "sh", "-c", 'mount -t tmpfs none /dev/net; touch /dev/net/tun; exec "$@"', "sh"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("/dev/net/tun is not the TUN device; remove it, and make it: mknod /dev/net/tun c 10 200", done.stderr)

    def test_root_without_a_capability(self):
        for capability, words in (("net_admin", "/dev/net/tun: Operation not permitted; causewayd needs CAP_NET_ADMIN and the "
                                                "right to open it, which its container or its unit must give it"),
                                  ("net_raw", "cannot open the raw socket for ESP over IPv4: Operation not permitted; causewayd "
                                              "needs CAP_NET_RAW, which its container or its unit must give it"),
                                  ("net_bind_service", "UDP port 500: bind: Permission denied; causewayd needs "
                                                       "CAP_NET_BIND_SERVICE, which its container")):
            with self.subTest(capability=capability):
                done = self.pair.run("gwA", *self.options(), wrap=("setpriv", f"--bounding-set=-{capability}"))
                self.assertEqual(done.returncode, 3)
                self.assertIn(words, done.stderr)
                self.assertEqual(self.last_lines(done), 1, done.stderr)
                self.assertNotIn(NET["gwB"], self.pair.routes("gwA"))

    def test_a_read_only_system(self):
        done = self.pair.run("gwA", *self.options(control="/run/causeway-test/x.sock"), wrap=(
            "unshare", "-m", "sh", "-c", 'mount --bind /run /run && mount -o remount,ro,bind /run && exec "$@"', "sh"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("/run/causeway-test cannot be made: Read-only file system; name another place with --control", done.stderr)
        self.assertEqual(self.last_lines(done), 1, done.stderr)

    @staticmethod
    def last_lines(done):
        """How many lines tell why it ended."""
        return len([line for line in done.stderr.splitlines() if line.startswith("causewayd: ")])

    def test_a_device_of_the_tuns_name(self):
        self.lab.run("gwA", "ip", "link", "add", "causeway0", "type", "veth", "peer", "name", "far-end")
        done = self.pair.run("gwA", *self.options())
        self.assertEqual(done.returncode, 3)
        self.assertIn("a network device causeway0 exists and is not a TUN device", done.stderr)

    def test_the_end_of_a_refused_start_is_told_the_same_way_in_the_background(self):
        done = self.pair.run("gwA", *self.options(), "--tun", "lan", "-D")
        self.assertEqual(done.returncode, 3)
        self.assertIn("a network device lan exists and is not a TUN device", done.stderr)


class Later(LabTest):
    def test_a_world_readable_key_is_a_warning_in_the_log(self):
        a = self.pair.daemon("gwA")
        os.chmod(a.config, 0o644)
        a.start()
        self.said(a, f"{a.config} holds a pre-shared key and is readable by everyone (mode 0644)")
        self.assertNotIn(pair.KEY, a.process.output())

    def test_no_name_server_at_the_start_is_no_reason_to_end(self):
        os.makedirs(f"/etc/netns/{self.lab.name('gwA')}", exist_ok=True)
        with open(f"/etc/netns/{self.lab.name('gwA')}/resolv.conf", "w") as file:
            file.write(f"nameserver {ADDRESS['gwB']}\n")
        a = self.pair.daemon("gwA", pair.uci("gwA", gateway_address=NAMES["gwB"])).start()
        # Nobody listens on its port: for c-ares 1.18 that is silence, for 1.34 a refused connection.
        reason = "no name server (answers|can be reached, or none is able to answer)"
        wait(lambda: re.search(re.escape(NAMES["gwB"]) + f" cannot be resolved: {reason}; retrying in",
                               a.process.output()), "the log says that there is no name server")
        self.assertRegex(a.status(), reason)
        self.lab.name_server("gwB", ADDRESS["gwB"], {NAMES["gwB"]: ADDRESS["gwB"]})
        self.said(a, f"{NAMES['gwB']} is {ADDRESS['gwB']}", 40)
        b = self.pair.daemon("gwB").start()
        a.wait_up(seconds=40)
        wait(b.up, "the tunnel is up at gwB")

    def test_a_name_is_looked_up_again_while_the_tunnel_stands(self):
        self.lab.name_server("gwB", ADDRESS["gwB"], {NAMES["gwB"]: ADDRESS["gwB"]})
        general = "  option lookup_floor '1s'\n"
        b = self.pair.daemon("gwB").start()
        a = self.pair.daemon("gwA", pair.uci("gwA", gateway_address=NAMES["gwB"], general=general)).start()
        a.wait_up()
        self.lab.publish({NAMES["gwB"]: "203.0.113.200"})
        self.said(a, f"{NAMES['gwB']} is 203.0.113.200")
        # The peer answers at its old address: a name alone tears nothing down.
        self.assertIn(f"{ADDRESS['gwB']}[", a.status())
        self.assertEqual(self.pair.pings("gwA"), 2)
        self.assertTrue(b.up())

    def test_a_device_to_listen_on_may_come_later(self):
        general = "  list listen 'late0'\n"
        a = self.pair.daemon("gwA", pair.uci("gwA", general=general)).start()
        self.pair.daemon("gwB").start()
        self.said(a, "IKE device late0 does not exist yet; waiting for it")
        self.said(a, "is reached through wan, but IKE listens on late0 only")
        self.lab.run("gwA", "ip", "link", "set", "wan", "down")
        self.lab.run("gwA", "ip", "link", "set", "wan", "name", "late0")
        self.lab.run("gwA", "ip", "link", "set", "late0", "up")
        self.said(a, "listening for IKE on late0")
        a.wait_up(seconds=40)

    def test_messages_to_other_devices_are_not_heard(self):
        a = self.pair.daemon("gwA", pair.uci("gwA", general="  list listen 'lan'\n")).start()
        b = self.pair.daemon("gwB").start()
        self.said(b, "starting Main Mode with", 10)
        wait(lambda: self.lab.run("gwA", "ss", "-Hlun", "sport", "=", ":500").stdout, "the port is open")
        self.assertFalse(a.says("established"))

    def test_an_address_that_changes_is_followed(self):
        # gwA's provider gives it another address; its name follows, as with dynamic DNS.
        self.lab.name_server("gwB", ADDRESS["gwB"], {NAMES[name]: ADDRESS[name] for name in NAMES})
        b = self.pair.daemon("gwB", pair.uci("gwB", gateway_address=NAMES["gwA"])).start()
        a = self.pair.daemon("gwA", pair.uci("gwA", gateway_address=NAMES["gwB"])).start()
        a.wait_up()
        wait(b.up, "the tunnel is up at gwB")
        self.lab.publish({NAMES["gwA"]: "203.0.113.57"})
        self.lab.run("gwA", "ip", "address", "del", ADDRESS["gwA"] + "/24", "dev", "wan")
        self.lab.run("gwA", "ip", "address", "add", "203.0.113.57/24", "dev", "wan")
        self.said(a, "our address is now 192.168.1.1, 203.0.113.57")
        self.said(a, f"our address {ADDRESS['gwA']} is gone")
        wait(lambda: "203.0.113.57[" in a.status() and "INSTALLED" in a.status(), "the tunnel goes by the new address", 60)
        self.assertIn("203.0.113.57[", b.status())
        wait(lambda: self.pair.pings(count=1) == 1, "packets follow", 20)

    def test_a_tun_that_is_taken_away_ends_the_daemon_and_leaves_the_networks_closed(self):
        a = self.pair.daemon("gwA").start()
        self.lab.run("gwA", "ip", "link", "del", "causeway0")
        self.assertEqual(a.process.popen.wait(10), 3)
        self.assertTrue(a.says("device causeway0 was removed"))
        self.assertIn(f"unreachable {NET['gwB']}", self.pair.routes("gwA"))
        self.assertIn("causeway", self.pair.guard("gwA"))

    def test_a_wrong_key_is_named_as_the_likely_reason(self):
        self.pair.daemon("gwB").start()
        a = self.pair.daemon("gwA", pair.uci("gwA", key="another secret altogether")).start()
        self.said(a, "the pre-shared keys differ, most likely", 30)
        self.assertNotIn("another secret", a.process.output())

    def test_a_tool_that_hangs_up_while_it_waits_costs_nothing(self):
        a = self.pair.daemon("gwA").start()  # nobody answers: `up` has to wait
        for _ in range(5):
            tool = self.lab.start("gwA", os.path.join(pair.PROGRAMS, "causeway"), "--control", a.socket, "up", log="up.log")
            wait(lambda: f"pid={tool.pid}," in self.lab.run("gwA", "ss", "-Hxp").stdout, "the tool is connected")
            tool.stop(signal.SIGKILL)
        self.assertEqual(a.tool("status", check=False).returncode in (0, 1), True)
        self.assertTrue(a.process.alive())

    def test_noise_on_both_ports_costs_a_handful_of_lines(self):
        b = self.pair.daemon("gwB").start()
        script = """
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for port in (500, 4500):
    for length in list(range(0, 29)) * 20:
        s.sendto(os.urandom(length), ('%s', port))
""" % ADDRESS["gwB"]
        self.lab.run("gwA", "/usr/bin/python3", "-c", script)
        self.assertNotIn("not running", b.tool("version").stdout)
        lines = [line for line in b.process.output().splitlines() if re.search(r"malformed|ignored", line)]
        self.assertLess(len(lines), 60)
        self.assertTrue(b.process.alive())


if __name__ == "__main__":
    pair.main()
