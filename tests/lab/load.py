"""Renewals under load: both phases live for a few seconds, pings every 10 ms and a UDP stream pass, and none may be lost."""

import json
import time
from dataclasses import asdict, dataclass
from typing import Protocol

from bounds import Bound
from lab import Lab, LabError, wait
from sites import Causeway, Daemon
from stage import HOST_B, NOT_ESP, Pings, Stage

LIFETIME = 10  # seconds, of both phases: the shortest that can be configured; renewed a little before their end
INTERVAL = 0.01
OCTETS = 1300


@dataclass(frozen=True)
class Carried:
    """What passed, and how often each phase was renewed meanwhile."""

    seconds: int
    phase1_renewals: int
    phase2_renewals: int
    pings_lost: int | None  # None: no ping came back at all
    longest_gap_s: float
    datagrams_sent: int
    datagrams_lost: int
    dropped_by_data_plane: int = 0

    def text(self) -> str:
        return (f"{self.phase1_renewals} renewals of Phase 1 and {self.phase2_renewals} of Phase 2 in {self.seconds} s; "
                f"{self.pings_lost} pings and {self.datagrams_lost} of {self.datagrams_sent} datagrams lost")


def verdict(ours: Carried, theirs: Carried | None, wanted: int) -> str | None:
    """What is wrong with `ours`, or nothing. As much may be lost as by `theirs`, two other gateways that renewed as often;
    None: they are ours at both ends, or the others did not carry the stream to its end."""
    renewals = min(ours.phase1_renewals, ours.phase2_renewals)
    if renewals < wanted:
        return f"at least {wanted} renewals of each phase were expected"
    if ours.pings_lost is None:
        return "no ping was answered"
    if ours.dropped_by_data_plane:
        return f"our data plane dropped {ours.dropped_by_data_plane} packets"
    excused = theirs if theirs and min(theirs.phase1_renewals, theirs.phase2_renewals) >= wanted else None
    pings, datagrams = ((excused.pings_lost or 0), excused.datagrams_lost) if excused else (0, 0)
    if ours.pings_lost > pings or ours.datagrams_lost > datagrams:
        return f"more was lost than {pings} pings and {datagrams} datagrams"
    return None


class Watching(Protocol):
    """Looks at a gateway while the load passes."""

    def look(self) -> None: ...

    def renewals(self) -> tuple[int, int]:
        """Of each phase, since it began to look."""

    def dropped(self) -> int: ...


class Watched:
    """What gwA's status showed while it was looked at: its SAs, and what the data plane said that it dropped."""

    def __init__(self, gateway: Causeway) -> None:
        self.gateway = gateway
        self.phase1: set[str] = set()
        self.pairs: dict[tuple[str, str], int] = {}
        self.look()
        self.before = self.count()

    def look(self) -> None:
        for peer in json.loads(self.gateway.tool("status", "--json").stdout)["peers"]:
            self.phase1 |= {sa["cky_i"] + sa["cky_r"] for sa in peer["ike_sas"] if sa["established_seconds_ago"] is not None}
            for tunnel in peer["tunnels"]:
                for sa in tunnel["sas"]:
                    self.pairs[sa["spi_in"], sa["spi_out"]] = sum(value for key, value in sa.items() if "dropped_" in key)

    def count(self) -> tuple[int, int]:
        return len(self.phase1), len(self.pairs)

    def renewals(self) -> tuple[int, int]:
        (phase1, pairs), (phase1_before, pairs_before) = self.count(), self.before
        return phase1 - phase1_before, pairs - pairs_before

    def dropped(self) -> int:
        return sum(self.pairs.values())


class Theirs:
    """In place of Watched where the gateways are strongSwan's: its log tells."""

    def __init__(self, gateway: Daemon) -> None:
        self.gateway = gateway
        self.before = self.count()

    def count(self) -> tuple[int, int]:
        log = self.gateway.log_text()
        return log.count("state change: CONNECTING => ESTABLISHED"), log.count("established with SPIs")

    def look(self) -> None:
        pass

    def renewals(self) -> tuple[int, int]:
        (phase1, pairs), (phase1_before, pairs_before) = self.count(), self.before
        return phase1 - phase1_before, pairs - pairs_before

    def dropped(self) -> int:
        return 0


