"""The page of `causeway report` in a headless Chromium: it fits, can be read in both themes, keeps its lamps on paper, and asks for nothing.

report_test.py PROGRAMS. The daemon's part is played: a control socket with the recorded answers.
"""

from __future__ import annotations

import base64
import collections
import copy
import json
import os
import pathlib
import re
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest
import zlib
from typing import Any

import chromium
import contrast
import page

STATUS, HISTORY = page.recorded("status"), page.recorded("history")
BROWSER: chromium.Chromium
PROGRAMS = ""
SIZES = ((360, 740), (1280, 900))
GREEN, WHITE = (0x2A, 0x8A, 0x4A), (255, 255, 255)
FILLS = ("good", "bad", "busy", "unknown", "in", "out")
# A name and a reason as nobody breaks them.
LONG = "x" * 300


class Daemon(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    answers: dict[str, Any] = {}


class Asked(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Daemon)
        command = json.loads(self.rfile.readline())["command"]
        told = {"protocol": 1, "ok": True, "exit": 0, command: self.server.answers[command]}
        self.wfile.write(json.dumps(told, separators=(",", ":")).encode() + b"\n")


def report(folder: str, status: Any, history: Any, *words: str) -> str:
    """The page's file, as the tool writes it."""
    socket, path = os.path.join(folder, "control.sock"), os.path.join(folder, "report.html")
    pathlib.Path(socket).unlink(missing_ok=True)
    with Daemon(socket, Asked) as daemon:
        daemon.answers = {"status": status, "history": history}
        threading.Thread(target=daemon.serve_forever, daemon=True).start()
        try:
            subprocess.run([os.path.join(PROGRAMS, "causeway"), "--control", socket, "report", *words, "-o", path], check=True)
        finally:
            daemon.shutdown()
    return path


def long_words(status: Any) -> Any:
    made = copy.deepcopy(status)
    for peer in made["peers"]:
        peer["name"] = peer["gateway"] = LONG
        for tunnel in peer["tunnels"]:
            tunnel["display_name"] = tunnel["local"] = tunnel["next"] = LONG
    return made


def fills(pdf: bytes) -> collections.Counter[tuple[int, ...]]:
    """The colours that something is filled with on paper, and how often each is set."""
    found: collections.Counter[tuple[int, ...]] = collections.Counter()
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            text = zlib.decompressobj().decompress(packed)
        except zlib.error:
            continue
        found.update(tuple(round(255 * float(part)) for part in one) for one in re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) rg\b", text))
    return found


class Report(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="causeway-report-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def show(self, path: str, size: tuple[int, int] = SIZES[1], dark: bool = False) -> None:
        BROWSER.screen(*size, dark)
        BROWSER.open(pathlib.Path(path).as_uri())

    def test_it_shows_what_the_daemon_says(self) -> None:
        self.show(report(self.folder, STATUS, HISTORY))
        said = BROWSER.value("document.body.innerText")
        for peer in STATUS["peers"]:
            self.assertIn(peer["name"], said)
            for word in ("Tunnel: ", "Route: ", "Firewall: ", "Far end answers"):
                self.assertIn(word, said)
        self.assertEqual(BROWSER.value("document.querySelectorAll('.lamp').length"), 3 * sum(len(peer["tunnels"]) for peer in STATUS["peers"]))
        self.assertEqual(BROWSER.value("document.querySelectorAll('script, link, img, iframe').length"), 0)
        self.assertEqual(BROWSER.value("performance.getEntriesByType('resource').length"), 0)

    def test_it_fits_and_can_be_read_in_both_themes(self) -> None:
        grounds = set()
        path = report(self.folder, STATUS, HISTORY)
        for size in SIZES:
            for dark in (False, True):
                self.show(path, size, dark)
                self.fits(size)
                grounds.add(BROWSER.value("getComputedStyle(document.body).backgroundColor"))
                count, pale = contrast.texts(BROWSER)
                self.assertGreater(count, 30)
                self.assertEqual(pale, [], (size, dark))
                for name, ratio in contrast.colours(BROWSER, "body", ["--" + fill for fill in FILLS]).items():
                    self.assertGreater(ratio, contrast.GRAPHIC, (name, dark))
        self.assertEqual(len(grounds), 2)

    def test_it_fits_with_words_that_nobody_breaks(self) -> None:
        for words in ((), ("--mask-addresses",)):
            path = report(self.folder, long_words(STATUS), HISTORY, *words)
            for size in SIZES:
                self.show(path, size)
                self.fits(size)

    def fits(self, size: tuple[int, int]) -> None:
        self.assertLessEqual(BROWSER.value("document.documentElement.scrollWidth"), size[0])
        outside = BROWSER.value("[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)"
                                ".map((e) => e.outerHTML.slice(0, 80))")
        self.assertEqual(outside, [], size)

    def test_on_paper_the_lamps_keep_their_fill(self) -> None:
        path = report(self.folder, STATUS, {**HISTORY, "connections": []})
        for dark in (False, True):
            self.show(path, dark=dark)
            everything, spared = (fills(base64.b64decode(BROWSER.ask("Page.printToPDF", printBackground=background)["data"]))
                                  for background in (True, False))
            # To spare ink a browser fills with white, and darkens texts. From a dark screen too, paper is light.
            self.assertIn(GREEN, spared, dark)
            self.assertLessEqual(spared[WHITE], everything[WHITE], dark)
            del spared[WHITE], everything[WHITE]
            self.assertEqual(spared, everything, dark)


def setUpModule() -> None:
    global BROWSER  # pylint: disable=global-statement
    BROWSER = chromium.Chromium()


def tearDownModule() -> None:
    BROWSER.close()


if __name__ == "__main__":
    if not chromium.found():
        print("skipped: no chromium is installed: tools/install browser")
        sys.exit(77)
    PROGRAMS = os.path.abspath(sys.argv.pop(1))
    unittest.main()
