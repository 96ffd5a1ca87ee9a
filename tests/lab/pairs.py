"""A folder of `causeway pair` as the demo plays it: the file that each gateway reads, the names and networks in it.

Both files are read by the programs of the build, never here: what they make of them is what counts.
"""

import ipaddress
import json
import os
import re
import subprocess
from dataclasses import dataclass

from lab import Lab, LabError
from sites import WAN_A, WAN_B, Causeway, Daemon, Lan, Plan, StrongSwan

# What `causeway pair` writes for causewayd or a box, the file for strongSwan last: on a side of strongSwan it is alone.
FILES = ("ipsec", "swanctl", "vpn.cfg", "swanctl.conf")
FOR_STRONGSWAN = ("swanctl.conf",)
SIDES = ("ours", "theirs")
NETWORKS = re.compile(r"^ +networks +(\S+) === (\S+)$", re.MULTILINE)
ADDRESS = re.compile(r"^  address +(.+)$", re.MULTILINE)
ANY = "any: it dials us"


class PairError(Exception):
    """The folder cannot be played; the text says why."""


@dataclass(frozen=True)
class Side:
    """One side's file, and what causewayd says that it means."""

    file: str
    program: str  # "causeway" or "strongswan": who reads it
    calls: str | None  # the other side's name
    local: str
    remote: str

    @property
    def is_box(self) -> bool:
        return os.path.basename(self.file) == "vpn.cfg"

    def daemon(self, lab: Lab, namespace: str, programs: str) -> Daemon:
        with open(self.file) as file:
            text = file.read()
        if self.program == "strongswan":
            return StrongSwan(lab, namespace, {}, text)
        return Causeway(lab, namespace, programs, text)

    def told(self) -> str:
        """What a step of the demo says of it."""
        if self.program == "strongswan":
            return f"strongSwan on {self.file}"
        return f"causewayd on {self.file}" + (", standing in for the FRITZ!Box: there is none here" if self.is_box else "")


@dataclass(frozen=True)
class Pair:
    ours: Side
    theirs: Side

    @property
    def plan(self) -> Plan:
        """The lab that these files are made for."""
        return Plan(Lan(self.ours.local), Lan(self.theirs.local), self.theirs.calls, self.ours.calls)


def file_of(folder: str, side: str, program: str) -> str:
    if not os.path.isdir(folder):
        raise PairError(f"there is no folder {folder}; `causeway pair ... --output {folder}` makes it")
    names = FOR_STRONGSWAN if program == "strongswan" else FILES
    for name in names:
        path = os.path.join(folder, side, name)
        if os.path.isfile(path):
            return path
    raise PairError(f"{os.path.join(folder, side)} has no {' and no '.join(names)}; `causeway pair` writes a folder that has")


def one(what: str, found: list[str], path: str) -> str:
    if len(found) != 1:
        raise PairError(f"{path} has {len(found)} {what}s; the demo plays a pair with one")
    return found[0]


def read_side(folder: str, side: str, program: str, programs: str) -> Side:
    path = file_of(folder, side, program)
    done = subprocess.run([os.path.join(programs, "causewayd"), "--check-config", "--config", path], capture_output=True,
                          text=True, timeout=60)
    if done.returncode != 0:
        raise PairError(f"{path} cannot be used:\n{done.stdout}{done.stderr}".rstrip())
    address = one("connection", ADDRESS.findall(done.stdout), path)
    networks = one("tunnel", [" ".join(pair) for pair in NETWORKS.findall(done.stdout)], path)
    local, remote = networks.split()
    return Side(path, program, None if address == ANY else address, local, remote)


def check_plan(pair: Pair) -> None:
    """The lab's addresses on the WAN are what they are."""
    for side in (pair.ours, pair.theirs):
        if side.calls is not None and (re.fullmatch(r"[0-9.]+", side.calls) or not re.fullmatch(r"[\w.-]+", side.calls)):
            raise PairError(f"{side.file} calls {side.calls}: the demo plays pairs whose ends call each other by one name")
        for wan in (WAN_A, WAN_B):
            if ipaddress.ip_address(wan) in ipaddress.ip_network(side.local):
                raise PairError(f"{side.file}: the network {side.local} holds {wan}, which is a gateway's address here")
    if pair.ours.calls is not None and pair.ours.calls == pair.theirs.calls:
        raise PairError(f"both sides call {pair.ours.calls}: each has to call the other")


def read(folder: str, ours: str, theirs: str, programs: str) -> Pair:
    """The pair in that folder. `ours`, `theirs`: which program reads each side's file. PairError says what is missing."""
    sides = [read_side(folder, side, program, programs) for side, program in zip(SIDES, (ours, theirs))]
    pair = Pair(*sides)
    check_plan(pair)
    return pair


def predicted(pair: Pair, programs: str) -> None:
    """`causeway check` of the two files, which has to say that they connect; LabError with its words otherwise."""
    words = [os.path.join(programs, "causeway"), "check", pair.ours.file, "--peer", pair.theirs.file]
    done = subprocess.run([*words, "--json"], capture_output=True, text=True, timeout=60)
    try:
        connects = json.loads(done.stdout)["connects"]
    except (ValueError, KeyError):
        raise LabError(f"`causeway check` ended with {done.returncode}: {done.stderr}") from None
    if connects is not True:
        raise LabError("`causeway check` says that these two do not connect:\n"
                       + subprocess.run(words, capture_output=True, text=True, timeout=60).stdout)
