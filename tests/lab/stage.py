"""What every story of a tunnel that comes back has in common: two sites, a ping that never stops, and the WAN recorded.

gwA is the end that keeps the tunnel up; gwB is the passive peer: it answers, and never calls by itself. The ping runs from
lanA to lanB all the time. When something happens, the first answer to a request that was sent after it ends the story.
"""

import itertools
import json
import os
import re
import signal
import time
from collections.abc import Collection, Iterable
from typing import Any, Protocol

import third
import wire
from bounds import Bound, Limits
from lab import Capture, Lab, LabError, wait
from recipe import far_side, uci
from sites import (HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, WAN_A, WAN_B, Causeway, Daemon, Sites, StrongSwan)

PATTERN = "cafe2bab"
OCTETS = bytes.fromhex(PATTERN * 2)
INTERVAL = 0.2  # of the pings: the resolution of every recovery time
STEADY = 10  # answers in a row, after which the tunnel counts as standing
SUITE = "aes128-sha1-modp1024"
REPLY = re.compile(r"^\[(\d+\.\d+)\] \d+ bytes from .*icmp_seq=(\d+) .*time=([\d.]+) ms")
# The way that tcpdump is told to leave out what belongs on the WAN, where recording all of it would be too much.
NOT_ESP = "not (esp or udp port 4500 or udp port 500 or udp port 53)"


class Step(Protocol):
    """Tells the person who watches: what was done, and whether it went well."""

    def __call__(self, text: str, ok: bool = True, figures: dict[str, Any] | None = None) -> None: ...


class Pings:
    """ping from one host to another, for ever."""

    numbers = itertools.count(1)

    def __init__(self, lab: Lab, source: str, address: str, interval: float = INTERVAL, options: Iterable[str] = ()) -> None:
        self.process = lab.start(source, "stdbuf", "-oL", "ping", "-n", "-D", "-i", str(interval), "-p", PATTERN, *options,
                                 address, log=f"ping-{next(Pings.numbers)}.log")

    def replies(self) -> list[tuple[float, float, int]]:
        """(sent, answered, number) of each answer, by the wall clock."""
        found = []
        for line in self.process.output().splitlines():
            match = REPLY.match(line)
            if match:
                answered = float(match.group(1))
                found.append((answered - float(match.group(3)) / 1000, answered, int(match.group(2))))
        return found

    def answered_after(self, moment: float) -> float | None:
        """When the first request that left after `moment` was answered."""
        return next((answered for sent, answered, _ in self.replies() if sent > moment), None)

    def in_a_row(self, moment: float) -> int:
        """Answers without a gap up to now, among requests that left after `moment`."""
        numbers = [number for sent, _, number in self.replies() if sent > moment]
        count = 0
        while count < len(numbers) and numbers[-1 - count] == numbers[-1] - count:
            count += 1
        return count

    def longest_gap(self, begin: float, end: float) -> tuple[float, int | None]:
        """The longest time without an answer, and how many requests sent in that time had none."""
        inside = [(answered, number) for sent, answered, number in self.replies() if begin <= sent <= end]
        if not inside:
            return end - begin, None
        times = [begin, *(answered for answered, _ in inside), end]
        lost = inside[-1][1] - inside[0][1] + 1 - len({number for _, number in inside})
        return max(b - a for a, b in zip(times, times[1:])), lost

    def share(self, begin: float, end: float) -> float:
        """Of the requests between two answers in that time, how many were answered."""
        numbers = {number for sent, _, number in self.replies() if begin <= sent <= end}
        return len(numbers) / (max(numbers) - min(numbers) + 1) if numbers else 0.0

    def stop(self) -> None:
        self.process.stop()


