"""The stories: what happens to a tunnel, and how soon it has to carry packets again.

Each is a function of a Stage (stage.py) that returns (seconds until the tunnel was back or None, its Bound).
"""

import random
import time
from collections.abc import Callable
from typing import Any

import firewalls
import mtu
import third
from bounds import Bound
from everything import full_tunnel
from lab import LabError, wait
from load import under_load
from sites import HOST_A, HOST_B
from stage import INTERVAL, WAN_A, Pings, Stage

Result = tuple[float | None, Bound]
Play = Callable[[Stage], Result]
STORIES: "dict[str, Story]" = {}
NEW_A, NEW_B = "203.0.113.57", "198.51.100.113"
# Seconds until a name is right, or a peer is back, where the story is about something else. By chance, so that no timer
# happens to be in step with it.
DELAY = 4.0, 8.0


class Story:
    def __init__(self, name: str, play: Play, slow: bool, alone: bool) -> None:
        self.name, self.play, self.slow, self.alone = name, play, slow, alone
        self.title = (play.__doc__ or name).splitlines()[0].rstrip(".")


def story(name: str, slow: bool = False, alone: bool = False) -> Callable[[Play], Play]:
    """`slow`: left out of the quick run. `alone`: it measures loss, and has the machine for itself in the long run."""
    def add(function: Play) -> Play:
        STORIES[name] = Story(name, function, slow, alone)
        return function
    return add


def handshake(stage: Stage) -> float:
    """What this build on this machine took for the first time, and one lost message."""
    return stage.setup + stage.limits.retransmit_first


def back(stage: Stage, fault: float, bound: Bound, what: str, since: float | None = None, **how: Any) -> Result:
    """Waits for the first answer after the fault; counted from `since`, the moment from which it was possible at all
    (`what` says which one that was), or from the fault."""
    seconds = stage.recovery(fault, since or fault, bound, **how)
    if seconds is None:
        stage.step(f"not back in time after {what}", False)
    elif since and seconds == 0:
        stage.step(f"back before {what}")
    else:
        stage.step(f"back {seconds:.2f} s after {what}")
    return seconds, bound


# ---- addresses

@story("peer-address-change")
def peer_address_change(stage: Stage) -> Result:
    """The peer gets a new address, and its name says so at once."""
    stage.build()
    stage.open()
    stage.move("gwB", NEW_B)
    stage.publish(B=NEW_B)
    bound = Bound(detection=stage.limits.unanswered, look_up=stage.limits.lookup_eager, DNS=0.0, handshake=handshake(stage))
    return back(stage, time.time(), bound, "the peer moved")


@story("own-address-change")
def own_address_change(stage: Stage) -> Result:
    """Our own address changes; the peer takes any."""
    stage.build(knows_us_by="any")
    stage.open()
    stage.move("gwA", NEW_A)
    return back(stage, time.time(), Bound(detection=0.0, handshake=handshake(stage)), "our address changed")


@story("own-address-change-late-name")
def own_address_change_late_name(stage: Stage) -> Result:
    """Our own address changes; the peer knows us by name only, and the name is right later."""
    stage.build()
    stage.open()
    stage.move("gwA", NEW_A)
    fault = time.time()
    stage.pause(random.uniform(*DELAY))
    stage.publish(A=NEW_A)
    bound = Bound(next_attempt=stage.limits.lookup_eager, handshake=handshake(stage))
    return back(stage, fault, bound, "our own name was right", time.time())


@story("both-change")
def both_change(stage: Stage) -> Result:
    """Both ends get new addresses at the same moment; the names are right later."""
    stage.build()
    stage.open()
    stage.move("gwA", NEW_A)
    stage.move("gwB", NEW_B)
    fault = time.time()
    stage.pause(random.uniform(*DELAY))
    stage.publish(A=NEW_A, B=NEW_B)
    bound = Bound(detection=stage.limits.unanswered, look_up=stage.limits.lookup_eager, DNS=0.0, handshake=handshake(stage))
    return back(stage, fault, bound, "both names were right", time.time())


@story("peer-address-change-late-dns", slow=True)
def peer_address_change_late_dns(stage: Stage) -> Result:
    """The peer gets a new address, and its name says so after 30 seconds."""
    late = 30.0
    stage.build()
    stage.open()
    stage.move("gwB", NEW_B)
    fault = time.time()
    stage.pause(late)
    stage.publish(B=NEW_B)
    bound = Bound(detection=stage.limits.unanswered, look_up=stage.limits.lookup_eager, DNS=late, handshake=handshake(stage))
    return back(stage, fault, bound, "the peer moved")


