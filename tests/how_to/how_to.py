"""Plays a how-to of docs/how-to: makes its lab, runs its commands as they are written, and compares what they print.

how_to.py PROGRAMS NAME | how_to.py --list
"""

import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

import compare  # noqa: E402
import reader  # noqa: E402
from hosts import Hosts  # noqa: E402
from lab import Lab, LabError  # noqa: E402
from reader import ByHand, Command, File, FormError, HowTo  # noqa: E402
from sites import no_strongswan  # noqa: E402

SKIPPED = 77
FOLDER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "docs", "how-to")
WAIT = 20.0
# How many commands (of a package manager) and clicks at a box nobody runs here, of each: one more is said here too.
BY_HAND = {
    "debian-and-box": 4,
    "from-strongswan": 2,
    "hub": 1,
    "monitoring": 3,
    "openwrt-and-box": 3,
    "strongswan-at-the-other-end": 1,
    "two-boxes": 2,
    "wireguard": 2,
}


def play(hosts: Hosts, command: Command) -> None:
    end = time.monotonic() + WAIT
    while True:
        status, printed = hosts.run(command.host, command.text)
        wrong = compare.difference(command.shown, printed)
        if status != command.status:
            wrong = f"exit status {status} in place of {command.status}"
        if wrong is None:
            return
        if not command.wait or time.monotonic() > end:
            raise LabError(f"line {command.line}: {command.host} $ {command.text}\n{wrong}\nall that it printed:\n"
                           + "\n".join(printed))
        time.sleep(0.1)


def play_all(hosts: Hosts, how_to: HowTo) -> None:
    for step in how_to.steps:
        if isinstance(step, Command):
            play(hosts, step)
        elif isinstance(step, File):
            hosts.write(step.host, step.path, step.text)
        elif step.host and step.source and step.path:
            hosts.imports(step.host, step.source, step.path)


def read(text: str, by_hand: int) -> HowTo:
    how_to = reader.read(text)
    if how_to.by_hand != by_hand:
        raise FormError(f"{how_to.by_hand} steps are done by hand, and BY_HAND says {by_hand}")
    return how_to


def names() -> list[str]:
    return sorted(name[:-3] for name in os.listdir(FOLDER) if name.endswith(".md") and name != "README.md")


def run(text: str, programs: str, by_hand: int) -> int:
    """The exit status, as ctest reads it."""
    try:
        how_to = read(text, by_hand)
    except FormError as error:
        print(f"failed: {error}")
        return 1
    if os.geteuid() != 0:
        print("skipped: network namespaces need root")
        return SKIPPED
    if "strongswan" in how_to.roles and no_strongswan():
        print("skipped: " + no_strongswan())
        return SKIPPED
    commands = sum(isinstance(step, Command) for step in how_to.steps)
    hosts: Hosts | None = None
    try:
        with Lab("h") as lab:
            try:
                hosts = Hosts(lab, programs, how_to)
                play_all(hosts, how_to)
                hosts.stop()
            except LabError as error:
                raise LabError(f"{error}\n{hosts.logs() if hosts else ''}") from None
    except LabError as error:
        print(f"failed: {error}")
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    print(f"{commands} commands and {sum(isinstance(step, File) for step in how_to.steps)} files as written; "
          f"by hand, and not run here: {how_to.by_hand}")
    return 0


def main() -> int:
    if sys.argv[1:] == ["--list"]:
        print("\n".join(names()))
        return 0
    programs, name = sys.argv[1:]
    with open(os.path.join(FOLDER, name + ".md")) as file:
        return run(file.read(), os.path.abspath(programs), BY_HAND.get(name, 0))


if __name__ == "__main__":
    sys.exit(main())
