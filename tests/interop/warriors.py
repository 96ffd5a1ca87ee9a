"""Gateway and road warriors: who authenticates how and which networks each one reaches, as facts; the files that either program
reads are made of them.

The facts are those of strongSwan's testing/tests/ikev1/rw-psk-ipv4, rw-psk-fqdn, rw-psk-ip-ranges and rw-psk-aggressive.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass

MOON, CAROL, DAVE, WINNETOU = "192.168.0.1", "192.168.0.100", "192.168.0.200", "192.168.0.150"
ALICE, VENUS, BEYOND = "10.1.0.10", "10.1.0.19", "10.1.0.21"
LAN = "10.1.0.0/16"
COMMON = ("aes128-sha256-x25519", "aes128gcm16-x25519")
OTHER = ("aes192-sha384-modp4096", "aes192gcm16-modp4096")
KEYS = {name: bytes((start + 37 * step) % 256 for step in range(24))
        for name, start in (("carol", 11), ("dave", 101), ("range", 171), ("anybody", 201), ("nobody", 231))}


@dataclass(frozen=True)
class Warrior:
    name: str
    address: str
    key: str  # of KEYS
    networks: tuple[str, ...] = (LAN,)  # on the gateway's side
    identity: str = ""  # what it says it is; none: its address
    suites: tuple[str, str] = COMMON
    # How strongSwan's gateway knows it: the addresses it may call from, whose key that is, the networks in one piece.
    callers: str = ""
    key_owner: str = ""
    selector: str = ""

    @property
    def id(self) -> str:
        return self.identity or self.address

    @property
    def host(self) -> str:
        return self.address + "/32"


@dataclass(frozen=True)
class Spare:
    """A key of the gateway's that is none of the two road warriors'."""

    key: str
    owner: str  # as strongSwan writes it


@dataclass(frozen=True)
class Scenario:
    warriors: tuple[Warrior, ...]
    moon: str = ""  # what the gateway says it is; none: its address
    aggressive: bool = False
    one_connection: bool = False  # strongSwan's gateway has one for all callers, whose identities it does not know
    fixed: bool = True  # causeway's gateway knows their addresses before they call
    spares: tuple[Spare, ...] = ()
    # The gateway's own addresses in its networks: without one kernel-libipsec has no route for a network.
    own: tuple[str, ...] = ()
    # (from, address, its own address or nothing): pings that pass beside those between alice and the road warriors, and that
    # must not pass.
    right: tuple[tuple[str, str, str], ...] = ()
    wrong: tuple[tuple[str, str, str], ...] = ()

    @property
    def moon_id(self) -> str:
        return self.moon or MOON

    def called(self, name: str) -> Warrior:
        return next(warrior for warrior in self.warriors if warrior.name == name)


ALICE_TO_BOTH = (("alice", CAROL, ""), ("alice", DAVE, ""), ("carol", ALICE, ""), ("dave", ALICE, ""))
CALLED, UNNAMED = "moon.example.org", ("alice", WINNETOU, "")
PAIR = (Warrior("carol", CAROL, "carol"), Warrior("dave", DAVE, "dave"))
NAMED = (Warrior("carol", CAROL, "carol", identity="carol@example.org"),
         Warrior("dave", DAVE, "dave", identity="dave@example.org"))
RANGES = (
    Warrior("carol", CAROL, "carol", ("10.1.0.0/28",), callers="192.168.0.96/28", key_owner="192.168.0.96/28"),
    # 10.1.0.17 to 10.1.0.20 is no network.
    Warrior("dave", DAVE, "dave", ("10.1.0.17/32", "10.1.0.18/31", "10.1.0.20/32"), suites=OTHER,
            callers="192.168.0.150-192.168.0.200", selector="10.1.0.17-10.1.0.20"),
)
SCENARIOS = {
    "ipv4": Scenario(PAIR, right=ALICE_TO_BOTH, wrong=(UNNAMED,)),
    "fqdn": Scenario(NAMED, CALLED, right=ALICE_TO_BOTH, wrong=(UNNAMED,)),
    "aggressive": Scenario(NAMED, CALLED, aggressive=True, one_connection=True, fixed=False, right=ALICE_TO_BOTH,
                           wrong=(UNNAMED,)),
    "ip-ranges": Scenario(
        RANGES, fixed=False, own=("10.1.0.17", "10.1.0.18", "10.1.0.20"),
        spares=(Spare("anybody", "0.0.0.0/0"), Spare("range", "192.168.0.150-192.168.0.200")),
        right=(("alice", CAROL, ""), ("venus", DAVE, ""), ("carol", ALICE, ""), ("dave", VENUS, "")),
        wrong=(UNNAMED, ("alice", DAVE, ""), ("venus", CAROL, ""), ("carol", VENUS, ""), ("dave", ALICE, ""),
               # The next larger network would hold them.
               ("dave", BEYOND, ""), ("venus", DAVE, BEYOND))),
}


def hexadecimal(key: str) -> str:
    return "0x" + KEYS[key].hex()


def in_base64(key: str) -> str:
    return "0s" + base64.b64encode(KEYS[key]).decode()


# ---- causeway's files: the fourth UCI schema

def _remote(name: str, *, address: str, ours: str, theirs: str, key: str, pairs: Iterable[tuple[str, str]],
            suites: tuple[str, str], aggressive: bool, start: str) -> str:
    pairs = list(pairs)
    lines = [f"config remote '{name}'", "option enabled '1'", f"list remote_addrs '{address}'", "option keyexchange 'ikev1'",
             "option authentication_method 'psk'", f"option pre_shared_key '{key}'", f"option aggressive '{int(aggressive)}'",
             "option own_name 'none'", f"list crypto_proposal 'ike_{name}'"]
    identities = (("local_identifier", ours), ("remote_identifier", theirs))
    lines += [f"option {option} '{value}'" for option, value in identities if value]
    lines += [f"list child '{name}_{number}'" for number, _ in enumerate(pairs)]
    for number, (local, remote) in enumerate(pairs):
        lines += [f"config child '{name}_{number}'", f"list local_subnet '{local}'", f"list remote_subnet '{remote}'",
                  f"option start_action '{start}'", f"list crypto_proposal 'esp_{name}'"]
    for kind, suite in zip(("ike", "esp"), suites):
        cipher, *rest = suite.split("-")
        lines += [f"config crypto_proposal '{kind}_{name}'", f"option encryption_algorithm '{cipher}'",
                  *(f"option hash_algorithm '{digest}'" for digest in rest[:-1]), f"option dh_group '{rest[-1]}'"]
    return "\n".join(lines) + "\n"


def causeway_gateway(scenario: Scenario) -> str:
    text = "config globals\noption debug '2'\n"
    for warrior in scenario.warriors:
        text += _remote(warrior.name, address=warrior.address if scenario.fixed else "%any", ours=scenario.moon,
                        theirs=warrior.id, key=in_base64(warrior.key),
                        pairs=[(network, warrior.host) for network in warrior.networks], suites=warrior.suites,
                        aggressive=scenario.aggressive, start="none")
    for number, spare in enumerate(scenario.spares):
        # Who else has such a key is known by no address; it reaches something else.
        text += _remote(spare.key, address="%any", ours=scenario.moon, theirs="%any", key=in_base64(spare.key),
                        pairs=[("10.1.1.0/24", f"192.168.0.{150 + number}/32")], suites=OTHER, aggressive=scenario.aggressive,
                        start="none")
    return text


def causeway_warrior(scenario: Scenario, warrior: Warrior) -> str:
    return "config globals\noption debug '2'\n" + _remote(
        "home", address=MOON, ours=warrior.identity, theirs=scenario.moon_id, key=hexadecimal(warrior.key),
        pairs=[(warrior.host, network) for network in warrior.networks], suites=warrior.suites, aggressive=scenario.aggressive,
        start="start")


# ---- strongSwan's files

def _connection(name: str, *, addresses: str, ours: str, theirs: str, children: dict[str, str], suites: tuple[str, str],
                aggressive: bool) -> str:
    def end(side: str, identity: str) -> str:
        return f"    {side} {{ auth = psk\n{f'      id = {identity}' if identity else ''}\n    }}\n"

    written = "".join(f"      {child} {{\n        {selector}\n        esp_proposals = {suites[1]}\n      }}\n"
                      for child, selector in children.items())
    return (f"  {name} {{\n    version = 1\n    aggressive = {'yes' if aggressive else 'no'}\n    proposals = {suites[0]}\n"
            f"{addresses}{end('local', ours)}{end('remote', theirs)}    children {{\n{written}    }}\n  }}\n")


def _secret(name: str, owner: str, key: str) -> str:
    return f"  ike-{name} {{\n    id = {owner}\n    secret = {key}\n  }}\n"


def strongswan_gateway(scenario: Scenario) -> str:
    callers = scenario.warriors[:1] if scenario.one_connection else scenario.warriors
    connections = "".join(
        _connection(f"rw-{number}", ours=scenario.moon, theirs="" if scenario.one_connection else warrior.identity,
                    addresses=f"    local_addrs = {MOON}\n" + (
                        "" if scenario.one_connection else f"    remote_addrs = {warrior.callers or warrior.address}\n"),
                    children={f"net-{number}": f"local_ts = {warrior.selector or ','.join(warrior.networks)}"},
                    suites=warrior.suites, aggressive=scenario.aggressive)
        for number, warrior in enumerate(callers, 1))
    owned = [(spare.key, spare.owner, spare.key) for spare in scenario.spares]
    owned += [(warrior.name, warrior.key_owner or warrior.id, warrior.key) for warrior in scenario.warriors]
    secrets = "".join(_secret(name, owner, in_base64(key)) for name, owner, key in owned)
    return f"connections {{\n{connections}}}\nsecrets {{\n{secrets}}}\n"


def strongswan_warrior(scenario: Scenario, warrior: Warrior, whole: bool = False) -> str:
    """`whole`: its networks in one piece, as a range, which only strongSwan answers."""
    selectors = (warrior.selector,) if whole and warrior.selector else warrior.networks
    connection = _connection(
        "home", addresses=f"    local_addrs = {warrior.address}\n    remote_addrs = {MOON}\n", ours=warrior.identity,
        theirs=scenario.moon, suites=warrior.suites, aggressive=scenario.aggressive,
        children={f"home-{number}": f"remote_ts = {selector}" for number, selector in enumerate(selectors, 1)})
    secret = _secret("moon", scenario.moon_id, hexadecimal(warrior.key))
    return f"connections {{\n{connection}}}\nsecrets {{\n{secret}}}\n"
