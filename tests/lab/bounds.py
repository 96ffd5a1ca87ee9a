"""How soon a tunnel has to be back: computed from what causewayd is built and configured with, never from a clock.

The engine's own times are those that causeway-sim prints, which is built from the same sources.
"""

import json
import os
import subprocess
from dataclasses import dataclass, fields

from lab import LabError

ALLOWANCE = 1.5  # times the sum of the parts


@dataclass(frozen=True)
class Limits:
    """The engine's times in seconds and its counts, by their names in src/ike/limits.hpp and src/sa/sa.hpp."""

    unanswered_first: float
    retransmit_first: float
    retransmit_max: float
    retransmit_tries: int
    lookup_eager: float
    dpd_repeat_eager: float
    dpd_suspect_after: int

    @classmethod
    def of(cls, programs: str) -> "Limits":
        """Those of the build whose programs are in that folder."""
        simulator = os.path.join(programs, "causeway-sim")
        if not os.path.exists(simulator):
            raise LabError(f"{simulator} is not there: it says how soon a tunnel has to be back (ninja causeway-sim)")
        done = subprocess.run([simulator, "--limits"], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise LabError(f"{simulator} --limits: exit {done.returncode}: {done.stderr.strip()}")
        stated = json.loads(done.stdout)
        unknown = [field.name for field in fields(cls) if field.name not in stated]
        if unknown:
            raise LabError(f"{simulator} --limits states no {', '.join(unknown)} (tests/sim/limits.cpp)")
        return cls(**{field.name: stated[field.name] for field in fields(cls)})

    @property
    def unanswered(self) -> float:
        """Until unanswered traffic makes the engine ask the peer, and look its name up."""
        return self.unanswered_first

    @property
    def suspected(self) -> float:
        """Until Phase 1 begins beside the SA that stands although the peer's address is the same."""
        return self.unanswered_first + self.dpd_suspect_after * self.dpd_repeat_eager

    @property
    def retransmissions(self) -> float:
        """The longest that one message and its repetitions take until the last of them is sent."""
        return sum(min(self.retransmit_first * 2**number, self.retransmit_max) for number in range(self.retransmit_tries))


class Bound:
    """Named parts in seconds; `allowance` times their sum."""

    def __init__(self, **parts: float) -> None:
        self.parts = {name.replace("_", " "): seconds for name, seconds in parts.items()}

    @property
    def seconds(self) -> float:
        return round(ALLOWANCE * sum(self.parts.values()), 3)

    def __str__(self) -> str:
        parts = " + ".join(f"{name} {seconds:.1f}" for name, seconds in self.parts.items())
        return f"{self.seconds:.1f} s = {ALLOWANCE} x ({parts})"
