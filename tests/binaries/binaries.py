"""What the built programs bring along against a slip that reaches memory, read from the ELF files themselves."""
import json
import platform
import re
import subprocess
import sys
import unittest

PROGRAMS = []
COMPILE_COMMANDS = ""
X86 = platform.machine() in ("x86_64", "i386", "i586", "i686")


def read(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Programs(unittest.TestCase):
    def each(self, *command, has):
        """Every pattern is somewhere in what the command prints of every program."""
        for program in PROGRAMS:
            text = read(*command, program)
            for pattern in has:
                self.assertTrue(re.search(pattern, text), f"{program}: no {pattern} in what {command[0]} prints")

    def test_load_at_another_address_each_time(self):
        self.each("readelf", "--file-header", "--dynamic", "--wide", has=[r"Type: +DYN", r"FLAGS_1\).*\bPIE\b"])

    def test_have_no_stack_that_is_run(self):
        self.each("readelf", "--program-headers", "--wide", has=[r"GNU_STACK .* RW +0x"])

    def test_have_a_table_of_calls_that_is_read_only(self):
        self.each("readelf", "--program-headers", "--dynamic", "--wide", has=["GNU_RELRO", r"FLAGS_1\).*\bNOW\b"])

    def test_watch_their_stack_frames(self):
        self.each("readelf", "--symbols", "--wide", has=["__stack_chk_fail"])

    def test_ask_the_library_for_bounds(self):
        self.each("readelf", "--symbols", "--wide", has=["__glibcxx_assert_fail"])

    @unittest.skipUnless(X86, "a property of x86")
    def test_say_where_an_indirect_branch_may_land(self):
        self.each("objdump", "--disassemble=main", "--no-show-raw-insn", has=[r"<main>:\n.*\bendbr(64|32)"])

    def test_are_compiled_without_a_way_over_the_guard_page(self):
        """No byte of a program tells it for sure: what a compiler makes of the flag differs."""
        with open(COMPILE_COMMANDS, encoding="utf-8") as file:
            ours = [unit for unit in json.load(file) if "/src/" in unit["file"]]
        without = [unit["file"] for unit in ours if "-fstack-clash-protection" not in unit["command"]]
        self.assertGreater(len(ours), 50)
        self.assertFalse(without, f"{len(without)} of {len(ours)} files")


if __name__ == "__main__":
    COMPILE_COMMANDS, *PROGRAMS = sys.argv[1:]
    if not PROGRAMS:
        sys.exit("usage: binaries.py COMPILE_COMMANDS PROGRAM...")
    unittest.main(argv=sys.argv[:1])
