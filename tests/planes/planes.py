"""causewayd on the kernel's ESP, in a machine whose kernel has it (machine.py): against itself in userspace both ways with every
suite, behind a NAT and without, chosen by itself and left, against strongSwan on the kernel's ESP, through renewals, loss and reordering, and
killed.

planes.py PROGRAMS [PART...]
"""

import functools
import itertools
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "interop"), os.path.join(HERE, "..", "libreswan")]

from common import (HOST_A, HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, WAN_A, WAN_B, Causeway, Sites, StrongSwan, check, far_side,  # noqa: E402
                    no_strongswan, pings_both_ways, run, uci, wait, wire)
from pluto import Pluto  # noqa: E402
from room import Room  # noqa: E402

PATTERN = "5ca1ab1e"
OCTETS = bytes.fromhex(PATTERN * 2)
SUITES = ("aes128-sha1-modp1024", "aes256-sha256-modp2048", "aes192-sha384-modp1024", "aes256-sha512-modp1024",
          "3des-md5-modp1024", "aes128gcm16-modp1024", "aes256gcm16-modp1024")
IKE = "aes128-sha1-modp1024"
LIFETIME = 30
RENEWALS = 3
LOSSY_PINGS = 200
# A state and a policy of somebody else.
FOREIGN_STATE = ("src 192.0.2.8 dst 192.0.2.9 proto esp spi 0x5555 reqid 1 mode tunnel enc cbc(aes) "
                 "0x000102030405060708090a0b0c0d0e0f auth-trunc hmac(sha1) 0x0001020304050607080910111213141516171819 96")
FOREIGN_POLICY = "src 172.31.1.0/24 dst 172.31.2.0/24 dir out priority 77 tmpl src 192.0.2.8 dst 192.0.2.9 proto esp reqid 1 mode tunnel"


def xfrm(lab, where, *words):
    return lab.run(where, "ip", "-s", "xfrm", *words).stdout


def counted(lab, where):
    """Packets that the states of a gateway's kernel have carried."""
    return sum(int(number) for number in re.findall(r"(\d+)\(packets\)", "".join(
        line for line in xfrm(lab, where, "state").splitlines(True) if "(bytes)," in line and "limit" not in line)))


def spis(lab, where):
    return set(re.findall(r"spi (0x\w+)", xfrm(lab, where, "state")))


def kind(gateway):
    found = re.search(r"data plane: (\w+)", gateway.tool("statusall").stdout)
    return found.group(1) if found else ""


class Watch:
    """What passes the Internet meanwhile: ESP, and nothing in clear."""

    def __init__(self, lab, name):
        self.captures = [lab.capture("internet", f"{name}-{device}.pcap", device) for device in ("toA", "toB")]

    def end(self):
        findings = wire.inspect([capture.stop() for capture in self.captures], OCTETS, {wire.ICMP_ERROR})
        check(findings.clean, lambda: f"on the wire: {findings}")
        return findings


def carries(lab, name, kernels):
    """Pings both ways, one that needs fragments among them, as ESP alone, through the kernels of these gateways."""
    before = {gateway: counted(lab, gateway) for gateway in kernels}
    watch = Watch(lab, name)
    for source, address in (("lanA", HOST_B), ("lanB", HOST_A)):
        wait(lambda where=source, to=address: lab.ping(where, to, count=1, pattern=PATTERN)[0] == 1, f"an answer for {source}")
        answered, _ = lab.ping(source, address, count=10, interval=0.02, pattern=PATTERN)
        check(answered == 10, f"{name}: {source}: {answered} of 10 pings answered")
        answered, _ = lab.ping(source, address, count=1, size=3000, options=("-M", "dont"), pattern=PATTERN)
        check(answered == 1, f"{name}: {source}: a ping of 3000 octets was not answered")
    findings = watch.end()
    by_kernel = {gateway: counted(lab, gateway) - count for gateway, count in before.items()}
    check(all(count >= 40 for count in by_kernel.values()), f"{name}: the kernels counted {by_kernel}")
    print(f"{name}: {findings}; the kernels counted {by_kernel}", flush=True)


def gateways(lab, programs, kernels, of_both=None, of_far=None, **changes):
    of_both = of_both or {}
    a = Causeway(lab, "gwA", programs, uci(**of_both, **changes),
                 ["--dataplane", "kernel" if "gwA" in kernels else "userspace"])
    b = Causeway(lab, "gwB", programs, far_side({**of_both, "tunnel_extra": ["mode 'add'"], **(of_far or {})}),
                 ["--dataplane", "kernel" if "gwB" in kernels else "userspace"])
    return a, b


