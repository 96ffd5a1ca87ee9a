"""causewayd's command line and --check-config: what it says, and what it ends with."""

import fcntl
import os
import pty
import struct
import subprocess
import tempfile
import termios
import unittest

import pair
from pair import KEY, uci


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def causewayd(self, *options):
        return subprocess.run([os.path.join(pair.PROGRAMS, "causewayd"), *options], capture_output=True, text=True, timeout=30)

    def write(self, text, mode=0o600):
        path = os.path.join(self.folder.name, "ipsec")
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def test_help_and_version_are_answers(self):
        done = self.causewayd("--help")
        self.assertEqual(done.returncode, 0)
        for option in ("--config", "--format", "--check-config", "--control", "--daemonize", "--pid-file", "--syslog",
                       "--lookup-ceiling", "--tun", "--dataplane", "--offload-tun", "--offload-udp-send", "--offload-udp-receive", "--version"):
            self.assertIn(option, done.stdout)
        done = self.causewayd("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^causeway \d+\.\d+\.\d+\n$")

    def test_output_that_cannot_be_written_ends_with_2(self):
        # Short, and longer than what is kept back until the end.
        for words in (["version"], ["--help"]):
            with self.subTest(words=words), open("/dev/full", "w") as full:
                done = subprocess.run([os.path.join(pair.PROGRAMS, "causeway"), *words], stdout=full, stderr=subprocess.PIPE, text=True,
                                      timeout=30)
                self.assertEqual(done.returncode, 2)
                self.assertIn("cannot write the output", done.stderr)

    def test_wrong_usage_ends_with_2(self):
        for words in (["--no-such-option"], ["--format", "xml"], ["--lookup-ceiling", "soon"], ["--lookup-ceiling", "0"],
                      ["--lookup-ceiling", "86401"], ["--lookup-ceiling", "60s"], ["--lookup-ceiling="],
                      ["--tun", "a-name-of-sixteen"], ["--tun", "a/b"], ["--tun="], ["--dataplane", "xfrm"], ["--offload-tun", "1"], ["--offload-udp-send", "yes"],
                      ["--offload-udp-receive="], ["a-word"], ["--syslog=yes"], ["-Dx"]):
            with self.subTest(words=words):
                done = self.causewayd(*words, "--check-config")
                self.assertEqual(done.returncode, 2)
                self.assertNotEqual(done.stderr, "")

    def test_an_option_without_its_value_ends_with_2(self):
        for option in ("--config", "--format", "--control", "--pid-file", "--lookup-ceiling", "--tun", "--offload-tun"):
            with self.subTest(option=option):
                done = self.causewayd("--check-config", option)
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"{option} needs a value", done.stderr)

    def test_notes_are_counted_and_shown_with_verbose(self):
        text = uci("gwA") + "\nconfig p1_proposal 'unused'\n  option encryption_algorithm 'aes128'\n"
        path = self.write(text)
        plain, all_of_it = self.causewayd("--check-config", "--config", path), self.causewayd("--check-config", "--verbose", "--config", path)
        self.assertIn("1 note (shown with --verbose)", plain.stdout)
        self.assertNotIn("note: nothing names", plain.stdout)
        self.assertIn("note: nothing names p1_proposal 'unused'", all_of_it.stdout)
        done = self.causewayd("--verbose", "--config", path)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("--verbose goes with --check-config", done.stderr)

    def test_a_value_may_stand_behind_an_equals_sign(self):
        done = self.causewayd("--check-config", "--format=uci", "--config=" + self.write(uci("gwA")), "--lookup-ceiling=86400")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("192.168.1.0/24 === 192.168.0.0/24", done.stdout)

    def test_check_config_tells_in_words_and_keeps_the_key_to_itself(self):
        done = self.causewayd("--check-config", "--config", self.write(uci("gwA")))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("192.168.1.0/24 === 192.168.0.0/24", done.stdout)
        self.assertNotIn(KEY, done.stdout + done.stderr)
        self.assertNotIn("is readable by everyone", done.stdout)

    def test_a_key_that_everybody_can_read_is_a_warning(self):
        path = self.write(uci("gwA"), mode=0o644)
        done = self.causewayd("--check-config", "--config", path)
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"{path} holds a pre-shared key and is readable by everyone (mode 0644)", done.stdout)

    def test_a_refused_file_ends_with_1_and_says_where(self):
        path = self.write("config remote 'Far\n")
        done = self.causewayd("--check-config", "--config", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{path}:1", done.stderr)

    def test_a_file_with_nothing_usable_ends_with_1(self):
        done = self.causewayd("--check-config", "--config", self.write(uci("gwA", remote="  option keyexchange 'ikev2'\n")))
        self.assertEqual(done.returncode, 1, done.stdout)

    def test_a_file_that_is_not_there_ends_with_2(self):
        path = os.path.join(self.folder.name, "nothing")
        for words in (["--check-config"], []):
            with self.subTest(words=words):
                done = self.causewayd(*words, "--config", path)
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"cannot read {path}: No such file or directory; name a file that is there", done.stderr)

    def test_a_folder_is_no_configuration(self):
        done = self.causewayd("--check-config", "--config", self.folder.name)
        self.assertEqual(done.returncode, 2)
        self.assertIn("Is a directory", done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "somebody else's file needs root to be made")
    def test_an_unreadable_file_ends_with_2(self):
        os.chmod(self.folder.name, 0o755)
        path = self.write(uci("gwA"))
        # The program may lie in a folder that only root enters: it is handed over as a descriptor.
        with open(os.path.join(pair.PROGRAMS, "causewayd"), "rb") as program:
            done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                   f"/proc/self/fd/{program.fileno()}", "--check-config", "--config", path],
                                  capture_output=True, text=True, timeout=30, pass_fds=[program.fileno()])
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(f"cannot read {path}: Permission denied; run as root", done.stderr)

    def check(self, path):
        """Both programs say the same, and end with the same."""
        daemon = self.causewayd("--check-config", "--config", path)
        tool = subprocess.run([os.path.join(pair.PROGRAMS, "causeway"), "config", "check", path], capture_output=True,
                              text=True, timeout=30)
        self.assertEqual((daemon.returncode, daemon.stdout, daemon.stderr), (tool.returncode, tool.stdout, tool.stderr))
        return daemon

    def test_findings_are_broken_into_lines_for_a_terminal_only(self):
        path = os.path.join(self.folder.name, "my own ipsec file")
        os.rename(self.write(uci("gwA", remote="  option exchange_mode 'main'\n  option preshared_key 'no value of ours'\n")), path)
        words = [os.path.join(pair.PROGRAMS, "causeway"), "config", "check", path]
        plain = subprocess.run(words, capture_output=True, text=True, timeout=30).stdout
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 90, 0, 0))
        subprocess.run(words, stdout=follower, timeout=30)
        os.close(follower)
        with open(leader, "rb", closefd=True) as terminal:
            shown = terminal.read1(65536).decode().replace("\r\n", "\n")
        found = [line for line in plain.splitlines() if line.startswith(f"{path}:")]
        self.assertGreater(max(map(len, found)), 100, plain)
        self.assertEqual(shown.split(), plain.split())
        for line in shown.splitlines():
            self.assertTrue(len(line) <= 90 or " " not in line.replace(path, ""), line)
        self.assertEqual([line.startswith(path) for line in shown.splitlines()].count(True),
                         [line.startswith(path) for line in plain.splitlines()].count(True), shown)

    def test_tool_and_daemon_say_the_same_of_a_file(self):
        for text, status, said in ((uci("gwA"), 0, "no errors"), (uci("gwA") + "confg remote x\n", 1, ": refused; 1 error"),
                                   ("config remote 'Far\n", 1, "refused"), ("config ipsec\n", 1, "no 'config remote'"),
                                   ("conn far\n  left=%any\n", 1, "is not loaded"),
                                   ("a shopping list\n", 2, "neither a UCI file"), ("config interface 'lan'\n", 2, ""),
                                   ("config conn 'far'\n", 2, "config conn"), (uci("gwA", remote="  option zo 1\n"), 0, "1 warning"),
                                   ("vpncfg { connections { name = \"x\"; } }", 1, "no key"), ("vpncfg { }", 1, "no connection")):
            with self.subTest(text=text):
                done = self.check(self.write(text))
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertIn(said, done.stdout + done.stderr)
        self.assertIn("is readable by everyone", self.check(self.write(uci("gwA"), mode=0o644)).stdout)
        for path in (os.path.join(self.folder.name, "nothing"), self.folder.name):
            self.assertEqual(self.check(path).returncode, 2)

    def test_an_error_counts_however_much_is_said_beside_it(self):
        odd = "".join(f"  option odd{number} '1'\n" for number in range(12))
        sites = [uci("gwA", remote=odd).replace("Far", f"far{number}").replace("'lan'", f"'lan{number}'")
                 for number in range(50)]
        sites[31] = sites[31].replace("exchange_mode 'main'", "exchange_mode 'mail'")
        done = self.check(self.write("".join(sites)))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(done.stdout.count(": error: "), 1)
        self.assertIn("more warnings", done.stdout)
        self.assertRegex(done.stdout.splitlines()[-1], "49 peers, 49 tunnels; 1 error, [0-9]+ warnings, ")


if __name__ == "__main__":
    pair.main(needs_namespaces=False)