@story("dns-lies-then-heals")
def dns_lies_then_heals(stage: Stage) -> Result:
    """The peer moves; the name server names us, a private address, nobody, an empty house, and at last the truth."""
    stage.build()
    stage.open()
    stage.move("gwB", NEW_B)
    fault = time.time()
    for lie in (WAN_A, "192.168.77.7", None, "198.51.100.200"):
        stage.publish(B=lie)
        stage.pause(random.uniform(2.0, 3.0))
    stage.publish(B=NEW_B)
    bound = Bound(look_up=stage.limits.lookup_eager, handshake=handshake(stage))
    return back(stage, fault, bound, "the name was right", time.time())


# ---- NAT

def followed(stage: Stage) -> Bound:
    """A causeway follows the first authenticated packet from elsewhere, ESP or IKE. strongSwan's userspace ESP does not:
    it follows IKE only, which is our question whether it is there."""
    return Bound(next_packet=INTERVAL, detection=stage.limits.unanswered if stage.peer == "strongswan" else 0.0,
                 handshake=handshake(stage))


@story("nat-rebind")
def nat_rebind(stage: Stage) -> Result:
    """Our router forgets its mappings: the peer sees us at another port."""
    stage.build(nat_a=True)
    stage.open()
    stage.sites.rebind("natA", "40000-49999")
    result = back(stage, time.time(), followed(stage), "the mapping was lost")
    stage.calls_from(WAN_A, range(40000, 50000))
    return result


@story("nat-appears")
def nat_appears(stage: Stage) -> Result:
    """A router takes our public address: we are behind NAT from now on, with a private address."""
    stage.build()
    stage.open()
    stage.sites.insert_router("natA", "gwA", "toA", WAN_A, "10.0.1")
    bound = Bound(next_attempt=stage.limits.lookup_eager, handshake=handshake(stage))
    result = back(stage, time.time(), bound, "the router was there")
    stage.calls_from(WAN_A, range(4500, 65536))
    return result


@story("behind-carrier-nat")
def behind_carrier_nat(stage: Stage) -> Result:
    """Two NATs, our name is wrong, we can only call; then the carrier gives us another public address."""
    # strongSwan refuses who calls from another address than the name's: for it we come from anywhere.
    stage.build(nat_a=True, knows_us_by="any" if stage.peer == "strongswan" else "name")
    stage.sites.insert_router("carrier", "natA", "toA", "203.0.113.77", "100.64.0")
    stage.publish(A="203.0.113.99")
    stage.open()
    stage.calls_from("203.0.113.77", range(500, 65536))
    stage.move("carrier", "203.0.113.78")
    result = back(stage, time.time(), followed(stage), "the carrier's change")
    stage.calls_from("203.0.113.78", range(500, 65536))
    return result


# ---- ends that go away

@story("wan-outage")
def wan_outage(stage: Stage) -> Result:
    """Nothing passes our WAN for a minute (20 s with --short), name server included."""
    stage.build()
    stage.open()
    stage.sites.drop(["toA"])
    fault = time.time()
    stage.pause(20 if stage.short else 60)
    again = time.time()
    if stage.pings.answered_after(fault):
        raise LabError("a ping was answered although nothing passes the WAN")
    stage.sites.heal()
    bound = Bound(next_attempt=stage.limits.retransmit_max, handshake=handshake(stage))
    return back(stage, fault, bound, "the WAN was there again", again)


@story("peer-killed")
def peer_killed(stage: Stage) -> Result:
    """The peer's daemon is killed, and starts again at once."""
    stage.build()
    stage.open()
    since = time.time()
    stage.reboot(stage.b)
    bound = Bound(detection=stage.limits.suspected, look_up=0.0, DNS=0.0, handshake=handshake(stage))
    return back(stage, since, bound, "the peer was killed")


