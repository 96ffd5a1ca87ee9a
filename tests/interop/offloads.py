"""Segmentation offload between two causeways, and towards strongSwan: what arrives is what was sent, whatever is on or off, and
what is on is really used.

offloads.py PROGRAMS CASE | offloads.py --list
"""

import itertools
import json
import os
import random
import sys

from common import (HOST_A, HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, WAN_A, WAN_B, Causeway, Sites, Skip, StrongSwan, check, far_side,
                    no_strongswan, pings_both_ways, run, uci, wait, wire)

PAYLOAD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "payload.py")
OFFLOADS = ("tun", "udp_send", "udp_receive")
OCTETS = 4_000_037  # of a file; prime to what packets hold
TCP_SECONDS = 60
PACKETS = 3000  # of a stream, before and after something happens
WAN_MTU = 1500
NARROW_MTU = 1300
NARROWER_MTU = 552  # with less than 576 inside there is no tunnel (esp/sizes.hpp)
ETHERNET_OCTETS = 14
REFUSED = "are sent one by one for now"
NONE = dict.fromkeys(OFFLOADS, "off")


def options_of(wishes):
    """Of causewayd's command line."""
    return [f"--offload-{name.replace('_', '-')}={wish}" for name, wish in wishes.items()]


def counters(lab, namespace, file, group):
    """Of one line of names and one of numbers, as the kernel writes them."""
    lines = lab.run(namespace, "cat", file).stdout.splitlines()
    names, numbers = (line.split() for line in lines if line.startswith(group + ":"))
    return dict(zip(names[1:], map(int, numbers[1:])))


class Gauge:
    """What gwA's side of the tunnel has carried, and in how many messages and frames the kernel took and gave it."""

    def __init__(self, lab, gateway):
        self.lab, self.gateway = lab, gateway
        self.begun = self._read()

    def _read(self):
        status = json.loads(self.gateway.tool("status", "--json").stdout)
        pairs = [sa for tunnel in status["peers"][0]["tunnels"] for sa in tunnel["sas"]]
        device = json.loads(self.lab.run("gwA", "ip", "-s", "-j", "link", "show", status["data_plane"]["device"]).stdout)[0]
        udp = counters(self.lab, "gwA", "/proc/net/snmp", "Udp")
        packets = {key: sum(pair[key] for pair in pairs) for key in ("packets_out", "packets_in")}
        return {**packets,
                "messages_out": udp["OutDatagrams"], "messages_in": udp["InDatagrams"],
                "frames_out": device["stats64"]["tx"]["packets"], "frames_in": device["stats64"]["rx"]["packets"]}

    def read(self):
        return {key: value - self.begun[key] for key, value in self._read().items()}


class Pair:
    """causewayd in both gateways, hosts that send each other payload."""

    def __init__(self, lab, programs, in_udp=True, options_a=(), options_b=(), **plan):
        self.lab = lab
        self.sites = Sites(lab, **plan)
        extra = ["force_encapsulation '1'"] if in_udp else []
        self.b = Causeway(lab, "gwB", programs, far_side({"tunnel_extra": ["mode 'add'"]}), options_b).start()
        self.a = Causeway(lab, "gwA", programs, uci(remote_extra=extra), options_a)
        serve(lab)

    def start(self, options):
        self.a.options = options
        self.a.start()
        self.a.wait_up()
        wait(self.b.up, "the far side is up")
        pings_both_ways(self.lab, 1)

    def stop(self):
        self.a.stop()
        self.b.stop()


def serve(lab):
    for host, address in (("lanA", HOST_A), ("lanB", HOST_B)):
        server = lab.start(host, sys.executable, PAYLOAD, "serve", address, log=f"{host}.payload.log")
        wait(lambda one=server: "listening" in one.output(), f"{host} listens")


def send(lab, what, *words, source="lanA", address=HOST_B):
    lab.run(source, sys.executable, PAYLOAD, what, address, *words, seconds=TCP_SECONDS)


