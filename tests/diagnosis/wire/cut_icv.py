"""A peer that cuts SHA2-256 to 96 bits, as Linux did before 2.6.33: made of one that does it right.

HMAC-SHA-256-128 ends a packet with the first 16 octets of the hash (RFC 4868, 2.6), and the draft before it with 12: what
such a peer sends is the right packet without its last four octets. Run between the ends, where a rule drops ESP in UDP of
the one named device; sends on to the other end what is left of each packet.

cut_icv.py DEVICE
"""

import socket
import struct
import sys

ETH_P_IP = 0x0800
CUT = 4
UDP, NAT_T_PORT = 17, 4500
ETHERNET_HEADER, UDP_HEADER = 14, 8
PACKET_OUTGOING = 4  # packet(7): sent by this machine


def checksum(header: bytes) -> int:
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def shorter(packet: bytes) -> bytes | None:
    """None: not ESP in UDP."""
    length = (packet[0] & 15) * 4
    total = struct.unpack("!H", packet[2:4])[0]
    body = packet[length + UDP_HEADER:total]
    from_nat_t = packet[9] == UDP and struct.unpack("!H", packet[length:length + 2])[0] == NAT_T_PORT
    if not from_nat_t or len(body) < 32 or body[:4] == bytes(4):
        return None
    body = body[:-CUT]
    header = bytearray(packet[:length])
    header[2:4] = struct.pack("!H", total - CUT)
    header[10:12] = bytes(2)
    header[10:12] = struct.pack("!H", checksum(bytes(header)))
    # No checksum, as for all ESP in UDP (RFC 3948, 2.1).
    return bytes(header) + packet[length:length + 4] + struct.pack("!HH", UDP_HEADER + len(body), 0) + body


def main() -> None:
    seen = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    seen.bind((sys.argv[1], ETH_P_IP))
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    while True:
        frame, where = seen.recvfrom(65535)
        packet = frame[ETHERNET_HEADER:]
        cut = shorter(packet) if where[2] != PACKET_OUTGOING else None
        if cut is not None:
            out.sendto(cut, (socket.inet_ntoa(packet[16:20]), 0))


if __name__ == "__main__":
    main()
