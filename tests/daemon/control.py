"""Scripts at the control socket of a hub: they ask on and on, read slowly, or not at all."""

import json
import os
import socket
import subprocess
import tempfile
import time

import pair
from pair import LabTest, uci

PEERS = 600
STATUS = b'{"command":"status"}\n'
VERSION = b'{"command":"version"}\n'
ROOM = 16 * 65536  # what the daemon keeps of requests while an answer is not read
BOUND = 30  # seconds


def hub():
    """Peers who may call, and never do."""
    return uci("gwA", gateway_address="any") + "".join(f"""
config remote 'r{number}'
  option enabled '1'
  option gateway 'any'
  option remote_identifier '@r{number}.example'
  option pre_shared_key '{pair.KEY}'
  list p1_proposal 'ike'
  list tunnel 't{number}'
config tunnel 't{number}'
  option local_subnet '{pair.NET["gwA"]}'
  option remote_subnet '100.{number // 256}.{number % 256}.0/24'
  option p2_proposal 'esp'
  option mode 'add'
""" for number in range(PEERS))


class Control(LabTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.pair.daemon("gwA", hub()).start()

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(connection.close)
        connection.settimeout(BOUND)
        connection.connect(self.daemon.socket)
        return connection

    def test_all_that_was_asked_at_once_is_answered_in_its_order(self):
        slow = self.connect()
        slow.sendall(STATUS + VERSION + STATUS + VERSION)
        # Nobody reads that yet, and others have their answers.
        self.assertEqual(self.daemon.tool("version").returncode, 0)
        text = self.daemon.tool("status", "--json").stdout
        self.assertGreater(len(text), 1 << 20, "not printed while it comes")
        whole = json.loads(text)
        self.assertEqual(len(whole["peers"]), PEERS + 1)
        with slow.makefile("r") as lines:
            replies = [json.loads(lines.readline()) for _ in range(4)]
        self.assertEqual(["status" in reply for reply in replies], [True, False, True, False])
        self.assertEqual(["version" in reply for reply in replies], [False, True, False, True])
        for reply in replies[::2]:
            self.assertEqual([peer["name"] for peer in reply["status"]["peers"]], [peer["name"] for peer in whole["peers"]])

    def test_who_asks_without_end_and_never_reads_is_hung_up_on(self):
        deaf = self.connect()
        asked, end = 0, time.monotonic() + BOUND
        with self.assertRaises((BrokenPipeError, ConnectionResetError)):
            while time.monotonic() < end:
                asked += deaf.send(STATUS * 1000)
        self.assertGreaterEqual(asked, ROOM)
        self.assertLess(asked, 4 * ROOM)
        self.assertEqual(self.daemon.tool("version").returncode, 0)

    def test_an_answer_that_is_cut_off_is_no_success_and_no_second_object(self):
        path = self.lab.path("other")
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(listening.close)
        listening.bind(path)
        listening.listen()
        listening.settimeout(BOUND)
        words = self.lab.command("gwA", os.path.join(pair.PROGRAMS, "causeway"), "--control", path, "status", "--json")
        for octets, printed in ((1 << 12, '{"ok":false,'), (3 << 20, '{\n  "a": "xxx')):
            with tempfile.TemporaryFile("w+") as file, \
                    subprocess.Popen(words, stdout=file, stderr=subprocess.PIPE, text=True) as tool:
                there, _ = listening.accept()
                there.settimeout(BOUND)
                there.recv(4096)
                there.sendall(b'{"protocol":1,"ok":true,"exit":0,"status":{"a":"' + octets * b"x")
                there.close()
                _, err = tool.communicate(timeout=BOUND)
                file.seek(0)
                out = file.read()
            self.assertEqual(tool.returncode, 3, err)
            self.assertIn("causewayd ended in the middle of its answer", err)
            self.assertTrue(out.startswith(printed), out[:80])
            self.assertEqual(out.count('"ok":'), 1 if octets < 1 << 20 else 0)


if __name__ == "__main__":
    pair.main()
