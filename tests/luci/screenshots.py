"""The pictures of the page in docs/: python3 tests/luci/screenshots.py. From recorded answers of `causeway`; a day's history is
written into them, as the machine that recorded them ran for a minute. pngquant makes them small."""

from __future__ import annotations

import copy
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
from typing import Any

import chromium
import page

PICTURES = os.path.join(page.ROOT, "docs/pictures")
MOST_OCTETS = 60_000


def day(history: Any) -> Any:
    """24 hours in the letters that `causeway history --json` prints: up but for an outage and a renewal an hour."""
    made = copy.deepcopy(history)
    chance = random.Random(7)
    for number, one in enumerate(made["connections"]):
        length = len(one["address"])
        up = ["u"] * length
        if number == 0:
            up[90:97] = ["p"] + ["d"] * 5 + ["p"]
        elif number == 1:
            up[200:] = ["d"] * (length - 200)
        else:
            up = ["d"] * length
        renewed = ["U" if letter == "u" and at % 11 == 3 else letter for at, letter in enumerate(up)]
        one["address"] = "u" * 40 + "U" + "u" * (length - 41)
        one["phase1"] = "".join(renewed)
        one["phase2"] = "".join(renewed[:150]) + "n" * 6 + "".join(renewed[156:])
        one["answers"] = "".join(up)
        one["round_trip_us"] = [int(18000 + 9000 * chance.random() ** 3 + (12000 if 150 < at < 190 else 0)) if letter == "u" else None
                                for at, letter in enumerate(up)]
    return made


def polls(browser: chromium.Chromium, status: Any) -> None:
    """What a tunnel moves while somebody looks: counters that go on, poll by poll."""
    chance = random.Random(3)
    for _ in range(20):
        status["uptime_seconds"] += 5
        for sa in status["peers"][0]["tunnels"][0]["sas"]:
            if sa["state"] == "INSTALLED":
                sa["bytes_in"] += int(4e6 * chance.random() ** 2)
                sa["bytes_out"] += int(9e5 * chance.random())
        browser.value(f"(Standin.look = {page.json.dumps(page.look(status))}, Standin.poll().then(() => 1))")


def take(browser: chromium.Chromium, folder: str, size: tuple[int, int], dark: bool, path: str) -> None:
    place = pathlib.Path(folder, "page.html")
    status = page.recorded("status_later")
    status["peers"][0]["round_trip_us"] = 18400
    place.write_text(page.html(page.look(status, day(page.recorded("history")))), encoding="utf-8")
    browser.screen(*size, dark)
    browser.ask("Emulation.setScrollbarsHidden", hidden=True)
    browser.open(place.as_uri())
    browser.value("Standin.ready.then(() => 1)")
    browser.until("document.querySelector('.cw-page link').sheet")
    polls(browser, status)
    # Two connections and no part of the third.
    end = "document.querySelectorAll('section.cw-card')[1].getBoundingClientRect().bottom"
    browser.value("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    browser.screen(size[0], int(browser.value(end)) + 8, dark)
    browser.value("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    browser.picture(path)


def main() -> int:
    if not chromium.found() or not shutil.which("pngquant"):
        print("chromium (tools/install browser) and pngquant are needed", file=sys.stderr)
        return 2
    os.makedirs(PICTURES, exist_ok=True)
    browser = chromium.Chromium()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, size, dark in (("luci-light", (1280, 860), False), ("luci-dark-360", (360, 1100), True)):
                path = os.path.join(PICTURES, name + ".png")
                take(browser, folder, size, dark, path)
                subprocess.run(["pngquant", "--force", "--nofs", "--strip", "--output", path, "64", path], check=True)
                print(f"{os.path.getsize(path):6} octets: {os.path.relpath(path, page.ROOT)}")
                if os.path.getsize(path) > MOST_OCTETS:
                    print(f"more than {MOST_OCTETS} octets: show less", file=sys.stderr)
                    return 1
    finally:
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
