"""Plays one story and says how it went: `./demo --story NAME` ends here."""

import json
import sys
from typing import Any

from lab import Lab, LabError
from rivals import GATEWAYS, stage_of
from sites import require_strongswan
from stories import STORIES

LINES_OF_LOG = 60


def listed() -> str:
    """For --list: a line for each story."""
    width = max(map(len, STORIES))
    return "\n".join(f"{name:<{width}}  {story.title}" for name, story in STORIES.items())


class Teller:
    """Steps for a person, or as JSON lines; the last line is the result in either case."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def say(self, text: str) -> None:
        print(text, file=sys.stderr if self.as_json else sys.stdout, flush=True)

    def step(self, text: str, ok: bool = True, figures: dict[str, Any] | None = None) -> None:
        if self.as_json:
            print(json.dumps({"step": text, "ok": ok} | ({"figures": figures} if figures else {})), flush=True)
        else:
            print(f"{'✔' if ok else '✘'} {text}", flush=True)


def play(name: str, peer: str, programs: str, as_json: bool = False, limit: float | None = None, leak: bool = False,
         short: bool = False, gateway: str = "causeway", log: bool = False) -> bool:
    """True if the tunnel was back within its bound and nothing was on the WAN in clear."""
    story, tell = STORIES[name], Teller(as_json)
    lab = stage = None
    result: dict[str, Any] = {"story": name, "peer": peer, "recovery_s": None, "bound_s": None, "ok": False}
    try:
        if "strongswan" in peer + gateway:
            require_strongswan()
        lab = Lab("story")
        stage = stage_of(gateway)(lab, programs, peer, tell.step, limit, short)
        stage.leaks_by_purpose = leak
        tell.say(f"{name}, the peer is {peer}: {story.title}")
        seconds, bound = story.play(stage)
        result["recovery_s"], result["bound_s"] = seconds, bound.seconds
        in_time = seconds is not None and seconds <= bound.seconds
        tell.step(f"within the bound of {bound}", in_time)
        findings = stage.close()
        if gateway == "causeway":
            tell.step(f"nothing on the WAN in clear: {findings}", findings.clean)
        result["ok"] = in_time and (findings.clean or gateway != "causeway")
        if not result["ok"]:
            raise LabError("the story did not end as it has to")
    except (LabError, KeyboardInterrupt) as error:
        tell.say(f"it failed: {error or 'interrupted'}")
        log = True
    finally:
        for gateway, text in stage.logs() if log and stage is not None else ():
            tell.say(f"--- {gateway}, the last lines of its log")
            tell.say("\n".join(text.splitlines()[-LINES_OF_LOG:]))
        if lab is not None:
            lab.close()
    print(json.dumps(result), flush=True)
    return bool(result["ok"])


def missing(name: str) -> str | None:
    """What is wrong with a story's name, or nothing."""
    return None if name in STORIES else f"no story is called '{name}'; ./demo --list names them"


__all__ = ["GATEWAYS", "listed", "missing", "play"]