def unread(lab: Lab, namespace: str) -> int:
    """Datagrams that arrived there and that no program read in time: the machine's fault, the tunnel carried them."""
    for line in lab.run(namespace, "nstat", "-asz", "UdpRcvbufErrors").stdout.splitlines():
        if line.startswith("UdpRcvbufErrors"):
            return int(line.split()[1])
    return 0


def stream(stage: Stage, watched: Watching, seconds: int, megabits: int) -> Carried:
    """What pings and a stream of UDP from lanA to lanB find."""
    lab = stage.lab
    server = lab.start("lanB", "iperf3", "-s", "-1", "-B", HOST_B, log="iperf3-server.log")
    wait(lambda: ":5201" in lab.run("lanB", "ss", "-Hltn").stdout, "iperf3 listens")
    fast = Pings(lab, "lanA", HOST_B, INTERVAL)
    begun, before = time.time(), unread(lab, "lanB")
    client = lab.start("lanA", "iperf3", "-u", "-J", "-c", HOST_B, "-b", f"{megabits}M", "-l", str(OCTETS), "-t", str(seconds),
                       log="iperf3-client.log")

    def ended() -> bool:
        watched.look()
        return not client.alive()

    wait(ended, "iperf3 ends", seconds + 60, 1.0)
    end = time.time()
    server.stop()
    gap, lost = fast.longest_gap(begun + 0.5, end - 0.5)
    fast.stop()
    said = client.output()  # a warning may come first: of datagrams larger than what TCP's segments are clamped to
    udp = json.loads(said[said.index("{"):])["end"]["sum"]
    return Carried(seconds, *watched.renewals(), lost, round(gap, 3), udp["packets"],
                   udp["lost_packets"] - (unread(lab, "lanB") - before), watched.dropped())


def theirs_to_theirs(stage: Stage, seconds: int, megabits: int) -> Carried | None:
    """The same between two strongSwans in this run, the calling one renewing as often as we do; None, if they do not carry
    the stream to its end."""
    from rivals import RivalStage  # it needs stage.py, as this does
    with Lab("rival") as lab:
        other = RivalStage(lab, stage.programs, "strongswan", lambda text, ok=True, figures=None: None)
        other.more_lines = [f"ikelifetime={LIFETIME + 4}s", f"keylife={LIFETIME + 4}s", "rekeymargin=5s", "rekeyfuzz=0%"]
        other.build()
        other.open(record=NOT_ESP)
        try:
            carried = stream(other, Theirs(other.b), seconds, megabits)
        except LabError:
            stage.step("strongSwan to strongSwan, in this run: the tunnel did not last")
            return None
        other.close()
    stage.step(f"strongSwan to strongSwan, in this run: {carried.text()}", figures=asdict(carried))
    return carried


def under_load(stage: Stage) -> tuple[float | None, Bound]:
    wanted, megabits = (3, 2) if stage.short else (20, 20)
    seconds = wanted * LIFETIME
    theirs = theirs_to_theirs(stage, seconds, megabits) if stage.peer == "strongswan" else None
    stage.build(ours={"remote_extra": [f"ikelifetime '{LIFETIME}s'"], "tunnel_extra": [f"lifetime '{LIFETIME}s'"]})
    stage.open(record=NOT_ESP)
    ours = stream(stage, Watched(stage.causeway()), seconds, megabits)
    wrong = verdict(ours, theirs, wanted)
    stage.step(f"a ping every {INTERVAL * 1000:.0f} ms, UDP at {megabits} Mbit/s: {ours.text()}; dropped by our data plane: "
               f"{ours.dropped_by_data_plane}", wrong is None, figures=asdict(ours))
    if wrong:
        raise LabError(wrong)
    return ours.longest_gap_s, Bound(handshake=stage.setup + stage.limits.retransmit_first)
