"""causewayd under systemd, played by a socket and a pipe: when it is ready, what goes to the journal, and which calls it makes."""

import os
import re
import signal
import socket
import subprocess

import pair
from lab import wait
from pair import KEY, NET, LabTest, uci


class InitSystem(LabTest):
    def setUp(self):
        super().setUp()
        self.heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.heard.close)
        self.heard.bind(self.lab.path("notify"))
        self.heard.setblocking(False)
        self.told = []
        reading, writing = os.pipe()
        self.reading = os.fdopen(reading, "rb", buffering=0)
        self.addCleanup(self.reading.close)
        self.writing = os.fdopen(writing, "wb", buffering=0)
        self.addCleanup(self.writing.close)
        os.set_blocking(reading, False)
        self.journal = ""

    def start(self, config):
        stream = os.fstat(self.writing.fileno())
        words = self.lab.command("gwA", os.path.join(pair.PROGRAMS, "causewayd"), "--config", self.write("gwA.conf", config),
                                 "--control", self.lab.path("gwA.sock"))
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.writing, stderr=self.writing, env={
            **os.environ, "NOTIFY_SOCKET": self.lab.path("notify"), "JOURNAL_STREAM": f"{stream.st_dev}:{stream.st_ino}"})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def listen(self):
        """Takes what has come; the fields of all datagrams, and the journal."""
        try:
            while True:
                self.told += self.heard.recv(4096).decode().split("\n")
        except BlockingIOError:
            pass
        self.journal += (self.reading.read(65536) or b"").decode()
        return self.told

    def test_ready_when_it_stands_and_stopping_when_it_ends(self):
        daemon = self.start(uci("gwA"))
        wait(lambda: "READY=1" in self.listen(), "causewayd says that it is ready")
        # Not before: routes and guard are there.
        self.assertIn(f"unreachable {NET['gwB']}", self.pair.routes("gwA"))
        self.assertIn("causeway", self.pair.guard("gwA"))
        self.assertNotIn("STOPPING=1", self.told)
        daemon.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(20), 0)
        self.assertIn("STOPPING=1", self.listen())
        lines = self.journal.splitlines()
        self.assertIn("<5>causeway stopped: SIGTERM", lines)
        for line in lines:
            # A level, and no time: the journal has its own.
            self.assertRegex(line, r"^<[3-7]>(?!\d{4}-\d\d)")
        self.assertNotIn(KEY, self.journal)

    def test_a_refused_configuration_is_one_sentence_with_its_level(self):
        daemon = self.start("config ipsec\n")
        self.assertEqual(daemon.wait(20), 1)
        self.listen()
        self.assertNotIn("READY=1", self.told)
        self.assertRegex(self.journal, r"^<3>causewayd did not start: .*there is no 'config remote' section")
        self.assertEqual(self.journal.count("\n"), 1, self.journal)
        self.assertTrue([state for state in self.told if re.match("STATUS=causewayd did not start: .*config remote", state)])


if __name__ == "__main__":
    pair.main()
