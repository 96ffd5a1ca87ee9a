"""causewayd's command line and --check-config: what it says, and what it ends with."""

import os
import subprocess
import tempfile
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
                       "--lookup-ceiling", "--tun", "--version"):
            self.assertIn(option, done.stdout)
        done = self.causewayd("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^causeway \d+\.\d+\.\d+\n$")

    def test_wrong_usage_ends_with_2(self):
        for words in (["--no-such-option"], ["--format", "xml"], ["--lookup-ceiling", "soon"], ["--lookup-ceiling", "0"],
                      ["--lookup-ceiling", "86401"], ["--lookup-ceiling", "60s"], ["--lookup-ceiling="],
                      ["--tun", "a-name-of-sixteen"], ["--tun", "a/b"], ["--tun="], ["a-word"], ["--syslog=yes"], ["-Dx"]):
            with self.subTest(words=words):
                done = self.causewayd(*words, "--check-config")
                self.assertEqual(done.returncode, 2)
                self.assertNotEqual(done.stderr, "")

    def test_an_option_without_its_value_ends_with_2(self):
        for option in ("--config", "--format", "--control", "--pid-file", "--lookup-ceiling", "--tun"):
            with self.subTest(option=option):
                done = self.causewayd("--check-config", option)
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"{option} wants a value", done.stderr)

    def test_a_value_may_stand_behind_an_equals_sign(self):
        done = self.causewayd("--check-config", "--format=uci", "--config=" + self.write(uci("gwA")), "--lookup-ceiling=86400")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("192.168.1.0/24 === 192.168.0.0/24", done.stdout)

    def test_check_config_tells_in_words_and_keeps_the_key_to_itself(self):
        done = self.causewayd("--check-config", "--config", self.write(uci("gwA")))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("192.168.1.0/24 === 192.168.0.0/24", done.stdout)
        self.assertNotIn(KEY, done.stdout + done.stderr)
        self.assertNotIn("can be read by everybody", done.stdout)

    def test_a_key_that_everybody_can_read_is_a_warning(self):
        path = self.write(uci("gwA"), mode=0o644)
        done = self.causewayd("--check-config", "--config", path)
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"{path} holds a pre-shared key and can be read by everybody (mode 0644)", done.stdout)

    def test_a_refused_file_ends_with_1_and_says_where(self):
        path = self.write("config remote 'Far\n")
        done = self.causewayd("--check-config", "--config", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{path}:1", done.stderr)

    def test_a_file_with_nothing_usable_ends_with_1(self):
        done = self.causewayd("--check-config", "--config", self.write(uci("gwA", remote="  option keyexchange 'ikev2'\n")))
        self.assertEqual(done.returncode, 1, done.stdout)

    def test_a_file_that_is_not_there_ends_with_1(self):
        path = os.path.join(self.folder.name, "nothing")
        for words in (["--check-config"], []):
            with self.subTest(words=words):
                done = self.causewayd(*words, "--config", path)
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"{path} cannot be read: No such file or directory; name the file with --config", done.stderr)

    def test_a_folder_is_no_configuration(self):
        done = self.causewayd("--check-config", "--config", self.folder.name)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Is a directory", done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "somebody else's file needs root to be made")
    def test_an_unreadable_file_ends_with_1(self):
        os.chmod(self.folder.name, 0o755)
        path = self.write(uci("gwA"))
        # The program may lie in a folder that only root enters: it is handed over as a descriptor.
        with open(os.path.join(pair.PROGRAMS, "causewayd"), "rb") as program:
            done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                   f"/proc/self/fd/{program.fileno()}", "--check-config", "--config", path],
                                  capture_output=True, text=True, timeout=30, pass_fds=[program.fileno()])
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(f"{path} cannot be read: Permission denied; run as root", done.stderr)


if __name__ == "__main__":
    pair.main(needs_namespaces=False)
