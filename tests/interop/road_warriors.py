"""Road warriors and their gateway, with pre-shared keys: causeway as the gateway of strongSwan (kernel-libipsec), strongSwan as
the gateway of causeway, and causeway at both ends. Which keys, identities and networks: warriors.py.

    alice 10.1.0.10 --+              +-- carol 192.168.0.100
                      +- moon .0.1 --+-- dave 192.168.0.200
    venus 10.1.0.19 --+              +-- winnetou 192.168.0.150, who has no tunnel

On the WAN everybody's firewall passes IKE and ESP only, and counts what it had to stop.

road_warriors.py PROGRAMS CASE | road_warriors.py --list
"""

import dataclasses
import json
import re
import sys

from common import Causeway, LabError, Skip, StrongSwan, check, no_strongswan, run, wait, wire
from gateway_inside import Inside
from warriors import (ALICE, BEYOND, CAROL, DAVE, MOON, SCENARIOS, VENUS, WINNETOU, causeway_gateway, causeway_warrior,
                      strongswan_gateway, strongswan_warrior)

PATTERN = "badcab1e"
OCTETS = bytes.fromhex(PATTERN * 2)
MAIN_MODE, AGGRESSIVE_MODE = 2, 4
LINES = {"moon": MOON, "carol": CAROL, "dave": DAVE, "winnetou": WINNETOU}
# strongSwan's names of what was agreed, in the words of a suite.
WORDS = {"AES_CBC": "aes{}", "AES_GCM_16": "aes{}gcm16", "HMAC_SHA2_256_128": "sha256", "HMAC_SHA2_384_192": "sha384",
         "CURVE_25519": "x25519", "MODP_4096": "modp4096"}
WALL = """table inet wall {
  counter stopped {}
  chain leaves { type filter hook postrouting priority 400; oifname "wan" meta protocol ip jump judge; }
  chain comes { type filter hook prerouting priority -500; iifname "wan" meta protocol ip jump judge; }
  chain judge {
    udp dport { 500, 4500 } accept
    meta l4proto esp accept
    counter name stopped drop
  }
}
"""


class Road:
    """The network. The line that all WAN addresses share is a bridge, and is watched where each of them meets it."""

    def __init__(self, lab):
        self.lab = lab
        lab.namespace("line", "alice", "venus", *(name for name in LINES if name != "moon"))
        lab.namespace("moon", forward=True)
        self.bridge("line", "wire")
        for name, address in LINES.items():
            lab.link(name, "wan", address + "/24", "line", "to" + name, None)
            lab.run("line", "ip", "link", "set", "to" + name, "master", "wire")
            if name != "moon":
                lab.default_route(name, MOON)
        self.bridge("moon", "br-lan")
        lab.run("moon", "ip", "address", "add", "10.1.0.1/16", "dev", "br-lan")
        for name, address in (("alice", ALICE), ("venus", VENUS)):
            lab.link(name, "eth0", address + "/16", "moon", "to" + name, None)
            lab.run("moon", "ip", "link", "set", "to" + name, "master", "br-lan")
            lab.default_route(name, "10.1.0.1")
        lab.run("venus", "ip", "address", "add", BEYOND + "/16", "dev", "eth0")

    def bridge(self, namespace, device):
        self.lab.run(namespace, "ip", "link", "add", device, "type", "bridge")
        self.lab.run(namespace, "ip", "link", "set", device, "up")

    def watch(self, name):
        return {who: self.lab.capture("line", f"{name}-{who}.pcap", "to" + who) for who in ("moon", "carol", "dave")}

    def walls(self):
        for name in LINES:
            self.lab.run(name, "nft", "-f", "-", stdin=WALL)

    def stopped(self):
        """Packets that one of the walls had to stop since it was asked last."""
        count = 0
        for name in LINES:
            told = self.lab.run(name, "nft", "reset", "counter", "inet", "wall", "stopped").stdout
            count += int(re.search(r"packets (\d+)", told).group(1))
        return count

    def ping(self, source, target, own="", count=2, patience=1):
        options = ("-I", own) if own else ()
        return self.lab.ping(source, target, count=count, interval=0.05, pattern=PATTERN, options=options, patience=patience)[0]

    def reaches(self, source, target, own=""):
        """Two of two: what is late is waited for, what is lost is lost."""
        return self.ping(source, target, own, patience=10) == 2


