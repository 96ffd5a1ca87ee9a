"""Where pairs are played: causewayd at gwA, charon at gwB, in namespaces that stay from one pair to the next."""

import ipaddress
import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import Any

from charon_pairs import LANS_A, LANS_B, OURS, THEIRS, Networks, Pair
from lab import Lab, LabError, wait
from sites import Causeway, Lan, Plan, Sites, StrongSwan

# A pair that is said to connect gets much longer than it needs, on a busy machine too. One that is said not to gets
# `AFTER_REFUSAL` once somebody has said no (another group may follow), and where nobody says anything `SILENCE`.
UP, CARRIES, AFTER_REFUSAL, SILENCE = 20.0, 6.0, 1.0, 5.0

CHILD = re.compile(r"^  \S+: #\d+, reqid \d+, (\w+)")
NETWORK = re.compile(r"^    (local|remote) +(\S+)$")
# What charon logs when it gives up what it has begun, or does not begin.
GAVE_UP = re.compile(r"received (?!INITIAL_CONTACT)\S+ error notify|giving up after|initiate aborted|establishing \S+ failed"
                     r"|unable to resolve|no acceptable proposal|deleting IKE_SA|received DELETE for|IDir '.*' does not match"
                     r"|configuration uses unsupported|tried to initiate|no shared key found|constraint check failed")

# What causewayd says of a tunnel that it is about to call for.
NOT_YET = "not negotiated yet"


@dataclass(frozen=True)
class Prediction:
    """What `causeway check` says before."""

    connects: bool
    errors: int
    text: str


@dataclass(frozen=True)
class Outcome:
    """What happened then."""

    connects: bool
    how: str  # "carries packets", or why not


