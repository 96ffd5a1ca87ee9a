"""Who could get at the keys, or at the daemon's files: its memory, the rights of its configuration, links,
its powers."""

import json
import os
import signal

import pair
from lab import wait
from pair import KEY, LabTest, uci


def copies_in_memory(pid, secret):
    """How often the octets of `secret` stand in the writable memory of a process."""
    count = 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            at, rights = line.split()[:2]
            if "w" not in rights or "[vvar]" in line:
                continue
            first, last = (int(number, 16) for number in at.split("-"))
            if last - first > 1 << 30:
                continue  # a sanitizer's own books, which hold no data
            memory.seek(first)
            count += memory.read(last - first).count(secret)
    return count


class Memory(LabTest):
    """The peer may come from anywhere, so nothing is under way that would keep the model before a reload alive."""

    def start(self):
        return self.pair.daemon("gwA", uci("gwA", gateway_address="any")).start()

    def test_the_key_is_in_memory_once(self):
        a = self.start()
        self.assertEqual(copies_in_memory(a.speaker(), KEY.encode()), 1)
        self.assertEqual(a.tool("reload").returncode, 0)
        self.assertEqual(copies_in_memory(a.speaker(), KEY.encode()), 1)

    def test_a_key_that_was_replaced_is_gone(self):
        a = self.start()
        a.write(uci("gwA", gateway_address="any", key="quite another key, and long enough"))
        self.assertEqual(a.tool("reload").returncode, 0)
        wait(lambda: copies_in_memory(a.speaker(), KEY.encode()) == 0, "the old key is gone")
        self.assertEqual(copies_in_memory(a.speaker(), b"quite another key, and long enough"), 1)

    def test_a_file_that_is_refused_leaves_no_key(self):
        a = self.start()
        a.write(uci("gwA", gateway_address="any", key="a key that is refused, and its file") + "config remote 'Far\n")
        self.assertEqual(a.tool("reload", check=False).returncode, 1)
        self.assertEqual(copies_in_memory(a.speaker(), b"a key that is refused, and its file"), 0)
        self.assertEqual(copies_in_memory(a.speaker(), KEY.encode()), 1)


class Rights(LabTest):
    def warnings(self, config):
        done = self.pair.run("gwA", "--config", config, "--check-config")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [line for line in done.stdout.splitlines() if line.startswith("warning:")]

    def test_a_file_that_is_roots_alone_draws_no_warning(self):
        self.assertEqual(self.warnings(self.write("ipsec", uci("gwA"))), [])

    def test_who_else_may_write_or_read_it_is_told(self):
        for mode, words in ((0o620, "can be changed by others"), (0o602, "can be changed by others"),
                            (0o604, "is readable by everyone")):
            with self.subTest(mode=oct(mode)):
                told = self.warnings(self.write("ipsec", uci("gwA"), mode))
                self.assertEqual(len(told), 1, told)
                self.assertIn(words, told[0])
                self.assertIn(f"mode {mode:04o}", told[0])

    def test_a_foreign_owner_is_told(self):
        config = self.write("ipsec", uci("gwA"))
        os.chown(config, 65534, 0)
        self.assertIn("belongs to user 65534", "".join(self.warnings(config)))

    def test_a_folder_that_others_may_write_is_told_unless_it_is_sticky(self):
        folder = self.lab.path("etc")
        for mode, count in ((0o777, 1), (0o775, 1), (0o1777, 0), (0o755, 0)):
            os.makedirs(folder, exist_ok=True)
            os.chmod(folder, mode)
            told = self.warnings(self.write("etc/ipsec", uci("gwA")))
            self.assertEqual(len([line for line in told if folder + " can be changed" in line]), count, told)


class Links(LabTest):
    def test_neither_pid_file_nor_lock_follows_a_link(self):
        precious = self.write("precious", "text")
        os.symlink(precious, self.lab.path("pid"))
        a = self.pair.daemon("gwA", options=("--pid-file", self.lab.path("pid")))
        os.symlink(self.lab.path("made-by-a-link"), a.socket + ".lock")
        done = self.pair.run("gwA", "--config", a.config, "--control", a.socket)
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"{a.socket}.lock cannot be opened", done.stderr)
        self.assertFalse(os.path.exists(self.lab.path("made-by-a-link")))
        os.unlink(a.socket + ".lock")
        a.start()
        with open(precious) as file:
            self.assertEqual(file.read(), "text")
        with open(self.lab.path("pid")) as file:
            self.assertEqual(int(file.read()), a.process.pid)
        self.assertFalse(os.path.islink(self.lab.path("pid")))

    def test_a_stop_leaves_none_of_its_files(self):
        a = self.pair.daemon("gwA", options=("--pid-file", self.lab.path("pid"))).start()
        self.assertTrue(os.path.exists(a.socket + ".lock"))
        os.kill(a.process.pid, signal.SIGTERM)
        self.assertEqual(a.process.popen.wait(10), 0)
        for path in (a.socket, a.socket + ".lock", self.lab.path("pid")):
            self.assertFalse(os.path.lexists(path), path)


