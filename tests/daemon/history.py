"""What became of a connection: kept while causewayd runs, and over its end, however it ends."""

import json
import os
import shutil
import socket
import stat
import subprocess
import threading

import pair
from lab import wait
from pair import KEY, LabTest

# Questions about life every second, so that there is a round trip soon.
REMOTE = "  option dpd_delay '1s'\n"


class History(LabTest):
    def both(self):
        b = self.pair.daemon("gwB").start()
        a = self.pair.daemon("gwA", pair.uci("gwA", remote=REMOTE)).start()
        a.wait_up()
        return a, b

    def file(self, gateway):
        return gateway.socket + ".history"

    def content(self, gateway):
        with open(self.file(gateway), "rb") as file:
            return file.read()

    def told(self, gateway, *words):
        return json.loads(gateway.tool("history", *words, "--json").stdout)

    def connection(self, gateway):
        (one,) = self.told(gateway)["connections"]
        return one

    def now(self, gateway, row):
        """The last two steps: one may have just begun."""
        return self.connection(gateway)[row][-2:]

    def why(self, gateway):
        return " | ".join(why["message"] for why in self.connection(gateway)["why"])

    def written(self, gateway, text):
        """Until a killed daemon would leave it behind."""
        wait(lambda: text.encode() in self.content(gateway), f"'{text}' is in the file", 30)

    def test_it_outlives_a_killed_daemon_and_tells_of_the_peer(self):
        a, b = self.both()
        self.assertEqual(stat.S_IMODE(os.stat(self.file(a)).st_mode), 0o600)
        wait(lambda: json.loads(a.tool("status", "--json").stdout)["peers"][0]["round_trip_us"], "a question was answered")
        wait(lambda: any(self.connection(a)["round_trip_us"]), "the round trip is in the history", 30)
        self.assertLess(max(filter(None, self.connection(a)["round_trip_us"])), 1_000_000)
        for row in ("address", "phase1", "phase2", "answers"):
            self.assertRegex(self.now(a, row), "[uUpP]", row)
        for row in ("phase1", "phase2"):
            self.assertRegex(self.connection(a)[row], "[UP]", row)  # made

        # The peer stops, and starts.
        b.stop()
        wait(lambda: "tunnel down: 192.168.1.0/24 === 192.168.0.0/24" in self.why(a), "it says why")
        wait(lambda: set(self.now(a, "answers")) & set("pPdD"), "the far end does not answer", 90)
        self.assertTrue(set(self.now(a, "phase2")) & set("pPdD"), self.now(a, "phase2"))
        b.start()
        a.wait_up(60)

        # Killed, it goes on where it was.
        self.written(a, "tunnel down: 192.168.1.0/24 === 192.168.0.0/24")
        before = self.told(a)
        a.die()
        a.start()
        a.wait_up(60)
        after = self.told(a)
        self.assertEqual(len(before["starts"]), 1)
        self.assertEqual(after["starts"][0], before["starts"][0])
        self.assertEqual(len(after["starts"]), 2)
        self.assertIn(before["connections"][0]["why"][0], after["connections"][0]["why"])
        self.assertEqual(stat.S_IMODE(os.stat(self.file(a)).st_mode), 0o600)
        self.assertNotIn(KEY.encode(), self.content(a))

    def test_a_clean_end_leaves_all_of_it(self):
        a, _ = self.both()
        a.stop()
        self.assertTrue(os.path.exists(self.file(a)))
        a.start()
        self.assertIn("tunnel down", self.why(a))  # said by the end itself
        self.assertEqual(len(self.told(a)["starts"]), 2)
        self.assertFalse(os.path.exists(self.file(a) + ".new"))

    def test_a_file_that_is_damaged_or_foreign_is_put_aside(self):
        a = self.pair.daemon("gwA").start()
        a.stop()
        sound = self.content(a)
        aside = self.file(a) + ".aside"
        foreign = (sound[:-1], "is damaged"), (b"somebody's notes", "is no history of causewayd")
        for times, (octets, why) in enumerate(foreign, 1):
            with open(self.file(a), "wb") as file:
                file.write(octets)
            a.start()
            self.said(a, f"{self.file(a)} {why}: put aside as {aside}; a new history begins")
            self.assertEqual(a.process.output().count("put aside"), times)  # the log is that of all starts
            with open(aside, "rb") as file:
                self.assertEqual(file.read(), octets)
            self.assertEqual(len(self.told(a)["starts"]), 1)
            a.stop()
        # What can be neither read nor replaced is said once, and keeps nobody from starting.
        os.unlink(self.file(a))
        os.unlink(aside)
        os.makedirs(aside + "/full")
        os.makedirs(self.file(a) + "/full")
        a.start()
        self.said(a, "cannot be written")
        self.assertEqual(len(self.told(a)["starts"]), 1)
        a.stop()
        self.assertEqual(a.process.output().count("cannot be written"), 1)
        # Nor is a link followed.
        shutil.rmtree(self.file(a))
        shutil.rmtree(aside)
        target = self.write("target", "mine")
        os.symlink(target, self.file(a))
        a.start()
        self.said(a, "cannot be read (")
        a.stop()
        with open(target) as file:
            self.assertEqual(file.read(), "mine")
        self.assertFalse(os.path.islink(self.file(a)))

    def test_a_peer_that_comes_with_a_reload_has_a_history(self):
        a = self.pair.daemon("gwA").start()
        self.assertEqual([one["name"] for one in self.told(a)["connections"]], ["Far"])
        a.write(pair.uci("gwA").replace("remote 'Far'", "remote 'Farther'"))
        self.assertEqual(a.tool("reload").returncode, 0)
        self.assertEqual([one["name"] for one in self.told(a)["connections"]], ["Farther"])

    def test_it_is_asked_by_name_and_hours(self):
        a = self.pair.daemon("gwA").start()
        for name in ("Far", "lan", "ipsec-lan", "ipsec-lan{1}"):
            self.assertEqual(self.told(a, name)["connections"][0]["display_name"], "ipsec-lan")
        self.assertEqual(len(self.told(a, "--hours", "2")["connections"][0]["phase1"]), 24)
        self.assertEqual(len(self.told(a, "--hours", "168")["connections"][0]["phase1"]), 2016)
        self.assertEqual(self.told(a)["kept_hours"], 168)
        refused = a.tool("history", "nobody", check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("no connection is called 'nobody'; configured: ipsec-lan", refused.stderr)

    def test_a_person_reads_a_strip_of_at_most_a_hundred_columns(self):
        a = self.pair.daemon("gwA").start()
        wait(lambda: set(self.now(a, "address")) & set("uU"), "it was looked at", 30)
        words = a.lab.command("gwA", os.path.join(a.programs, "causeway"), "--control", a.socket, "history")
        for language, up, other in (("C.UTF-8", "█", "#"), ("C", "#", "█")):
            env = {name: value for name, value in os.environ.items() if not name.startswith("LC_")} | {"LANG": language}
            text = subprocess.run(words, env=env, capture_output=True, check=True, timeout=20).stdout.decode()
            self.assertIn(up + " up", text)
            self.assertNotIn(other, text)
            self.assertLessEqual(max(map(len, text.splitlines())), 100)
            self.assertNotIn("\x1b", text)
            self.assertRegex(text, f"name and address +{up}\n")

    def test_a_daemon_that_is_older_is_named_as_the_reason(self):
        path = self.lab.path("old.sock")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen()

            def answer():
                connection, _ = server.accept()
                with connection:
                    asked = json.loads(connection.makefile().readline())
                    reply = {"protocol": 1, "ok": False, "exit": 2, "message": f"unknown command '{asked['command']}'"}
                    connection.sendall(json.dumps(reply).encode() + b"\n")

            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            done = self.lab.run("gwA", os.path.join(pair.PROGRAMS, "causeway"), "--control", path, "history", check=False)
            thread.join(5)
        self.assertEqual(done.returncode, 2)
        self.assertIn("is older than this tool and keeps no history; 'causeway restart'", done.stderr)


if __name__ == "__main__":
    pair.main()