class Stage:
    """`peer`: who plays gwB, "causeway" or "strongswan". `step(text)` tells the person who watches. `limit`: how long
    a story waits at most, in seconds."""

    # From build().
    sites: Sites
    a: Daemon
    b: Daemon
    c: Daemon | None = None  # where there is a third gateway (third.py)
    # From open().
    capture: Capture
    pings: Pings
    setup: float  # seconds from the start of gwA's daemon to the first answer

    def __init__(self, lab: Lab, programs: str, peer: str, step: Step, limit: float | None = None, short: bool = False) -> None:
        self.lab, self.programs, self.peer, self.step, self.limit = lab, programs, peer, step, limit
        self.limits = Limits.of(programs)
        self.short = short  # fewer repetitions, where a story repeats something
        self.ours: dict[str, Any] = {}
        self.leaks_by_purpose = False
        self.more_of_a = ""  # behind gwA's configuration

    # ---- before

    def build(self, nat_a: bool = False, knows_us_by: str = "name", ours: dict[str, Any] | None = None,
              theirs: dict[str, Any] | None = None, settings: dict[str, Any] | None = None) -> None:
        """The two sites with both daemons, not started. `knows_us_by`: "name", or "any" for a peer that takes any address.
        `ours` and `theirs` change the configurations, `settings` that of strongSwan."""
        self.sites = Sites(self.lab, nat_a=nat_a)
        self.ours = {"general_extra": ["list listen 'eth0.2'"], **(ours or {})}
        self.a = self.end_a()
        known = NAME_A if knows_us_by == "name" else "any"
        if self.peer == "strongswan":
            self.b = StrongSwan(self.lab, "gwB", {
                "local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A, "local_ts": LAN_B, "remote_ts": LAN_A,
                "remote_addrs": NAME_A if knows_us_by == "name" else "%any", "ike": SUITE, "esp": SUITE, **(settings or {})})
        else:
            changes: dict[str, Any] = {"gateway": known, **(theirs or {})}
            changes["tunnel_extra"] = ["mode 'add'", *changes.get("tunnel_extra", [])]
            self.b = Causeway(self.lab, "gwB", self.programs, far_side(changes))

    def causeway(self) -> Causeway:
        """gwA's daemon, for a story that asks it what only ours can tell or do."""
        if not isinstance(self.a, Causeway):
            raise LabError("this story is about causeway at gwA")
        return self.a

    def config_a(self, **changes: Any) -> str:
        return uci(**{**self.ours, **changes}) + self.more_of_a

    def end_a(self) -> Daemon:
        return Causeway(self.lab, "gwA", self.programs, self.config_a())

    def build_backup(self) -> None:
        """A second gateway leads to lanB: gwA has a tunnel to either, with the same networks."""
        self.more_of_a = third.spare_remote()
        self.build()
        third.second_way(self.sites)
        self.c = third.spare_end(self.lab, self.programs, self.peer)

    def build_star(self) -> None:
        """gwB is the hub of gwA and gwC: each spoke's remote network holds its own."""
        self.build(ours={"remote": third.HUB})
        third.third_site(self.sites)
        if isinstance(self.b, (Causeway, StrongSwan)):
            self.b.write(third.hub_config(self.peer))
        self.c = third.spoke_end(self.lab, self.programs)
        if self.peer == "strongswan":
            # Without an SA strongSwan lets packets leave as they are; as causeway's, such a route keeps them.
            for network in (LAN_A, third.LAN_C.network):
                self.lab.run("gwB", "ip", "route", "add", "unreachable", network, "metric", "4294967295")
        # Packets of one spoke for the other come out of a tunnel and go back into one.
        self.lab.run("gwB", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.default.rp_filter=1")

    def open(self, record: str | None = None, interval: float = INTERVAL, device: str = "any", to: str = HOST_B) -> None:
        """The daemons started, the WAN recorded, the tunnel up and steady. `record`: what of the WAN, for tcpdump; `device`:
        by which of its devices; `to`: whom lanA pings."""
        self.capture = self.lab.capture("internet", "wan.pcap", device, *([record] if record else []))
        self.b.start()
        if self.c is not None:
            self.c.start()
        begun = time.time()
        self.a.start()
        # Only now: before gwA's daemon has ever run, nobody keeps these packets from leaving as they are.
        self.pings = Pings(self.lab, "lanA", to, interval)
        self.setup = wait(lambda: self.pings.answered_after(begun), "the tunnel comes up for the first time", 60) - begun
        self.steady(begun)
        self.step(f"the tunnel is up {self.setup:.2f} s after the start of gwA's daemon; a ping runs from lanA to {to}")

    def steady(self, since: float = 0.0, seconds: float = 20.0, pings: Pings | None = None) -> None:
        which = pings or self.pings
        wait(lambda: which.in_a_row(since) >= STEADY, f"{STEADY} pings in a row are answered", seconds)

    # ---- what happens

    def move(self, who: str, address: str) -> None:
        self.sites.move(who, address)

    def publish(self, **names: str | None) -> None:
        """publish(A=address or None, B=...): what the name server says from now on."""
        known = {"A": NAME_A, "B": NAME_B}
        self.lab.publish({known[which]: address for which, address in names.items()})

    def pause(self, seconds: float) -> None:
        """Time that passes in the story: it belongs to what is played, nothing is waited for."""
        time.sleep(seconds)

    def lose_power(self, end: Daemon) -> None:
        """The daemon ends at once, and with it what it has left to the kernel, which would go on carrying packets."""
        end.die()
        self.lab.run(end.namespace, "ip", "xfrm", "state", "flush", check=False)

    def reboot(self, end: Daemon) -> None:
        end.die()
        end.start()

    # ---- after

    def recovery(self, fault: float, since: float, bound: Bound, pings: Pings | None = None, steady: bool = True) -> float | None:
        """Seconds from `since` to the first answer to what left after `fault`, 0 when that came before `since`; None when
        there is none in time (twice the bound, or the limit)."""
        which = pings or self.pings
        patience = self.limit or 2 * bound.seconds + 5
        try:
            answered = wait(lambda: which.answered_after(fault), "", max(0.1, since + patience - time.time()))
        except LabError:
            return None
        if steady:
            self.steady(answered, pings=which)
        return round(max(0.0, answered - since), 3)

    def calls_from(self, address: str, ports: Collection[int] = (500, 4500)) -> None:
        """The WAN has seen IKE or ESP in UDP from there: what the story is about did happen."""
        wait(lambda: any(where == address and port in ports for where, port in wire.sources(self.capture.file)),
             f"something comes from {address}, port {ports}", 5.0)

    def close(self) -> wire.Findings:
        """Stops everything; what was on the WAN."""
        if self.leaks_by_purpose:
            self.leak()
        if hasattr(self, "pings"):
            self.pings.stop()
        self.a.stop()
        self.b.stop()
        if self.c is not None:
            self.c.stop()
        return wire.inspect([self.capture.stop()], OCTETS, {wire.ICMP_ERROR})

    def leak(self) -> None:
        """What no story may show: one packet for the other network in clear. For the test of the check."""
        # Held, so that it does not close again what is opened here.
        daemon = (self.causeway().speaker(), self.causeway().process.pid)
        for process in daemon:
            os.kill(process, signal.SIGSTOP)
        self.lab.run("gwA", "nft", "flush", "ruleset")
        self.lab.run("gwA", "ip", "route", "replace", LAN_B, "via", self.sites.wan["gwA"][1])
        self.lab.ping("lanA", HOST_B, count=1, pattern=PATTERN)
        self.lab.run("gwA", "ip", "route", "del", LAN_B, "via", self.sites.wan["gwA"][1])
        for process in daemon:
            os.kill(process, signal.SIGCONT)

    def spis(self) -> dict[str, str]:
        """Of each tunnel of gwA by name."""
        return {line.split("{")[0].strip(): line.split("ESP SPIs:")[-1].split("SPIs:")[-1].strip()
                for line in self.a.status().splitlines() if "SPIs:" in line}

    def packets_out(self) -> dict[str, int]:
        """Of each tunnel of gwA that is up, by name: what its newest SA has sent."""
        status = json.loads(self.causeway().tool("status", "--json").stdout)
        return {tunnel["display_name"]: tunnel["sas"][-1]["packets_out"]
                for peer in status["peers"] for tunnel in peer["tunnels"] if tunnel["sas"]}

    def logs(self) -> list[tuple[str, str]]:
        return [(end.namespace, end.log_text()) for end in (getattr(self, name, None) for name in ("a", "b", "c")) if end is not None]


__all__ = ["Stage", "Pings", "HOST_B", "LAN_A", "LAN_B", "WAN_A", "WAN_B", "NOT_ESP"]