class Field:
    def __init__(self, lab: Lab, programs: str) -> None:
        self.lab, self.programs = lab, programs
        Sites(lab, plan=Plan(Lan(LANS_A[0] + ".0/24"), Lan(LANS_B[0] + ".0/24")))
        for lans, host, gateway, device in ((LANS_A, "lanA", "gwA", "br-lan"), (LANS_B, "lanB", "gwB", "lan")):
            for lan in lans[1:]:
                lab.run(host, "ip", "address", "add", lan + ".10/24", "dev", "eth0")
                lab.run(gateway, "ip", "address", "add", lan + ".1/24", "dev", device)
        self.ours = Causeway(lab, "gwA", programs, "")
        self.charon = StrongSwan(lab, "gwB", {}, "")
        self.theirs = lab.path("swanctl.conf")

    # ---- before

    def write(self, pair: Pair, caller: str) -> None:
        self.ours.write(pair.uci(caller))
        self.charon.write(pair.swanctl(caller))
        shutil.copyfile(f"{self.charon.folder}/swanctl/swanctl.conf", self.theirs)

    def check(self, *options: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([os.path.join(self.programs, "causeway"), "check", self.ours.config, "--peer", self.theirs, *options],
                              capture_output=True, text=True, timeout=60)

    def predict(self) -> Prediction:
        done = self.check("--json")
        try:
            answer = json.loads(done.stdout)
            connects, errors = answer["connects"], answer["errors"]
        except (ValueError, KeyError):
            raise LabError(f"`causeway check` ended with {done.returncode}: {done.stdout}{done.stderr}") from None
        if not isinstance(connects, bool):
            raise LabError(f"`causeway check` of two files says {connects}")
        return Prediction(connects, errors, self.check("--verbose").stdout)

    # ---- the play

    def play(self, pair: Pair, caller: str, expected: bool) -> Outcome:
        """Both daemons on the files that were written, the one that waits first; both have ended when this returns."""
        try:
            for who in (THEIRS, OURS) if caller == OURS else (OURS, THEIRS):
                refused = self.start_ours() if who == OURS else self.start_charon()
                if refused:
                    return Outcome(False, refused)
            return self.watch(pair.wanted(caller), caller, expected)
        finally:
            for end in (self.ours, self.charon):
                if end.running():
                    end.process.stop()

    def start_ours(self) -> str:
        """Why it does not run; empty when it does."""
        log = self.lab.path(self.ours.log)
        if os.path.exists(log):
            os.remove(log)
        try:
            self.ours.start()
        except LabError as error:
            if self.ours.running():
                raise
            return f"causewayd does not take its file: {error}"
        return ""

    def start_charon(self) -> str:
        self.charon.clear_run()
        self.charon.launch()
        loaded = self.charon.swanctl("--load-all", check=False)
        if loaded.returncode != 0:
            return f"charon does not take its file: {loaded.stdout}{loaded.stderr}"
        return ""

    def watch(self, wanted: set[Networks], caller: str, expected: bool) -> Outcome:
        begun = time.monotonic()
        refusal, refused_at = "", 0.0

        def ended() -> Outcome | None:
            nonlocal refusal, refused_at
            if wanted <= self.up_at_ours() and wanted <= self.up_at_charon():
                return self.carries(wanted)
            if not refusal and (refusal := self.refusal(caller)):
                refused_at = time.monotonic()
            # A refusal that was not predicted may be followed by another attempt.
            if refusal and not expected and time.monotonic() - refused_at > AFTER_REFUSAL:
                return Outcome(False, refusal)
            if time.monotonic() - begun > (UP if expected else SILENCE):
                return Outcome(False, refusal or "nobody says anything")
            return None

        return wait(ended, "the outcome", UP + SILENCE)

    def status(self) -> list[dict[str, Any]]:
        done = self.ours.tool("status", "--json", check=False)
        peers: list[dict[str, Any]] = json.loads(done.stdout)["peers"] if done.returncode == 0 else []
        return peers

    def up_at_ours(self) -> set[Networks]:
        return {(tunnel["local"], tunnel["remote"]) for peer in self.status() for tunnel in peer["tunnels"] if tunnel["up"]}

    def up_at_charon(self) -> set[Networks]:
        """As seen from our side."""
        found: set[Networks] = set()
        installed, local = False, ""
        for line in self.charon.status().splitlines():
            if child := CHILD.match(line):
                installed = child.group(1) == "INSTALLED"
            elif network := NETWORK.match(line):
                if network.group(1) == "local":
                    local = network.group(2)
                elif installed:
                    found.add((network.group(2), local))
        return found

    def refusal(self, caller: str) -> str:
        """What the caller has heard or said, or causewayd says of a call; empty: nothing yet."""
        if caller == THEIRS and (found := GAVE_UP.search(self.charon.log_text())):
            return f"charon: {found.group(0)}"
        peers = self.status()
        told = [peer["last_error"] for peer in peers]
        if caller == OURS:
            told += [tunnel["why_down"] for peer in peers for tunnel in peer["tunnels"] if not tunnel["up"]]
        return next((f"causewayd: {one}" for one in told if one and one != NOT_YET), "")

    def carries(self, wanted: set[Networks]) -> Outcome:
        """A packet each way through every tunnel."""
        for local, remote in sorted(wanted):
            here, there = host_in(local, LANS_A), host_in(remote, LANS_B)
            for source, own, other in (("lanA", here, there), ("lanB", there, here)):
                end = time.monotonic() + CARRIES
                while self.lab.ping(source, other, count=1, options=("-I", own))[0] == 0:
                    if time.monotonic() > end:
                        return Outcome(False, f"all tunnels are up, and a ping from {own} to {other} is not answered")
        return Outcome(True, "carries packets")

    # ---- after

    def keep(self, folder: str, prediction: Prediction) -> None:
        """What somebody needs who wants to know why."""
        os.makedirs(folder, exist_ok=True)
        shutil.copyfile(self.ours.config, os.path.join(folder, "ipsec"))
        shutil.copyfile(self.theirs, os.path.join(folder, "swanctl.conf"))
        for name, text in (("check.txt", prediction.text), ("causewayd.log", self.ours.log_text()),
                           ("charon.log", self.charon.log_text())):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)


def host_in(network: str, lans: tuple[str, ...]) -> str:
    """The host of a site that is in that network."""
    inside = ipaddress.ip_network(network)
    return next(lan + ".10" for lan in lans if ipaddress.ip_address(lan + ".10") in inside)