@story("backup-peer")
def backup_peer(stage: Stage) -> Result:
    """Two gateways lead to the same LAN: the first one's daemon dies, and the second carries; then the first again."""
    stage.build_backup()
    stage.open()

    def says(text: str) -> Callable[[], bool]:
        return lambda: text in stage.causeway().tool("status").stdout

    wait(says("ipsec-spare:   stands by for ipsec-lan"), "the second tunnel stands by", 30)
    since = time.time()
    stage.lose_power(stage.b)
    bound = Bound(detection=stage.limits.suspected, look_up=0.0, DNS=0.0, handshake=handshake(stage))
    result = back(stage, since, bound, "the first gateway's daemon was killed")
    if result[0] is None:
        return result
    wait(says("ipsec-spare:   carries in place of ipsec-lan"), "the status says that the second one carries", 5)
    # Its SAs are dropped later than that, and again nothing may be lost.
    wait(says("ipsec-lan:  DOWN"), "the first tunnel is given up", 60)
    again = time.time()
    stage.b.start()
    returned = Bound(next_attempt=stage.limits.retransmit_max, handshake=handshake(stage))
    wait(says("ipsec-spare:   stands by for ipsec-lan"), "the first tunnel carries again", 2 * returned.seconds)
    seconds = time.time() - again
    stage.step(f"the first carries again {seconds:.2f} s after its daemon began to start, within {returned}",
               seconds <= returned.seconds)
    carried = stage.packets_out()
    stage.pause(2.0)
    now = stage.packets_out()
    gap, lost = stage.pings.longest_gap(since + result[0] + 1, time.time() - 1)
    if seconds > returned.seconds or now["ipsec-lan"] <= carried["ipsec-lan"] or now["ipsec-spare"] != carried["ipsec-spare"]:
        raise LabError(f"packets did not go by the first again: {carried} became {now}")
    if lost:
        raise LabError(f"{lost} pings lost while the second carried and on the way back, longest gap {gap:.2f} s")
    stage.step("pings go by the first again, and none was lost on the way back")
    return result


@story("hub-and-spokes")
def hub_and_spokes(stage: Stage) -> Result:
    """Two spokes reach each other through the hub, whose network holds both; the hub's daemon is killed and starts again."""
    stage.build_star()
    stage.open(to=third.LAN_C.host)
    # Only a spoke that sends notices in time that nothing comes back.
    other_way = Pings(stage.lab, "lanC", HOST_A)
    stage.steady(pings=other_way)
    to_hub, _ = stage.lab.ping("lanA", HOST_B)
    from_hub, _ = stage.lab.ping("lanB", third.LAN_C.host)
    own_lan, _ = stage.lab.ping("gwA", HOST_A)
    if (to_hub, from_hub, own_lan) != (3, 3, 3):
        raise LabError(f"of 3 pings each were answered: {to_hub} to the hub, {from_hub} from it, {own_lan} in a spoke's own LAN")
    stage.step("spoke to spoke both ways, spoke to hub and hub to spoke, and a spoke's own LAN")
    since = time.time()
    stage.reboot(stage.b)
    bound = Bound(detection=stage.limits.suspected, look_up=0.0, DNS=0.0, handshake=2 * handshake(stage))
    result = back(stage, since, bound, "the hub was killed")
    stage.steady(since, pings=other_way)
    other_way.stop()
    return result


@story("self-killed")
def self_killed(stage: Stage) -> Result:
    """Our daemon is killed, and starts again at once."""
    stage.build()
    stage.open()
    since = time.time()
    stage.reboot(stage.a)
    return back(stage, since, Bound(detection=0.0, handshake=handshake(stage)), "our daemon was killed")


@story("peer-reboots-silently")
def peer_reboots_silently(stage: Stage) -> Result:
    """The peer loses its power, and is there again after some seconds, at the same address, without its SAs."""
    stage.build()
    stage.open()
    stage.lose_power(stage.b)
    stage.sites.line_down("gwB")
    fault = time.time()
    stage.pause(random.uniform(*DELAY))
    stage.sites.line_up("gwB")
    again = time.time()
    stage.b.start()
    bound = Bound(detection=stage.limits.unanswered, look_up=stage.limits.lookup_eager, DNS=0.0, handshake=handshake(stage))
    return back(stage, fault, bound, "the peer began to start", again)


@story("peer-reboots-elsewhere", slow=True)
def peer_reboots_elsewhere(stage: Stage) -> Result:
    """The peer is killed and starts again at another address; its name says so at once."""
    stage.build()
    stage.open()
    since = time.time()
    stage.lose_power(stage.b)
    stage.move("gwB", NEW_B)
    stage.publish(B=NEW_B)
    stage.b.start()
    bound = Bound(detection=stage.limits.unanswered, look_up=stage.limits.lookup_eager, DNS=0.0, handshake=handshake(stage))
    return back(stage, since, bound, "the peer was killed")