def start(a, b):
    b.start()
    a.start()
    a.wait_up()
    b.wait_up()


def stop(*gateways):
    for gateway in gateways:
        gateway.stop()
        left = xfrm(gateway.lab, gateway.namespace, "state") + xfrm(gateway.lab, gateway.namespace, "policy")
        check("if_id" not in left, f"{gateway.namespace}: a clean stop left: {left}")


def suites(lab, programs):
    """The kernel against the program's own ESP, either calling, with every suite."""
    Sites(lab)
    for number, esp in enumerate(SUITES):
        kernels = (("gwA",), ("gwB",))[number % 2] if number else ("gwA", "gwB")
        insecure = {"remote_extra": ["allow_md5 '1'"]} if "md5" in esp else {}
        a, b = gateways(lab, programs, kernels, {"esp": esp, "ike": IKE, **insecure})
        start(a, b)
        for gateway in (a, b):
            check(kind(gateway) == ("kernel" if gateway.namespace in kernels else "userspace"), gateway.tool("statusall").stdout)
        carries(lab, f"{esp}, kernel at {' and '.join(kernels)}", kernels)
        stop(a, b)


def nat(lab, programs):
    """ESP in UDP: the kernel behind a NAT, and before one; then the router forgets its mapping."""
    sites = Sites(lab, nat_a=True)
    for kernels in (("gwA",), ("gwB",), ("gwA", "gwB")):
        a, b = gateways(lab, programs, kernels)
        start(a, b)
        carries(lab, f"behind a NAT, kernel at {' and '.join(kernels)}", kernels)
        if "gwB" in kernels:
            sites.rebind("natA", "40000-49999")
            wait(lambda: lab.ping("lanA", HOST_B, count=1)[0] == 1, "an answer after the NAT has forgotten")
            carries(lab, f"NAT rebound, kernel at {' and '.join(kernels)}", kernels)
        stop(a, b)


# Prints what the other end's SYN has said it takes, before anything else has come.
MAXSEG = """import socket
listener = socket.create_server(("", 5001))
print("listening", flush=True)
one, _ = listener.accept()
print("maxseg", one.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG), flush=True)"""


def sizes(lab, programs):
    """TCP of both hosts is told in its handshake what the tunnel carries."""
    Sites(lab)
    a, b = gateways(lab, programs, ("gwA", "gwB"))
    start(a, b)
    pings_both_ways(lab)
    for source, target, address in (("lanA", "lanB", HOST_B), ("lanB", "lanA", HOST_A)):
        server = lab.start(target, sys.executable, "-c", MAXSEG, log=f"{target}-server.log")
        wait(lambda one=server: "listening" in one.output(), "the server listens")
        client = lab.run(source, sys.executable, "-c", "import socket; one = socket.create_connection((" + repr(address) + ", 5001)); "
                         "print('maxseg', one.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG))")
        wait(lambda one=server: "maxseg" in one.output(), "the server has a connection")
        told = [int(re.search(r"maxseg (\d+)", text).group(1)) for text in (client.stdout, server.output())]
        # The way carries 1500 octets; of them ESP takes at least 50, and TCP over IPv4 40 to 60.
        check(all(1300 <= size <= 1410 for size in told), f"{source} and {target} were told {told}")
        print(f"TCP of {source} and {target} was told {told}", flush=True)
    stop(a, b)


def renewal(lab, programs):
    """Pairs replace each other while packets flow: none is lost, and the kernel holds no more states than it has to."""
    Sites(lab)
    a, b = gateways(lab, programs, ("gwA", "gwB"), tunnel_extra=[f"lifetime '{LIFETIME}s'"])
    start(a, b)
    pings_both_ways(lab)
    watch = Watch(lab, "renewal")
    ping = lab.start("lanA", "ping", "-q", "-n", "-i", "0.02", "-p", PATTERN, HOST_B, log="renewal-ping.log")
    for _ in range(RENEWALS):
        before = spis(lab, "gwA")
        wait(lambda old=before: len(spis(lab, "gwA") - old) >= 2, "new states in the kernel", 2 * LIFETIME)
    # Those that carry, and those whose time is not over.
    most = len(spis(lab, "gwA"))
    check(most <= 6, f"{most} states for one tunnel")
    ping.stop(2)
    lost = re.search(r"(\d+) packets transmitted, (\d+) received", ping.output())
    check(lost is not None and int(lost.group(1)) - int(lost.group(2)) <= 1, ping.output())
    print(f"{RENEWALS} renewals under traffic: {lost.group(0)}; {watch.end()}", flush=True)
    stop(a, b)


