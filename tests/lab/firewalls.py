"""A firewall that drops by default, beside a tunnel: of a kind that is opened, and of one that can only be named."""

import json
import time

import wire
from bounds import Bound
from lab import LabError, wait
from sites import HOST_A
from stage import HOST_B, Pings, Stage

# As OpenWrt's fw4 names its chains, with its policy of dropping, and masquerading that asks for no device.
FW4 = """
table inet fw4 {
    chain input { type filter hook input priority filter; policy drop;
        ct state established,related accept
        iifname { "lo", "br-lan" } accept; }
    chain output { type filter hook output priority filter; policy accept; }
    chain forward { type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname "br-lan" oifname "eth0.2" accept; }
    chain mangle_forward { type filter hook forward priority mangle; policy accept; }
    chain srcnat { type nat hook postrouting priority srcnat; policy accept; masquerade; }
}
"""
# Somebody's own, which drops as well.
OWN = """
table inet filter {
    chain forward { type filter hook forward priority filter; policy drop;
        iifname "br-lan" oifname "eth0.2" accept; }
}
"""


def tell_who_refuses(stage: Stage, what: str, code: str = "forward-dropped") -> None:
    """New pings find no way, and status says why."""
    pings = Pings(stage.lab, "lanA", HOST_B)
    found = wait(lambda: [one for one in json.loads(stage.causeway().tool("status", "--json").stdout)["findings"]
                          if one["code"] == code and what in one["message"]], f"status names {what}", 10)
    shown = " ".join(stage.causeway().tool("status").stdout.split())
    if " ".join(found[0]["message"].split()) not in shown:
        raise LabError(f"the status for people does not say it: {shown}")
    stage.pause(2)
    if pings.replies():
        raise LabError(f"{len(pings.replies())} pings pass although {what} drops")
    pings.stop()
    stage.step(f"told, and true: {found[0]['message']}")


def iptables(stage: Stage) -> None:
    """The same with iptables, where a jump into a chain of ours can stand in front."""
    def saved() -> list[str]:
        return [line for line in stage.lab.run("gwA", "iptables-save").stdout.splitlines() if line[:1] in "-:"]

    stage.lab.run("gwA", "iptables", "-P", "FORWARD", "DROP")
    stage.lab.run("gwA", "iptables", "-t", "nat", "-A", "POSTROUTING", "-j", "MASQUERADE")
    before = [line.split(" [")[0] for line in saved()]
    stage.causeway().tool("reload")
    tell_who_refuses(stage, "chain FORWARD of table ip filter")
    stage.causeway().write(stage.config_a(general_extra=["list listen 'eth0.2'", "option firewall 'iptables'"]))
    for _ in range(2):
        stage.causeway().tool("reload")
        # The daemon answers first, and opens in its next turn.
        wait(lambda: "-A FORWARD -j CAUSEWAY_FORWARD" in saved(), "iptables is open", 10)
        pings = Pings(stage.lab, "lanA", HOST_B)
        stage.steady(pings=pings)
        pings.stop()
    jumps = sum(line.startswith("-A FORWARD") for line in saved())
    stage.causeway().tool("firewall", "remove")
    after = [line.split(" [")[0] for line in saved()]
    if jumps != 1 or [line for line in after if "CAUSEWAY" in line] or not set(before) <= set(after):
        raise LabError(f"{jumps} jumps of ours; before: {before}, after: {after}")
    stage.causeway().tool("firewall", "apply")
    stage.step("through iptables as well, opened twice and removed without a trace")


def load_anew(stage: Stage, pings: Pings) -> None:
    """What many programs do at a change: all rules go, and their own come, without a word to anybody."""
    stage.lab.run("gwA", "nft", "-f", "-", stdin="flush ruleset\n" + FW4)
    wait(lambda: stage.lab.run("gwA", "nft", "list", "table", "ip", "causeway", check=False).returncode == 0,
         "the guard is there again", 5)
    wait(lambda: 'comment "causeway"' in stage.lab.run("gwA", "nft", "list", "table", "inet", "fw4").stdout,
         "what was opened is open again", 5)
    stage.steady(pings=pings)
    stage.step("the ruleset was flushed and loaded anew: guard and openings are there again")


def default_drop(stage: Stage) -> tuple[float | None, Bound]:
    """Our router's firewall drops what it does not know, and masquerades: the tunnel's packets pass all the same."""
    stage.build()
    stage.lab.run("gwA", "nft", "-f", "-", stdin=FW4)
    seen = stage.lab.capture("lanB", "lanB.pcap", "eth0", "icmp")
    stage.open()
    sources = wire.askers(seen.stop())
    if sources != {HOST_A}:
        raise LabError(f"lanB sees the pings come from {sources}: somebody masquerades into the tunnel")
    stage.causeway().write(stage.config_a(general_extra=["list listen 'eth0.2'", "option firewall 'off'"]))
    stage.causeway().tool("reload")
    tell_who_refuses(stage, "chain forward of table inet fw4")
    stage.causeway().write(stage.config_a())
    begun = time.time()
    stage.causeway().tool("reload")
    pings = Pings(stage.lab, "lanA", HOST_B)
    bound = Bound(detection=0.0, handshake=stage.setup + stage.limits.retransmit_first)
    seconds = stage.recovery(begun, begun, bound, pings=pings)
    stage.step(f"back {seconds:.2f} s after the firewall was opened" if seconds is not None else "not back", seconds is not None)
    load_anew(stage, pings)
    counts = []
    for action in ("remove", "apply", "apply"):
        stage.causeway().tool("firewall", action)
        counts.append(stage.lab.run("gwA", "nft", "list", "table", "inet", "fw4").stdout.count('comment "causeway"'))
    if counts[0] != 0 or counts[1] == 0 or counts[1] != counts[2]:
        raise LabError(f"rules of ours in fw4 after remove, apply and apply: {counts}")
    # A drop in anybody's table is final: all that can be done is to say whose it is.
    stage.lab.run("gwA", "nft", "-f", "-", stdin=OWN)
    tell_who_refuses(stage, "chain forward of table inet filter")
    stage.lab.run("gwA", "nft", "delete", "table", "inet", "filter")
    stage.lab.run("gwA", "sysctl", "-qw", "net.ipv4.ip_forward=0")
    tell_who_refuses(stage, "net.ipv4.ip_forward is 0", "forwarding-off")
    stage.lab.run("gwA", "sysctl", "-qw", "net.ipv4.ip_forward=1")
    fresh = Pings(stage.lab, "lanA", HOST_B)
    stage.steady(pings=fresh)
    stage.lab.run("gwA", "nft", "delete", "table", "inet", "fw4")
    iptables(stage)
    for one in (pings, fresh):
        one.stop()
    stage.a.stop()
    if "CAUSEWAY" in stage.lab.run("gwA", "iptables-save").stdout:
        raise LabError("a clean stop leaves rules of ours in iptables")
    return seconds, bound
