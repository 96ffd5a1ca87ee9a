"""What holds the check against charon is held against itself: it finds a check that says the opposite, and leaves nothing.

charon_test.py PROGRAMS CASE | charon_test.py --list
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

import lab as laboratory  # noqa: E402
from lab import LabError, wait  # noqa: E402

SECONDS = 100
SKIPPED = 77
CONNECTS = "3"  # the number of a pair that does, whoever calls
# `causeway check --json` with the answer turned round; everything else is the program's own.
LIAR = """#!/usr/bin/python3
import json, os, subprocess, sys
if "check" not in sys.argv or "--json" not in sys.argv:
    os.execv({real!r}, [{real!r}, *sys.argv[1:]])
answer = json.loads(subprocess.run([{real!r}, *sys.argv[1:]], capture_output=True, text=True).stdout)
answer["connects"] = not answer["connects"]
print(json.dumps(answer))
"""


def begin(programs: str, *options: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, os.path.join(HERE, "charon"), "--programs", programs, *options],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env={**os.environ, **environment})


def finish(run: "subprocess.Popen[str]") -> str:
    out, _ = run.communicate(timeout=SECONDS)
    prefix = f"cwagr{laboratory.digits(run.pid)}"
    if run.returncode == SKIPPED:
        print(out)
        sys.exit(SKIPPED)
    left = laboratory.namespaces(prefix) + [name for name in os.listdir(laboratory.STATE) if name == prefix]
    if left:
        raise LabError(f"left behind: {left}")
    return out


def check(condition: object, otherwise: str) -> None:
    if not condition:
        raise LabError(otherwise)


def a_liar_is_found(programs: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.join(programs, "causewayd"), os.path.join(folder, "causewayd"))
        with open(os.path.join(folder, "causeway"), "w") as file:
            file.write(LIAR.format(real=os.path.join(programs, "causeway")))
        os.chmod(file.name, 0o700)
        run = begin(folder, "--first", CONNECTS, "--pairs", "1", TMPDIR=folder)
        out = finish(run)
        kept = re.search(r"check says that it does not connect, and it connects: (\S+)", out)
        if kept is None or run.returncode != 1:
            raise LabError(f"{run.returncode}: a wrong answer is not found: {out}")
        names = set(os.listdir(kept.group(1)))
        check("0 of 2 plays agree; 2 connect" in out, f"not counted: {out}")
        check({"ipsec", "swanctl.conf", "check.txt", "causewayd.log", "charon.log"} <= names, f"not kept: {names}")


def told_to_end(programs: str) -> None:
    run = begin(programs)
    prefix = f"cwagr{laboratory.digits(run.pid)}"
    vici = os.path.join(laboratory.STATE, prefix, "gwB.strongswan", "run", "charon.vici")
    wait(lambda: run.poll() is not None or os.path.exists(vici), "charon runs", SECONDS)
    run.send_signal(signal.SIGTERM)
    out = finish(run)
    check(run.returncode == 1 and "interrupted" in out, f"one that was told to end says {run.returncode}: {out}")


CASES: dict[str, Callable[[str], None]] = {"a_liar_is_found": a_liar_is_found, "told_to_end": told_to_end}


def main() -> int:
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CASES))
        return 0
    programs, case = sys.argv[1:]
    try:
        CASES[case](programs)
    except LabError as error:
        print(f"failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