def killed(lab, programs):
    """Encrypted or not at all, through kill -9 and a restart; what is others' stays."""
    sites = Sites(lab)
    sites.plain_routes()
    for words, thing in ((FOREIGN_STATE, "state"), (FOREIGN_POLICY, "policy")):
        lab.run("gwA", "ip", "xfrm", thing, "add", *words.split())
    foreign = (xfrm(lab, "gwA", "state"), xfrm(lab, "gwA", "policy"))
    a, b = gateways(lab, programs, ("gwA", "gwB"), tunnel_extra=["mode 'add'"])

    def quiet(name, expected):
        watch = Watch(lab, name)
        answered = [lab.ping(source, address, count=4, interval=0.05, pattern=PATTERN)[0]
                    for source, address in (("lanA", HOST_B), ("lanB", HOST_A))]
        findings = watch.end()
        check(answered == [expected, expected], f"{name}: {answered} pings answered, {expected} expected")
        print(f"{name}: {answered} answered; {findings}", flush=True)

    b.start()
    a.start()
    quiet("configured, never negotiated", 0)
    a.tool("up", "Site2Site")
    wait(b.up, "the far side is up")
    quiet("up", 4)
    a.process.kill()
    watch = Watch(lab, "killed")
    lab.ping("lanA", HOST_B, count=4, interval=0.05, pattern=PATTERN)
    print(f"killed: {watch.end()}", flush=True)
    a.start()
    check(len(re.findall(r"if_id", xfrm(lab, "gwA", "state"))) == 0, "states of the killed run are there")
    quiet("restarted, never negotiated", 0)
    a.tool("up", "Site2Site")
    wait(lambda: lab.ping("lanA", HOST_B, count=1)[0] == 1, "carries again")
    quiet("up again", 4)
    stop(a, b)
    check((xfrm(lab, "gwA", "state"), xfrm(lab, "gwA", "policy")) == foreign, "states or policies of others are not as they were")
    check("causeway0" not in lab.run("gwA", "ip", "link").stdout, "a clean stop left the device")
    for thing in ("state", "policy"):
        lab.run("gwA", "ip", "xfrm", thing, "flush")


def automatic(lab, programs):
    """The kernel is chosen where it can, and left under new keys when it takes packets and gives none back."""
    Sites(lab)
    for encapsulated in (False, True):
        extra = {"remote_extra": ["force_encapsulation '1'"]} if encapsulated else {}
        name = "in UDP" if encapsulated else "plain"
        a = Causeway(lab, "gwA", programs, uci(**extra))
        b = Causeway(lab, "gwB", programs, far_side({"tunnel_extra": ["mode 'add'"]}))
        start(a, b)
        check((kind(a), kind(b)) == ("kernel", "kernel"), a.tool("statusall").stdout + b.tool("statusall").stdout)
        carries(lab, f"chosen by itself, {name}", ("gwA", "gwB"))
        a.stop()
        a.start()
        a.wait_up()
        watch = Watch(lab, f"silent-{name.replace(' ', '-')}")
        first = spis(lab, "gwA")
        for source, own, spi in re.findall(rf"^src (\S+) dst ({re.escape(WAN_A)})\n\s+proto esp spi (0x\w+)",
                                           xfrm(lab, "gwA", "state"), re.MULTILINE):
            lab.run("gwA", "ip", "xfrm", "state", "delete", "src", source, "dst", own, "proto", "esp", "spi", spi)
        check(spis(lab, "gwA") < first, "no inbound state was found")
        wait(lambda: lab.ping("lanA", HOST_B, count=1)[0] == 1, "an answer through the other plane", 120)
        check(kind(a) == "userspace", a.tool("statusall").stdout)
        check("did not carry" in a.tool("statusall").stdout, a.tool("statusall").stdout)
        check(not spis(lab, "gwA"), "the kernel has states still: " + xfrm(lab, "gwA", "state"))
        check(not spis(lab, "gwB") & first, "the other end has the old keys still")
        check(kind(b) == "kernel", b.tool("statusall").stdout)
        print(f"a silent kernel, {name}: {watch.end()}", flush=True)
        carries(lab, f"after it, {name}", ("gwB",))
        stop(a, b)


