"""When the fault was shown: the first packet of the other end that carries it, in a capture of our gateway's WAN device.

What each word means is said at SHOWN. Where nothing comes at all, the evidence is the third transmission of one message
of ours that has no answer.
"""

import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "lab")]

import wire  # noqa: E402

AGGRESSIVE, MAIN, INFORMATIONAL, QUICK = 4, 2, 5, 32
ENCRYPTED = 1  # of the flags, RFC 2408, 3.1
UNANSWERED = 3
# The header of a classic pcap file, and of a record.
FILE_HEADER, RECORD_HEADER = 24, 16


@dataclass(frozen=True)
class Packet:
    time: float
    ours: bool  # our gateway sent it
    protocol: int
    ports: tuple[int, int]
    body: bytes

    @property
    def ike(self) -> bytes:
        """An IKE message without the marker of port 4500, or nothing."""
        if self.protocol != wire.PROTOCOL_UDP or not set(self.ports) & {500, 4500}:
            return b""
        message = self.body[4:] if 4500 in self.ports and self.body[:4] == bytes(4) else self.body
        if 4500 in self.ports and self.body[:4] != bytes(4):
            return b""
        return message if len(message) >= 28 else b""

    @property
    def exchange(self) -> int:
        return self.ike[18] if self.ike else 0

    @property
    def encrypted(self) -> bool:
        return bool(self.ike) and bool(self.ike[19] & ENCRYPTED)

    @property
    def esp(self) -> bool:
        return self.protocol == wire.PROTOCOL_ESP or (4500 in self.ports and len(self.body) > 8 and self.body[:4] != bytes(4))


def read(file: str, own: str) -> list[Packet]:
    """The IPv4 packets of a capture by Ethernet; `own`: our gateway's address there."""
    return list(_packets(Path(file).read_bytes(), bytes(map(int, own.split(".")))))


def _packets(octets: bytes, own: bytes) -> Iterator[Packet]:
    place = FILE_HEADER
    while place + RECORD_HEADER <= len(octets):
        seconds, microseconds, length, _ = struct.unpack_from("<4I", octets, place)
        frame = octets[place + RECORD_HEADER:place + RECORD_HEADER + length]
        place += RECORD_HEADER + length
        kind, packet = wire.network_packet(wire.ETHERNET, frame)
        if kind != 0x0800 or struct.unpack("!H", packet[6:8])[0] & 0x1FFF:
            continue
        body = packet[(packet[0] & 15) * 4:struct.unpack("!H", packet[2:4])[0]]
        source, target, protocol = 0, 0, packet[9]
        if protocol == wire.PROTOCOL_UDP and len(body) >= 8:
            source, target = struct.unpack("!HH", body[:4])
            body = body[8:]
        yield Packet(seconds + microseconds / 1e6, packet[12:16] == own, protocol, (source, target), body)


def _first(packets: list[Packet], fits: Callable[[Packet], bool]) -> float | None:
    return next((packet.time for packet in packets if fits(packet)), None)


def _theirs(exchange: int) -> Callable[[list[Packet]], float | None]:
    return lambda packets: _first(packets, lambda packet: not packet.ours and packet.exchange == exchange)


def _proof(packets: list[Packet]) -> float | None:
    """Message 5 or 6 of Main Mode, or of Aggressive Mode their second message as caller, their first as called."""
    first = next((packet for packet in packets if packet.ike), None)
    if first is None or first.exchange == MAIN:
        return _first(packets, lambda packet: not packet.ours and packet.exchange == MAIN and packet.encrypted)
    theirs = [packet for packet in packets if not packet.ours and packet.exchange == AGGRESSIVE]
    if first.ours:
        return theirs[0].time if theirs else None
    return next((packet.time for packet in theirs if packet.ike != first.ike), None)


def _refusal_of_phase2(packets: list[Packet]) -> float | None:
    asked = next((number for number, packet in enumerate(packets) if packet.exchange == QUICK), len(packets))
    return _theirs(INFORMATIONAL)(packets[asked:])


def _silence(packets: list[Packet]) -> float | None:
    """The third transmission of the last message of ours that was sent as often."""
    times: dict[bytes, list[float]] = {}
    for packet in packets:
        if packet.ours and packet.ike:
            times.setdefault(packet.ike, []).append(packet.time)
    thirds = [sent[UNANSWERED - 1] for sent in times.values() if len(sent) >= UNANSWERED]
    return thirds[0] if thirds else None


def _third_unanswered_esp(packets: list[Packet]) -> float | None:
    sent = [packet.time for packet in packets if packet.ours and packet.esp]
    return sent[UNANSWERED - 1] if len(sent) >= UNANSWERED else None


def _stops(packets: list[Packet]) -> float | None:
    """A caller sends a message again: what we answered has not come, or it does not like it."""
    seen: set[bytes] = set()
    for packet in packets:
        if not packet.ours and packet.ike:
            if packet.ike in seen:
                return packet.time
            seen.add(packet.ike)
    return None


SHOWN: dict[str, Callable[[list[Packet]], float | None]] = {
    "call": lambda packets: _first(packets, lambda packet: not packet.ours and bool(packet.ike)),
    "refusal": _theirs(INFORMATIONAL),
    "refusal of phase 2": _refusal_of_phase2,
    "proof": _proof,
    "quick mode": _theirs(QUICK),
    "icmp": lambda packets: _first(packets, lambda packet: not packet.ours and packet.protocol == wire.PROTOCOL_ICMP),
    "dns": lambda packets: _first(packets, lambda packet: not packet.ours and wire.DNS_PORT in packet.ports),
    "their esp": lambda packets: _first(packets, lambda packet: not packet.ours and packet.esp),
    "our esp": _third_unanswered_esp,
    "repetition": _stops,
    "silence": _silence,
}
# Of the daemon's own log, where the wire shows nothing: the tunnel is up.
UP = "up"


def moment(packets: list[Packet], shown: str) -> float | None:
    """Of the first of the words, between bars, that is there."""
    for word in shown.split("|"):
        found = SHOWN[word](packets)
        if found is not None:
            return found
    return None
