"""Whether a command has printed what a how-to shows."""

import re

# What is another one in each run, in the words that causeway, strongSwan and ping have for it. Both sides are made alike.
CHANGES = [
    (re.compile(r"\b[0-9a-f]{8}(?=_[io]\b)"), "SPI"),
    (re.compile(r"\b[0-9a-f]{16}_([ir])(\*?)(?!\w)"), r"COOKIE_\1\2"),
    (re.compile(r"(?<=\w)(\[|\{)\d+(\]|\})(?=:)"), r"\1NUMBER\2"),
    # Of ends that called each other at the same moment there are two for a while.
    (re.compile(r"\(\d+ up, "), "(NUMBER up, "),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|seconds?|minutes?|m|h)(?= ago\b| since\b)"), "AGE"),
    (re.compile(r"\btime[ =]\d+(?:\.\d+)? ?ms"), "time MS"),
    (re.compile(r"= \d+\.\d+/\d+\.\d+/\d+\.\d+/\d+\.\d+ ms"), "= MS"),
]


def alike(line: str) -> str:
    for pattern, name in CHANGES:
        line = pattern.sub(name, line)
    return line.rstrip()


def fits(shown: str, printed: str) -> bool:
    """`...` in a line that is shown stands for any text."""
    parts = [re.escape(part) for part in alike(shown).split("...")]
    return re.fullmatch(".*".join(parts), alike(printed)) is not None


def difference(shown: tuple[str, ...], printed: list[str]) -> str | None:
    """The first line that is not so; None when all is. A line of `...` alone stands for any lines, none included."""
    def from_here(at: int, line: int) -> bool:
        while at < len(shown):
            if shown[at].strip() == "...":
                return any(from_here(at + 1, later) for later in range(line, len(printed) + 1))
            if line == len(printed) or not fits(shown[at], printed[line]):
                missed.append((at, line))
                return False
            at, line = at + 1, line + 1
        if line < len(printed):
            missed.append((at, line))
        return line == len(printed)
    missed: list[tuple[int, int]] = []
    if from_here(0, 0):
        return None
    at, line = max(missed)
    return (f"shown:   {shown[at] if at < len(shown) else '(nothing more)'}\n"
            f"printed: {printed[line] if line < len(printed) else '(nothing more)'}")
