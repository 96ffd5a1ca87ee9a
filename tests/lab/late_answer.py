"""A host behind a TUN device that answers a ping's probes, the last one only after ping has ended; run inside a namespace.

late_answer.py DEVICE ADDRESS COUNT NEVER    the probe numbered COUNT is answered late, the one numbered NEVER not at all
(0: all are); the numbers are ping's, from 1
"""

import fcntl
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lab import wait  # noqa: E402

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
ECHO_REQUEST = 8


def echo_reply(packet: bytes) -> bytes:
    """The answer to an ICMP echo request without IP options: addresses exchanged, the type 0 (RFC 792)."""
    reply = bytearray(packet)
    reply[12:16], reply[16:20] = packet[16:20], packet[12:16]
    reply[20] = 0
    total = struct.unpack_from("!H", packet, 22)[0] + (ECHO_REQUEST << 8)
    struct.pack_into("!H", reply, 22, (total & 0xFFFF) + (total >> 16))
    return bytes(reply)


def pings() -> int:
    """How many sockets of ping there are in this namespace: raw ones, or those for echoes alone."""
    sockets = 0
    for table in ("/proc/net/raw", "/proc/net/icmp"):
        with open(table) as file:
            sockets += len(file.readlines()) - 1
    return sockets


def main() -> None:
    device, address, count, never = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "address", "add", address, "dev", device], check=True)
    subprocess.run(["ip", "link", "set", device, "up"], check=True)
    print("ready", flush=True)
    while True:
        packet = os.read(tun, 2048)
        if packet[0] >> 4 != 4 or packet[9] != 1 or packet[20] != ECHO_REQUEST:
            continue
        sequence = struct.unpack_from("!H", packet, 26)[0]
        if sequence == never:
            continue
        if sequence == count:
            wait(lambda: pings() == 0, "ping ends")
        os.write(tun, echo_reply(packet))


if __name__ == "__main__":
    main()
