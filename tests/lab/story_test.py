"""The stories as `./demo --story` plays them: each is back within its bound, shows nothing in clear, leaves nothing behind.

story_test.py PROGRAMS CASE | story_test.py --list    CASE: STORY.PEER, or one of the tests of the stories themselves
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from demo_test import SKIPPED, Running, begin, check, commands, prefix_of, traces  # noqa: E402
from lab import Lab, LabError, wait  # noqa: E402
from load import Carried, verdict  # noqa: E402
from sites import no_strongswan  # noqa: E402
from stories import STORIES  # noqa: E402

SECONDS = 250
PEERS = ("causeway", "strongswan")
KEYS = ["story", "peer", "recovery_s", "bound_s", "ok"]
# In the quick run strongSwan plays those in which the peer has a part of its own.
QUICK_WITH_STRONGSWAN = ("peer-address-change", "own-address-change-late-name", "nat-rebind", "behind-carrier-nat", "full-tunnel")
SHORT = "self-killed"  # for the tests of the stories themselves


def told(demo: Running, seconds: float = SECONDS) -> tuple[dict[str, Any], str]:
    """(the last line, everything) of a story that has ended."""
    out, err = demo.communicate(timeout=seconds)
    check(out.strip(), f"it printed nothing: {err}")
    result = json.loads(out.splitlines()[-1])
    check(list(result) == KEYS, f"not the keys of a result: {result}")
    check(demo.returncode == (0 if result["ok"] else 1), f"exit {demo.returncode} with {result}")
    return result, out + err


def left_nothing(demo: Running) -> None:
    check(not traces(prefix_of(demo, "story")), f"left behind: {traces(prefix_of(demo, 'story'))}")


def plays(programs: str, name: str, peer: str = "causeway") -> None:
    demo = begin(programs, "--story", name, "--peer", peer, "--short")
    result, everything = told(demo)
    print(everything)
    check(result["ok"], "the tunnel was not back as it has to be")
    check(0 <= result["recovery_s"] <= result["bound_s"], f"a result that contradicts itself: {result}")
    check((result["story"], result["peer"]) == (name, peer), f"another story's result: {result}")
    left_nothing(demo)


def as_json(programs: str) -> None:
    demo = begin(programs, "--story", SHORT, "--json")
    out, _ = demo.communicate(timeout=SECONDS)
    lines = [json.loads(line) for line in out.splitlines()]
    check(len(lines) >= 4 and all(set(line) == {"step", "ok"} and line["ok"] for line in lines[:-1]), f"not steps: {out}")
    check(list(lines[-1]) == KEYS and lines[-1]["ok"] is True, f"not a result: {lines[-1]}")
    left_nothing(demo)


def a_leak_is_found(programs: str) -> None:
    """A story that lets one packet out in clear fails, and says which."""
    demo = begin(programs, "--story", SHORT, "--leak")
    result, everything = told(demo)
    check(not result["ok"] and "with the payload in clear" in everything, f"the leak was not seen: {everything}")
    left_nothing(demo)


def after_a_kill(programs: str) -> None:
    """What a killed run left is taken away by the next one; then another one finds nothing of that, either."""
    demo = begin(programs, "--story", "wan-outage")
    prefix = prefix_of(demo, "story")
    wait(lambda: any(f"/{prefix}/gwA.sock" in argument for argument in commands()), "it plays")
    demo.send_signal(signal.SIGKILL)
    demo.communicate()
    check(traces(prefix), "a killed run left nothing: this test tests nothing")
    for _ in range(2):
        plays(programs, SHORT)
    check(not traces(prefix), f"left behind by the run after it: {traces(prefix)}")


def interrupted(programs: str) -> None:
    demo = begin(programs, "--story", "wan-outage")
    prefix = prefix_of(demo, "story")
    wait(lambda: any(f"/{prefix}/gwA.sock" in argument for argument in commands()), "it plays")
    demo.terminate()
    result, _ = told(demo)
    check(not result["ok"] and demo.returncode == 1, f"a story that was told to end says {result}")
    left_nothing(demo)


def unknown_name(programs: str) -> None:
    demo = begin(programs, "--story", "no-such-story")
    out, err = demo.communicate(timeout=SECONDS)
    check(demo.returncode == 2 and not out and "./demo --list" in err, f"{demo.returncode}: {out}{err}")
    demo = begin(programs, "--list")
    out, _ = demo.communicate(timeout=SECONDS)
    check(demo.returncode == 0 and [line.split()[0] for line in out.splitlines()] == list(STORIES), out)


def verdict_of_the_load(programs: str) -> None:
    """What rekey-under-load takes for a failure, and what for an excuse."""
    ours = Carried(200, 20, 20, 0, 0.02, 1000, 0)
    theirs = Carried(200, 21, 21, 3, 0.1, 1000, 7)
    lossy = replace(ours, pings_lost=3, datagrams_lost=7)
    rights: tuple[tuple[Carried, Carried | None], ...] = ((ours, None), (ours, theirs), (lossy, theirs))
    for one, other in rights:
        check(verdict(one, other, 20) is None, f"{one}, {other}: {verdict(one, other, 20)}")
    wrong = {"none to compare with": (lossy, None), "one ping more": (replace(lossy, pings_lost=4), theirs),
             "one datagram more": (replace(lossy, datagrams_lost=8), theirs), "no ping": (replace(ours, pings_lost=None), theirs),
             "the others renewed too seldom": (lossy, replace(theirs, phase2_renewals=19)),
             "renewed too seldom": (replace(ours, phase1_renewals=19), theirs),
             "dropped by us": (replace(ours, dropped_by_data_plane=1), theirs)}
    for name, pair in wrong.items():
        check(verdict(*pair, 20), f"{name} is taken for right")


def a_late_answer_counts(programs: str) -> None:
    """An answer that ping no longer waits for has arrived; one that never comes has not."""
    for never, expected in ((0, 8), (3, 7)):
        with Lab("ping") as lab:
            lab.namespace("host")
            host = lab.start("host", sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "late_answer.py"),
                             "late0", "192.0.2.1/24", "8", str(never), log="host")
            wait(lambda: "ready" in host.output(), "the host is there")
            answered, _ = lab.ping("host", "192.0.2.2", count=8, interval=0.05)
            check(answered == expected, f"{answered} of 8 counted, {expected} were answered")


CASES: dict[str, Callable[[str], None]] = {
    "a_late_answer_counts": a_late_answer_counts, "verdict_of_the_load": verdict_of_the_load, "json": as_json,
    "a_leak_is_found": a_leak_is_found, "after_a_kill": after_a_kill, "interrupted": interrupted, "unknown_name": unknown_name}


def listed() -> list[str]:
    quick = [name for name, story in STORIES.items() if not story.slow]
    return [f"{name}.causeway" for name in quick] + [f"{name}.strongswan" for name in quick if name in QUICK_WITH_STRONGSWAN]


def main() -> int:
    if sys.argv[1] == "--list":
        print("\n".join(listed() + list(CASES)))
        return 0
    programs, case = sys.argv[1:]
    if os.geteuid() != 0:
        print("skipped: network namespaces need root")
        return SKIPPED
    if case.endswith(".strongswan") and no_strongswan():
        print("skipped: " + no_strongswan())
        return SKIPPED
    try:
        if case in CASES:
            CASES[case](programs)
        else:
            plays(programs, *case.split("."))
    except LabError as error:
        print(f"failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
