"""The page as one HTML file with the stand-in of LuCI's client code, and the answers that it is fed with."""

from __future__ import annotations

import copy
import json
import os
import pathlib
import re
from typing import Any

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
PACKAGE = os.path.join(ROOT, "packaging/openwrt/luci-app-causeway")
RESOURCES = os.path.join(PACKAGE, "htdocs/luci-static/resources")
HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = {"causeway": "view/causeway.js", "causeway.model": "causeway/model.js", "causeway.plot": "causeway/plot.js",
           "causeway.newcomer": "causeway/newcomer.js"}

# What LuCI's own theme gives that the page's width and colours depend on.
THEME = """:root { color-scheme: light; } body { margin: 0; padding: 8px; font: 13px/1.5 sans-serif; background: #fff; color: #404040; }
@media (prefers-color-scheme: dark) { :root:not([data-darkmode="false"]) body { background: #303030; color: #ccc; }
:root:not([data-darkmode="false"]) { color-scheme: dark; } }
:root[data-darkmode="true"] { color-scheme: dark; } :root[data-darkmode="true"] body { background: #303030; color: #ccc; }
.btn { padding: 3px 10px; } .alert-message { border: 1px solid #d9a; padding: 4px 10px; margin: 8px 0; }"""


def text_of(path: str) -> str:
    return pathlib.Path(path).read_text(encoding="utf-8")


def recorded(name: str) -> Any:
    return json.loads(text_of(os.path.join(HERE, "answers", name + ".json")))


def look(status: Any = None, history: Any = None, **other: Any) -> dict[str, Any]:
    """An answer of the plugin's `look`."""
    answer: dict[str, Any] = {"exit": 0, "message": "", "status": "", "history": "", "history_message": "",
                              "history_left_out": False, "checked": ""}
    answer["status"] = json.dumps(status) if status is not None else ""
    answer["history"] = json.dumps(history) if history is not None else ""
    answer.update(other)
    return answer


def many(status: Any, history: Any, count: int) -> tuple[Any, Any]:
    """The connections again and again under other names, until there are that many."""
    status, history = copy.deepcopy(status), copy.deepcopy(history)
    peers, past = status["peers"], history["connections"]
    status["peers"], history["connections"] = [], []
    for number in range(count):
        peer, one = copy.deepcopy(peers[number % len(peers)]), copy.deepcopy(past[number % len(past)])
        peer["name"] = one["name"] = f"peer{number}"
        for tunnel in peer["tunnels"]:
            tunnel["name"] = tunnel["display_name"] = f"{tunnel['name']}-{number}"
        status["peers"].append(peer)
        history["connections"].append(one)
    return status, history


def messages(path: str) -> dict[str, str]:
    """A catalogue's messages, of the simple kind that LuCI's tools write."""
    made: dict[str, str] = {}
    for block in text_of(path).split("\n\n"):
        parts = {}
        for key in ("msgid", "msgstr"):
            found = re.search(rf'^{key} ((?:".*"\n?)+)', block, re.M)
            if found:
                parts[key] = "".join(json.loads(piece) for piece in re.findall(r'^"(?:.*)"$|"(?:.*)"', found.group(1), re.M))
        if parts.get("msgid"):
            made[parts["msgid"]] = parts.get("msgstr", "")
    return made


def html(answer: Any, *, darkmode: bool | None = None, permitted: bool = True, language: str = "en",
         pair: Any = None) -> str:
    sources = {name: text_of(os.path.join(RESOURCES, path)) for name, path in CLASSES.items()}
    words = messages(os.path.join(PACKAGE, "po", language, "causeway.po")) if language != "en" else {}
    attribute = "" if darkmode is None else f' data-darkmode="{str(darkmode).lower()}"'

    def js(value: Any) -> str:
        return json.dumps(value).replace("</", "<\\/").replace("<!--", "<\\!--")

    return f"""<!DOCTYPE html><html lang="{language}"{attribute}><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>causeway</title><style>{THEME}</style></head>
<body><div id="view"></div><script>{text_of(os.path.join(HERE, "standin.js"))}</script><script>
Standin.sources = {js(sources)}; Standin.resources = {js(pathlib.Path(RESOURCES).as_uri() + "/")};
Standin.permitted = {js(permitted)}; Object.assign(Standin.translated, {js(words)});
Standin.look = {js(answer)}; Standin.pair = {js(pair)};
Standin.answer = (object, method, args) => method == "look" ? Standin.look : method == "pair" ? Standin.pair : {{ exit: 0, message: method + " " + (args.name || "") }};
Standin.ready = Standin.open("causeway", document.getElementById("view"));
</script></body></html>"""