class Powers(LabTest):
    KEPT = "0000000000003000"  # CAP_NET_ADMIN, CAP_NET_RAW

    def facts(self, process, task):
        with open(f"/proc/{process}/task/{task}/status") as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)

    def test_every_thread_keeps_two_capabilities_and_gains_none(self):
        a, _ = self.pair.both()  # with Diffie-Hellman computed, by its thread
        sanitized = a.says("built with a sanitizer")
        self.assertGreater(len(os.listdir(f"/proc/{a.speaker()}/task")), 1)
        for process in (a.process.pid, a.speaker()):
            for task in os.listdir(f"/proc/{process}/task"):
                facts = self.facts(process, task)
                for name in ("CapEff", "CapPrm", "CapBnd"):
                    self.assertEqual(facts[name], self.KEPT, name)
                self.assertEqual((int(facts["CapInh"], 16), int(facts["CapAmb"], 16), facts["NoNewPrivs"].strip()),
                                 (0, 0, "1"))
                # 2: a filter. The parent needs files and programs, and has none.
                confined = process == a.speaker() and not sanitized
                self.assertEqual(facts["Seccomp"].strip(), "2" if confined else "0")
        self.assertFalse(a.says("could not drop"))

    def test_what_the_confined_process_holds_open_is_no_file(self):
        a, _ = self.pair.both()
        for number in os.listdir(f"/proc/{a.speaker()}/fd"):
            target = os.readlink(f"/proc/{a.speaker()}/fd/{number}")
            if int(number) > 2:
                # In a chroot that is a mount point the path begins outside of it.
                lock = target.endswith(a.socket + ".lock")
                self.assertTrue(target.startswith(("socket:", "pipe:", "anon_inode:")) or target.endswith("/dev/net/tun") or lock,
                            f"{number} is {target}")

    def test_a_reload_the_guard_the_history_and_a_stop_work_from_within(self):
        a, _ = self.pair.both()
        guard = self.lab.run("gwA", "nft", "list", "table", "ip", "causeway").stdout
        self.assertIn(pair.NET["gwB"], guard)
        a.write(uci("gwA", tunnels={"lan": (pair.NET["gwA"], "192.168.7.0/24")}))
        done = a.tool("reload")
        self.assertIn("read again", done.stdout)
        self.assertIn("192.168.7.0/24", self.lab.run("gwA", "nft", "list", "table", "ip", "causeway").stdout)
        self.lab.run("gwA", "nft", "delete", "table", "ip", "causeway")
        wait(lambda: "table ip causeway" in self.pair.guard("gwA"), "the guard is placed again")
        a.stop()
        self.assertNotIn("causeway", self.pair.guard("gwA"))
        self.assertTrue(os.path.exists(a.socket + ".history"))


class OneLife(LabTest):
    def ended(self, number):
        wait(lambda: not os.path.exists(f"/proc/{number}"), "the other process has ended")

    def test_the_end_of_the_confined_process_is_the_daemons(self):
        a = self.pair.daemon("gwA").start()
        os.kill(a.speaker(), signal.SIGKILL)
        self.assertEqual(a.process.popen.wait(10), -signal.SIGKILL)
        self.assertTrue(a.says("ended by signal 9"))
        self.assertIn("table ip causeway", self.pair.guard("gwA"))  # closed
        self.assertIn(f"unreachable {pair.NET['gwB']}", self.pair.routes("gwA"))
        for path in (a.socket, a.socket + ".lock"):
            self.assertFalse(os.path.lexists(path), path)

    def test_the_end_of_the_parent_is_the_daemons_and_the_next_one_begins_at_once(self):
        a = self.pair.daemon("gwA").start()
        speaker = a.speaker()
        os.kill(a.process.pid, signal.SIGKILL)
        a.process.popen.wait(10)
        a.start()
        self.ended(speaker)
        self.assertIn("table ip causeway", self.pair.guard("gwA"))

    def test_signals_reach_it_through_the_parent(self):
        a = self.pair.daemon("gwA").start()
        speaker = a.speaker()
        os.kill(a.process.pid, signal.SIGHUP)
        wait(lambda: a.process.output().count("1 tunnel") > 1, "it was read again")
        os.kill(a.process.pid, signal.SIGTERM)
        self.assertEqual(a.process.popen.wait(10), 0)
        self.ended(speaker)

    def test_status_tells_the_number_of_the_one_that_takes_signals(self):
        a = self.pair.daemon("gwA").start()
        self.assertEqual(json.loads(a.tool("status", "--json", check=False).stdout)["pid"], a.process.pid)


class Refusals(LabTest):
    def test_a_file_of_another_user_is_refused_at_reload_with_the_reason(self):
        a = self.pair.daemon("gwA").start()
        os.chown(a.config, 65534, 0)
        os.chmod(a.config, 0o600)
        done = a.tool("reload", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("Permission denied", done.stdout + done.stderr)
        self.assertIn("the old configuration stays in force", done.stdout + done.stderr)


class Answers(LabTest):
    def test_version_without_a_daemon_ends_with_3(self):
        a = self.pair.daemon("gwA")
        done = a.tool("version", check=False)
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stdout, r"^causeway \d+\.\d+\.\d+\ncausewayd is not running\n$")
        a.start()
        self.assertEqual(a.tool("version").returncode, 0)

    def test_the_status_knows_the_tuns_mtu(self):
        a = self.pair.daemon("gwA").start()
        self.assertRegex(a.tool("status", "--json", check=False).stdout, r'"mtu": ?1500')


if __name__ == "__main__":
    pair.main()
