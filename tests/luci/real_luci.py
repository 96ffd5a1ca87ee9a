"""The page in LuCI's own client code, which is not in this repository: python3 real_luci.py LUCI [PICTURE.png]

LUCI is a checkout of openwrt/luci (its modules/luci-base and themes/luci-theme-bootstrap are enough). A server on loopback
serves its files with ours beside them, and answers as uhttpd's ubus would, from what tests/luci/answers has."""

from __future__ import annotations

import http.server
import json
import os
import sys
import threading
from typing import Any

import chromium
import page

MIME = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
ANSWERS: dict[str, Any] = {
    "look": page.look(page.recorded("status"), page.recorded("history")), "up": {"exit": 0, "message": "told"},
    "down": {"exit": 0, "message": "told"}, "start": {"exit": 0, "message": ""},
    "pair": {"exit": 0, "message": "", "wrong": "", "files": [{"name": "theirs/vpn.cfg", "text": "vpncfg {}\n"},
                                                              {"name": "README.txt", "text": "What to do"}]}}
ASKED: list[tuple[str, Any]] = []


def document() -> str:
    environment = {"media": "/luci-static/bootstrap", "resource": "/luci-static/resources", "scriptname": "/cgi-bin/luci",
                   "pathinfo": "/admin/vpn/causeway", "documentroot": "/www", "requestpath": ["admin", "vpn", "causeway"],
                   "dispatchpath": ["admin", "vpn", "causeway"], "pollinterval": 1, "ubuspath": "/ubus/",
                   "sessionid": "0" * 32, "token": None, "nodespec": {"satisfied": True, "readonly": False},
                   "apply_rollback": 90, "apply_holdoff": 4, "apply_timeout": 5, "apply_display": 1.5, "rollback_token": None}
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>LuCI</title>
<script>document.documentElement.setAttribute("data-darkmode", matchMedia("(prefers-color-scheme: dark)").matches);</script>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/luci-static/bootstrap/cascade.css"><script src="/luci-static/resources/cbi.js"></script></head>
<body><script>window.failed = []; addEventListener("error", (e) => failed.push(e.message));
addEventListener("unhandledrejection", (e) => failed.push(String(e.reason)));</script>
<header><ul class="nav" id="topmenu"></ul><div id="indicators"></div></header><div id="maincontent" class="container">
<script src="/luci-static/resources/luci.js"></script><script>L = new LuCI({json.dumps(environment)});</script>
<div id="view"><script>L.require("ui").then((ui) => ui.instantiateView("causeway"));</script></div></div></body></html>"""


class Server(http.server.BaseHTTPRequestHandler):
    folders: list[str] = []

    def log_message(self, format: str, *args: Any) -> None:  # pylint: disable=redefined-builtin
        pass

    def reply(self, text: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self) -> None:
        name = self.path.split("?")[0]
        if name == "/":
            self.reply(document().encode(), "text/html")
            return
        for folder in self.folders:
            path = os.path.normpath(folder + name)
            if path.startswith(folder) and os.path.isfile(path):
                with open(path, "rb") as file:
                    self.reply(file.read(), MIME.get(os.path.splitext(path)[1], "application/octet-stream"))
                return
        self.reply(b"{}", "text/plain", 404)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told = [self.ubus(one) for one in asked] if isinstance(asked, list) else self.ubus(asked)
        self.reply(json.dumps(told).encode(), "application/json")

    def ubus(self, one: dict[str, Any]) -> dict[str, Any]:
        result: Any = {}
        if one["method"] == "call":
            _, name, method, args = one["params"]
            result = [6]
            if name == "luci.causeway":
                ASKED.append((method, args))
                result = [0, ANSWERS[method]]
            elif name == "session":
                result = [0, {"access": True}]
            elif name in ("uci", "luci"):
                result = [0, {"values": {}}]
        return {"jsonrpc": "2.0", "id": one["id"], "result": result}


def main(luci: str, picture: str | None) -> None:
    Server.folders = [os.path.join(page.PACKAGE, "htdocs")] + [os.path.abspath(os.path.join(luci, part, "htdocs"))
                                                               for part in ("modules/luci-base", "themes/luci-theme-bootstrap")]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser = chromium.Chromium()
    try:
        browser.screen(1280, 900, False)
        browser.open(f"http://127.0.0.1:{server.server_port}/")
        browser.until("failed.length || document.querySelectorAll('section.cw-card').length == 3")
        print("errors:", browser.value("failed"))
        print("cards:", browser.value("[...document.querySelectorAll('section.cw-card h3')].map((e) => e.textContent)"))
        print("darkmode, width:", browser.value("[document.documentElement.dataset.darkmode, document.documentElement.scrollWidth]"))
        browser.until("document.querySelectorAll('section.cw-card')[0].textContent.includes('24 hours ago')")
        name = page.recorded("status")["peers"][0]["tunnels"][0]["display_name"]
        browser.click(f'[aria-label="Take {name} down"]')
        browser.until("document.querySelector('.cw-page').innerText.includes('told')")
        browser.click("details:last-of-type summary")
        for field, text in (("our_name", "a.example.org"), ("their_name", "b.example.org"), ("their_network", "192.168.178.0/24")):
            browser.click("#cw-" + field)
            browser.write(text)
        browser.press("Enter")
        browser.until("document.querySelector('pre') !== null")
        ANSWERS["look"] = page.look(page.recorded("status_later"))
        browser.until("document.querySelector('section.cw-card').textContent.includes('Traffic')")
        print("asked:", sorted({method for method, _ in ASKED}), [args for method, args in ASKED if method == "pair"])
        browser.screen(360, 740, True)
        print("at 360:", browser.value("document.documentElement.scrollWidth"),
              browser.value("[...document.querySelectorAll('.cw-page *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).length"))
        print("errors:", browser.value("failed"))
        if picture:
            browser.picture(picture)
    finally:
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
