"""Every story in its full length, with both peers: a table of what came out. `./test --long` ends here.

long.py PROGRAMS [--jobs N] [--rounds N] [STORY...]
"""

import argparse
import concurrent.futures
import os
import statistics
import sys
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lab import LabError  # noqa: E402
from demo_test import begin  # noqa: E402
from story_test import PEERS, left_nothing, told  # noqa: E402
from stories import STORIES  # noqa: E402

SECONDS = 1200  # of the longest story


def play(programs: str, name: str, peer: str) -> tuple[dict[str, Any], str]:
    """(result, what it said); never raises."""
    demo = begin(programs, "--story", name, "--peer", peer)
    try:
        result, text = told(demo, SECONDS)
        left_nothing(demo)
        return result, text
    except LabError as error:
        return {"story": name, "peer": peer, "recovery_s": None, "bound_s": None, "ok": False}, str(error)


def cell(results: list[dict[str, Any]]) -> str:
    """Median with range, and the bound."""
    times = sorted(result["recovery_s"] for result in results if result["recovery_s"] is not None)
    if not results:
        return "-"
    if len(times) < len(results):
        return f"not back ({len(results) - len(times)} of {len(results)})"
    spread = f" [{times[0]:.2f}-{times[-1]:.2f}]" if len(times) > 1 else ""
    failed = sum(not result["ok"] for result in results)
    return f"{statistics.median(times):.2f}{spread} of {max(result['bound_s'] for result in results):.1f}" + (
        f", {failed} FAILED" if failed else "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./test --long")
    parser.add_argument("programs")
    parser.add_argument("--jobs", type=int, default=2, help="stories side by side (default 2)")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each (default 1)")
    parser.add_argument("stories", nargs="*", metavar="STORY", help="only these")
    options = parser.parse_intermixed_args()
    unknown = set(options.stories) - set(STORIES)
    if unknown:
        parser.error(f"no story is called {', '.join(sorted(unknown))}")
    names = options.stories or list(STORIES)
    results: dict[tuple[str, str], list[dict[str, Any]]] = {(name, peer): [] for name in names for peer in PEERS}
    # What measures loss has the machine for itself.
    alone = [name for name in names if STORIES[name].alone]
    begun = os.getloadavg()[0]
    for jobs, some in ((options.jobs, [name for name in names if name not in alone]), (1, alone)):
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            running = [pool.submit(play, options.programs, name, peer)
                       for _ in range(options.rounds) for name in some for peer in PEERS]
            for job in concurrent.futures.as_completed(running):
                result, text = job.result()
                results[result["story"], result["peer"]].append(result)
                print(text if not result["ok"] else f"{result['story']}, {result['peer']}: {result['recovery_s']:.2f} s", flush=True)
    width = max(map(len, names))
    print(f"seconds until packets passed again, of the bound; {options.rounds} of each, load average {begun:.1f} at the start, "
          f"{os.getloadavg()[0]:.1f} at the end")
    print("\n".join([f"| {'story':<{width}} | {' | '.join(f'{peer:<28}' for peer in PEERS)} |",
                     f"|{'-' * (width + 2)}|{'|'.join('-' * 30 for _ in PEERS)}|",
                     *(f"| {name:<{width}} | {' | '.join(f'{cell(results[name, peer]):<28}' for peer in PEERS)} |"
                       for name in names)]))
    return 0 if all(result["ok"] for several in results.values() for result in several) else 1


if __name__ == "__main__":
    sys.exit(main())
