"""Without --config: the first default file that holds an enabled remote, the others named; a running daemon keeps to it.

/etc is a copy, in a mount namespace of the program's own.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import unittest

import pair
from lab import wait
from pair import uci

IPSEC, SWANCTL, CAUSEWAY = "/etc/config/ipsec", "/etc/config/swanctl", "/etc/causeway/causeway.conf"


def disabled():
    """As strongSwan's package for OpenWrt ships it."""
    return uci("gwA").replace("option enabled '1'", "option enabled '0'")


def other_network(text, network):
    return text.replace("192.168.0.0/24", network)


class DefaultFiles(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.etc = os.path.join(self.folder.name, "etc")
        os.mkdir(self.etc)
        for name in os.listdir("/etc"):
            if os.path.isfile("/etc/" + name) and name not in ("shadow", "gshadow"):
                shutil.copy("/etc/" + name, self.etc)
        for name in ("config", "causeway"):
            os.mkdir(os.path.join(self.etc, name))

    def write(self, **files):
        for name, text in files.items():
            path = self.folder.name + {"ipsec": IPSEC, "swanctl": SWANCTL, "causeway": CAUSEWAY}[name]
            with open(path, "w") as file:
                file.write(text)
            os.chmod(path, 0o600)

    def words(self, *options):
        program = os.path.join(pair.PROGRAMS, "causewayd")
        return ["unshare", "--mount", "--net", "/bin/sh", "-ec", 'mount --bind "$1" /etc; shift; exec "$@"', "sh",
                self.etc, program, *options]

    def check(self):
        return subprocess.run(self.words("--check-config"), capture_output=True, text=True, timeout=60)

    def test_the_first_that_holds_an_enabled_remote(self):
        self.write(ipsec=disabled(), swanctl=other_network(uci("gwA"), "10.2.0.0/24"))
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("10.2.0.0/24", done.stdout)
        self.assertNotIn("enabled as well", done.stderr + done.stdout)

    def test_where_several_do_the_first_is_taken_and_it_is_said(self):
        self.write(ipsec=uci("gwA"), swanctl=disabled(), causeway=other_network(uci("gwA"), "10.3.0.0/24"))
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("192.168.0.0/24", done.stdout)
        self.assertNotIn("10.3.0.0/24", done.stdout)
        said = [line for line in (done.stderr + done.stdout).splitlines() if CAUSEWAY in line]
        self.assertEqual(len(said), 1, done.stderr + done.stdout)
        self.assertIn(f"{IPSEC} is read, and not {CAUSEWAY}, where remotes are enabled as well", said[0])
        self.assertNotIn(SWANCTL, done.stderr + done.stdout)

    def test_templates_alone_and_none_at_all(self):
        self.write(ipsec=disabled(), swanctl=disabled())
        done = self.check()
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("is not enabled", done.stderr + done.stdout)
        self.assertIn(IPSEC, done.stderr + done.stdout)
        for path in (IPSEC, SWANCTL):
            os.unlink(self.folder.name + path)
        done = self.check()
        self.assertEqual(done.returncode, 2, done.stderr)
        for path in (IPSEC, SWANCTL, CAUSEWAY):
            self.assertIn(path, done.stderr)

    def test_a_running_daemon_keeps_to_the_file_that_it_began_with(self):
        self.write(ipsec=disabled(), swanctl=uci("gwA"))
        log = os.path.join(self.folder.name, "log")
        control = os.path.join(self.folder.name, "control")
        with open(log, "w") as file:
            daemon = subprocess.Popen(self.words("--control", control), stdout=file, stderr=file)
        try:
            def said():
                with open(log) as file:
                    return file.read()
            wait(lambda: said().count(f"{SWANCTL}: 1 peer") == 1, "the daemon has read its file")
            self.write(ipsec=uci("gwA"))
            os.kill(daemon.pid, signal.SIGHUP)
            wait(lambda: said().count(f"{SWANCTL}: 1 peer") == 2, "it has read the same file again")
            self.assertNotIn(f"{IPSEC}: 1 peer", said())
        finally:
            daemon.terminate()
            self.assertEqual(daemon.wait(30), 0)


if __name__ == "__main__":
    pair.main()