# ---- what each end believes: ("phase 1", both identities, both addresses, suite), ("phase 2", both networks, suite)

def expected(scenario, warrior):
    return {("phase 1", warrior.id, scenario.moon_id, warrior.address, MOON, warrior.suites[0]),
            *(("phase 2", warrior.host, network, warrior.suites[1]) for network in warrior.networks)}


def turned(facts):
    """The same, as the other end has it."""
    def swapped(words):
        return [word for at in range(0, len(words), 2) for word in (words[at + 1], words[at])]

    return {(kind, *swapped(words), suite) for kind, *words, suite in facts}


def of_causeway(gateway):
    facts = set()
    for peer in json.loads(gateway.tool("status", "--json").stdout)["peers"]:
        for sa in peer["ike_sas"]:
            if sa["state"] == "ESTABLISHED":
                facts.add(("phase 1", sa["local_id"], sa["remote_id"], sa["local_address"], sa["remote_address"], sa["suite"]))
        facts.update(("phase 2", tunnel["local"], tunnel["remote"], sa["suite"])
                     for tunnel in peer["tunnels"] for sa in tunnel["sas"] if sa["state"] == "INSTALLED")
    return facts


def suite_of(words):
    cipher = WORDS[words["encr-alg"]].format(words["encr-keysize"])
    return "-".join([cipher, *(WORDS[words[key]] for key in ("integ-alg", "dh-group") if key in words)])


def of_strongswan(peer):
    facts = set()
    for event in peer.swanctl("--list-sas", "--raw").stdout.splitlines():
        phase1, *children = re.split(r"child-sas \{|\} (?=[\w-]+ \{name=)", event)
        words = dict(re.findall(r"([\w-]+)=(\S+)", phase1))
        if words.get("state") == "ESTABLISHED" and words.get("version") == "1":
            facts.add(("phase 1", words["local-id"], words["remote-id"], words["local-host"], words["remote-host"],
                       suite_of(words)))
        for child in children:
            words = dict(re.findall(r"([\w-]+)=(\[[^\]]*\]|[^\s}]+)", child))
            if words.get("state") == "INSTALLED" and words.get("mode") == "TUNNEL":
                facts.add(("phase 2", words["local-ts"].strip("[]"), words["remote-ts"].strip("[]"), suite_of(words)))
    return facts


class Ours(Causeway):
    def facts(self):
        return of_causeway(self)

    def dial(self, _, seconds=0):
        """It has, when it started."""

    def hang_up(self):
        self.tool("down", "home")


class Theirs(StrongSwan):
    def facts(self):
        return of_strongswan(self)

    def dial(self, children, seconds=15):
        for number in range(1, children + 1):
            self.swanctl("--initiate", "--child", f"home-{number}", "--timeout", str(seconds), check=False)

    def hang_up(self):
        self.swanctl("--terminate", "--ike", "home")


class TheirGateway(Inside, Theirs):
    pass


def ends(lab, programs, gateway, scenario, given, whole=False):
    """moon and the road warriors, not yet started. `given`: what the latter are really configured with."""
    if gateway == "strongswan":
        for address in scenario.own:
            lab.run("moon", "ip", "address", "add", address + "/16", "dev", "br-lan")
        moon = TheirGateway(lab, "moon", {}, strongswan_gateway(scenario))
    else:
        moon = Ours(lab, "moon", programs, causeway_gateway(scenario))
    if gateway == "causeway":
        warriors = {w.name: Theirs(lab, w.name, {}, strongswan_warrior(scenario, w, whole)) for w in given}
    else:
        warriors = {w.name: Ours(lab, w.name, programs, causeway_warrior(scenario, w)) for w in given}
    return moon, warriors


def controls(road):
    """Without a wall the wrong pings pass in clear and the captures see them; with it none passes, and the counter says so."""
    lines = road.watch("clear")
    for source, target in (("alice", CAROL), ("venus", DAVE), ("alice", WINNETOU)):
        # Until the bridges carry and everybody's neighbours are known.
        wait(lambda: road.ping(source, target, count=1, patience=10) == 1, f"{source} reaches {target} without a wall")
        check(road.reaches(source, target), f"{source} cannot reach {target} at all")
    found = wire.inspect([line.stop() for line in lines.values()], OCTETS)
    check(found.pattern >= 16 and not found.clean, f"clear text is not found: {found}")
    road.walls()
    check(road.ping("alice", CAROL) == 0, "the wall lets clear text through")
    check(road.stopped() >= 2, "the wall does not count")


