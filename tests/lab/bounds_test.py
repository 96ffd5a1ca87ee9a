"""The bounds that the lab computes: every limit that it asks for is stated by this build's causeway-sim.

bounds_test.py PROGRAMS
"""

import dataclasses
import os
import sys
import tempfile
import typing
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from bounds import ALLOWANCE, Bound, Limits  # noqa: E402
from lab import LabError  # noqa: E402

PROGRAMS = ""


def stating(text: str) -> "tempfile.TemporaryDirectory[str]":
    """A folder with a causeway-sim that says this."""
    folder = tempfile.TemporaryDirectory()
    program = os.path.join(folder.name, "causeway-sim")
    with open(program, "w") as file:
        file.write(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    os.chmod(program, 0o700)
    return folder


class TheProgram(unittest.TestCase):
    def test_states_every_limit_the_lab_asks_for(self) -> None:
        limits = Limits.of(PROGRAMS)
        for field in dataclasses.fields(Limits):
            stated = getattr(limits, field.name)
            self.assertIs(type(stated), typing.get_type_hints(Limits)[field.name], field.name)
            self.assertGreater(stated, 0, field.name)

    def test_states_seconds(self) -> None:
        limits = Limits.of(PROGRAMS)
        # Orders of magnitude: a nanosecond count, or a millisecond count, would be far beyond them.
        self.assertTrue(0.1 <= limits.retransmit_first <= limits.retransmit_max <= 60, limits)
        self.assertTrue(0.1 <= limits.unanswered <= limits.suspected <= 60, limits)

    def test_is_not_believed_when_a_limit_is_missing(self) -> None:
        with stating('{"unanswered_first": 3.0}') as folder, self.assertRaisesRegex(LabError, "states no retransmit_first, .*"):
            Limits.of(folder)

    def test_is_named_when_it_is_not_there(self) -> None:
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(LabError, "causeway-sim is not there"):
            Limits.of(folder)


class Sums(unittest.TestCase):
    LIMITS = Limits(unanswered_first=3, retransmit_first=1, retransmit_max=8, retransmit_tries=5, lookup_eager=2,
                    dpd_repeat_eager=1, dpd_suspect_after=2)

    def test_suspicion_waits_for_the_questions(self) -> None:
        self.assertEqual(self.LIMITS.suspected, 3 + 2 * 1)

    def test_retransmissions_double_up_to_the_longest(self) -> None:
        self.assertEqual(self.LIMITS.retransmissions, 1 + 2 + 4 + 8 + 8)

    def test_a_bound_names_its_parts(self) -> None:
        bound = Bound(look_up=2.0, DNS=0.5)
        self.assertEqual(bound.seconds, ALLOWANCE * 2.5)
        self.assertEqual(str(bound), "3.8 s = 1.5 x (look up 2.0 + DNS 0.5)")


if __name__ == "__main__":
    PROGRAMS = sys.argv.pop(1)
    unittest.main()
