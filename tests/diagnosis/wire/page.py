"""The part of docs/diagnosis.md about the running daemon, from the results that are kept beside this file.

measured.json: `versions`, and `runs` with causeway and with charon on our side (`ours`), one for each fault, peer and caller.
"""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fault import THEM, US
from faults import FAMILIES, FAULTS, SOUND

MEASURED = Path(__file__).resolve().parent / "measured.json"
HEAD = """
# What the running daemon says

Some faults no file shows, and often only one of the two files is at hand. Then the daemon has to say what is wrong, from
what the other end sends or does not send. It is measured by `tests/diagnosis/wire/check`: each fault is played in network
namespaces, with {versions} and causeway at the other end, and with either side as the
caller. The time is that from the packet that shows the fault, or from the third message without an answer, to the line of
the log. Beside it stands what strongSwan's charon says in its log in the same place, against charon at the other end. What
nobody can know from the wire is told as one of several causes.
"""
FIGURES = """
Of {us.faults} faults that show while causeway calls, a reader of `causeway status` knows the cause of {us.known} with each of
these peers; of {them.faults} that show while it is called, {them.known}. A wrong cause is named in {wrong} of
{us.runs} + {them.runs} runs. Half of the lines in the log come within {median:.1f} s of the evidence.
"""
TABLE = """
## {family}

| What is wrong | causeway calls | charon calls | causeway is called | charon is called |
| --- | --- | --- | --- | --- |
"""
SOUND_TABLE = """
## Tunnels without a fault

| What there is | Runs | Errors and warnings |
| --- | --- | --- |
"""
NOT_SHOWN = "-"
SOON = 0.1  # seconds that need no number
Run = dict[str, Any]


def measured() -> dict[str, Any]:
    if not MEASURED.exists():
        return {"versions": {}, "runs": []}
    found: dict[str, Any] = json.loads(MEASURED.read_text(encoding="utf-8"))
    return found


def keep(results: dict[str, Any]) -> None:
    """One run a line, so that a difference can be read."""
    lines = ",\n".join(json.dumps(run, ensure_ascii=False) for run in results["runs"])
    MEASURED.write_text(f'{{"versions": {json.dumps(results["versions"])},\n"runs": [\n{lines}\n]}}\n', encoding="utf-8")


def cell(text: str) -> str:
    """Bars and angle brackets mean something in a table of Markdown."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def _seconds(run: Run) -> str:
    if run["line"] == "":
        return "not in the log"
    return "at once" if run["seconds"] is None or run["seconds"] < SOON else f"{run['seconds']:.1f} s"


def _said(run: Run) -> str:
    if run["verdict"] == "nothing":
        return f"in the log alone, {_seconds(run)}" if run["line"] else "nothing"
    codes = ", ".join(f"`{code}`" for code in run["codes"])
    how = {"known": "", "open": "this cause is not among those named, ", "wrong": "wrong, "}[run["verdict"]]
    return f"{codes}: {how}{_seconds(run)}"


def causeway(runs: list[Run]) -> str:
    """What it says; with which peers, where that is not the same for all."""
    if not runs:
        return NOT_SHOWN
    # Of each kind of answer the slowest.
    kinds: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        kinds.setdefault((run["verdict"], *run["codes"]), []).append(run)
    slowest = {kind: max(same, key=lambda run: (run["line"] == "", run["seconds"] or 0)) for kind, same in kinds.items()}
    if len(kinds) == 1:
        return _said(*slowest.values())
    return "; ".join(f"with {' and '.join(run['peer'] for run in kinds[kind])}: {_said(run)}" for kind, run in slowest.items())


def charon(runs: list[Run]) -> str:
    if not runs:
        return NOT_SHOWN
    line = runs[0]["line"]
    if line:
        return f"“{cell(line)}”"
    return "connects, and says nothing" if runs[0]["verdict"] == "connects" else "says nothing"


@dataclass(frozen=True)
class Figures:
    """Of all runs with one caller. `known`: faults of which the cause is known with each peer."""

    faults: int
    known: int
    runs: int
    runs_known: int
    wrong: int
    not_logged: int
    seconds: list[float]


def figures(runs: list[Run], dials: str) -> Figures:
    mine = [run for run in runs if run["dials"] == dials and run["ours"] == "causeway" and run["verdict"] != "skipped"
            and not FAULTS[run["fault"]].sound]
    faults = {run["fault"] for run in mine}
    known = {name for name in faults if all(run["verdict"] == "known" for run in mine if run["fault"] == name)}
    return Figures(len(faults), len(known), len(mine), sum(run["verdict"] == "known" for run in mine),
                   sum(bool(run["wrong"]) for run in mine), sum(run["line"] == "" for run in mine),
                   [run["seconds"] for run in mine if run["seconds"] is not None])


def section() -> str:
    results = measured()
    runs = results["runs"]
    if not runs:
        return ""
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items() if name != "causeway")
    us, them = figures(runs, US), figures(runs, THEM)
    text = HEAD.format(versions=versions) + FIGURES.format(us=us, them=them, wrong=us.wrong + them.wrong,
                                                            median=max(SOON, statistics.median([*us.seconds, *them.seconds, 0.0])))
    for family, faults in FAMILIES.items():
        text += TABLE.format(family=family)
        for fault in faults:
            cells = [cell(fault.sentence)]
            for dials in (US, THEM):
                mine = [run for run in runs if run["fault"] == fault.name and run["dials"] == dials]
                cells += [cell(causeway([run for run in mine if run["ours"] == "causeway"])),
                          charon([run for run in mine if run["ours"] == "charon"])]
            text += "| " + " | ".join(cells) + " |\n"
    return text + "".join(sound_rows(runs))


def sound_rows(runs: list[Run]) -> list[str]:
    """Tunnels without a fault: of how many something was said."""
    rows = []
    for fault in SOUND:
        mine = [run for run in runs if run["fault"] == fault.name]
        said = [what for run in mine for what in run["wrong"]]
        rows.append(f"| {cell(fault.sentence)} | {len(mine)} | {cell('; '.join(said)) if said else 'none'} |\n")
    return [SOUND_TABLE, *rows]