def comes_up(scenario, warrior, end, moon):
    facts = expected(scenario, warrior)
    end.dial(len(warrior.networks))

    def both():
        return end.facts() == facts and turned(facts) <= moon.facts()

    try:
        wait(both, warrior.name)
    except LabError:
        raise LabError(f"{warrior.name}'s tunnel: {sorted(facts)} expected; {warrior.name} has {sorted(end.facts())}, "
                       f"moon has {sorted(moon.facts())}") from None
    if isinstance(end, StrongSwan):
        wait(lambda: all(end.routes(network.removesuffix("/32")) for network in warrior.networks), "its routes are there")
    if isinstance(moon, StrongSwan):
        wait(lambda: moon.routes(warrior.address), "moon's route is there")


def pings(road, scenario):
    for source, target, own in scenario.right:
        check(road.reaches(source, target, own), f"{source} does not reach {target}")
    check((stopped := road.stopped()) == 0, f"{stopped} packets of the tunnels would have left in clear")
    for source, target, own in scenario.wrong:
        check(road.ping(source, target, own) == 0, f"{source} reaches {target} {own}, which no tunnel carries")


def seen(file):
    """What a line has carried: {(kind, source, target): packets}, and the exchange types of IKE (RFC 2408 3.1)."""
    flows, exchanges = {}, set()
    for link, frame in wire.packets(file):
        ethertype, packet = wire.network_packet(link, frame)
        if ethertype != 0x0800:
            continue
        flow = (wire.kind(packet), *(".".join(map(str, packet[at:at + 4])) for at in (12, 16)))
        flows[flow] = flows.get(flow, 0) + 1
        message = packet[(packet[0] & 15) * 4 + 8:].removeprefix(bytes(4))
        if flow[0] == "IKE" and len(message) >= 28:
            exchanges.add(message[18])
    return flows, exchanges


def play(lab, programs, gateway, scenario, given=None):
    road = Road(lab)
    controls(road)
    moon, warriors = ends(lab, programs, gateway, scenario, given or scenario.warriors)
    lines = road.watch("tunnels")
    moon.start()
    for warrior in scenario.warriors:
        end = warriors[warrior.name].start()
        comes_up(scenario, warrior, end, moon)
    both = set().union(*(turned(expected(scenario, warrior)) for warrior in scenario.warriors))
    check(moon.facts() == both, lambda: f"moon has {sorted(moon.facts())}, not {sorted(both)}")
    road.stopped()
    pings(road, scenario)

    warriors["carol"].hang_up()
    rest = turned(expected(scenario, scenario.called("dave")))
    wait(lambda: moon.facts() == rest, "moon has heard that carol is gone, and nobody else")
    check(road.ping("alice", CAROL) == 0, "carol is gone, and is reached")
    source, target, own = next(ping for ping in scenario.right if ping[1] == DAVE)
    check(road.reaches(source, target, own), "dave went with carol")
    for end in (*warriors.values(), moon):
        end.stop()

    files = {who: line.stop() for who, line in lines.items()}
    found = wire.inspect(files.values(), OCTETS)
    check(found.clean, f"on the WAN: {found}")
    kind = "ESP" if gateway == "both" else "ESP-in-UDP"
    for warrior in scenario.warriors:
        flows, exchanges = seen(files[warrior.name])
        check(exchanges & {MAIN_MODE, AGGRESSIVE_MODE} == {AGGRESSIVE_MODE if scenario.aggressive else MAIN_MODE},
              f"{warrior.name}'s Phase 1 is of another mode: {exchanges}")
        for flow in ((kind, MOON, warrior.address), (kind, warrior.address, MOON)):
            check(flows.get(flow, 0) >= 4, f"{flow} is missing on {warrior.name}'s line: {flows}")
    print(found)


# ---- what must be refused

