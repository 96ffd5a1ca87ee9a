"""Random pairs of files: ours for causewayd in UCI, the other side's for strongSwan in swanctl.conf. A pair begins right and
is bent here and there; the same number is always the same pair."""

import ipaddress
import random
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sites import NAME_A, NAME_B, PSK, WAN_A, WAN_B

Word = TypeVar("Word")
Networks = tuple[str, str]  # on our side, on theirs
OURS, THEIRS = "ours", "theirs"
CALLERS = (OURS, THEIRS)

NETS_A = ("10.1.0.0/16", "172.16.1.0/24", "192.168.11.0/24")
NETS_B = ("10.2.0.0/16", "172.16.2.0/24", "192.168.12.0/24")
# What somebody may have written in place of each: a longer mask, a shorter one, another network.
BENT = {"10.1.0.0/16": ("10.1.3.0/24", "10.61.0.0/16"), "10.2.0.0/16": ("10.2.3.0/24", "10.62.0.0/16"),
        "172.16.1.0/24": ("172.16.0.0/23", "172.16.1.0/25"), "172.16.2.0/24": ("172.16.2.0/23", "172.16.2.0/25"),
        "192.168.11.0/24": ("192.168.11.0/25", "192.168.61.0/24"), "192.168.12.0/24": ("192.168.12.0/25", "192.168.62.0/24")}
# What each site's gateway (.1) and host (.10) have addresses in.
LANS_A = ("10.1.3", "172.16.1", "192.168.11")
LANS_B = ("10.2.3", "172.16.2", "192.168.12")

# Of equal strength in the group, so that a bent pair may still meet.
IKE = ("aes128-sha1-modp1024", "aes256-sha512-modp1024", "aes256-sha256-modp2048", "aes128-sha256-modp2048",
       "aes128-sha1-modp2048", "3des-sha1-modp1024", "aes192-sha384-ecp256", "aes128-sha256-x25519", "aes256-sha1-modp1536")
ESP = ("aes128-sha1-modp1024", "aes256-sha512-modp1024", "aes128-sha1", "aes256gcm16-modp2048", "aes256-sha256",
       "aes128-sha1-modp2048", "aes256-sha256-ecp256", "aes128gcm16", "3des-sha1-modp1024")
# What only strongSwan's files have: several algorithms of a kind in one proposal, and its own list.
IKE_OF_STRONGSWAN = ("aes128-aes256-sha1-sha256-modp1024-modp2048", "aes256-aes128-sha512-sha1-modp2048-modp1024", "default",
                     "aes128-sha256-prfsha256-modp2048")
ESP_OF_STRONGSWAN = ("aes128-aes256-sha1-sha256-modp1024-modp2048", "aes256-sha512-sha1", "default",
                     "aes128-sha1-modp1024-none", "aes256gcm16-aes128gcm16-modp2048", "aes128-sha1-noesn",
                     "aes128-sha1-modp1024-esn-noesn")


@dataclass(frozen=True)
class Id:
    """An identity as either file writes it. None: not written."""

    uci: str | None
    swanctl: str | None


def ids_of(name: str, address: str) -> tuple[Id, ...]:
    return (Id("@" + name, name), Id("@" + name, "@" + name), Id("@" + name, "fqdn:" + name), Id("@" + name, name.upper()),
            Id(f"vpn@{name}", f"vpn@{name}"), Id(f"vpn@{name}", f"userfqdn:vpn@{name}"), Id(address, address),
            Id("keyid:" + name.partition(".")[0], "keyid:" + name.partition(".")[0]), Id(None, None))


# What an end does not have, in either file's words.
WRONG_IDS = (Id("@somebody.example", "fqdn:somebody.example"), Id("192.0.2.77", "192.0.2.77"),
             Id("me@somebody.example", "me@somebody.example"), Id("@" + NAME_A, NAME_A), Id("@" + NAME_B, NAME_B))
ANYBODY = Id("%any", "%any")
NOWHERE = "192.0.2.9"  # an address that nobody has


@dataclass(frozen=True)
class Side:
    peer: str  # as this side calls the other
    own_id: Id
    peer_id: Id
    nets: tuple[Networks, ...]
    ike: tuple[str, ...]
    esp: tuple[str, ...]
    mode: str = "main"
    psk: str = PSK
    ike_seconds: int | None = None
    esp_seconds: int | None = None
    encap: bool = False
    either_mode: bool = False  # ours alone
    own_address: str | None = None
    # strongSwan's alone
    secret_ids: tuple[str, ...] = ()
    one_child: bool = False  # all networks in it
    version: int = 1
    tries: int = 1
    more: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Pair:
    number: int
    ours: Side
    theirs: Side

    def uci(self, caller: str) -> str:
        return write_uci(self.ours, caller == OURS)

    def swanctl(self, caller: str) -> str:
        return write_swanctl(self.theirs, caller == THEIRS)

    def wanted(self, caller: str) -> set[Networks]:
        """What has to be up: what both sides have, and what the caller asks for. One that only the other side has is
        nobody's loss."""
        theirs = set(self.theirs.nets)
        asked = theirs
        if self.theirs.one_child:
            of_a, of_b = (standing_alone(nets) for nets in zip(*self.theirs.nets))
            theirs = {(a, b) for a in of_a for b in of_b}
            asked = {(of_a[0], of_b[0])}  # IKEv1 has one pair in a Quick Mode
        ours = set(self.ours.nets)
        return ours if caller == OURS else asked | (ours & theirs)


