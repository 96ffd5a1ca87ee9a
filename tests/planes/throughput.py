"""One TCP stream through the kernel's ESP, set up by causewayd and by strongSwan in turn, in a machine whose kernel has it
(machine.py). Prints each pair and the median of their ratios; exit 1 when it is below the bound.

throughput.py PROGRAMS [PAIRS]
"""

import json
import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "interop"))

from common import (HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, Causeway, LabError, Sites, Skip, StrongSwan, check, far_side,  # noqa: E402
                    no_strongswan, pings_both_ways, run, uci, wait)

BOUND = 0.9
SECONDS = 2
ESP = "aes128-sha1-modp1024"


def rate(lab):
    """Mbit/s that have arrived."""
    done = lab.run("lanA", "iperf3", "-J", "-c", HOST_B, "-t", str(SECONDS), seconds=SECONDS + 60)
    return json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e6


def throughput(lab, programs, pairs):
    if reason := no_strongswan():
        raise Skip(reason)
    if not os.path.exists("/usr/bin/iperf3"):
        raise LabError("iperf3 is not installed (tools/install test)")
    Sites(lab)
    lab.start("lanB", "iperf3", "-s", log="iperf3.log")
    wait(lambda: ":5201" in lab.run("lanB", "ss", "-Hltn").stdout, "iperf3 listens")
    ours = [Causeway(lab, "gwA", programs, uci(esp=ESP), ["--dataplane", "kernel"]),
            Causeway(lab, "gwB", programs, far_side({"esp": ESP, "tunnel_extra": ["mode 'add'"]}), ["--dataplane", "kernel"])]
    theirs = [StrongSwan(lab, where, {"local_id": "fqdn:" + own, "remote_id": "fqdn:" + other, "local_ts": net, "remote_ts": other_net,
                                      "remote_addrs": other, "esp": ESP, "libipsec": False})
              for where, own, other, net, other_net in (("gwA", NAME_A, NAME_B, LAN_A, LAN_B), ("gwB", NAME_B, NAME_A, LAN_B, LAN_A))]

    def with_causeway():
        for gateway in reversed(ours):
            gateway.start()
        ours[0].wait_up()

    def with_strongswan():
        for gateway in theirs:
            gateway.start()
        theirs[0].initiate()

    ratios = []
    for number in range(pairs):
        found = {}
        order = [("causeway", ours, with_causeway), ("strongSwan", theirs, with_strongswan)]
        for name, gateways, start in order if number % 2 == 0 else reversed(order):
            start()
            pings_both_ways(lab)
            found[name] = rate(lab)
            for gateway in gateways:
                gateway.stop()
        ratios.append(found["causeway"] / found["strongSwan"])
        print(f"causeway {found['causeway']:.0f} Mbit/s, strongSwan {found['strongSwan']:.0f} Mbit/s: {ratios[-1]:.2f}", flush=True)
    median = statistics.median(ratios)
    print(f"median of {pairs}: {median:.2f} (at least {BOUND})", flush=True)
    check(median >= BOUND, "less than strongSwan's")


if __name__ == "__main__":
    sys.exit(run(throughput, sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 9))
