"""Large packets over a 1500-octet WAN: 100 MB over TCP, whole, and pings of 3,000 octets without DF.

large_packets.py PROGRAMS
"""

import os
import shutil
import sys

from common import HOST_B, Causeway, Sites, Skip, check, far_side, pings_both_ways, run, uci, wait

MEGABYTES = 100


def test(lab, programs):
    if shutil.which("iperf3") is None:
        raise Skip("iperf3 is not installed")
    for encapsulation in ("plain", "udp"):
        extra = ["force_encapsulation '1'"] if encapsulation == "udp" else []
        inner = type(lab)("t" + encapsulation[0])
        try:
            one(inner, programs, extra)
        finally:
            inner.close()


def one(lab, programs, extra):
    Sites(lab)
    a = Causeway(lab, "gwA", programs, uci(remote_extra=extra)).start()
    b = Causeway(lab, "gwB", programs, far_side({"tunnel_extra": ["mode 'add'"]})).start()
    a.wait_up()
    wait(b.up, "the far side is up")
    pings_both_ways(lab)
    answered, _ = lab.ping("lanA", HOST_B, count=5, interval=0.05, size=3000, options=("-M", "dont"))
    check(answered == 5, f"{answered} of 5 pings of 3,000 octets answered")
    server = lab.start("lanB", "iperf3", "-s", "-1", "-B", HOST_B, log="iperf3-server.log")
    wait(lambda: "Server listening" in server.output() or ":5201" in lab.run("lanB", "ss", "-Hltn").stdout, "iperf3 listens")
    done = lab.run("lanA", "iperf3", "-c", HOST_B, "-n", f"{MEGABYTES}M", "-J", seconds=150)
    import json
    result = json.loads(done.stdout)
    received = result["end"]["sum_received"]["bytes"]
    check(received >= MEGABYTES * 1000 * 1000, f"{received} octets arrived")
    print(f"{received} octets, {result['end']['sum_received']['bits_per_second'] / 1e6:.0f} Mbit/s, "
          f"programs from {os.path.basename(os.path.dirname(programs))}")
    a.stop()
    b.stop()


if __name__ == "__main__":
    sys.exit(run(test, sys.argv[1]))
