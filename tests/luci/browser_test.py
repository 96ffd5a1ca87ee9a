"""The page in a headless Chromium, by mouse and by keyboard, against the stand-in of LuCI's client code."""

from __future__ import annotations

import copy
import os
import pathlib
import statistics
import sys
import tempfile
import unittest
from typing import Any

import chromium
import contrast
import page

STATUS, LATER, HISTORY = page.recorded("status"), page.recorded("status_later"), page.recorded("history")
EVIL = "<img src=x onerror=\"Standin.errors.push('ran')\">&amp;'\"</script>"
PAIR = {"exit": 0, "message": "", "wrong": "", "files": [
    {"name": "theirs/vpn.cfg", "text": "vpncfg {\n}\n"}, {"name": "ours/ipsec", "text": "config remote\n"},
    {"name": "README.txt", "text": "What to do: " + EVIL}]}
BROWSER: chromium.Chromium
WIDE = (1280, 900)
NARROW = (360, 740)


class Page(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="causeway-page-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def show(self, answer: Any, size: tuple[int, int] = WIDE, dark: bool = False, **how: Any) -> chromium.Chromium:
        path = os.path.join(self.folder, "page.html")
        pathlib.Path(path).write_text(page.html(answer, **how), encoding="utf-8")
        BROWSER.screen(*size, dark)
        BROWSER.open(pathlib.Path(path).as_uri())
        BROWSER.value("Standin.ready.then(() => 1)")
        BROWSER.until("document.querySelector('.cw-page link').sheet")
        # A card's text is there from the frame on that has shown it.
        BROWSER.value("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        self.assertEqual(BROWSER.value("Standin.errors"), [])
        return BROWSER

    def later(self, answer: Any) -> None:
        BROWSER.value(f"(Standin.look = {page.json.dumps(answer)}, Standin.poll().then(() => 1))")
        self.assertEqual(BROWSER.value("Standin.errors"), [])

    def text(self, selector: str) -> str:
        said = BROWSER.value(f"document.querySelector({page.json.dumps(selector)}).innerText")
        return str(said)


class Seen(Page):
    def test_each_connection_with_lamps_reason_remedy_and_strips(self) -> None:
        self.show(page.look(STATUS, HISTORY))
        self.assertIn("1 of 3 tunnels are up.", self.text(".cw-page"))
        cards = BROWSER.value("[...document.querySelectorAll('section.cw-card')].map((c) => c.textContent)")
        self.assertEqual(len(cards), 3)
        for card, peer in zip(cards, STATUS["peers"]):
            tunnel = peer["tunnels"][0]
            for word in (peer["name"], peer["gateway"], tunnel["local"], tunnel["remote"], "Tunnel: ", "Route: ", "Firewall: ",
                         "Phase 1", "Far end answers", "24 hours ago"):
                self.assertIn(word, card)
            if tunnel["why_down_finding"]:
                self.assertIn(tunnel["why_down_finding"]["message"], card)
                self.assertIn(tunnel["why_down_finding"]["remedy"], card)
        self.assertEqual(BROWSER.value("document.querySelectorAll('section svg[role=img]:not([aria-label])').length"), 3 * 1)
        self.assertGreater(BROWSER.value("document.querySelectorAll('.cw-strip-u[d^=M]').length"), 0)

    def test_a_change_is_shown_and_traffic_is_drawn(self) -> None:
        self.show(page.look(STATUS, HISTORY))
        self.later(page.look(LATER))
        self.assertIn("Traffic: ", self.text("section.cw-card"))
        self.assertGreater(BROWSER.value("document.querySelector('.cw-line-out').getAttribute('d').length"), 5)
        gone = copy.deepcopy(LATER)
        del gone["peers"][1]
        self.later(page.look(gone))
        self.assertEqual(BROWSER.value("document.querySelectorAll('section.cw-card').length"), 2)
        self.assertIn("1 of 2 tunnels are up.", self.text(".cw-page"))

    def test_states_without_a_table(self) -> None:
        stopped = page.look(exit=3, checked='{"usable": true, "findings": []}')
        for answer, word, button in ((stopped, "causeway is not running.", True), (page.look(exit=127), "not installed", False),
                                     (6, "ubus code 6", False), (page.look({"peers": []}), "", False)):
            if isinstance(answer, dict) and answer["status"]:
                answer = page.look({**STATUS, "peers": []})
                word = "No connection is configured yet."
            self.show(answer)
            self.assertIn(word, self.text("[role=alert]"))
            self.assertEqual(BROWSER.value("document.querySelector('[aria-label=\"Start causeway\"]').hidden"), not button)
        self.show(stopped)
        BROWSER.click('[aria-label="Start causeway"]')
        BROWSER.until("Standin.asked.some((one) => one.method == 'start')")
        self.later(page.look(STATUS, HISTORY))
        self.assertTrue(BROWSER.value("document.querySelector('[role=alert]').hidden"))
        self.assertEqual(BROWSER.value("document.querySelectorAll('section.cw-card').length"), 3)

    def test_an_old_daemon_is_shown_without_its_history(self) -> None:
        self.show(page.look(STATUS, history_message="the causewayd that runs is older than this tool"))
        self.assertIn("No history: the causewayd that runs is older", self.text(".cw-page"))
        self.assertEqual(BROWSER.value("document.querySelectorAll('section.cw-card').length"), 3)

    def test_what_comes_from_outside_is_text(self) -> None:
        evil = copy.deepcopy(STATUS)
        finding = {"code": "c", "severity": EVIL, "confidence": "proved", "message": EVIL, "remedy": EVIL, "fields": {},
                   "locations": []}
        evil["findings"], evil["strangers"], evil["obstacles"] = [finding], [finding], [EVIL]
        for peer in evil["peers"]:
            for key in ("name", "display_name", "gateway"):
                peer[key] = EVIL + peer[key]
            for tunnel in peer["tunnels"]:
                for key in ("name", "display_name", "local", "remote", "next", "why_down"):
                    tunnel[key] = EVIL
                tunnel["why_down_finding"], tunnel["findings"] = finding, [dict(finding, message=EVIL + "2")]
                tunnel["lamps"] = {"tunnel": EVIL, "route": EVIL, "firewall": EVIL}
                for sa in tunnel["sas"]:
                    sa["suite"] = EVIL
        self.show(page.look(evil, HISTORY, history_message=EVIL))
        # An image of theirs would have failed before this one does.
        BROWSER.value("new Promise((done) => { const mine = new Image(); mine.onerror = () => done(1); mine.src = 'x'; })")
        self.assertEqual(BROWSER.value("document.querySelectorAll('.cw-page img, .cw-page script').length"), 0)
        self.assertEqual(BROWSER.value("Standin.errors"), [])
        self.assertIn(EVIL, self.text("section.cw-card h3"))
        for answer in (page.look(exit=4, message=EVIL), page.look(STATUS, history_message=EVIL)):
            self.show(answer)
            self.assertEqual(BROWSER.value("document.querySelectorAll('.cw-page img').length"), 0)

    def test_fits_in_360_pixels_and_in_1280(self) -> None:
        for size in (NARROW, WIDE):
            for answer in (page.look(STATUS, HISTORY), page.look(exit=4, message="x" * 300)):
                self.show(answer, size, pair=PAIR)
                BROWSER.value("document.querySelector('details:last-of-type').open = true")
                wide = BROWSER.value("document.documentElement.scrollWidth")
                self.assertLessEqual(wide, size[0])
                outside = BROWSER.value("[...document.querySelectorAll('.cw-page *')].filter((e) => e.getBoundingClientRect().right "
                                        "> innerWidth + 1).map((e) => e.outerHTML.slice(0, 80))")
                self.assertEqual(outside, [])

    def test_dark_and_light_have_contrast(self) -> None:
        names = [f"--cw-{name}" for name in ("good", "bad", "busy", "unknown", "in", "out")]
        grounds = set()
        for dark, darkmode in ((False, None), (True, None), (False, True), (True, False)):
            self.show(page.look(STATUS, HISTORY), dark=dark, darkmode=darkmode)
            BROWSER.until("getComputedStyle(document.querySelector('.cw-page')).getPropertyValue('--cw-good')")
            grounds.add(BROWSER.value("getComputedStyle(document.querySelector('.cw-page')).getPropertyValue('--cw-good')"))
            for name, ratio in contrast.colours(BROWSER, ".cw-page", names).items():
                self.assertGreater(ratio, contrast.GRAPHIC, (name, dark, darkmode))
            # What a form says of a wrong word is there only when one was sent.
            BROWSER.click("details:last-of-type summary")
            BROWSER.click("#cw-their_network")
            BROWSER.write("x")
            BROWSER.press("Enter")
            BROWSER.until("document.querySelector('.cw-wrong:not([hidden])')")
            count, pale = contrast.texts(BROWSER)
            self.assertGreater(count, 50)
            self.assertEqual(pale, [], (dark, darkmode))
        self.assertEqual(len(grounds), 2)

    def test_german(self) -> None:
        self.show(page.look(STATUS, HISTORY), language="de")
        self.assertIn("1 von 3 Tunneln stehen.", self.text(".cw-page"))
        self.assertIn("Gegenstelle antwortet", self.text(".cw-page"))

    def test_who_may_only_read_gets_no_buttons(self) -> None:
        self.show(page.look(STATUS, HISTORY), permitted=False)
        self.assertEqual(BROWSER.value("document.querySelectorAll('.cw-page button, .cw-page form').length"), 0)


class Used(Page):
    def walk(self, presses: int) -> list[str]:
        """What has the focus, press by press of Tab."""
        seen = []
        for _ in range(presses):
            BROWSER.press("Tab")
            if BROWSER.value("document.activeElement.tagName") in ("BUTTON", "INPUT", "SELECT"):
                self.assertEqual(BROWSER.value("getComputedStyle(document.activeElement).outlineStyle"), "solid")
            seen.append(str(BROWSER.value("(document.activeElement.getAttribute('aria-label') || document.activeElement.id || document.activeElement.innerText || '')")))
        return seen

    def test_up_and_down_by_mouse(self) -> None:
        self.show(page.look(STATUS, HISTORY))
        name = STATUS["peers"][0]["tunnels"][0]["display_name"]
        BROWSER.click(f'[aria-label="Bring {name} up"]')
        BROWSER.click(f'[aria-label="Take {name} down"]')
        BROWSER.until("Standin.asked.some((one) => one.method == 'down')")
        self.assertEqual(BROWSER.value("Standin.asked.filter((one) => one.method != 'look').map((one) => one.method + ' ' + one.args.name)"),
                         ["down " + name], "up is of no use for what is up")
        BROWSER.until(f"document.querySelector('.cw-page').innerText.includes('down {name}')")

    def test_by_keyboard_alone(self) -> None:
        self.show(page.look(STATUS, HISTORY))
        names = [tunnel["display_name"] for peer in STATUS["peers"] for tunnel in peer["tunnels"]]
        wanted = [f"{verb} {name} {way}" for name in names for verb, way in (("Bring", "up"), ("Take", "down"))]
        seen = self.walk(len(wanted) + 2)
        self.assertEqual([one for one in seen if one in wanted], wanted, "in the order of the page")
        while not BROWSER.value("document.activeElement.tagName == 'SUMMARY' && document.activeElement.innerText == 'New connection'"):
            BROWSER.press("Tab")
        BROWSER.press("Enter")
        self.assertTrue(BROWSER.value("document.activeElement.parentElement.open"))
        BROWSER.until("document.querySelector('#cw-our_network').value == '10.1.0.0/24'")
        BROWSER.press("Tab")
        self.assertEqual(BROWSER.value("document.activeElement.id"), "cw-our_name")
        unnamed = BROWSER.value("[...document.querySelectorAll('input, select')].filter((e) => !e.labels.length).length")
        self.assertEqual(unnamed, 0)

    def test_the_focus_stays_where_it_is_when_the_page_changes(self) -> None:
        self.show(page.look(STATUS, HISTORY))
        name = STATUS["peers"][1]["tunnels"][0]["display_name"]
        BROWSER.value(f"document.querySelector('[aria-label=\"Bring {name} up\"]').focus()")
        BROWSER.press("Enter")
        BROWSER.until("Standin.asked.some((one) => one.method == 'up')")
        self.later(page.look(LATER, HISTORY))
        self.assertEqual(BROWSER.value("document.activeElement.getAttribute('aria-label')"), f"Bring {name} up")

    def fill(self, **values: str) -> None:
        for name, text in values.items():
            BROWSER.click(f"#cw-{name}")
            BROWSER.value(f"document.querySelector('#cw-{name}').select()")
            BROWSER.write(text)

    def test_a_new_connection_hands_out_the_boxs_file(self) -> None:
        self.show(page.look(STATUS, HISTORY), NARROW, pair=PAIR)
        BROWSER.ask("Page.setDownloadBehavior", behavior="allow", downloadPath=self.folder)
        BROWSER.click("details:last-of-type summary")
        self.fill(our_name="office", their_name="box.example.net", their_network="192.168.1")
        BROWSER.press("Enter")
        self.assertEqual(BROWSER.value("document.activeElement.id"), "cw-their_network")
        self.assertEqual(BROWSER.value("document.activeElement.getAttribute('aria-invalid')"), "true")
        self.assertIn("Write a network", self.text("#cw-their_network-wrong"))
        self.fill(their_network="192.168.178.0/24", box="7590@8.02")
        BROWSER.press("Enter")
        BROWSER.until("Standin.asked.some((one) => one.method == 'pair')")
        self.assertEqual(BROWSER.value("Standin.asked.find((one) => one.method == 'pair').args"), {
            "our_name": "office", "our_network": "10.1.0.0/24", "their_name": "box.example.net",
            "their_network": "192.168.178.0/24", "kind": "fritzbox", "box": "7590@8.02"})
        BROWSER.until("document.querySelector('pre') !== null")
        self.assertIn(EVIL, self.text("pre"))
        self.assertEqual(BROWSER.value("document.querySelectorAll('.cw-page img').length"), 0)
        self.assertLessEqual(BROWSER.value("document.documentElement.scrollWidth"), NARROW[0])
        BROWSER.value("[...document.querySelectorAll('button')].find((e) => e.innerText == 'File for the box').focus()")
        BROWSER.press("Space")
        told = BROWSER.event("Page.downloadWillBegin")
        self.assertEqual(told["suggestedFilename"], "theirs-vpn.cfg")
        while BROWSER.event("Page.downloadProgress")["state"] != "completed":
            pass
        self.assertEqual(pathlib.Path(self.folder, "theirs-vpn.cfg").read_text(encoding="utf-8"), "vpncfg {\n}\n")

    def test_over_plain_http_the_form_says_that_the_key_can_be_read(self) -> None:
        for url, language, said in (("http://192.168.1.1/", "en", "This page came over plain HTTP"),
                                    ("http://192.168.1.1/", "de", "Diese Seite kam unverschlüsselt"),
                                    ("https://192.168.1.1/", "en", ""), ("http://localhost/", "en", "")):
            BROWSER.screen(*NARROW, False)
            BROWSER.serve(url, page.html(page.look(STATUS, HISTORY), language=language))
            BROWSER.value("Standin.ready.then(() => 1)")
            BROWSER.click("details:last-of-type summary")
            self.assertTrue(BROWSER.value("document.querySelector('form').innerText"), url)
            told = BROWSER.value("[...document.querySelectorAll('form .cw-warning')].map((one) => one.innerText).join()")
            self.assertIn(said, told)
            self.assertEqual(bool(told), bool(said), url)

    def test_a_form_that_the_tool_refuses_says_why(self) -> None:
        self.show(page.look(STATUS, HISTORY), pair={"exit": 2, "message": "--ours: " + EVIL, "wrong": "", "files": []})
        BROWSER.click("details:last-of-type summary")
        self.fill(our_name="office", their_name="box", their_network="192.168.178.0/24")
        BROWSER.press("Enter")
        BROWSER.until("document.querySelector('form [role=alert]').innerText.includes('No files were made')")
        self.assertIn(EVIL, self.text("form [role=alert]"))


class Many(Page):
    def busy(self) -> float:
        """Milliseconds of CPU that the page's thread has spent so far, on scripts, style and layout."""
        told = {one["name"]: one["value"] for one in BROWSER.ask("Performance.getMetrics")["metrics"]}
        return 1000 * float(told["TaskDuration"])

    def change(self, answer: Any) -> tuple[float, float]:
        """Shows an answer: the milliseconds until it is laid out, and those of CPU."""
        BROWSER.value(f"(Standin.look = {page.json.dumps(answer)}, 1)")
        before = self.busy()
        took = BROWSER.value("""(() => { const begun = performance.now();
            return Standin.poll().then(() => { document.body.offsetHeight; return performance.now() - begun; }); })()""")
        return float(took), self.busy() - before

    def test_200_connections_change_only_where_something_changed(self) -> None:
        status, history = page.many(STATUS, HISTORY, 200)
        BROWSER.ask("Performance.enable", timeDomain="threadTicks")
        before = self.busy()
        self.show(page.look(status, history))
        drawn = self.busy() - before
        self.assertEqual(BROWSER.value("document.querySelectorAll('section.cw-card').length"), 200)
        BROWSER.value("""(Standin.changed = [], new MutationObserver((all) => all.forEach((one) => Standin.changed.push(
            [one.type, one.attributeName, (one.target.outerHTML || one.target.textContent).slice(0, 90)].join(" "))))
            .observe(document.querySelector('.cw-page'), { subtree: true, childList: true, characterData: true, attributes: true }), 1)""")
        asked = "Standin.asked.filter((one) => one.method == 'look').length"
        spent: list[tuple[float, float]] = []
        for number in range(9):
            status["peers"][7 + number]["tunnels"][0]["lamps"]["route"] = "shadowed"
            polls = BROWSER.value(asked)
            spent.append(self.change(page.look(status)))
            self.assertEqual(BROWSER.value(asked), polls + 1, "one question for all of them")
            changed = BROWSER.value("Standin.changed.splice(0)")
            self.assertGreater(len(changed), 0)
            self.assertLessEqual(len(changed), 4, changed)
            self.assertTrue(BROWSER.value(f"document.querySelectorAll('section.cw-card')[{7 + number}]"
                                          ".textContent.includes('taken by another')"))
        # Figures for people: what else this machine does is in them. What is checked is that little was touched, and that it takes
        # little beside drawing all of them.
        shown, busy = (statistics.median(column) for column in zip(*spent))
        print(f"200 connections, median of {len(spent)} changes: shown after {shown:.1f} ms, {busy:.1f} ms of CPU, "
              f"{drawn:.0f} ms for drawing all; load {os.getloadavg()[0]:.1f}", file=sys.stderr)
        self.assertLess(busy, drawn / 4)

    def test_the_filter_leaves_what_has_the_word(self) -> None:
        self.show(page.look(*page.many(STATUS, HISTORY, 30)))
        BROWSER.click("#cw-filter")
        BROWSER.write("peer29")
        self.assertEqual(BROWSER.value("[...document.querySelectorAll('section.cw-card')].filter((e) => !e.hidden).length"), 1)


def setUpModule() -> None:
    global BROWSER  # pylint: disable=global-statement
    BROWSER = chromium.Chromium()


def tearDownModule() -> None:
    BROWSER.close()


if __name__ == "__main__":
    if not chromium.found():
        print("skipped: no chromium is installed: tools/install browser")
        sys.exit(77)
    unittest.main()
