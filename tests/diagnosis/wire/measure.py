"""The command line of `check`: which faults are played with whom, what is printed, and the exit status."""

import argparse
import json
import os
import statistics
import subprocess
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import page
import smoke
from fault import THEM, US
from faults import FAULTS
from play import Programs, Run, play

SKIPPED = 77
# Of a run: what makes it the same one.
KEY = ("ours", "fault", "peer", "dials")
PEERS = ("charon", "causeway", "libreswan", "nobody")
# Half of what is told is told so soon after the evidence.
MEDIAN_MAX = 2.0
Job = tuple[str, str, str]


def jobs(arguments: argparse.Namespace) -> Iterator[Job]:
    for name in arguments.fault or FAULTS:
        fault = FAULTS[name]
        for peer in arguments.peer or PEERS:
            for dials in arguments.dials or (US, THEM):
                if fault.expected(peer, dials) is not None and (
                        arguments.ours == "causeway" or not fault.sound and peer in ("charon", "nobody")):
                    yield name, peer, dials


def one(job: Job, programs: Programs, ours: str, keep: str) -> Run:
    name, peer, dials = job
    return play(FAULTS[name], peer, dials, programs, ours, keep)


def row(run: Run) -> str:
    seconds = "-" if run.seconds is None else f"{run.seconds:.2f} s"
    if run.ours != "causeway":
        return f"    {run.fault:28} {run.peer:9} {run.dials:4} {run.verdict:8} {run.line or '-'}  [{run.theirs or '-'}]"
    if run.skipped:
        return f"--  {run.fault:28} {run.peer:9} {run.dials:4} skipped: {run.sentence}"
    if run.verdict in ("quiet", "down"):
        return f"{'ok ' if run.good else 'GAP'} {run.fault:28} {run.peer:9} {run.dials:4} {run.verdict}"
    what = "; ".join(run.wrong) if run.wrong else run.sentence if not run.line or run.verdict != "known" else run.line
    return (f"{'ok ' if run.good else 'GAP'} {run.fault:28} {run.peer:9} {run.dials:4} {run.verdict:8} "
            f"{','.join(run.codes) or '-':32} {seconds:>8} {'' if run.line else 'not in the log; '}{what}")


def summary(runs: list[Run]) -> str:
    """By caller: known of all, wrong ones, and the median from the evidence to the log."""
    lines = []
    for dials, who in ((US, "while we dial"), (THEM, "while they dial")):
        found = page.figures([run.facts() for run in runs], dials)
        median = f"{statistics.median(found.seconds):.2f} s" if found.seconds else "-"
        lines.append(f"{who}: of {found.faults} faults {found.known} known with every peer; {found.runs} runs, "
                     f"{found.runs_known} known, {found.wrong} wrong, {found.not_logged} not in the log; median {median}")
    sound = [run for run in runs if FAULTS[run.fault].sound and not run.skipped]
    lines.append(f"without a fault: {sum(run.good for run in sound)} of {len(sound)} runs are up, and nothing is said")
    skipped = sum(run.skipped for run in runs)
    return "\n".join([*lines, *([f"skipped: {skipped} runs"] if skipped else [])])


def slow(runs: list[Run]) -> bool:
    seconds = [run.seconds for run in runs if run.seconds is not None]
    return bool(seconds) and statistics.median(seconds) > MEDIAN_MAX


def versions(programs: str, libreswan: str) -> dict[str, str]:
    """Of all programs that were asked, as they say it."""
    first = {"causeway": [os.path.join(programs, "causewayd"), "--version"], "strongSwan": ["/usr/lib/ipsec/charon", "--version"]}
    found = {}
    for name, command in first.items():
        words = subprocess.run(command, capture_output=True, text=True).stdout.split()
        found[name] = next((word for word in words if word[:1].isdigit()), "?")
    package = next((file.name for file in sorted(Path(libreswan or ".").glob("libreswan_*.deb"))), "")
    return {**found, **({"libreswan": package.split("_")[1].split("-")[0]} if package else {})}


def record(runs: list[Run], programs: str, libreswan: str) -> None:
    """Into what docs/diagnosis.md is made of, in place of the same runs; what is no longer a fault goes."""
    kept = page.measured()
    by_key = {tuple(run[key] for key in KEY): run for run in kept["runs"] if run["fault"] in FAULTS}
    by_key.update({tuple(run.facts()[key] for key in KEY): run.facts() for run in runs if run.verdict not in ("skipped", "failed")})
    order = list(FAULTS)
    ordered = sorted(by_key.values(), key=lambda run: (order.index(run["fault"]), run["ours"], run["dials"] == THEM, run["peer"]))
    results = {"versions": {**kept["versions"], **versions(programs, libreswan)}, "runs": ordered}
    page.keep(results)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures what the running daemon says of faults that the wire shows.")
    parser.add_argument("--programs", default="", metavar="FOLDER", help="where causewayd and causeway are")
    parser.add_argument("--libreswan", default="", metavar="FOLDER", help="libreswan's package, downloaded there when missing")
    parser.add_argument("--fault", nargs="+", metavar="NAME", choices=[*FAULTS], help="these alone")
    parser.add_argument("--peer", nargs="+", choices=PEERS, help="these at the other end alone")
    parser.add_argument("--dials", nargs="+", choices=(US, THEM), help="this caller alone")
    parser.add_argument("--ours", default="causeway", choices=("causeway", "charon"), help="charon: its words for the same fault")
    parser.add_argument("--smoke", action="store_true", help="the few of smoke.py")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="so many at a time")
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    parser.add_argument("--record", action="store_true", help="keep the results in measured.json, for docs/diagnosis.md")
    parser.add_argument("--keep", default="", metavar="FOLDER", help="write logs and captures there")
    parser.add_argument("--list", action="store_true", help="name what would be played")
    arguments = parser.parse_args()
    if not arguments.programs and not arguments.list:
        parser.error("--programs is missing")
    return arguments


def played(arguments: argparse.Namespace, chosen: list[Job]) -> list[Run]:
    programs = Programs(os.path.abspath(arguments.programs), os.path.abspath(arguments.libreswan) if arguments.libreswan else "")
    if arguments.keep:
        os.makedirs(arguments.keep, exist_ok=True)
    runs = {}
    # Of each lab the names carry its process.
    with ProcessPoolExecutor(arguments.jobs, max_tasks_per_child=1) as pool:
        asked = {pool.submit(one, job, programs, arguments.ours, arguments.keep): job for job in chosen}
        for done in as_completed(asked):
            runs[asked[done]] = done.result()
            print(row(done.result()), flush=True)
    return [runs[job] for job in chosen]


def main() -> int:
    arguments = parsed()
    chosen = smoke.JOBS if arguments.smoke else list(jobs(arguments))
    if arguments.list:
        print("\n".join(" ".join(job) for job in chosen))
        return 0
    if os.geteuid() != 0:
        print("skipped: network namespaces need root")
        return SKIPPED
    runs = played(arguments, chosen)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps([run.facts() for run in runs], indent=1) + "\n", encoding="utf-8")
    if arguments.record:
        record(runs, arguments.programs, arguments.libreswan)
    if arguments.ours == "causeway":
        print(summary(runs))
    if all(run.skipped for run in runs):
        return SKIPPED
    if arguments.ours != "causeway":
        return 0
    bad = [run for run in runs if not run.good and not run.skipped]
    return 1 if bad or slow(runs) else 0
