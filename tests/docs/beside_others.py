"""docs/beside-others.md keeps the form that its head promises: four cells a row, a version or a commit of each program, *(read)* behind the
program and nowhere else, and in the last cell what there is: tests, files, codes, pages of the manual. Each script of findings/ has
its row. Each run first shows that it finds slips.

beside_others.py ROOT
"""

import glob
import os
import re
import sys
import unittest
from collections.abc import Iterator

ROOT = "."
HEADER = ["Program", "What it does", "What causeway does", "Seen in"]
SCRIPT = re.compile(r"\(\[script\]\(\.\./(findings/[a-z0-9-]+\.sh)\)\)")
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
SOURCES = ("tests/unit", "tests/scenarios", "tests/hardening")


def read(*parts: str) -> str:
    with open(os.path.join(ROOT, *parts), encoding="utf-8") as file:
        return file.read()


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip()[1:-1].split("|")]


def rows(text: str) -> Iterator[list[str]]:
    """Those of the tables, without headers and rules."""
    for line in text.splitlines():
        if line.startswith("|") and cells(line) != HEADER and set(line) - set("|- "):
            yield cells(line)


def unit_tests() -> set[str]:
    found: set[str] = set()
    for folder in SOURCES:
        for place in glob.glob(os.path.join(ROOT, folder, "**", "*.cpp"), recursive=True):
            found |= {".".join(names) for names in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", read(os.path.relpath(place, ROOT)),
                                                              flags=re.MULTILINE)}
    return found


def codes() -> set[str]:
    found: set[str] = set()
    for place in glob.glob(os.path.join(ROOT, "src", "base", "findings", "codes*.def")):
        found |= {name.replace("_", "-") for name in re.findall(r"^CAUSEWAY_CODE\((\w+),", read(os.path.relpath(place, ROOT)),
                                                                flags=re.MULTILINE)}
    return found


def absent(seen: str, tests: set[str], known: set[str]) -> Iterator[str]:
    """What the last cell names and is not there. Of links tests/docs/links.py knows; here, what stands behind them."""
    files = [os.path.join("docs", link) for link in LINK.findall(seen) if not link.startswith("#")]
    for name in re.findall(r"`([^`]+)`", seen):
        if re.fullmatch(r"\w+\.\w+", name):
            missing = name not in tests
        elif re.fullmatch(r"[a-z_]+", name):
            missing = not any(file.endswith(".py") and f"def {name}(" in read(file) for file in files)
        elif re.fullmatch(r"[a-z]+(-[a-z]+)+", name):
            missing = name not in known
        else:
            missing = not name.startswith("causeway ")
        if missing:
            yield f"there is no {name}"
    for page, number in re.findall(r"\b(causeway[a-z-]*)\((\d)\)", seen):
        if not os.path.exists(os.path.join(ROOT, "docs", "man", f"{page}.{number}")):
            yield f"there is no {page}({number})"


def slips(row: list[str], tests: set[str], known: set[str]) -> Iterator[str]:
    if len(row) != len(HEADER):
        yield f"{len(row)} cells"
        return
    program, does, ours, seen = row
    if not re.search(r"\d\.\d|\([0-9a-f]{7}\)", program):
        yield "no version"
    if "*(read)*" in does + ours + seen or ("*(read)*" in program and not program.endswith("*(read)*")):
        yield "*(read)* stands behind the program"
    if "*(read)*" in program and SCRIPT.search(program):
        yield "read, and a script"
    if not does or not ours:
        yield "an empty cell"
    if not seen and not ours.startswith("*not ours*"):
        yield "nothing to be seen"
    yield from absent(seen, tests, known)


class BesideOthers(unittest.TestCase):
    def setUp(self) -> None:
        self.tests, self.codes = unit_tests(), codes()
        self.assertGreater(len(self.tests), 1000)
        self.assertIn("network-inexact", self.codes)
        self.text = read("docs", "beside-others.md")

    def slips(self, line: str) -> list[str]:
        return list(slips(cells(line), self.tests, self.codes))

    def test_slips_are_found(self) -> None:
        self.assertEqual(self.slips("| a 1.2 | b | c | causeway(8), `SwanctlModel.NamesOfChildrenAreUniqueInTheFile` |"), [])
        self.assertEqual(self.slips("| a 1.2 | b | c |"), ["3 cells"])
        self.assertEqual(self.slips("| a | b | c | causeway(8) |"), ["no version"])
        self.assertEqual(self.slips("| a 1.2 | b | c | *(read)* causeway(8) |"), ["*(read)* stands behind the program"])
        self.assertEqual(self.slips("| a 1.2 ([script](../findings/a.sh)) *(read)* | b | c | causeway(8) |"), ["read, and a script"])
        self.assertEqual(self.slips("| a 1.2 | b | | causeway(8) |"), ["an empty cell"])
        self.assertEqual(self.slips("| a 1.2 | b | c | |"), ["nothing to be seen"])
        self.assertEqual(self.slips("| a 1.2 | b | *not ours* | |"), [])
        self.assertEqual(self.slips("| a 1.2 | b | c | `Names.NoSuchTest` |"), ["there is no Names.NoSuchTest"])
        self.assertEqual(self.slips("| a 1.2 | b | c | [x](../tests/interop/strongswan.py) `gone_` |"), ["there is no gone_"])
        self.assertEqual(self.slips("| a 1.2 | b | c | code `no-such-code` |"), ["there is no no-such-code"])
        self.assertEqual(self.slips("| a 1.2 | b | c | causeway(5) |"), ["there is no causeway(5)"])

    def test_every_row_has_the_form(self) -> None:
        all_of_them = list(rows(self.text))
        self.assertGreater(len(all_of_them), 40)
        for row in all_of_them:
            self.assertEqual(list(slips(row, self.tests, self.codes)), [], row[0])
        tables = [cells(line) for line in self.text.splitlines() if line.startswith("| Program")]
        self.assertEqual(tables, [HEADER] * len(tables))

    def test_every_script_has_its_row(self) -> None:
        there = sorted(os.path.relpath(place, ROOT) for place in glob.glob(os.path.join(ROOT, "findings", "*.sh")))
        self.assertEqual(sorted(script for row in rows(self.text) for script in SCRIPT.findall(row[0])), there)


if __name__ == "__main__":
    ROOT = sys.argv.pop(1)
    unittest.main(verbosity=2)
