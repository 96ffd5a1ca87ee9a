"""What two hosts send each other, checked at both ends: a file each way by TCP, and datagrams that are numbered.

payload.py serve ADDRESS
payload.py tcp ADDRESS OCTETS
payload.py stream ADDRESS OCTETS    files of so many octets over one connection, until SIGTERM
payload.py udp ADDRESS
"""

import hashlib
import os
import random
import signal
import socket
import struct
import sys
import threading

PORT = 5003
BOUND = 20.0  # seconds in which something has to come
UDP_SEGMENT = 103  # linux/udp.h
IP_MTU_DISCOVER, IP_PMTUDISC_DONT = 10, 0  # linux/in.h
HASH_OCTETS = 32
# Of a datagram that passes the tunnel whole: 1422 octets with its headers (AES-CBC and HMAC-SHA1 in UDP over 1500).
LARGEST = 1394
# Of datagrams that are on their way at once: no queue between the hosts is shorter.
BURST = 16


def exactly(connection, octets):
    parts = []
    while octets:
        part = connection.recv(min(octets, 1 << 18))
        if not part:
            raise EOFError(f"{octets} octets short of the end")
        parts.append(part)
        octets -= len(part)
    return b"".join(parts)


def send_in_parts(connection, data):
    """In writes of many sizes, so that trains end early, and with short packets, too."""
    dice = random.Random(len(data))
    at = 0
    while at < len(data):
        size = dice.choice((1, 100, 1400, 20_000, 200_000, 1_000_000))
        connection.sendall(data[at:at + size])
        at += size


def serve_one(connection):
    """Takes a file and says its hash, then sends another with its hash behind it; as often as is asked for."""
    while True:
        octets, = struct.unpack("!Q", exactly(connection, 8))
        if octets == 0:
            return
        connection.sendall(hashlib.sha256(exactly(connection, octets)).digest())
        data = os.urandom(octets)
        send_in_parts(connection, data)
        connection.sendall(hashlib.sha256(data).digest())


def exchange(connection, octets):
    """A file there, another one back."""
    data = os.urandom(octets)
    connection.sendall(struct.pack("!Q", octets))
    send_in_parts(connection, data)
    if exactly(connection, HASH_OCTETS) != hashlib.sha256(data).digest():
        raise ValueError("another file arrived than was sent")
    back = exactly(connection, octets)
    if exactly(connection, HASH_OCTETS) != hashlib.sha256(back).digest():
        raise ValueError("another file came back than was sent")


def tcp(address, octets, lasting):
    told = []
    if lasting:
        signal.signal(signal.SIGTERM, lambda *_: told.append(True))
    with socket.create_connection((address, PORT), BOUND) as connection:
        exchange(connection, octets)
        while lasting and not told:
            exchange(connection, octets)
        connection.sendall(struct.pack("!Q", 0))


def datagram(number, size):
    return struct.pack("!I", number) + random.Random(number).randbytes(size - 4)


def udp_socket():
    """What is too large for the way is fragmented on it."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
    return one


def bursts():
    """Lists of sizes. Of one size, and the last one shorter: what can leave as one frame, and arrive so."""
    dice = random.Random(1)
    for size in (4, 100, 1000, 1200, LARGEST, LARGEST + 1, 1472, 3000):
        yield [size] * (BURST - 1) + [max(4, size // 2)]
    for _ in range(40):
        yield dice.choices((4, 5, 64, 577, 1000, LARGEST - 1, LARGEST, LARGEST + 1, 1472, 1473, 3000), k=BURST)


def udp(address):
    """Each burst once datagram by datagram and once as one frame where that is possible; all come back, once and in order."""
    number = 0
    with udp_socket() as one:
        one.connect((address, PORT))
        one.settimeout(BOUND)
        for sizes in bursts():
            # The system takes no frame of datagrams that would have to be fragmented.
            for joined in {False, len(set(sizes[:-1])) == 1 and sizes[0] <= LARGEST}:
                sent = [datagram(number + i, size) for i, size in enumerate(sizes)]
                number += len(sent)
                if joined:
                    one.sendmsg([b"".join(sent)], [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("H", sizes[0]))])
                else:
                    for each in sent:
                        one.send(each)
                for expected in sent:
                    try:
                        got = one.recv(1 << 16)
                    except TimeoutError:
                        raise ValueError(f"datagram {expected[:4].hex()} of {len(expected)} octets was lost") from None
                    if got != expected:
                        raise ValueError(f"{got[:4].hex()} of {len(got)} octets came in place of {expected[:4].hex()} of "
                                         f"{len(expected)}, sent {'as one' if joined else 'one by one'}: {sizes}")
        one.setblocking(False)
        try:
            raise ValueError(f"datagram {one.recv(1 << 16)[:4].hex()} came twice")
        except BlockingIOError:
            pass


def echo(one):
    while True:
        data, sender = one.recvfrom(1 << 16)
        one.sendto(data, sender)


def serve(address):
    one = udp_socket()
    one.bind((address, PORT))
    threading.Thread(target=echo, args=(one,), daemon=True).start()
    with socket.create_server((address, PORT)) as listener:
        print("listening", flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                try:
                    serve_one(connection)
                except (OSError, EOFError) as error:
                    print(f"a connection ended early: {error}", flush=True)


def main(what, address, *octets):
    if what == "serve":
        serve(address)
    elif what == "udp":
        udp(address)
    else:
        tcp(address, int(octets[0]), what == "stream")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (OSError, EOFError, ValueError) as reason:
        sys.exit(str(reason) or type(reason).__name__)
