"""Plays one fault in namespaces: both ends, what is wrong between them, and what our daemon says of it in time."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import ends
import evidence
import rival
from ends import HOST_B, OURS, THEIRS, WAN_A
from fault import THEM, US, Expect, Fault
from lab import Lab, LabError
from pluto import NotAvailable
from sites import Causeway, Daemon, Sites, no_strongswan
from verdict import Judgement, complaints, findings, first_up, judge, read_log

# A wrong cause may follow the right one: the daemon is listened to for so long after it has told it.
SETTLE = 0.7
EVERY = 0.15
# So far the time of a packet and that of a line may be apart, in the wrong order.
CLOCKS = 0.1
# Again and again: until the tunnel is up nothing comes, and each time is short.
FETCH = """import sys, time, urllib.request
while True:
    try:
        urllib.request.urlopen(f"http://{sys.argv[1]}:8000/faults.py", timeout=2).read()
    except OSError:
        time.sleep(0.2)
"""
BEHIND_NAT = "10.0.1"


@dataclass
class Run:
    """One fault with one peer and one caller. `seconds`: from the evidence to the line of the log that tells it. With another
    program on our side the verdict is whether it connects, and `line` what gives a reason."""

    fault: str
    peer: str
    dials: str
    ours: str = "causeway"
    verdict: str = ""
    codes: list[str] = field(default_factory=list)
    sentence: str = ""
    wrong: list[str] = field(default_factory=list)
    line: str = ""
    level: str = ""
    seconds: float | None = None
    theirs: str = ""
    lasted: float = 0

    @property
    def good(self) -> bool:
        return self.verdict == "quiet" or (self.verdict == "known" and self.line != "")

    @property
    def skipped(self) -> bool:
        return self.verdict == "skipped"

    def facts(self) -> dict[str, Any]:
        """What is kept of it: nothing that is otherwise in each run."""
        return {key: value for key, value in asdict(self).items() if key != "lasted"}


@dataclass(frozen=True)
class Programs:
    """Folders: of causeway's programs, and of libreswan (downloaded there by apt when it is not)."""

    causeway: str
    libreswan: str


def plain(text: str) -> str:
    """Without the folder of the lab."""
    return re.sub(r"/run/causeway-lab/\w+/", "", text)


def of_file(programs: str, config: str) -> set[tuple[str, str]]:
    """What the configuration alone shows, and no peer has to do with."""
    done = subprocess.run([os.path.join(programs, "causeway"), "config", "check", "--json", config], capture_output=True, text=True)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return set()
    return {(told["code"], told["message"]) for told in answer.get("findings", [])}