def everything_else(lab):
    """Numbered datagrams, fragments among them; packets that are too large are answered, or arrive in parts."""
    for source, address in (("lanA", HOST_B), ("lanB", HOST_A)):
        send(lab, "udp", source=source, address=address)
        answered, _ = lab.ping(source, address, count=3, interval=0.05, size=3000, options=("-M", "dont"))
        check(answered == 3, f"{source}: {answered} of 3 pings of 3000 octets answered")
        lab.run(source, "ip", "route", "flush", "cache")  # what the gateway said before
        told = lab.run(source, "ping", "-n", "-c1", "-W2", "-M", "do", "-s", str(WAN_MTU - 28), address, check=False).stdout
        check("Frag needed" in told, f"{source}: no ICMP about a packet that is too large: {told}")


def states(gateway, wishes):
    """What status says of the offloads: {name: on}. Switched off means off; else it is on, or there is a reason."""
    said = json.loads(gateway.tool("status", "--json").stdout)["data_plane"]["offloads"]
    for name, state in said.items():
        if wishes.get(name) == "off":
            check(state == {"on": False, "why": "switched off"}, f"{name} was switched off, and is {state}")
        else:
            check(state["on"] or state["why"], f"{name} is off without a reason")
            if not state["on"]:
                print(f"this kernel has no {name}: {state['why']}")
    return {name: state["on"] for name, state in said.items()}


def many_as_one(gauged, what, on):
    """The kernel took or gave fewer than half as many as there were packets; each by itself where the offload is off."""
    singles = {"frames_out": "packets_out", "frames_in": "packets_in", "messages_out": "packets_out", "messages_in": "packets_in"}
    count, packets = gauged[what], gauged[singles[what]]
    check(count < packets / 2 if on else count >= packets, f"{what}, offload {'on' if on else 'off'}: {gauged}")


def longer_than_mtu(file):
    return sum(len(frame) > WAN_MTU + ETHERNET_OCTETS for _, frame in wire.packets(file))


def combination(pair, wishes, peer_sends, in_udp, name):
    """One run of gwA with these wishes, the far end as it is."""
    lab = pair.lab
    pair.start(options_of(wishes))
    on = states(pair.a, wishes)
    large = {source: lab.capture("internet", f"{name}-{source}.pcap", "toA", "greater", str(WAN_MTU + ETHERNET_OCTETS + 1),
                                 "and", "src", "host", source) for source in (WAN_A, WAN_B)}
    gauge = Gauge(lab, pair.a)
    send(lab, "tcp", str(OCTETS))
    seen = gauge.read()
    everything_else(lab)
    trains = {source: longer_than_mtu(capture.stop()) for source, capture in large.items()}
    many_as_one(seen, "frames_out", on["tun"])
    many_as_one(seen, "frames_in", on["tun"])
    if in_udp:
        many_as_one(seen, "messages_out", on["udp_send"])
        many_as_one(seen, "messages_in", on["udp_receive"] and peer_sends)
    check((trains[WAN_A] > 0) == (in_udp and on["udp_send"]), f"trains on the wire: {trains}, and offloads {on}")
    check((trains[WAN_B] > 0) == (in_udp and peer_sends), f"trains on the wire: {trains}, and the far end sends {peer_sends}")
    check(not pair.a.says(REFUSED), "a train was refused")
    pair.a.stop()
    wait(lambda: not pair.b.up(), "the far side has heard the delete")
    print(f"{name}: {seen}, trains on the wire {trains}")


def combinations(lab, programs, in_udp, several):
    """Each of `several` at gwA while gwB does what it can, then none at all."""
    pair = Pair(lab, programs, in_udp)
    peer_sends = states(pair.b, {})["udp_send"]
    for number, wishes in enumerate(several):
        combination(pair, wishes, peer_sends, in_udp, f"{number}")
    pair.b.stop()
    pair.b.options = options_of(NONE)
    pair.b.start()
    combination(pair, NONE, False, in_udp, "none")
    pair.b.stop()