def strongswan(lab, programs, esp, encapsulated):
    """charon on the kernel's ESP as the peer, both roles."""
    if reason := no_strongswan():
        print(f"strongSwan: left out: {reason}")
        return
    Sites(lab)
    extra = ["force_encapsulation '1'"] if encapsulated else []
    a = Causeway(lab, "gwA", programs, uci(esp=esp, remote_extra=extra), ["--dataplane", "kernel"])
    peer = StrongSwan(lab, "gwB", {"local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A, "local_ts": LAN_B,
                                   "remote_ts": LAN_A, "remote_addrs": NAME_A, "esp": esp, "libipsec": False}).start()
    name = f"strongSwan, {esp}, {'in UDP' if encapsulated else 'plain'}"
    a.start()
    a.wait_up()
    carries(lab, name + ", we call", ("gwA", "gwB"))
    a.stop()
    wait(lambda: not peer.up(), "charon has heard our delete")
    a.write(uci(esp=esp, remote_extra=extra, tunnel_extra=["mode 'add'"]))
    a.start()
    peer.initiate()
    a.wait_up()
    carries(lab, name + ", charon calls", ("gwA", "gwB"))
    stop(a)
    peer.stop()


def libreswan(lab, programs, nat):
    """pluto on the kernel's ESP as the peer, both roles. modp1024 is compiled out of Debian's."""
    root = os.path.join(programs, "..", "libreswan", "root")
    if not os.path.exists(root):
        print(f"libreswan: left out: the tests of that name unpack it, and {root} is not there")
        return
    Sites(lab, nat_a=nat)
    suite = "aes128-sha1-modp2048"
    peer = Pluto(Room(lab, "gwB"), os.path.abspath(root), local=WAN_B, local_id=NAME_B, local_net=LAN_B, remote="%any" if nat else WAN_A,
                 remote_id=NAME_A, remote_net=LAN_A, suite=suite).start()
    name = f"libreswan, {'behind a NAT' if nat else 'plain'}"
    a = Causeway(lab, "gwA", programs, uci(ike=suite, esp=suite), ["--dataplane", "kernel"])
    a.start()
    a.wait_up()
    wait(peer.up, "pluto has the tunnel")
    carries(lab, name + ", we call", ("gwA", "gwB"))
    a.stop()
    wait(lambda: not peer.up(), "pluto has heard our delete")
    if not nat:  # else it does not know where to call
        a.write(uci(ike=suite, esp=suite, tunnel_extra=["mode 'add'"]))
        a.start()
        peer.initiate()
        a.wait_up()
        carries(lab, name + ", pluto calls", ("gwA", "gwB"))
        stop(a)
    peer.whack("--shutdown")


def lossy(lab, programs):
    """Packets are lost, late and out of order on the way: what arrives is opened, and nothing else is missing."""
    Sites(lab)
    a, b = gateways(lab, programs, ("gwA", "gwB"))
    start(a, b)
    pings_both_ways(lab)
    for device in ("toA", "toB"):
        lab.run("internet", "tc", "qdisc", "add", "dev", device, "root", "netem", "delay", "20ms", "10ms", "25%", "loss", "3%",
                "reorder", "25%", "50%")
    answered, _ = lab.ping("lanA", HOST_B, count=LOSSY_PINGS, interval=0.02, pattern=PATTERN)
    # Two ways of 3 %, and four times as much would still be luck.
    check(LOSSY_PINGS * 3 // 4 <= answered < LOSSY_PINGS, f"{answered} of {LOSSY_PINGS} pings answered")
    states = xfrm(lab, "gwA", "state") + xfrm(lab, "gwB", "state")
    failed = re.findall(r"replay (\d+) failed (\d+)", states)
    check(failed and all(pair == ("0", "0") for pair in failed), states)
    for device in ("toA", "toB"):
        lab.run("internet", "tc", "qdisc", "del", "dev", device, "root")
    pings_both_ways(lab)
    print(f"3 % lost, 25 % out of order: {answered} of {LOSSY_PINGS} pings answered, none refused by window or key", flush=True)
    stop(a, b)


PARTS = {"suites": suites, "automatic": automatic, "nat": nat, "sizes": sizes, "renewal": renewal, "killed": killed, "lossy": lossy}
for number, (esp, encapsulated) in enumerate(itertools.product(("aes128-sha1-modp1024", "aes256gcm16-modp1024"), (False, True))):
    PARTS[f"strongswan-{number + 1}"] = functools.partial(strongswan, esp=esp, encapsulated=encapsulated)
PARTS["libreswan"] = functools.partial(libreswan, nat=False)
PARTS["libreswan-nat"] = functools.partial(libreswan, nat=True)


def main():
    failed = []
    for name in sys.argv[2:] or PARTS:
        if run(PARTS[name], sys.argv[1]) != 0:
            failed.append(name)
    print("failed: " + ", ".join(failed) if failed else "all parts passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
