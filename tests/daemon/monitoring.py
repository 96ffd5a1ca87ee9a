"""What others than root see of causewayd: the file of metrics, and the control socket for the members of a group."""

import base64
import os
import stat

import pair
from lab import wait
from pair import LabTest, uci

# Of every machine's /etc/group; nobody is a member by that.
GROUP, NUMBER = "daemon", "1"
NOBODY = "65534"


def value_of(text, series):
    """The value behind 'NAME{LABELS}'; None: there is none."""
    values = [line[len(series) + 1:] for line in text.splitlines() if line.startswith(series + " ")]
    return float(values[0]) if values else None


class MetricsFile(LabTest):
    def setUp(self):
        super().setUp()
        self.file = self.lab.path("causeway.prom")

    def config(self, file=None):
        return uci("gwA", general=f"  option metrics_file '{file or self.file}'\n")

    def text(self):
        try:
            with open(self.file) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def test_it_tells_of_a_tunnel_and_of_the_end(self):
        # It dials nobody, so that what is taken down stays down.
        self.pair.daemon("gwB", uci("gwB", gateway_address="any")).start()
        a = self.pair.daemon("gwA", self.config()).start()
        wait(lambda: "causeway_up 1\n" in self.text(), "the file is there")
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o644)
        a.wait_up()
        self.assertTrue(self.pair.pings())
        labels = 'peer="Far",connection="ipsec-lan"'
        printed = a.tool("metrics").stdout
        self.assertEqual(value_of(printed, f'causeway_connection_up{{{labels},layer="tunnel"}}'), 1)
        self.assertGreaterEqual(value_of(printed, f'causeway_connection_packets_total{{{labels},direction="out"}}'), 2)
        self.assertEqual(value_of(printed, f"causeway_connection_came_up_total{{{labels}}}"), 1)
        wait(lambda: value_of(self.text(), f'causeway_connection_up{{{labels},layer="tunnel"}}') == 1, "the file has it too", 40)
        for secret in (pair.KEY, pair.ADDRESS["gwB"], pair.INNER["gwB"]):
            self.assertNotIn(secret, printed)
        key = pair.KEY.encode()
        for words, kept in ((("report",), ()), (("report", "--mask-addresses"), (pair.ADDRESS["gwB"], pair.INNER["gwB"]))):
            page = a.tool(*words).stdout
            self.assertIn("Tunnel: up", page)
            for secret in (pair.KEY, key.hex(), base64.b64encode(key).decode(), *kept):
                self.assertNotIn(secret, page, words)

        # What has passed stays counted when the tunnel is made anew.
        a.tool("down", "Far")
        after = a.tool("metrics").stdout
        series = f'causeway_connection_packets_total{{{labels},direction="out"}}'
        self.assertGreaterEqual(value_of(after, series), value_of(printed, series))
        self.assertEqual(value_of(after, f'causeway_connection_up{{{labels},layer="tunnel"}}'), 0)
        self.assertEqual(value_of(after, f"causeway_connection_wanted{{{labels}}}"), 0)
        a.tool("up", "Far")
        again = a.tool("metrics").stdout
        self.assertEqual(value_of(again, f"causeway_connection_came_up_total{{{labels}}}"), 2)
        self.assertGreaterEqual(value_of(again, series), value_of(printed, series))

        a.stop()
        self.assertEqual([line for line in self.text().splitlines() if not line.startswith("#")], ["causeway_up 0"])
        done = a.tool("metrics", check=False)
        self.assertEqual((done.returncode, value_of(done.stdout, "causeway_up")), (3, 0))

    def test_a_folder_that_is_not_there_is_an_error_of_the_check_and_keeps_nothing_from_working(self):
        missing = self.lab.path("nowhere/causeway.prom")
        config = self.write("missing", self.config(missing))
        done = self.pair.run("gwA", "--check-config", "--config", config)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, rf"missing:3: error: 'metrics_file' is '{missing}', and .*/nowhere does not exist: no metrics are "
                                      r"written there; mkdir -p ")
        self.pair.daemon("gwB").start()
        a = self.pair.daemon("gwA", self.config(missing)).start()
        a.wait_up()
        self.said(a, f"{missing} cannot be written: No such file or directory")
        os.mkdir(os.path.dirname(missing))
        wait(lambda: os.path.exists(missing), "it is written as soon as it can be", 40)


class Group(LabTest):
    def setUp(self):
        super().setUp()
        os.chmod(self.lab.path("."), 0o711)

    def config(self, group=GROUP):
        return uci("gwA", general=f"  option control_group '{group}'\n")

    def ask(self, daemon, groups, *words):
        """As a user who is not root."""
        return self.lab.run("gwA", "setpriv", "--reuid", NOBODY, "--regid", NOBODY, *groups, os.path.join(pair.PROGRAMS, "causeway"),
                            "--control", daemon.socket, *words, check=False)

    def test_its_members_ask_and_change_nothing(self):
        self.pair.daemon("gwB").start()
        a = self.pair.daemon("gwA", self.config()).start()
        a.wait_up()
        member, stranger = ("--groups", NUMBER), ("--clear-groups",)
        for words in (("status",), ("status", "--json"), ("history",), ("metrics",), ("version",), ("report",)):
            self.assertEqual(self.ask(a, member, *words).returncode, 0, words)
        for words in (("down", "Far"), ("reload",), ("log-level", "debug"), ("firewall", "remove"), ("firewall", "apply")):
            done = self.ask(a, member, *words)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn("is not permitted: the group of option control_group may ask", done.stderr + done.stdout, words)
        self.assertTrue(a.up())
        done = self.ask(a, stranger, "status")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no permission for the control socket", done.stderr)
        self.assertIn("option control_group", done.stderr)
        self.assertEqual(a.tool("log-level", "debug").returncode, 0)  # root as before

        # Taken away by a reload, and given again, by a daemon without the rights of a root.
        a.write(uci("gwA"))
        a.tool("reload")
        self.assertEqual(self.ask(a, member, "status").returncode, 1)
        a.write(self.config())
        a.tool("reload")
        self.assertEqual(self.ask(a, member, "status").returncode, 0)

    def test_they_never_keep_root_out(self):
        a = self.pair.daemon("gwA", self.config()).start()
        script = ("import socket, sys\nkept = []\nfor _ in range(100):\n    one = socket.socket(socket.AF_UNIX)\n"
                  "    try:\n        one.connect(sys.argv[1])\n    except OSError:\n        break\n    kept.append(one)\n"
                  "print(len(kept), flush=True)\nsys.stdin.read()\n")
        from subprocess import PIPE, Popen
        greedy = Popen(["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--groups", NUMBER, "/usr/bin/python3", "-c", script, a.socket],
                       stdin=PIPE, stdout=PIPE, text=True)
        try:
            self.assertGreater(int(greedy.stdout.readline()), 50)
            self.assertEqual(a.tool("status").returncode, 0)
        finally:
            greedy.communicate("")

    def test_a_group_that_is_not_there_is_an_error_and_root_alone_may(self):
        config = self.write("unknown", self.config("no-such-group"))
        done = self.pair.run("gwA", "--check-config", "--config", config)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("unknown:3: error: 'control_group' is 'no-such-group', and this machine has no such group: only root can use the "
                      "control socket; make it (groupadd no-such-group", done.stdout)
        a = self.pair.daemon("gwA", self.config("no-such-group")).start()
        self.assertEqual(stat.S_IMODE(os.stat(a.socket).st_mode), 0o600)
        self.assertEqual(a.tool("status").returncode, 0)


if __name__ == "__main__":
    pair.main()