class Play:
    def __init__(self, lab: Lab, fault: Fault, run: Run, programs: Programs) -> None:
        self.lab, self.fault, self.run, self.programs = lab, fault, run, programs
        self.sites = Sites(lab, nat_a=fault.nat)
        if fault.nat:
            self.sites.forward_ike("natA", BEHIND_NAT)
        lab.publish(fault.dns)
        for namespace, rules in fault.rules.items():
            lab.run(namespace, "nft", "-f", "-", stdin=rules)
        for namespace, setting in fault.sysctl.items():
            lab.run(namespace, "sysctl", "-qw", setting)
        self._run(fault.before)
        for namespace, words in fault.programs.items():
            lab.start(namespace, sys.executable, str(ends.HERE / words[0]), *words[1:], log=f"{words[0]}.log")
        self.own = BEHIND_NAT + ".2" if fault.nat else WAN_A
        self.capture = lab.capture("gwA", "wan.pcap", "eth0.2", "udp or icmp or ip proto 50")
        self.ours = ends.our_end(lab, fault, run.ours, programs.causeway, run.dials)
        self.theirs: Daemon | None = None
        if run.peer != "nobody":
            self.theirs = ends.their_end(lab, fault, run.peer, programs.causeway, run.dials, programs.libreswan)

    def start(self) -> None:
        first, second = (self.theirs, self.ours) if self.run.dials == US else (self.ours, self.theirs)
        for end in (first, second):
            if end is not None:
                end.start()
                if end is self.theirs:
                    self._run(self.fault.commands)
        caller = second
        if caller is not None and not isinstance(caller, Causeway):
            ends.call(caller)
        for number, (source, address) in enumerate(self.fault.pings):
            self.lab.start(source, "ping", "-n", "-q", "-i", "0.2", *address.split(), log=f"ping-{number}.log")
        if self.fault.tcp:
            self.lab.start("lanB", sys.executable, "-m", "http.server", "--directory", str(ends.HERE), "8000", log="http.log")
            self.lab.start("lanA", sys.executable, "-c", FETCH, HOST_B, log="fetch.log")

    def _run(self, by_namespace: Mapping[str, tuple[str, ...]]) -> None:
        for namespace, commands in by_namespace.items():
            for command in commands:
                self.lab.run(namespace, *shlex.split(command))

    def watch(self, expect: Expect) -> Judgement:
        """Until the cause is known and logged, or the time is over."""
        judgement = Judgement()
        ours = self.ours
        assert isinstance(ours, Causeway)
        known_before = of_file(self.programs.causeway, ours.config)
        end = time.monotonic() + self.fault.seconds
        settled: float | None = None
        while True:
            now = time.monotonic()
            answer = ours.tool("status", "--json", check=False).stdout
            seen = findings(json.loads(answer), known_before) if answer.startswith("{") else []
            judge(judgement, seen, expect)
            read_log(judgement, ours.log_text(), expect, seen)
            if settled is None and judgement.good:
                settled = now + SETTLE
            if now > end or judgement.verdict == "wrong" and judgement.said or (settled is not None and now > settled):
                return judgement
            time.sleep(EVERY)

    def watch_sound(self) -> Judgement:
        """All the time: it is up at the end, and nothing was ever said."""
        judgement = Judgement()
        ours = self.ours
        assert isinstance(ours, Causeway)
        known_before = of_file(self.programs.causeway, ours.config)
        end = time.monotonic() + self.fault.seconds
        while time.monotonic() < end:
            answer = ours.tool("status", "--json", check=False).stdout
            judge(judgement, findings(json.loads(answer), known_before) if answer.startswith("{") else [], Expect())
            time.sleep(EVERY)
        judgement.wrong += complaints(ours.log_text())
        judgement.verdict = "wrong" if judgement.wrong else "quiet" if ours.up() else "down"
        return judgement

    def watch_rival(self) -> None:
        """Our side is another program: until its log has a reason."""
        end = time.monotonic() + self.fault.seconds
        while time.monotonic() < end and not rival.reason(self.run.ours, self.ours.log_text()):
            time.sleep(EVERY)
        self.run.line = rival.line(self.run.ours, self.ours.log_text())

    def shown(self) -> float | None:
        word = self.fault.evidence(self.run.dials)
        if word == evidence.UP:
            return first_up(self.ours.log_text())
        return evidence.moment(evidence.read(self.capture.stop(), self.own), word)


def cannot(peer: str, ours: str, programs: Programs) -> str:
    """Why this machine cannot play it."""
    if peer == "libreswan" and not programs.libreswan:
        return "no folder is named for libreswan (--libreswan)"
    return no_strongswan() if "charon" in (peer, ours) else ""


def play(fault: Fault, peer: str, dials: str, programs: Programs, ours: str = "causeway", keep: str = "") -> Run:
    """`keep`: a folder for the logs and the capture."""
    run = Run(fault.name, peer, dials, ours)
    expect = fault.expected(peer, dials)
    if reason := cannot(peer, ours, programs) or ("" if expect else "does not show so"):
        run.verdict, run.sentence = "skipped", reason
        return run
    assert expect is not None
    begun = time.monotonic()
    with Lab("w") as lab:
        try:
            played = Play(lab, fault, run, programs)
            played.start()
            if ours == "causeway":
                judgement = played.watch_sound() if fault.sound else played.watch(expect)
                run.verdict, run.codes, run.sentence = judgement.verdict, judgement.codes, judgement.sentence
                run.wrong, run.line, run.level = judgement.wrong, judgement.line, judgement.level
                shown = played.shown()
                if shown is not None and judgement.said is not None:
                    later = judgement.said - shown
                    run.seconds = round(max(0.0, later) if later > -CLOCKS else later, 2)
            else:
                played.watch_rival()
                run.verdict = "connects" if played.ours.up() else "fails"
            if played.theirs is not None:
                run.theirs = rival.line(peer, played.theirs.log_text()) if peer != "causeway" else ""
            if keep:
                _keep(played, os.path.join(keep, f"{fault.name}.{peer}.{dials}"))
        except NotAvailable as missing:
            run.verdict, run.sentence = "skipped", str(missing)
        except (LabError, OSError) as error:
            run.verdict, run.sentence = "failed", str(error)
    run.sentence, run.line = plain(run.sentence), plain(run.line)
    run.wrong = [plain(wrong) for wrong in run.wrong]
    run.lasted = round(time.monotonic() - begun, 1)
    return run


def _keep(played: Play, beginning: str) -> None:
    for name, end in (("ours", played.ours), ("theirs", played.theirs)):
        if end is not None:
            with open(f"{beginning}.{name}.log", "w") as file:
                file.write(end.log_text())
    if isinstance(played.ours, Causeway):
        with open(f"{beginning}.status.json", "w") as file:
            file.write(played.ours.tool("status", "--json", check=False).stdout)


__all__ = ["play", "Programs", "Run", "THEIRS", "OURS", "THEM"]