def udp(lab, programs):
    every = [dict(zip(OFFLOADS, wishes)) for wishes in itertools.product(("on", "off"), repeat=len(OFFLOADS))]
    combinations(lab, programs, True, every)


def plain(lab, programs):
    combinations(lab, programs, False, [{"tun": "on"}, {"tun": "off"}])


def segments(lab, programs):
    """A device that takes trains of few datagrams, or none: the kernel cuts them, and what arrives is whole."""
    pair = Pair(lab, programs)
    pair.start(options_of({"udp_send": "on"}))
    sends = states(pair.a, {})["udp_send"]
    for most in (10, 1):
        lab.run("gwA", "ip", "link", "set", "dev", pair.sites.wan["gwA"][0], "gso_max_segs", str(most))
        capture = lab.capture("internet", f"{most}.pcap", "toA", "src", "host", WAN_A)
        gauge = Gauge(lab, pair.a)
        send(lab, "tcp", str(OCTETS))
        seen = gauge.read()
        longest = max(len(frame) for _, frame in wire.packets(capture.stop()))
        many_as_one(seen, "messages_out", sends)
        check(longest <= most * WAN_MTU + ETHERNET_OCTETS, f"{most} datagrams at most, and a frame of {longest} octets")
        check(not sends or longest > most * WAN_MTU // 2, f"{most} datagrams at most: no frame of more than {longest} octets")
        print(f"{most} at most: {seen}, {longest} octets at most")
    pair.stop()


def way_out_narrows(lab, programs):
    """Under a running stream the way out gets narrower: the datagrams follow and trains go on. Then it gets so narrow that
    datagrams stay too large, for which the kernel refuses trains: nothing is lost to TCP, and it is said once."""
    pair = Pair(lab, programs)
    pair.start(options_of({"udp_send": "on"}))
    sends = states(pair.a, {})["udp_send"]
    stream = lab.start("lanA", sys.executable, PAYLOAD, "stream", HOST_B, str(OCTETS // 4), log="stream.log")
    gauge = Gauge(lab, pair.a)

    def carries(packets):
        begun = gauge.read()["packets_out"]
        wait(lambda: gauge.read()["packets_out"] > begun + packets or not stream.alive(), f"{packets} packets more", TCP_SECONDS)
        check(stream.alive(), lambda: f"the stream ended: {stream.output()}")

    carries(PACKETS)
    for mtu in (NARROW_MTU, NARROWER_MTU):
        for namespace, device in (("gwA", pair.sites.wan["gwA"][0]), ("internet", "toA")):
            lab.run(namespace, "ip", "link", "set", "dev", device, "mtu", str(mtu))
        carries(PACKETS)
    code = stream.stop(seconds=TCP_SECONDS)
    check(code == 0, lambda: f"the stream ended with {code}: {stream.output()}")
    if sends:
        state = json.loads(pair.a.tool("status", "--json").stdout)["data_plane"]["offloads"]["udp_send"]
        check(state["on"] and WAN_B in state["why"], f"status says of trains that were refused: {state}")
    told = pair.a.log_text().count(REFUSED)
    check(told == int(sends), f"the refusal was told {told} times")
    pair.stop()


def narrow_the_internet(lab):
    for address, device in ((WAN_A, "toA"), (WAN_B, "toB")):
        lab.run("internet", "ip", "route", "replace", address, "dev", device, "mtu", str(NARROW_MTU))


def narrow_on_the_way(lab, programs):
    """Trains meet links on their way that their datagrams do not fit: they are cut and fragmented there."""
    pair = Pair(lab, programs)
    pair.start(options_of({}))
    send(lab, "tcp", str(OCTETS))  # large packets have the path probed
    for gateway in (pair.a, pair.b):
        wait(lambda one=gateway: one.says("carries packets of 1500 octets"), "the path is probed")
    narrow_the_internet(lab)
    send(lab, "tcp", str(OCTETS))
    everything_else(lab)
    made = counters(lab, "internet", "/proc/net/snmp", "Ip")["FragCreates"]
    check(made > 2 * OCTETS // WAN_MTU, f"{made} fragments were made")
    print(f"{made} fragments")
    pair.stop()


def narrow_from_the_start(lab, programs):
    """A path that is found to be narrow, as ICMP tells, carries trains of datagrams that fit it. Those that were sent before
    did not."""
    pair = Pair(lab, programs)
    narrow_the_internet(lab)
    pair.start(options_of({"udp_send": "on"}))
    for what in (("tcp", str(OCTETS)), ("udp",)):  # large packets have the path probed, and meet the kernel's knowledge of it
        send(lab, *what)
    wait(lambda: pair.a.says("swallows packets larger than"), "the path is known")
    sends = states(pair.a, {})["udp_send"]
    gauge = Gauge(lab, pair.a)
    send(lab, "tcp", str(OCTETS))
    many_as_one(gauge.read(), "messages_out", sends)
    pair.stop()


def ecn(lab, programs):
    """Congestion that a router marks on the outside of trains is told to the receiver inside (RFC 6040 4.2)."""
    pair = Pair(lab, programs)
    pair.start(options_of({}))
    for host in ("lanA", "lanB"):
        lab.run(host, "sysctl", "-qw", "net.ipv4.tcp_ecn=1")
    # What has no payload inside is not capable of ECN, and would be dropped for the mark.
    lab.run("internet", "nft", "-f", "-", stdin="""table ip marks {
  chain forward { type filter hook forward priority filter; meta length > 1000 numgen inc mod 10 0 counter ip ecn set ce; }
}
""")
    send(lab, "tcp", str(OCTETS))
    told = {host: counters(lab, host, "/proc/net/netstat", "IpExt")["InCEPkts"] for host in ("lanA", "lanB")}
    check(all(told.values()), f"marked packets that arrived: {told}")
    print(f"marked packets that arrived: {told}")
    pair.stop()


def strongswan(lab, programs):
    """A peer that sends one by one, with the checksum of zero that RFC 3948 2.1 asks for, which the kernel never joins; it gets
    trains."""
    if reason := no_strongswan():
        raise Skip(reason)
    Sites(lab)
    # This charon leaves the checksum to the kernel.
    lab.run("internet", "nft", "-f", "-", stdin=f"""table ip sums {{
  chain forward {{ type filter hook forward priority filter; ip saddr {WAN_B} udp sport 4500 udp checksum set 0; }}
}}
""")
    peer = StrongSwan(lab, "gwB", {"local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A, "local_ts": LAN_B,
                                   "remote_ts": LAN_A, "remote_addrs": NAME_A}).start()
    gateway = Causeway(lab, "gwA", programs, uci(), options_of(dict.fromkeys(OFFLOADS, "on"))).start()
    gateway.wait_up()
    wait(peer.up, "strongSwan has the tunnel")
    pings_both_ways(lab)
    serve(lab)
    on = states(gateway, {})
    sums = lab.capture("gwA", "sums.pcap", "eth0.2", "src", "host", WAN_B, "and", "udp[6:2]", "!=", "0")
    gauge = Gauge(lab, gateway)
    send(lab, "tcp", str(OCTETS))
    seen = gauge.read()
    check(not list(wire.packets(sums.stop())), "a datagram came with a checksum")
    many_as_one(seen, "messages_out", on["udp_send"])
    many_as_one(seen, "messages_in", False)
    many_as_one(seen, "frames_out", on["tun"])
    print(seen)
    gateway.stop()
    peer.stop()


CASES = {one.__name__: one for one in (udp, plain, segments, way_out_narrows, narrow_on_the_way, narrow_from_the_start, ecn,
                                    strongswan)}


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CASES))
        return 0
    programs, case = sys.argv[1:]
    # veth queues packets by processor: on one, what is sent first arrives first.
    os.sched_setaffinity(0, {random.choice(list(os.sched_getaffinity(0)))})
    return run(CASES[case], programs)


if __name__ == "__main__":
    sys.exit(main())
