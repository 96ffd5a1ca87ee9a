"""A headless Chromium, driven by its DevTools protocol over a pipe: real mouse and keyboard events, no package needed."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from typing import Any

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# How long an answer may take before the browser counts as dead; nothing is measured against it.
PATIENCE = 300.0
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Space": (32, " "), "ArrowDown": (40, ""), "Escape": (27, "")}


def found() -> str | None:
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


class Chromium:
    def __init__(self) -> None:
        program = found()
        assert program, "no chromium is installed"
        self.folder = tempfile.mkdtemp(prefix="causeway-chromium-")
        to_read, to_write = os.pipe()
        answers, said = os.pipe()
        # The protocol's pipes are descriptors 3 and 4 of the browser.
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$@" 3<&{to_read} 4>&{said}', "sh", program, "--no-sandbox", "--no-zygote", "--headless",
             "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
             f"--user-data-dir={self.folder}/profile", "about:blank"],
            pass_fds=(to_read, said), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_read)
        os.close(said)
        self.write_to, self.read_from = to_write, answers
        self.buffer = b""
        self.events: list[dict[str, Any]] = []
        self.number = 0
        self.session: str | None = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        self.ask("Runtime.enable")

    def close(self) -> None:
        try:
            self.session = None
            self.ask("Browser.close")
        except (OSError, RuntimeError):
            self.process.kill()
        os.close(self.write_to)
        os.close(self.read_from)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def message(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_from], [], [], max(0.0, end - time.monotonic()))
            got = os.read(self.read_from, 1 << 20) if ready else b""
            if not got:
                raise RuntimeError("the browser does not answer")
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\0", 1)
        told: dict[str, Any] = json.loads(line)
        return told

    def send(self, method: str, **params: Any) -> int:
        self.number += 1
        request: dict[str, Any] = {"id": self.number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.write_to, data):]
        return self.number

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = self.send(method, **params)
        while True:
            told = self.message()
            if told.get("id") == number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']['message']}")
                result: dict[str, Any] = told["result"]
                return result
            self.events.append(told)

    def event(self, method: str) -> dict[str, Any]:
        """The next event of that name, which may have come already."""
        while True:
            for at, told in enumerate(self.events):
                if told.get("method") == method:
                    params: dict[str, Any] = self.events.pop(at)["params"]
                    return params
            self.events.append(self.message())

    def open(self, url: str) -> None:
        self.events = [told for told in self.events if told.get("method") != "Page.loadEventFired"]
        self.ask("Page.navigate", url=url)
        self.event("Page.loadEventFired")

    def serve(self, url: str, html: str) -> None:
        """Opens a page as if a server had sent it from there; nothing leaves the browser."""
        self.events = []
        self.ask("Fetch.enable", patterns=[{"urlPattern": "*"}])
        self.send("Page.navigate", url=url)
        while (asked := self.event("Fetch.requestPaused"))["request"]["url"] != url:
            self.ask("Fetch.failRequest", requestId=asked["requestId"], errorReason="AddressUnreachable")
        self.ask("Fetch.fulfillRequest", requestId=asked["requestId"], responseCode=200,
                 responseHeaders=[{"name": "Content-Type", "value": "text/html; charset=utf-8"}],
                 body=base64.b64encode(html.encode()).decode())
        self.ask("Fetch.disable")
        self.event("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        told = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise RuntimeError(told["exceptionDetails"].get("exception", {}).get("description", str(told)))
        return told["result"].get("value")

    def until(self, expression: str) -> Any:
        """Waits in the page for an expression to be true."""
        return self.value(f"""new Promise((done, fail) => {{
            const end = Date.now() + {int(PATIENCE * 500)};
            const look = () => {{ const v = ({expression}); v ? done(v) : Date.now() > end ? fail(new Error("never: " + {json.dumps(expression)})) : setTimeout(look, 10); }};
            look(); }})""")

    def screen(self, width: int, height: int, dark: bool) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def click(self, selector: str) -> None:
        # Cards that come into view get their true height a frame later: pressed is where it lies still and nothing covers it.
        at = self.value(f"""new Promise((done, fail) => {{
            const e = document.querySelector({json.dumps(selector)}), end = Date.now() + {int(PATIENCE * 500)};
            let before = "";
            const look = () => {{
                e.scrollIntoView({{ block: "center" }});
                const r = e.getBoundingClientRect(), place = [r.left + r.width / 2, r.top + r.height / 2];
                if (String(place) == before && e.contains(document.elementFromPoint(...place)))
                    return done(place);
                if (Date.now() > end)
                    return fail(new Error("cannot be clicked: " + {json.dumps(selector)}));
                before = String(place);
                requestAnimationFrame(() => requestAnimationFrame(look));
            }};
            look(); }})""")
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left", clickCount=1)

    def press(self, key: str, shift: bool = False) -> None:
        code, text = KEYS[key]
        common = {"key": " " if key == "Space" else key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **common, **({"text": text} if text else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **common)

    def write(self, text: str) -> None:
        for letter in text:
            self.ask("Input.dispatchKeyEvent", type="keyDown", text=letter, key=letter)
            self.ask("Input.dispatchKeyEvent", type="keyUp", key=letter)

    def picture(self, path: str) -> None:
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))
