"""What the tests against real programs share."""

import os
import sys
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab"))

import wire  # noqa: E402,F401
from lab import Lab, LabError, wait  # noqa: E402,F401
from recipe import far_side, uci  # noqa: E402,F401
from sites import (HOST_A, HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, PSK, WAN_A, WAN_B, Causeway, Sites,  # noqa: E402,F401
                   StrongSwan, no_strongswan)

SKIPPED = 77


class Skip(Exception):
    """This machine cannot run the test; the text says why."""


def check(condition, otherwise):
    if not condition:
        raise LabError(otherwise() if callable(otherwise) else otherwise)


def pings_both_ways(lab, count=5):
    """After the first answer none is lost. strongSwan reports a tunnel before its routes are there: the first may be."""
    for source, address in (("lanA", HOST_B), ("lanB", HOST_A)):
        wait(lambda where=source, to=address: lab.ping(where, to, count=1)[0] == 1, f"a first answer for {source}")
        answered, _ = lab.ping(source, address, count=count, interval=0.05)
        check(answered == count, f"{source}: {answered} of {count} pings answered")


def run(test, *arguments):
    """Runs test(lab, ...); the exit status of the process follows from it. On failure everybody's log is shown."""
    lab = None
    try:
        lab = Lab("t")
        test(lab, *arguments)
        return 0
    except Skip as skip:
        print(f"skipped: {skip}")
        return SKIPPED
    except Exception as error:  # whatever went wrong, the logs tell more
        if os.geteuid() != 0:
            print("skipped: network namespaces need root")
            return SKIPPED
        print(f"failed: {error}")
        if not isinstance(error, LabError):
            traceback.print_exc()
        if lab is not None:
            for folder, _, files in os.walk(lab.folder):
                for name in sorted(files):
                    if name.endswith((".log", ".out")):
                        print(f"--- {name}")
                        with open(os.path.join(folder, name), errors="replace") as file:
                            print(file.read()[-6000:])
        return 1
    finally:
        if lab is not None:
            lab.close()
