"""What was on the wire: reads captures, and says what in them should not be there."""

import struct
from collections.abc import Collection, Iterable, Iterator

ETHERNET, LINUX_SLL2 = 1, 276
PROTOCOL_ICMP, PROTOCOL_UDP, PROTOCOL_ESP = 1, 17, 50
ECHO_REQUEST = 8
# A machine answers ESP that nobody there takes any more; the octets it returns are encrypted.
ICMP_ERROR = "ICMP unreachable about ESP or IKE"
IKE_PORTS, DNS_PORT = (500, 4500), 53


def packets(file: str) -> Iterator[tuple[int, bytes]]:
    """(link type, octets) of each packet of a classic pcap file."""
    with open(file, "rb") as source:
        head = source.read(24)
        if len(head) < 24:
            return
        order = "<" if head[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
        link = struct.unpack(order + "I", head[20:24])[0]
        while True:
            record = source.read(16)
            if len(record) < 16:
                return
            length = struct.unpack(order + "4I", record)[2]
            yield link, source.read(length)


def network_packet(link: int, frame: bytes) -> tuple[int, bytes]:
    """(ethertype, packet) behind the link header."""
    if link == ETHERNET:
        return struct.unpack("!H", frame[12:14])[0], frame[14:]
    if link == LINUX_SLL2:
        return struct.unpack("!H", frame[0:2])[0], frame[20:]
    raise ValueError(f"link type {link} is not expected here")


def kind(packet: bytes) -> str:
    """'IKE', 'ESP', 'ESP-in-UDP', 'DNS', 'fragment' or a description of what else an IPv4 packet is."""
    header = (packet[0] & 15) * 4
    protocol = packet[9]
    offset = struct.unpack("!H", packet[6:8])[0] & 0x1FFF
    body = packet[header:]
    addresses = ".".join(map(str, packet[12:16])) + " > " + ".".join(map(str, packet[16:20]))
    if protocol == PROTOCOL_ESP:
        return "ESP"
    if offset:
        return "fragment" if protocol == PROTOCOL_UDP else f"{addresses}: fragment of protocol {protocol}"
    if protocol == PROTOCOL_ICMP and len(body) >= 28 and body[0] == 3 and body[8 + 9] in (PROTOCOL_UDP, PROTOCOL_ESP):
        return ICMP_ERROR
    if protocol != PROTOCOL_UDP or len(body) < 8:
        return f"{addresses}: protocol {protocol}"
    ports = struct.unpack("!HH", body[:4])
    if DNS_PORT in ports:
        return "DNS"
    if 500 in ports:
        return "IKE"
    if 4500 in ports:
        return "IKE" if body[8:12] == bytes(4) or body[8:] == b"\xff" else "ESP-in-UDP"
    return f"{addresses}: UDP port {ports[1]}"


def sources(file: str) -> set[tuple[str, int]]:
    """(address, port) of each sender of IKE or ESP in UDP in a capture."""
    found = set()
    for link, frame in packets(file):
        ethertype, packet = network_packet(link, frame)
        if ethertype == 0x0800 and packet[9] == PROTOCOL_UDP and not struct.unpack("!H", packet[6:8])[0] & 0x1FFF:
            header = (packet[0] & 15) * 4
            source, target = struct.unpack("!HH", packet[header:header + 4])
            if target in IKE_PORTS:
                found.add((".".join(map(str, packet[12:16])), source))
    return found


def askers(file: str) -> set[str]:
    """Who sends ICMP echo requests in a capture."""
    found = set()
    for link, frame in packets(file):
        ethertype, packet = network_packet(link, frame)
        if ethertype == 0x0800 and packet[9] == PROTOCOL_ICMP and packet[(packet[0] & 15) * 4] == ECHO_REQUEST:
            found.add(".".join(map(str, packet[12:16])))
    return found


ALLOWED = {"IKE", "ESP", "ESP-in-UDP", "DNS", "fragment"}


class Findings:
    def __init__(self) -> None:
        self.kinds: dict[str, int] = {}
        self.foreign: list[str] = []
        self.pattern = 0

    @property
    def clean(self) -> bool:
        return not self.foreign and self.pattern == 0

    def __str__(self) -> str:
        seen = ", ".join(f"{count} {name}" for name, count in sorted(self.kinds.items()) if name in ALLOWED)
        if self.clean:
            return seen or "nothing"
        words = [seen] if seen else []
        if self.foreign:
            words.append(f"{len(self.foreign)} that do not belong there ({self.foreign[0]})")
        if self.pattern:
            words.append(f"{self.pattern} with the payload in clear")
        return ", ".join(words)


def inspect(files: Iterable[str], pattern: bytes, allowed: Collection[str] = frozenset()) -> Findings:
    """Every IPv4 packet of the captures, by kind; `pattern` (octets) must be in none of them."""
    findings = Findings()
    for file in files:
        for link, frame in packets(file):
            if pattern and pattern in frame:
                findings.pattern += 1
            ethertype, packet = network_packet(link, frame)
            if ethertype != 0x0800:
                continue
            what = kind(packet)
            findings.kinds[what] = findings.kinds.get(what, 0) + 1
            if what not in ALLOWED and what not in allowed:
                findings.foreign.append(what)
    return findings
