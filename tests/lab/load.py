"""Renewals under load: both phases live for a few seconds, pings every 10 ms and a UDP stream pass, and none may be lost."""

import json
import time

from bounds import Bound, limit
from lab import LabError, wait
from stage import HOST_B, NOT_ESP, Pings

LIFETIME = 10  # seconds, of both phases: the shortest that can be configured; renewed a little before their end
INTERVAL = 0.01
OCTETS = 1300


def renewals(end):
    """(Phase 1, Phase 2) so far, by the end's own words."""
    text = end.log_text()
    return text.count("] established: ") - 1, text.count("tunnel renewed")


def drops(status):
    """What gwA's data plane says that it dropped of authenticated senders."""
    return {key: sum(sa[key] for peer in status["peers"] for tunnel in peer["tunnels"] for sa in tunnel["sas"])
            for key in ("dropped_integrity", "dropped_policy", "dropped_replay")}


def starved(lab):
    """Datagrams that the kernel dropped because nobody read them in time, by namespace: the machine, not the renewal."""
    found = {}
    for namespace in ("lanA", "gwA", "gwB", "lanB"):
        for line in lab.run(namespace, "nstat", "-asz", "UdpRcvbufErrors").stdout.splitlines():
            if line.startswith("UdpRcvbufErrors") and int(line.split()[1]):
                found[namespace] = int(line.split()[1])
    return found


def under_load(stage):
    wanted, megabits = (3, 2) if stage.short else (20, 20)
    short_lived = {"remote_extra": [f"ikelifetime '{LIFETIME}s'"], "tunnel_extra": [f"lifetime '{LIFETIME}s'"]}
    stage.build(ours=short_lived)
    stage.open(record=NOT_ESP)
    server = stage.lab.start("lanB", "iperf3", "-s", "-1", "-B", HOST_B, log="iperf3-server.log")
    wait(lambda: ":5201" in stage.lab.run("lanB", "ss", "-Hltn").stdout, "iperf3 listens")
    fast = Pings(stage.lab, "lanA", HOST_B, INTERVAL)
    begun, before = time.time(), renewals(stage.a)
    seconds = wanted * LIFETIME
    done = stage.lab.run("lanA", "iperf3", "-u", "-J", "-c", HOST_B, "-b", f"{megabits}M", "-l", str(OCTETS), "-t",
                         str(seconds), seconds=seconds + 60)
    ended = time.time()
    server.stop()
    udp = json.loads(done.stdout)["end"]["sum"]
    gap, lost = fast.longest_gap(begun + 0.5, ended - 0.5)
    fast.stop()
    phase1, phase2 = (now - then for now, then in zip(renewals(stage.a), before))
    dropped = drops(json.loads(stage.a.tool("status", "--json").stdout))
    stage.step(f"{phase1} renewals of Phase 1 and {phase2} of Phase 2 in {ended - begun:.0f} s; pings every {INTERVAL * 1000:.0f} "
               f"ms: {lost} lost; UDP at {megabits} Mbit/s: {udp['lost_packets']} of {udp['packets']} lost; unread by their "
               f"programs: {starved(stage.lab) or 'none'}; our counters: {dropped}")
    if min(phase1, phase2) < wanted or lost is None or lost or udp["lost_packets"] or any(dropped.values()):
        raise LabError(f"at least {wanted} renewals of each phase and no loss were expected")
    return round(gap, 3), Bound(handshake=stage.setup + limit("retransmit_first"))