def standing_alone(nets: tuple[str, ...]) -> list[str]:
    """charon drops what lies in another one of the same side."""
    known = {net: ipaddress.IPv4Network(net) for net in nets}
    return [net for net in known if not any(known[net] != other and known[net].subnet_of(other) for other in known.values())]


class Maker:
    def __init__(self, number: int) -> None:
        self.number = number
        self.random = random.Random(number)
        self.rarity = self.one(1, 2, 4)  # many faults in one pair hide each other

    def one_in(self, number: int) -> bool:
        return self.random.randrange(number) == 0

    def fault_in(self, number: int) -> bool:
        return self.one_in(number * self.rarity)

    def one(self, *words: Word) -> Word:
        return self.random.choice(words)

    def some(self, words: tuple[str, ...], among: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Some of them, and whatever is in `among` in front or behind."""
        found = list(among)
        while self.one_in(2) or not found:
            word = self.one(*words)
            if word not in found:
                found.insert(self.random.randrange(len(found) + 1), word)
        return tuple(found)

    def pair(self) -> Pair:
        id_a, id_b = self.one(*ids_of(NAME_A, WAN_A)), self.one(*ids_of(NAME_B, WAN_B))
        nets = tuple(self.random.sample([(a, b) for a in NETS_A for b in NETS_B], self.one(1, 1, 1, 2, 3)))
        mode = self.one("main", "main", "main", "aggressive")
        ike, esp = (self.one(*IKE),), (self.one(*ESP),)
        ours = Side(self.one(NAME_B, NAME_B, WAN_B), id_a, id_b, nets, ike, esp, mode)
        theirs = Side(self.one(NAME_A, NAME_A, WAN_A), id_b, id_a, nets, ike, esp, mode)
        ours, theirs = self.bend_ours(self.bend(ours)), self.bend_theirs(self.bend(theirs))
        if theirs.peer == NOWHERE:
            ours = replace(ours, own_address=WAN_A)  # else no file would say that the address is wrong
        return Pair(self.number, ours, theirs)

    def bend(self, side: Side) -> Side:
        """What may be different on either side."""
        if self.one_in(3):
            side = replace(side, ike=self.some(IKE, side.ike if not self.fault_in(4) else ()))
        if self.one_in(3):
            side = replace(side, esp=self.some(ESP, side.esp if not self.fault_in(4) else ()))
        if self.fault_in(16):
            side = replace(side, mode="main" if side.mode == "aggressive" else "aggressive")
        if self.fault_in(16):
            side = replace(side, psk="another-key-of-somebody-else")
        if self.one_in(8):
            side = replace(side, peer_id=ANYBODY)
        if self.fault_in(10):
            side = replace(side, peer_id=self.one(Id(None, None), self.one(*WRONG_IDS)))
        if self.fault_in(20):
            side = replace(side, own_id=self.one(Id(None, None), *WRONG_IDS))
        if self.one_in(4):
            side = replace(side, ike_seconds=self.one(600, 1800, 28800, 86400))
        if self.one_in(4):
            side = replace(side, esp_seconds=self.one(300, 1200, 28800))
        return replace(self.bend_networks(side), encap=self.one_in(4))

    def bend_networks(self, side: Side) -> Side:
        if self.fault_in(8):
            at = self.random.randrange(len(side.nets))
            a, b = side.nets[at]
            bent = (self.one(*BENT[a]), b) if self.one_in(2) else (a, self.one(*BENT[b]))
            side = replace(side, nets=side.nets[:at] + (bent,) + side.nets[at + 1:])
        if self.fault_in(10):
            more = self.one(*[(a, b) for a in NETS_A for b in NETS_B])
            if more not in side.nets:
                side = replace(side, nets=(*side.nets, more))
        elif len(side.nets) > 1 and self.fault_in(6):
            side = replace(side, nets=side.nets[1:])
        return side

    def bend_ours(self, side: Side) -> Side:
        if self.fault_in(8):
            side = replace(side, peer="any")
        return replace(side, either_mode=self.one_in(8))

    def bend_theirs(self, side: Side) -> Side:
        if self.one_in(5):
            side = replace(side, ike=self.some(IKE_OF_STRONGSWAN, side.ike if not self.fault_in(3) else ()))
        if self.one_in(5):
            side = replace(side, esp=self.some(ESP_OF_STRONGSWAN, side.esp if not self.fault_in(3) else ()))
        if self.one_in(10):
            side = replace(side, peer=self.one("%any", f"{side.peer}, %any"))
        elif self.fault_in(20):
            side = replace(side, peer=NOWHERE)
        if self.one_in(6):
            side = replace(side, own_address=self.one(WAN_B, "%any"))
        if self.one_in(3):
            owners = [self.one(side.own_id, side.peer_id).swanctl,
                      (self.one(*WRONG_IDS) if self.fault_in(3) else side.peer_id).swanctl]
            side = replace(side, secret_ids=tuple(id for id in owners if id is not None and id != "%any"))
        more = [option for option in ("fragmentation = no", "unique = replace", "dpd_delay = 20s", "mobike = no",
                                      "send_cert = never") if self.one_in(8)]
        return replace(side, one_child=len(side.nets) > 1 and self.one_in(4), version=0 if self.fault_in(16) else 1,
                       tries=self.one(1, 1, 0, 3), more=tuple(more))


def make(number: int) -> Pair:
    return Maker(number).pair()


def write_uci(side: Side, calls: bool) -> str:
    lines = ["config ipsec", "  option debug '2'", "", "config remote 'charon'", "  option enabled '1'",
             f"  option gateway '{side.peer}'", f"  option exchange_mode '{side.mode}'",
             "  option authentication_method 'psk'", f"  option pre_shared_key '{side.psk}'"]
    lines += [f"  option {name} '{value}'" for name, value in (
        ("local_gateway", side.own_address), ("local_identifier", side.own_id.uci),
        ("remote_identifier", side.peer_id.uci), ("ikelifetime", side.ike_seconds),
        ("force_encapsulation", "1" if side.encap else None), ("accept_either_mode", "1" if side.either_mode else None),
    ) if value is not None]
    lines += [f"  list p1_proposal 'ike{at}'" for at in range(len(side.ike))]
    lines += [f"  list tunnel 'net{at}'" for at in range(len(side.nets))]
    for at, suite in enumerate(side.ike):
        cipher, digest, group = suite.split("-")
        lines += ["", f"config p1_proposal 'ike{at}'", f"  option encryption_algorithm '{cipher}'",
                  f"  option hash_algorithm '{digest}'", f"  option dh_group '{group}'"]
    for at, (local, remote) in enumerate(side.nets):
        lines += ["", f"config tunnel 'net{at}'", f"  option local_subnet '{local}'", f"  option remote_subnet '{remote}'",
                  f"  option mode '{'start' if calls else 'add'}'",
                  f"  option p2_proposal '{' '.join(f'esp{number}' for number in range(len(side.esp)))}'"]
        lines += [f"  option lifetime '{side.esp_seconds}'"] if side.esp_seconds is not None else []
    for at, suite in enumerate(side.esp):
        cipher, *rest = suite.split("-")
        lines += ["", f"config p2_proposal 'esp{at}'", f"  option encryption_algorithm '{cipher}'"]
        for word in rest:
            is_group = word.startswith(("modp", "ecp", "x25519"))
            lines.append(f"  option {'pfs_group' if is_group else 'authentication_algorithm'} '{word}'")
    return "\n".join(lines) + "\n"


def write_swanctl(side: Side, calls: bool) -> str:
    def auth(name: str, identity: str | None) -> list[str]:
        return [f"    {name} {{", "      auth = psk", *([f"      id = {identity}"] if identity else []), "    }"]

    children = [side.nets] if side.one_child else [(nets,) for nets in side.nets]
    lines = ["connections {", "  causeway {", f"    version = {side.version}", f"    remote_addrs = {side.peer}",
             f"    proposals = {', '.join(side.ike)}", f"    aggressive = {'yes' if side.mode == 'aggressive' else 'no'}",
             f"    encap = {'yes' if side.encap else 'no'}", f"    keyingtries = {side.tries}"]
    lines += [f"    local_addrs = {side.own_address}"] if side.own_address else []
    lines += [f"    rekey_time = {side.ike_seconds}"] if side.ike_seconds is not None else []
    lines += [f"    {option}" for option in side.more]
    lines += [*auth("local", side.own_id.swanctl), *auth("remote", side.peer_id.swanctl), "    children {"]
    for at, nets in enumerate(children):
        lines += [f"      net{at} {{", f"        local_ts = {', '.join(dict.fromkeys(b for _, b in nets))}",
                  f"        remote_ts = {', '.join(dict.fromkeys(a for a, _ in nets))}",
                  f"        esp_proposals = {', '.join(side.esp)}", f"        start_action = {'start' if calls else 'none'}"]
        if side.esp_seconds is not None:
            lines += [f"        life_time = {side.esp_seconds}", f"        rekey_time = {side.esp_seconds * 9 // 10}"]
        lines += ["      }"]
    lines += ["    }", "  }", "}", "secrets {", "  ike-causeway {"]
    lines += [f"    id-{at} = {owner}" for at, owner in enumerate(side.secret_ids)]
    lines += [f'    secret = "{side.psk}"', "  }", "}"]
    return "\n".join(lines) + "\n"
