"""Renewals under load: both phases live for a few seconds, pings every 10 ms and a UDP stream pass, and none may be lost."""

import json
import time

from bounds import Bound, limit
from lab import Lab, LabError, wait
from stage import HOST_B, NOT_ESP, Pings

LIFETIME = 10  # seconds, of both phases: the shortest that can be configured; renewed a little before their end
INTERVAL = 0.01
OCTETS = 1300


class Watched:
    """What gwA's status showed while it was looked at: its SAs, and what the data plane said that it dropped."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.phase1, self.pairs = set(), {}
        self.look()
        self.before = self.count()

    def look(self):
        for peer in json.loads(self.gateway.tool("status", "--json").stdout)["peers"]:
            self.phase1 |= {sa["cky_i"] + sa["cky_r"] for sa in peer["ike_sas"] if sa["established_seconds_ago"] is not None}
            for tunnel in peer["tunnels"]:
                for sa in tunnel["sas"]:
                    self.pairs[sa["spi_in"], sa["spi_out"]] = sum(value for key, value in sa.items() if "dropped_" in key)

    def count(self):
        return len(self.phase1), len(self.pairs)

    def renewals(self):
        return tuple(now - then for now, then in zip(self.count(), self.before))

    def dropped(self):
        return sum(self.pairs.values())


class Nobody:
    """In place of Watched where gwA is not ours."""

    def look(self):
        pass

    def renewals(self):
        return 0, 0

    def dropped(self):
        return 0


def unread(lab, namespace):
    """Datagrams that arrived there and that no program read in time: the machine's fault, the tunnel carried them."""
    for line in lab.run(namespace, "nstat", "-asz", "UdpRcvbufErrors").stdout.splitlines():
        if line.startswith("UdpRcvbufErrors"):
            return int(line.split()[1])
    return 0


def stream(stage, watched, seconds, megabits):
    """(pings lost, longest time without an answer, datagrams lost in the tunnel, datagrams sent)."""
    lab = stage.lab
    server = lab.start("lanB", "iperf3", "-s", "-1", "-B", HOST_B, log="iperf3-server.log")
    wait(lambda: ":5201" in lab.run("lanB", "ss", "-Hltn").stdout, "iperf3 listens")
    fast = Pings(lab, "lanA", HOST_B, INTERVAL)
    begun, before = time.time(), unread(lab, "lanB")
    client = lab.start("lanA", "iperf3", "-u", "-J", "-c", HOST_B, "-b", f"{megabits}M", "-l", str(OCTETS), "-t", str(seconds),
                       log="iperf3-client.log")

    def ended():
        watched.look()
        return not client.alive()

    wait(ended, "iperf3 ends", seconds + 60, 1.0)
    end = time.time()
    server.stop()
    gap, lost = fast.longest_gap(begun + 0.5, end - 0.5)
    fast.stop()
    udp = json.loads(client.output())["end"]["sum"]
    return lost, gap, udp["lost_packets"] - (unread(lab, "lanB") - before), udp["packets"]


def theirs_to_theirs(stage, seconds, megabits):
    """(pings, datagrams) that are lost between two strongSwans in this run, the calling one renewing as often as we do;
    nothing lost, if they do not carry the stream to its end."""
    from rivals import stage_of  # it needs stage.py, as this does
    with Lab("rival") as lab:
        other = stage_of("strongswan-dpd")(lab, stage.programs, "strongswan", lambda text: None)
        other.more_lines = [f"ikelifetime={LIFETIME + 4}s", f"keylife={LIFETIME + 4}s", "rekeymargin=5s", "rekeyfuzz=0%"]
        other.build()
        other.open(record=NOT_ESP)
        try:
            lost, _, datagrams, sent = stream(other, Nobody(), seconds, megabits)
        except LabError:
            stage.step("strongSwan to strongSwan, in this run: the tunnel did not last")
            return 0, 0
        log = other.b.log_text()
        renewed = [log.count(text) - 1 for text in ("state change: CONNECTING => ESTABLISHED", "established with SPIs")]
        other.close()
    stage.step(f"strongSwan to strongSwan, in this run: {renewed[0]} renewals of Phase 1 and {renewed[1]} of Phase 2, {lost} "
               f"pings and {datagrams} of {sent} datagrams lost")
    return lost, datagrams


def under_load(stage):
    wanted, megabits = (3, 2) if stage.short else (20, 20)
    seconds = wanted * LIFETIME
    allowed = theirs_to_theirs(stage, seconds, megabits) if stage.peer == "strongswan" else (0, 0)
    stage.build(ours={"remote_extra": [f"ikelifetime '{LIFETIME}s'"], "tunnel_extra": [f"lifetime '{LIFETIME}s'"]})
    stage.open(record=NOT_ESP)
    watched = Watched(stage.a)
    lost, gap, datagrams, sent = stream(stage, watched, seconds, megabits)
    phase1, phase2 = watched.renewals()
    stage.step(f"{phase1} renewals of Phase 1 and {phase2} of Phase 2 in {seconds} s; pings every {INTERVAL * 1000:.0f} ms: {lost} "
               f"lost; UDP at {megabits} Mbit/s: {datagrams} of {sent} lost; dropped by our data plane: {watched.dropped()}")
    if min(phase1, phase2) < wanted:
        raise LabError(f"at least {wanted} renewals of each phase were expected")
    if lost is None or lost > allowed[0] or datagrams > allowed[1] or watched.dropped():
        raise LabError(f"more was lost than {allowed[0]} pings and {allowed[1]} datagrams")
    return round(gap, 3), Bound(handshake=stage.setup + limit("retransmit_first"))
