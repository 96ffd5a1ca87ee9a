"""The recipe, played: `./demo` prepares the machine and calls this. Each step is one line with a tick."""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import lab as laboratory  # noqa: E402
import pairs  # noqa: E402
import story as stories  # noqa: E402
import wire  # noqa: E402
from lab import Lab, LabError  # noqa: E402
from sites import (LAN_A, LAN_B, NAME_A, NAME_B, WAN_A, Causeway, Daemon, Plan, Sites, StrongSwan,  # noqa: E402
                   require_strongswan)

PATTERN = "cafe2bab"
PINGS = 20
# Of whoever runs in a gateway, below the lab's folder.
LOGS = [f"{gateway}{log}" for gateway in ("gwA", "gwB") for log in (".log", ".strongswan/run/charon.log")]
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


@dataclass(frozen=True)
class Gateway:
    """Who speaks IKE in a gateway: how it is made, and what the step of its start says."""

    make: Callable[[Lab], Daemon]
    step: str
    detail: str = ""


@dataclass(frozen=True)
class Cast:
    """What is played."""

    plan: Plan
    a: Gateway
    b: Gateway
    both_call: bool = False  # the first one before the other is there; there may be two tunnels for a while


def cast_of_recipe(options: argparse.Namespace) -> Cast:
    if options.peer == "strongswan":
        settings = {"local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A, "local_ts": LAN_B, "remote_ts": LAN_A}
        box = Gateway(lambda lab: StrongSwan(lab, "gwB", settings), "gwB: strongSwan plays the FRITZ!Box")
    else:
        file = read("examples", "recipe", "vpncfg.main-mode")
        box = Gateway(lambda lab: Causeway(lab, "gwB", options.programs, file), "gwB: causewayd plays the FRITZ!Box",
                      "the recipe's vpncfg, with phase1_mode_idp")
    ours = read("examples", "recipe", "ipsec")
    return Cast(Plan(), Gateway(lambda lab: Causeway(lab, "gwA", options.programs, ours),
                                "gwA: causewayd on the recipe's /etc/config/ipsec", "as published, not a byte changed"), box)


def cast_of_pair(pair: pairs.Pair, programs: str) -> Cast:
    def gateway(side: pairs.Side, where: str) -> Gateway:
        return Gateway(lambda lab: side.daemon(lab, where, programs), f"{where}: {side.told()}")
    return Cast(pair.plan, gateway(pair.ours, "gwA"), gateway(pair.theirs, "gwB"), both_call=True)


def play(options: argparse.Namespace, story: Story, lab: Lab, cast: Cast) -> float:
    sites = Sites(lab, nat_a=options.nat, plan=cast.plan)
    lans = cast.plan.lan_a, cast.plan.lan_b
    story.step("two sites, the Internet and a name server", True,
               f"{lans[0].network} - {WAN_A}{' behind NAT' if options.nat else ''} ... {lans[1].network}")
    captures = [lab.capture("internet", f"wan-{device}.pcap", device) for device in ("toA", "toB")]
    box = cast.b.make(lab).start()
    story.step(cast.b.step, True, cast.b.detail)
    gateway = cast.a.make(lab).start()
    story.step(cast.a.step, True, cast.a.detail)
    laboratory.wait(gateway.up, "the tunnel comes up")
    laboratory.wait(box.up, "the tunnel is up at the other end")
    for daemon, far in ((gateway, lans[1]), (box, lans[0])):
        if isinstance(daemon, StrongSwan):
            wait_for_route(daemon, far.network)
    story.step("the tunnel is up")
    results: list[float] = []
    for source, target, address in (("lanA", "lanB", lans[1].host), ("lanB", "lanA", lans[0].host)):
        answered, mean = lab.ping(source, address, count=PINGS, interval=0.05, pattern=PATTERN)
        results += [mean] if mean is not None else []
        story.step(f"{source} pings {target}", answered == PINGS,
                   f"{answered} of {PINGS} answered" + (f", {mean:.2f} ms" if mean else ""))
    files = [capture.stop() for capture in captures]
    findings = wire.inspect(files, bytes.fromhex(PATTERN * 2), {wire.ICMP_ERROR} if cast.both_call else set())
    encrypted = sum(findings.kinds.get(name, 0) for name in ("ESP", "ESP-in-UDP"))
    story.step("on the wire: IKE, ESP and DNS, nothing in clear", findings.clean and encrypted >= 4 * PINGS,
               str(findings))
    if options.pcap:
        shutil.copyfile(files[0], options.pcap)
        story.say(f"  the capture is in {options.pcap}; try: {options.programs}/causeway decode {options.pcap}")
    show_status(story, gateway, box, "INSTALLED" if cast.both_call else "(1 up, 0 connecting)")
    ping_ms = round(sum(results) / len(results), 3)
    if not options.keep:
        gateway.stop()
        box.stop()
        story.step("both ends stopped cleanly")
        prove_the_check(story, lab, sites)
    return ping_ms


def wait_for_route(daemon: StrongSwan, network: str) -> None:
    laboratory.wait(lambda: daemon.routes(network), f"strongSwan's route to {network}")


def show_status(story: Story, gateway: Daemon, box: Daemon, told: str) -> None:
    for where, daemon in (("gwA", gateway), ("gwB", box)):
        story.say(f"  {'swanctl --list-sas' if isinstance(daemon, StrongSwan) else 'ipsec status'} at {where}:")
        story.say(indented(daemon.status()))
    story.step(f"{'swanctl' if isinstance(gateway, StrongSwan) else 'ipsec status'} tells it", told in gateway.status())


def prove_the_check(story: Story, lab: Lab, sites: Sites) -> None:
    """A check that cannot fail proves nothing: the same pings over a plain route must be found out."""
    sites.plain_routes()
    lab.run("gwA", "ip", "route", "replace", sites.plan.lan_b.network, "via", "203.0.113.1", check=False)
    capture = lab.capture("internet", "plain.pcap", "toB")
    # Behind NAT only the way out is there; a request is enough.
    lab.ping("lanA", sites.plan.lan_b.host, count=3, interval=0.05, pattern=PATTERN)
    findings = wire.inspect([capture.stop()], bytes.fromhex(PATTERN * 2))
    story.step("the check itself finds clear text on a plain route", findings.pattern > 0 and bool(findings.foreign),
               str(findings))


def keep(story: Story, lab: Lab, options: argparse.Namespace, cast: Cast) -> None:
    story.say("Left running. Look around:")
    if options.ours != "strongswan":
        tool = f"ip netns exec {lab.name('gwA')} {options.programs}/ipsec --control {lab.path('gwA.sock')}"
        story.say(f"  {tool} statusall")
    story.say(f"  ip netns exec {lab.name('lanA')} ping {cast.plan.lan_b.host}")
    log = next(name for name in LOGS if name.startswith("gwA") and os.path.exists(lab.path(name)))
    story.say(f"  tail -f {lab.path(log)}")
    story.say(f"End it with: ./demo --end {lab.prefix}")
    lab.keep()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./demo", description="Plays the recipe: two sites, one tunnel, on this machine.")
    parser.add_argument("--peer", choices=("causeway", "strongswan"), default="causeway", help="who plays the other end")
    parser.add_argument("--pair", metavar="DIR", help="play the files that `causeway pair -o DIR` wrote, in place of the recipe's")
    for side, file in (("ours", "DIR/ours"), ("theirs", "DIR/theirs")):
        parser.add_argument("--" + side, choices=("causeway", "strongswan"), default="causeway",
                            help=f"with --pair: who reads {file}; strongswan: the swanctl.conf there")
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
    options = parser.parse_args()
    if options.pair is None and "strongswan" in (options.ours, options.theirs):
        parser.error("--ours and --theirs belong to --pair DIR; the recipe's other end is --peer")
    if options.pair is not None and (options.nat or options.story or options.peer == "strongswan"):
        parser.error("--pair goes with neither --nat nor --story, and has --theirs in place of --peer")
    return options


def cast_for(options: argparse.Namespace, story: Story) -> Cast:
    """Before anything is made: what is missing is said at once."""
    if "strongswan" in (options.peer, options.ours, options.theirs):
        require_strongswan()
    if options.pair is None:
        return cast_of_recipe(options)
    pair = pairs.read(options.pair, options.ours, options.theirs, options.programs)
    pairs.predicted(pair, options.programs)
    story.step(f"causeway check {pair.ours.file} --peer {pair.theirs.file}", True, "will connect")
    return cast_of_pair(pair, options.programs)


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
        cast = cast_for(options, story)
        lab = Lab("demo")
        ping_ms = play(options, story, lab, cast)
        if options.keep:
            keep(story, lab, options, cast)
    except pairs.PairError as error:
        print(error, file=sys.stderr)
        return 2
    except (LabError, KeyboardInterrupt) as error:
        story.ok = False
        story.say(f"it failed: {error or 'interrupted'}")
        if lab is not None and lab.folder is not None:
            for name in LOGS:
                if os.path.exists(lab.path(name)):
                    story.say(f"--- {name}")
                    with open(lab.path(name), errors="replace") as file:
                        story.say(file.read())
    finally:
        if lab is not None:
            lab.close()
    story.end(ping_ms)
    if story.ok and options.pair and not options.keep:
        story.say(f"\nEverything is taken away again. {os.path.join(options.pair, 'README.txt')} says where the files go.")
    elif story.ok and not options.keep:
        story.say("\nEverything is taken away again. Next: ./demo --peer strongswan, ./demo --nat, ./demo --keep;"
                  "\nthe manual: docs/man/, your own file: build/release/bin/causewayd --check-config --config FILE")
    return 0 if story.ok else 1


if __name__ == "__main__":
    sys.exit(main())
