"""The peer's gateway inside the remote network: the tunnel comes up, and TCP to that very host passes encrypted. With strongSwan
(charon, kernel-libipsec: ESP in UDP) in both roles, and with a causeway (plain ESP).

gateway_inside.py PROGRAMS CASE ROLE PEER
    CASE: "net", a network around the peer's gateway; "host", the gateways' addresses themselves; "caller", the peer's alone, and
    we know no address of it before it calls. ROLE: ours.
    PEER: "strongswan" or "causeway".
"""

import sys

from common import (LAN_A, NAME_A, NAME_B, WAN_A, WAN_B, Causeway, Sites, Skip, StrongSwan, check, far_side, no_strongswan, run, uci,
                    wait, wire)

PATTERN = b"\xfe\xed\xc0\xde" * 2
OCTETS = 400_000
PORT = "8080"
SERVER = f"""
import socket, sys
listener = socket.create_server((sys.argv[1], {PORT}))
print("listening", flush=True)
while True:
    other, _ = listener.accept()
    other.sendall({PATTERN!r} * ({OCTETS} // {len(PATTERN)}))
    other.close()
"""
CLIENT = f"""
import socket, sys
with socket.create_connection((sys.argv[1], {PORT}), 10, (sys.argv[2], 0) if len(sys.argv) > 2 else None) as other:
    octets = 0
    while data := other.recv(65536):
        octets += len(data)
print(octets)
"""
NETWORKS = {"net": (LAN_A, WAN_B.rsplit(".", 1)[0] + ".0/24"), "host": (WAN_A + "/32", WAN_B + "/32"),
            "caller": (LAN_A, WAN_B + "/32")}


class Inside(StrongSwan):
    """charon that keeps its own packets out of its tunnel, as strongswan.conf(5) says for kernel-libipsec.allow_peer_ts: what its
    sockets send has a mark, and the rule of its table passes over it."""

    def _configure(self):
        super()._configure()
        with open(f"{self.folder}/strongswan.conf", "a") as file:
            file.write("""charon { plugins {
  kernel-libipsec { allow_peer_ts = yes }
  kernel-netlink { fwmark = !0x42 }
  socket-default { fwmark = 0x42 }
} }
""")


def transfer(lab, source, target, *words):
    """TCP from one namespace to an address; how many octets came."""
    done = lab.run(source, "/usr/bin/python3", "-c", CLIENT, target, *words, check=False, seconds=40)
    return int(done.stdout) if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


class Other(Causeway):
    """causeway at gwB, called as charon is."""

    def initiate(self):
        self.tool("up", "Site2Site")

    def routes(self, _):
        return True


def test(lab, programs, case, role, program):
    if program == "strongswan" and (reason := no_strongswan()):
        raise Skip(reason)
    Sites(lab)
    local, remote = NETWORKS[case]
    waits = ["mode 'add'"]
    gateway = Causeway(lab, "gwA", programs,
                       uci(local=local, remote=remote, tunnel_extra=waits if role == "responder" else [],
                           gateway="any" if case == "caller" else NAME_B))
    if program == "causeway":
        peer = Other(lab, "gwB", programs, far_side({"local": remote, "remote": local, "tunnel_extra": waits}))
    else:
        peer = Inside(lab, "gwB", {"local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A, "local_ts": remote,
                                   "remote_ts": local, "remote_addrs": NAME_A})
    captures = [lab.capture("internet", f"{device}.pcap", device) for device in ("toA", "toB")]
    rules = lab.run("gwA", "ip", "rule").stdout
    peer.start()
    gateway.start()
    if role == "responder":
        peer.initiate()
    gateway.wait_up()
    wait(peer.up, "the peer has the tunnel")
    wait(lambda: peer.routes(local.removesuffix("/32")), "its route is there")

    server = lab.start("gwB", "/usr/bin/python3", "-c", SERVER, WAN_B, log="server.out")
    wait(lambda: "listening" in server.output(), "the server listens")
    source = "gwA" if case == "host" else "lanA"
    got = transfer(lab, source, WAN_B)
    check(got == OCTETS, f"TCP from {source} to the peer's gateway: {got}")
    if case == "host":
        server_a = lab.start("gwA", "/usr/bin/python3", "-c", SERVER, WAN_A, log="server-a.out")
        wait(lambda: "listening" in server_a.output(), "the server at gwA listens")
        got = transfer(lab, "gwB", WAN_A)
        check(got == OCTETS, f"TCP from the peer's gateway: {got}")
        server_a.stop()
    if program == "strongswan":
        # A new Phase 1 from the other end, in either role.
        peer.swanctl("--rekey", "--ike", "peer")
    answered, _ = lab.ping(source, WAN_B, count=10, interval=0.05)
    check(answered == 10, f"{answered} of 10 pings to the peer's gateway")

    gateway.process.kill()
    answered, _ = lab.ping(source, WAN_B, count=3, interval=0.05)
    check(answered == 0, f"{answered} pings answered although the daemon is dead")
    gateway.start()
    if role == "responder":
        # charon would call under the SA that we have lost.
        peer.die()
        peer.start()
        peer.initiate()
    gateway.wait_up()
    wait(lambda: lab.ping(source, WAN_B, count=1)[0] == 1, "an answer after the restart")
    server.stop()
    gateway.stop()
    after = lab.run("gwA", "ip", "rule").stdout
    check(after == rules, f"a clean stop left rules: {after}")
    left = lab.run("gwA", "ip", "route", "show", "table", "all", "proto", "197").stdout
    check(left == "", f"a clean stop left routes: {left}")
    peer.stop()
    findings = wire.inspect([capture.stop() for capture in captures], PATTERN, {wire.ICMP_ERROR})
    check(findings.clean, f"on the WAN: {findings}")
    esp = "ESP" if program == "causeway" else "ESP-in-UDP"
    check(findings.kinds.get(esp, 0) > 2 * OCTETS // 1500, f"little {esp} on the WAN: {findings}")
    print(f"{case}, {role}, {program}: {findings}")


if __name__ == "__main__":
    sys.exit(run(test, *sys.argv[1:]))
