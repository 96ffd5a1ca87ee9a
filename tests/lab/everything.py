"""The story of a tunnel for all traffic: the LAN reaches the Internet through the far gateway, or not at all."""

import time

from bounds import Bound
from lab import LabError, wait
from sites import NAME_B
from stage import Stage

EVERYTHING = "0.0.0.0/0"
# In the Internet, beyond every gateway's own network.
FAR_HOST, NAME_SERVER = "192.0.2.80", "192.0.2.53"


def prepare(stage: Stage) -> None:
    """A host and a name server far away; both gateways masquerade, so that the host answers the LAN without a tunnel too."""
    lab = stage.lab
    for address in (FAR_HOST, NAME_SERVER):
        lab.run("internet", "ip", "address", "add", address + "/32", "dev", "lo")
    lab.run("internet", "nft", "-f", "-", stdin=f"""table ip far {{
  chain pre {{ type nat hook prerouting priority dstnat; ip daddr {NAME_SERVER} udp dport 53 dnat to {lab.resolver_address}; }}
}}
""")
    lab.resolver_address = NAME_SERVER
    lab.resolver("gwA")
    for gateway in ("gwA", "gwB"):
        lab.masquerade(gateway, stage.sites.wan[gateway][0])
    answered, _ = lab.ping("lanA", FAR_HOST)
    if answered != 3:
        raise LabError(f"{answered} of 3 pings answered without a tunnel: nothing that is seen later means anything")


def placed(stage: Stage) -> str:
    """What there is of rules, of routes of ours, and of tables of the firewall."""
    run = stage.lab.run
    return "".join((run("gwA", "ip", "-4", "rule").stdout,
                    run("gwA", "ip", "-4", "route", "show", "table", "all", "proto", "197").stdout,
                    run("gwA", "nft", "list", "tables").stdout))


def resolves(stage: Stage) -> bool:
    """gwA asks its name server for the peer's name."""
    return stage.lab.run("gwA", "getent", "ahostsv4", NAME_B, check=False, seconds=20).returncode == 0


def full_tunnel(stage: Stage) -> tuple[float | None, Bound]:
    stage.build(ours={"remote": EVERYTHING}, theirs={"local": EVERYTHING}, settings={"local_ts": EVERYTHING})
    prepare(stage)
    before = placed(stage)
    # Beyond gwB the packets are in clear as a matter of course.
    stage.open(device="toA", to=FAR_HOST)
    if not resolves(stage):
        raise LabError("gwA's name server does not answer beside the tunnel")
    stage.step(f"lanA reaches {FAR_HOST} through the tunnel alone, and gwA its name server {NAME_SERVER} beside it")

    stage.lose_power(stage.a)
    dead = time.time()
    stage.pause(2)
    if stage.pings.answered_after(dead):
        raise LabError("a ping was answered although gwA's daemon is gone")
    stage.step("gwA's daemon is gone: nothing leaves")
    again = time.time()
    stage.a.start()
    bound = Bound(detection=0.0, handshake=stage.setup + stage.limits.retransmit_first)
    seconds = stage.recovery(dead, again, bound)
    if seconds is None:
        return None, bound

    stage.pings.stop()
    stage.a.stop()
    stage.capture.stop()
    left = placed(stage)
    if left != before:
        raise LabError(f"a clean stop left something: {left}")
    wait(lambda: stage.lab.ping("lanA", FAR_HOST, count=1)[0] == 1, "the way without a tunnel is back", 5)
    stage.step("gwA's daemon is stopped: rules, table and guard are gone, and everything is as before")
    return seconds, bound

