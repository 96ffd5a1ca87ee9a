"""What a fault is, and what a daemon that meets it has to say.

A fault is data: how our side and the other side differ from a pair that connects, what is wrong with the world between
them, and for each caller the codes that are right. What a peer does not show cannot be known: then a code that stands for
several causes will do, if its sentence names the cause among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

US, THEM = "us", "them"
PEERS = ("charon", "causeway", "libreswan")
# A suite that all of them have: libreswan as Debian builds it has no modp1024.
SUITE = "aes256-sha256-modp2048"


@dataclass(frozen=True)
class Expect:
    """`exact`: codes that tell the cause by themselves, the best first. `one_of`: codes that leave it open, each with
    regular expressions that all must occur in its sentence or remedy: the cause has to be among its candidates. `also`:
    codes that are true beside it and do not tell it. Any other error or warning is a wrong cause."""

    exact: tuple[str, ...] = ()
    one_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    name: str
    sentence: str
    # Who calls, and what is right then; no entry: the fault does not show when that side calls.
    us: Expect | None = None
    them: Expect | None = None
    # What another peer shows, by (peer, caller).
    by: Mapping[tuple[str, str], Expect | None] = field(default_factory=dict)
    peers: tuple[str, ...] = PEERS
    # Differences from a pair that connects, in the words of ends.settings().
    ours: Mapping[str, Any] = field(default_factory=dict)
    theirs: Mapping[str, Any] = field(default_factory=dict)
    # Of one program alone, in its own words: sites.StrongSwan's settings, lines of a conn.
    charon: Mapping[str, Any] = field(default_factory=dict)
    libreswan: tuple[str, ...] = ()
    # The world: a NAT router before our gateway; nftables rules, sysctl settings and commands by namespace, before the ends
    # start and once the other one runs; what the name server says; whether the other end runs at all.
    nat: bool = False
    rules: Mapping[str, str] = field(default_factory=dict)
    sysctl: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Of this folder, with its words, by namespace: runs all the time.
    programs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dns: Mapping[str, str | None] = field(default_factory=dict)
    peer_runs: bool = True
    # Hosts that ping once both ends run: (from, to).
    pings: tuple[tuple[str, str], ...] = ()
    # Or whether the one LAN fetches something of the other by TCP.
    tcp: bool = False
    # What on the wire shows the fault, by caller (evidence.py), and how long it may take until it is told.
    shown: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 8
    # There is none: a tunnel of which nothing may be said.
    sound: bool = False

    def expected(self, peer: str, dials: str) -> Expect | None:
        """None: this peer does not show the fault when that side calls."""
        if peer not in self.peers:
            return None
        if (peer, dials) in self.by:
            return self.by[peer, dials]
        return self.us if dials == US else self.them

    def evidence(self, dials: str) -> str:
        return self.shown.get(dials, "silence")
