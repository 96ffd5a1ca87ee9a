"""Encrypted or not at all: LAN traffic never stops while daemons come, go and die, and the Internet would carry it in clear.

fail_closed.py PROGRAMS
"""

import sys

from common import HOST_A, HOST_B, LAN_B, Causeway, Sites, check, far_side, run, uci, wait, wire

PATTERN = "badcab1e"
OCTETS = bytes.fromhex(PATTERN * 2)


class Phase:
    """One captured stretch of the story, with pings from both LANs in it."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.captures = [lab.capture("internet", f"{name}-{device}.pcap", device) for device in ("toA", "toB")]

    def pings(self):
        return [self.lab.ping(source, address, count=4, interval=0.05, pattern=PATTERN)[0]
                for source, address in (("lanA", HOST_B), ("lanB", HOST_A))]

    def end(self):
        return wire.inspect([capture.stop() for capture in self.captures], OCTETS, {wire.ICMP_ERROR})


def quiet(lab, name, expected):
    phase = Phase(lab, name)
    answered = phase.pings()
    findings = phase.end()
    check(findings.clean, f"{name}: {findings}")
    check(answered == expected, f"{name}: {answered} pings answered, {expected} expected")


def test(lab, programs):
    sites = Sites(lab)
    sites.plain_routes()
    # Without causeway all of it passes in clear: the capture must see that, or it would see nothing later either.
    phase = Phase(lab, "nobody")
    check(phase.pings() == [4, 4], "the plain route does not work")
    check(phase.end().pattern >= 16, "clear text is not found")

    waiting = {"tunnel_extra": ["mode 'add'"]}
    a = Causeway(lab, "gwA", programs, uci(**waiting)).start()
    b = Causeway(lab, "gwB", programs, far_side(waiting)).start()
    quiet(lab, "configured, never negotiated", [0, 0])
    a.tool("up", "Site2Site")
    wait(b.up, "the far side is up")
    quiet(lab, "tunnel up", [4, 4])
    b.process.kill()
    quiet(lab, "peer killed", [0, 0])
    a.process.kill()
    quiet(lab, "both killed", [0, 0])
    routes = lab.run("gwA", "ip", "route").stdout
    check(f"unreachable {LAN_B}" in routes, "the unreachable route is gone: " + routes)
    # What arrives in clear and claims to be from the peer's network is not let in either. gwB forwards again.
    lab.run("gwB", "nft", "delete", "table", "ip", "causeway")
    lab.run("gwB", "ip", "route", "flush", "type", "unreachable")
    phase = Phase(lab, "clear text from outside")
    answered, _ = lab.ping("lanB", HOST_A, count=3, interval=0.05, pattern=PATTERN)
    check(answered == 0, f"{answered} pings in clear were answered")
    check(phase.end().pattern >= 3, "the pings in clear never came to gwA: this shows nothing")

    a.start()
    b.start()
    quiet(lab, "restarted after SIGKILL, never negotiated", [0, 0])
    a.tool("up", "Site2Site")
    wait(b.up, "the far side is up again")
    phase = Phase(lab, "restart under traffic")
    ping = lab.start("lanA", "ping", "-q", "-n", "-i", "0.01", "-p", PATTERN, HOST_B, log="restart-ping.log")
    a.tool("restart", program="ipsec")
    a.tool("up", "Site2Site")
    ping.stop(2)
    findings = phase.end()
    check(findings.clean, f"during a restart: {findings}")
    a.tool("down", "Site2Site")
    quiet(lab, "taken down by command", [0, 0])
    a.tool("stop", program="ipsec")
    b.stop()
    routes = lab.run("gwA", "ip", "route").stdout
    check(LAN_B not in routes, "a clean stop left routes: " + routes)
    check("causeway" not in lab.run("gwA", "nft", "list", "tables").stdout, "a clean stop left the guard")
    phase = Phase(lab, "stopped")
    check(phase.pings() == [4, 4], "after a clean stop the machine is as before")
    phase.end()


if __name__ == "__main__":
    sys.exit(run(test, sys.argv[1]))
