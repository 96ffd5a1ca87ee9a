"""A host behind a TUN device that answers a ping's probes, the last one late; run inside a namespace.

late_answer.py DEVICE ADDRESS COUNT SECONDS SEQUENCE    the probe numbered COUNT is answered SECONDS late; SEQUENCE never
"""

import fcntl
import os
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
ECHO_REQUEST = 8


def echo_reply(packet):
    """The answer to an ICMP echo request without IP options: addresses exchanged, the type 0 (RFC 792)."""
    reply = bytearray(packet)
    reply[12:16], reply[16:20] = packet[16:20], packet[12:16]
    reply[20] = 0
    total = struct.unpack_from("!H", packet, 22)[0] + (ECHO_REQUEST << 8)
    struct.pack_into("!H", reply, 22, (total & 0xFFFF) + (total >> 16))
    return bytes(reply)


def main():
    device, address, count, seconds, never = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
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
            time.sleep(seconds)
        os.write(tun, echo_reply(packet))


if __name__ == "__main__":
    main()
