"""The recipe, played: `./demo` prepares the machine and calls this. Each step is one line with a tick."""

import argparse
import json
import os
import shutil
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import lab as laboratory  # noqa: E402
import story as stories  # noqa: E402
import wire  # noqa: E402
from lab import Lab, LabError  # noqa: E402
from sites import (HOST_A, HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, WAN_A, Causeway, Daemon, Sites,  # noqa: E402
                   StrongSwan, require_strongswan)

PATTERN = "cafe2bab"
PINGS = 20
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Story:
    """Prints steps for a person, or as JSON lines."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.begun = time.monotonic()
        self.step_begun = self.begun
        self.ok = True

    def say(self, text: str = "") -> None:
        print(text, file=sys.stderr if self.as_json else sys.stdout, flush=True)

    def step(self, name: str, ok: bool = True, detail: str = "") -> None:
        now = time.monotonic()
        seconds = round(now - self.step_begun, 3)
        self.step_begun = now
        self.ok = self.ok and ok
        if self.as_json:
            print(json.dumps({"step": name, "ok": ok, "seconds": seconds}), flush=True)
        else:
            print(f"{'✔' if ok else '✘'} {name}{': ' + detail if detail else ''}", flush=True)
        if not ok:
            raise LabError(f"{name}: {detail}")

    def end(self, ping_ms: float | None) -> None:
        if self.as_json:
            seconds = round(time.monotonic() - self.begun, 3)
            print(json.dumps({"ok": self.ok, "seconds": seconds, "ping_ms": ping_ms}), flush=True)


def indented(text: str) -> str:
    return "\n".join("    " + line for line in text.rstrip().splitlines())


def read(*parts: str) -> bytes:
    with open(os.path.join(ROOT, *parts), "rb") as file:
        return file.read()


def play(options: argparse.Namespace, story: Story, lab: Lab) -> float:
    sites = Sites(lab, nat_a=options.nat)
    story.step("two sites, the Internet and a name server", True,
               f"{LAN_A} - {WAN_A}{' behind NAT' if options.nat else ''} ... {LAN_B}")
    captures = [lab.capture("internet", f"wan-{device}.pcap", device) for device in ("toA", "toB")]
    if options.peer == "strongswan":
        box: Daemon = StrongSwan(lab, "gwB", {"local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A,
                                      "local_ts": LAN_B, "remote_ts": LAN_A}).start()
        story.step("gwB: strongSwan plays the FRITZ!Box")
    else:
        box = Causeway(lab, "gwB", options.programs, read("examples", "recipe", "vpncfg.main-mode")).start()
        story.step("gwB: causewayd plays the FRITZ!Box", True, "the recipe's vpncfg, with phase1_mode_idp")
    gateway = Causeway(lab, "gwA", options.programs, read("examples", "recipe", "ipsec")).start()
    story.step("gwA: causewayd on the recipe's /etc/config/ipsec", True, "as published, not a byte changed")
    gateway.wait_up()
    laboratory.wait(box.up, "the tunnel is up at the other end")
    story.step("the tunnel is up")
    results: list[float] = []
    for source, target, address in (("lanA", "lanB", HOST_B), ("lanB", "lanA", HOST_A)):
        answered, mean = lab.ping(source, address, count=PINGS, interval=0.05, pattern=PATTERN)
        results += [mean] if mean is not None else []
        story.step(f"{source} pings {target}", answered == PINGS,
                   f"{answered} of {PINGS} answered" + (f", {mean:.2f} ms" if mean else ""))
    files = [capture.stop() for capture in captures]
    findings = wire.inspect(files, bytes.fromhex(PATTERN * 2))
    encrypted = sum(findings.kinds.get(name, 0) for name in ("ESP", "ESP-in-UDP"))
    story.step("on the wire: IKE, ESP and DNS, nothing in clear", findings.clean and encrypted >= 4 * PINGS,
               str(findings))
    if options.pcap:
        shutil.copyfile(files[0], options.pcap)
        story.say(f"  the capture is in {options.pcap}; try: {options.programs}/causeway decode {options.pcap}")
    show_status(story, gateway, box, options)
    ping_ms = round(sum(results) / len(results), 3)
    if not options.keep:
        gateway.stop()
        box.stop()
        story.step("both ends stopped cleanly")
        prove_the_check(story, lab, sites)
    return ping_ms


def show_status(story: Story, gateway: Causeway, box: Daemon, options: argparse.Namespace) -> None:
    status = gateway.status()
    story.say("  ipsec status at gwA:")
    story.say(indented(status))
    story.say("  " + ("swanctl --list-sas" if options.peer == "strongswan" else "ipsec status") + " at gwB:")
    story.say(indented(box.status()))
    story.step("ipsec status tells it", "(1 up, 0 connecting)" in status)


def prove_the_check(story: Story, lab: Lab, sites: Sites) -> None:
    """A check that cannot fail proves nothing: the same pings over a plain route must be found out."""
    sites.plain_routes()
    lab.run("gwA", "ip", "route", "replace", LAN_B, "via", "203.0.113.1", check=False)
    capture = lab.capture("internet", "plain.pcap", "toB")
    # Behind NAT only the way out is there; a request is enough.
    lab.ping("lanA", HOST_B, count=3, interval=0.05, pattern=PATTERN)
    findings = wire.inspect([capture.stop()], bytes.fromhex(PATTERN * 2))
    story.step("the check itself finds clear text on a plain route", findings.pattern > 0 and bool(findings.foreign),
               str(findings))


def keep(story: Story, lab: Lab, options: argparse.Namespace) -> None:
    tool = f"ip netns exec {lab.name('gwA')} {options.programs}/ipsec --control {lab.path('gwA.sock')}"
    story.say("Left running. Look around:")
    story.say(f"  {tool} statusall")
    story.say(f"  ip netns exec {lab.name('lanA')} ping {HOST_B}")
    story.say(f"  tail -f {lab.path('gwA.log')}")
    story.say(f"End it with: ./demo --end {lab.prefix}")
    lab.keep()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./demo", description="Plays the recipe: two sites, one tunnel, on this machine.")
    parser.add_argument("--peer", choices=("causeway", "strongswan"), default="causeway", help="who plays the other end")
    parser.add_argument("--nat", action="store_true", help="put gwA behind a masquerading router")
    parser.add_argument("--keep", action="store_true", help="leave everything running and say how to look around")
    parser.add_argument("--end", metavar="NAME", help="end what --keep left running")
    parser.add_argument("--story", metavar="NAME", help="play what happens to a tunnel, and how soon it is back")
    parser.add_argument("--list", action="store_true", help="the stories by name")
    parser.add_argument("--limit", type=float, metavar="SECONDS", help="how long a story waits for the tunnel at most")
    parser.add_argument("--log", action="store_true", help="show what both daemons said after a story, too")
    parser.add_argument("--short", action="store_true", help="what a story repeats is repeated less often")
    parser.add_argument("--gateway", choices=stories.GATEWAYS, default="causeway", help=argparse.SUPPRESS)
    parser.add_argument("--leak", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--pcap", metavar="FILE", help="keep the capture of the WAN")
    parser.add_argument("--json", action="store_true", help="one JSON object a line and step on stdout")
    parser.add_argument("--no-install", action="store_true", help="list missing packages and end (2)")
    parser.add_argument("--programs", default=os.path.join(ROOT, "build", "release", "bin"), help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    options = arguments()
    story = Story(options.json)
    lab = None
    ping_ms = None
    # A demo that is told to end takes everything away, as one that is interrupted does.
    for told in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, signal.default_int_handler)
    if options.list:
        print(stories.listed())
        return 0
    if options.story is not None:
        wrong = stories.missing(options.story)
        if wrong:
            print(wrong, file=sys.stderr)
            return 2
        return 0 if stories.play(options.story, options.peer, options.programs, options.json, options.limit,
                                 options.leak, options.short, options.gateway, options.log) else 1
    try:
        if options.end:
            laboratory.end(options.end)
            return 0
        if options.peer == "strongswan":
            require_strongswan()
        lab = Lab("demo")
        ping_ms = play(options, story, lab)
        if options.keep:
            keep(story, lab, options)
    except (LabError, KeyboardInterrupt) as error:
        story.ok = False
        story.say(f"it failed: {error or 'interrupted'}")
        if lab is not None and lab.folder is not None:
            for name in ("gwA.log", "gwB.log"):
                if os.path.exists(lab.path(name)):
                    story.say(f"--- {name}")
                    with open(lab.path(name), errors="replace") as file:
                        story.say(file.read())
    finally:
        if lab is not None:
            lab.close()
    story.end(ping_ms)
    if story.ok and not options.keep:
        story.say("\nEverything is taken away again. Next: ./demo --peer strongswan, ./demo --nat, ./demo --keep;"
                  "\nthe manual: docs/man/, your own file: build/release/bin/causewayd --check-config --config FILE")
    return 0 if story.ok else 1


if __name__ == "__main__":
    sys.exit(main())
