"""The runner of the how-tos is red when it has to be: a form that nobody runs, an output that differs, a step too many by hand.

how_to_test.py PROGRAMS
"""

import contextlib
import io
import os
import sys
from collections.abc import Callable

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import compare  # noqa: E402
import how_to  # noqa: E402
from hosts import Hosts  # noqa: E402
from lab import Lab, LabError  # noqa: E402
from reader import FormError  # noqa: E402

LAB = ("<!-- lab: gwA: causeway, a.example.org, 192.168.1.0/24 -->\n"
       "<!-- lab: gwB: box, b.example.org, 192.168.2.0/24 -->\n")
ECHO = "```console gwA\n$ echo one; echo two\n{}\n```\n"
# What the how-to has behind its lab, how many steps by hand are allowed, and the words of the failure; None: it is fine.
FORM: list[tuple[str, int, str | None]] = [
    ("```console\n$ true\n```\n", 0, "without a host"),
    ("```text gwA\nx\n```\n", 0, "neither a console block"),
    ("```console gwA soon\n$ true\n```\n", 0, "not a word for a console block"),
    ("```console gwA\ntrue\n```\n", 0, "before the first command"),
    ("```console gwA\n$ true\n", 0, "without an end"),
    ("   ```console gwA\n$ true\n   ```\n", 0, "indented"),
    ("<!-- by hand: gwB explodes -->\n", 1, "nothing that is played"),
    ("<!-- lab: gwC: toaster, c.example.org, 192.168.3.0/24 -->\n", 0, "describes no gateway"),
    ("```console by-hand\n$ apk add x\n```\n", 0, "1 steps are done by hand"),
    ("```console by-hand\n$ apk add x\n$ apk add y\n```\n<!-- by hand -->\n", 2, "3 steps are done by hand"),
    ("```console by-hand\n$ apk add x\n$ apk add y\n```\n<!-- by hand -->\n", 3, None),
    ("", 1, "0 steps are done by hand"),
]
PLAYED: list[tuple[str, int, str | None]] = [
    (ECHO.format("one\ntwo"), 0, None),
    (ECHO.format("one\n..."), 0, None),
    (ECHO.format("on...\nt..."), 0, None),
    (ECHO.format("one"), 0, "printed: two"),
    (ECHO.format("one\ntwo\nthree"), 0, "shown:   three"),
    (ECHO.format("two\n..."), 0, "shown:   two"),
    ("```console gwA\n$ false\n```\n", 0, "exit status 1 in place of 0"),
    ("```console gwA exit=1\n$ true\n```\n", 0, "exit status 0 in place of 1"),
    ("```console gwA\n$ false\n$ true\n```\n", 0, "exit status 1 in place of 0"),
    ("```console gwC\n$ true\n```\n", 0, "has no gwC"),
    ("```text gwA:/etc/config/ipsec\nx\n```\n```console gwA\n$ cat /etc/config/ipsec; cat \\\n> /etc/config/ipsec\nx\nx\n```\n", 0,
     None),
    # The machine's own files are out of reach, and each host has its own.
    ("```console gwA exit=1\n$ touch /etc/default/how-to 2> /dev/null\n```\n", 0, None),
    ("```console gwA\n$ touch /tmp/a /root/a /run/a\n```\n```console gwB exit=2\n$ ls /tmp/a /root/a /run/a 2> /dev/null\n```\n", 0,
     None),
    # A box that is given no file of its own.
    ("```text gwA:/tmp/x\nx\n```\n<!-- by hand: gwB imports gwA:/tmp/x -->\n", 1, "plays the box at gwB, and does not start"),
]
ALIKE: list[tuple[str, list[str], bool]] = [
    ("  lan{1}: ESP SPIs: d28891a3_i 02f05c6a_o", ["  lan{1}: ESP SPIs: 00000001_i 00000002_o"], True),
    ("  lan{1}: ESP SPIs: d28891a3_i 02f05c6a_o", ["  lan{2}: ESP SPIs: 00000001_i 00000002_o"], True),
    ("  lan{1}: ESP SPIs: d28891a3_i 02f05c6a_o", ["  lan{1}: ESP in UDP SPIs: 00000001_i 00000002_o"], False),
    ("  lan[1]: 192.0.2.1[500]", ["  lan[2]: 192.0.2.1[500]"], True),
    ("  lan[1]: 192.0.2.1[500]", ["  lan[1]: 192.0.2.1[4500]"], False),
    ("ESTABLISHED 4 seconds ago,", ["ESTABLISHED 11 minutes ago,"], True),
    ("lifetime 1h", ["lifetime 3h"], False),
    ("...\nlast\n...", ["last"], True),
    ("...\nlast\n...", ["first", "last", "more"], True),
    ("...\nlast", ["last", "more"], False),
    ("a (b) [c] *", ["a (b) [c] *"], True),
]


def form(text: str, by_hand: int) -> str | None:
    try:
        how_to.read(LAB + text, by_hand)
    except FormError as error:
        return str(error)
    return None


def played(hosts: Hosts, text: str, by_hand: int) -> str | None:
    try:
        how_to.play_all(hosts, how_to.read(LAB + text, by_hand))
    except LabError as error:
        return str(error)
    return None


def missed(cases: list[tuple[str, int, str | None]], outcome: Callable[[str, int], str | None]) -> list[str]:
    found = []
    for text, by_hand, wanted in cases:
        was = outcome(text, by_hand)
        if (wanted is None) != (was is None) or (wanted or "") not in (was or ""):
            found.append(f"{text}\n  wanted: {wanted or 'nothing wrong'}\n  was: {was or 'nothing wrong'}")
    return found


def whole(programs: str) -> list[str]:
    """What ctest sees of one that is wrong."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = how_to.run(LAB + ECHO.format("three"), programs, 0)
    return [] if status == 1 and "shown:   three" in said.getvalue() else [f"a wrong one ends with {status}: {said.getvalue()}"]


def main() -> int:
    programs = os.path.abspath(sys.argv[1])
    found = [f"{shown} | {printed} | {wanted}" for shown, printed, wanted in ALIKE
             if (compare.difference(tuple(shown.split("\n")), printed) is None) != wanted]
    found += missed(FORM, form)
    if os.geteuid() != 0:
        print("\n".join(found) or "skipped: network namespaces need root")
        return 1 if found else how_to.SKIPPED
    with Lab("h") as lab:
        hosts = Hosts(lab, programs, how_to.read(LAB, 0))
        found += missed(PLAYED, lambda text, by_hand: played(hosts, text, by_hand))
    found += whole(programs)
    print("\n".join(found) or f"{len(ALIKE) + len(FORM) + len(PLAYED)} cases are judged rightly")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
