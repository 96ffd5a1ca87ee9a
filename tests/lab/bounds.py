"""How soon a tunnel has to be back: computed from what causewayd is built and configured with, never from a clock.

The engine's own times are read from the sources that it is built from.
"""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ALLOWANCE = 1.5  # times the sum of the parts
UNITS = {"milliseconds": 0.001, "seconds": 1, "minutes": 60, "hours": 3600}


def constant(name, *header):
    """Seconds of `constexpr Duration NAME = unit(N)` in a header."""
    with open(os.path.join(ROOT, "src", *header)) as file:
        found = re.search(rf"constexpr Duration {name} = (?:std::chrono::)?(\w+)\((\d+)\)", file.read())
    if found is None:
        raise ValueError(f"{'/'.join(header)} states no {name}")
    return UNITS[found.group(1)] * int(found.group(2))


def limit(name):
    return constant(name, "ike", "limits.hpp")


def unanswered():
    """Until unanswered traffic makes the engine ask the peer, and look its name up."""
    return constant("unanswered_first", "sa", "sa.hpp")


def suspected():
    """Until Phase 1 begins beside the SA that stands although the peer's address is the same."""
    return unanswered() + 2 * limit("dpd_repeat_eager")


def retransmissions(tries=5):
    """The longest that one message and its repetitions take until the last of them is sent."""
    first, most = limit("retransmit_first"), limit("retransmit_max")
    return sum(min(first * 2**number, most) for number in range(tries))


class Bound:
    """Named parts in seconds; `allowance` times their sum."""

    def __init__(self, **parts):
        self.parts = {name.replace("_", " "): seconds for name, seconds in parts.items()}

    @property
    def seconds(self):
        return round(ALLOWANCE * sum(self.parts.values()), 3)

    def __str__(self):
        parts = " + ".join(f"{name} {seconds:.1f}" for name, seconds in self.parts.items())
        return f"{self.seconds:.1f} s = {ALLOWANCE} x ({parts})"