def refused(lab, programs, gateway, change, says, whole=False):
    """dave, changed so, calls the gateway of ip-ranges beside carol and gets no tunnel; hers is as ever."""
    scenario = SCENARIOS["ip-ranges"]
    carol, dave = scenario.warriors
    road = Road(lab)
    controls(road)
    moon, warriors = ends(lab, programs, gateway, scenario, (carol, dataclasses.replace(dave, **change)), whole)
    lines = road.watch("refused")
    moon.start()
    comes_up(scenario, carol, warriors["carol"].start(), moon)
    warriors["dave"].start().dial(1, seconds=3)
    for end, words in zip((moon, warriors["dave"]), says):
        wait(lambda: any(word in end.log_text() for word in words), f"{end.namespace} says one of {words}")
    facts = [(end.namespace, fact) for end in (moon, warriors["dave"]) for fact in end.facts()]
    check(not [fact for _, fact in facts if fact[0] == "phase 2" and dave.host in fact], f"dave has a tunnel: {facts}")
    check(moon.facts() >= turned(expected(scenario, carol)), f"carol's tunnel is gone: {facts}")
    for source, target in (("venus", DAVE), ("dave", VENUS)):
        check(road.ping(source, target) == 0, f"{source} reaches {target} without a tunnel")
    check(road.reaches("alice", CAROL), "alice does not reach carol")
    for end in (*warriors.values(), moon):
        end.stop()
    found = wire.inspect([line.stop() for line in lines.values()], OCTETS)
    check(found.clean, f"on the WAN: {found}")


# ---- that the assertions can fail

def fails(lab, programs, scenario, given, sentence):
    """What is wrong on purpose is found, and this is what is said of it."""
    said = "nothing"
    try:
        play(lab, programs, "both", scenario, given)
    except LabError as error:
        said = str(error)
    check(sentence in said, f"'{sentence}' expected, not {said}")


def altered(scenario, **changes):
    """The same, but for something about dave."""
    carol, dave = scenario.warriors
    return dataclasses.replace(scenario, warriors=(carol, dataclasses.replace(dave, **changes)))


CASES = {}
for name_, scenario_ in SCENARIOS.items():
    for gateway_ in ("causeway", "strongswan", "both"):
        CASES[f"{name_}.{gateway_}"] = (play, (gateway_, scenario_))
DECRYPTION = ["could not decrypt payloads", "was not encrypted", "invalid HASH_V1 payload", "invalid ID_V1 payload"]
for key_ in ("range", "anybody", "nobody"):
    CASES[f"key_of_{key_}.strongswan"] = (refused, ("strongswan", {"key": key_}, (DECRYPTION, ["the pre-shared keys differ"])))
    # Whoever has a key that is anybody's is somebody of whom other networks are known.
    CASES[f"key_of_{key_}.causeway"] = (refused, ("causeway", {"key": key_}, (
        (["the pre-shared keys differ"], ["N(PLD_MAL)"]) if key_ == "nobody" else
        (["wants 10.1.0.17/32 === 192.168.0.200/32, configured are 10.1.1.0/24"], ["INVALID_ID_INFORMATION"]))))
CASES["range_in_one_piece.causeway"] = (refused, ("causeway", {}, (
    ["ID_IPV4_ADDR_RANGE is not an IPv4 network"], ["INVALID_ID_INFORMATION"]), True))
RANGES_ = SCENARIOS["ip-ranges"]
for name_, scenario_, given_, sentence_ in (
        ("key", SCENARIOS["ipv4"], altered(SCENARIOS["ipv4"], key="nobody"), "dave's tunnel: "),
        # The same identity (RFC 4343), written otherwise: there is a tunnel.
        ("identity", SCENARIOS["fqdn"], altered(SCENARIOS["fqdn"], identity="DAVE@EXAMPLE.ORG"), "'DAVE@EXAMPLE.ORG'"),
        ("network", altered(RANGES_, networks=RANGES_.warriors[1].networks[::2]), None, "venus does not reach 192.168.0.200"),
        ("larger_network", altered(RANGES_, networks=("10.1.0.0/27",)), None, "alice reaches 192.168.0.200")):
    CASES[f"wrong.{name_}"] = (fails, (scenario_, given_ and given_.warriors, sentence_))


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CASES))
        return 0
    programs, case = sys.argv[1:]
    test, words = CASES[case]

    def one(lab):
        if words[0] in ("causeway", "strongswan") and (reason := no_strongswan()):
            raise Skip(reason)
        test(lab, programs, *words)

    return run(one)


if __name__ == "__main__":
    sys.exit(main())