# ---- what must not be noticed

@story("loss-20-percent")
def loss_20_percent(stage: Stage) -> Result:
    """Every fifth packet is lost both ways, by chance, while the tunnel is built; then it stands for 15 seconds."""
    stage.build()
    stage.open()
    stage.lose_power(stage.a)
    stage.sites.drop(["toA", "toB"], 20)
    begun = time.time()
    stage.a.start()
    bound = Bound(retransmissions=stage.limits.retransmissions, handshake=handshake(stage))
    result = back(stage, begun, bound, "the start under loss", steady=False)
    if result[0] is None:
        return result
    # Both ends may have begun Quick Mode, and the other one's may end later; but nothing begins or ends from here on.
    log, came = stage.a.log_text(), time.time()
    stage.pause(15)
    share = stage.pings.share(came, time.time() - 1)
    since = [line for line in stage.a.log_text()[len(log):].splitlines() if " begins" in line or "tunnel down" in line]
    # Four in five, both ways: 64 % come back. That chance makes it less than 40 % of 70 is out of the question.
    if share < 0.4 or since or not stage.spis():
        raise LabError(f"{share:.0%} answered under loss; since the tunnel was up: {since}")
    stage.step(f"15 s under loss: {share:.0%} answered, no negotiation begun")
    return result


@story("reload-one-of-two")
def reload_one_of_two(stage: Stage) -> Result:
    """One of two tunnels gets another lifetime, and the file is read again: the other tunnel loses nothing."""
    networks = ("10.1.0.0/24", "10.2.0.0/24")
    stage.build(ours={"more": {"dmz": networks}}, theirs={"more": {"dmz": networks[::-1]}},
                settings={"more": {"dmz": networks[::-1]}})
    for namespace, device, address in (("lanA", "eth0", "10.1.0.10"), ("gwA", "br-lan", "10.1.0.1"),
                                       ("gwB", "lan", "10.2.0.1"), ("lanB", "eth0", "10.2.0.10")):
        stage.lab.run(namespace, "ip", "address", "add", address + "/24", "dev", device)
    stage.open()
    second = Pings(stage.lab, "lanA", "10.2.0.10", options=("-I", "10.1.0.10"))
    stage.steady(pings=second)
    before = stage.spis()
    stage.causeway().write(stage.config_a(more={"dmz": (*networks, ["lifetime '40m'"])}))
    begun = time.time()
    stage.causeway().tool("reload")
    result = back(stage, begun, Bound(detection=0.0, handshake=handshake(stage)), "the file was read again", pings=second)
    stage.steady(begun)
    second.stop()
    gap, lost = stage.pings.longest_gap(begun - 1, time.time() - 1)
    kept = before["ipsec-lan"] == stage.spis()["ipsec-lan"]
    if lost or not kept or before["ipsec-dmz"] == stage.spis()["ipsec-dmz"]:
        raise LabError(f"the other tunnel: {lost} lost, longest gap {gap:.2f} s; {before} became {stage.spis()}")
    stage.step("the tunnel that did not change lost nothing, and kept its keys")
    return result


@story("rekey-under-load", alone=True)
def rekey_under_load(stage: Stage) -> Result:
    """Both phases are renewed every few seconds under pings and a UDP stream: nothing is lost."""
    return under_load(stage)


# ---- firewalls

@story("default-drop")
def default_drop(stage: Stage) -> Result:
    """Our router's firewall drops what it does not know, and masquerades: the tunnel's packets pass all the same."""
    return firewalls.default_drop(stage)


# ---- odd networks

@story("full-tunnel")
def everything_through_it(stage: Stage) -> Result:
    """All of the LAN's traffic goes through the tunnel; gwA's daemon is killed, starts again, and is stopped."""
    return full_tunnel(stage)


# ---- the path's size

@story("mtu-hole")
def mtu_hole(stage: Stage) -> Result:
    """The way swallows packets over 1280 octets without ICMP: TCP passes both ways all the same."""
    return mtu.hole(stage)


@story("mtu-whole")
def mtu_whole(stage: Stage) -> Result:
    """The way carries what the device says: that is proven, and TCP gets all of it."""
    return mtu.whole(stage)
