#!/usr/bin/python3
"""Runs a program where a file says what the name server answers: names.py FILE COMMAND...

The program keeps its own files, and finds a resolv.conf, a hosts and a nsswitch.conf of this namespace in /etc, so it asks
as on any machine; nothing leaves it. A line of FILE is `NAME ADDRESS...`; a name without an address exists and has none,
`NAME !` makes the server fail. Of a name that is not there it says that there is no such name.
"""

import ipaddress
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

# RFC 1035 4.1.1, 3.2.2; RFC 3596 2.1.
NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME = 0, 2, 3
A, AAAA = 1, 28
ETC = {
    "resolv.conf": "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n",
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "hosts: files dns\n",
}
Names = dict[str, list[str]]


def read_names(path: Path) -> Names:
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {name.lower(): words for name, *words in lines}


def answer(query: bytes, names: Names) -> bytes:
    """One question (RFC 1035 4.1.2), as every resolver sends it, and what is known of it."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    question = query[12:at + 5]
    kind, = struct.unpack(">H", query[at + 1:at + 3])
    words = names.get(".".join(labels).lower())
    code = NO_SUCH_NAME if words is None else SERVER_FAILURE if "!" in words else NO_ERROR
    addresses = [ipaddress.ip_address(word) for word in words or [] if word != "!"]
    records = [address.packed for address in addresses if kind == (A if address.version == 4 else AAAA)]
    # An answer, with recursion desired and available; each record's name is that of the question.
    head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0)
    return head + question + b"".join(
        struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(record)) + record for record in records)


def serve(server: socket.socket, names: Names) -> None:
    while True:
        query, asker = server.recvfrom(4096)
        server.sendto(answer(query, names), asker)


def inside(names: Names, command: list[str]) -> int:
    """In the namespaces."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in ETC.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
            # A link of the system's may lead to where nothing is.
            subprocess.run(["mount", "--bind", f"{folder}/{name}", os.path.realpath(f"/etc/{name}")], check=True)
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 53))
        threading.Thread(target=serve, args=(server, names), daemon=True).start()
        return subprocess.run(command, check=False).returncode


def unshare() -> list[str]:
    return ["unshare", "--mount", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]


def why_not() -> str:
    """Why there can be no namespaces here; empty: there can."""
    try:
        done = subprocess.run([*unshare(), "true"], capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return done.stderr.strip() if done.returncode != 0 else ""


def within(names: Path, command: list[str]) -> list[str]:
    """The words that run it so."""
    return [*unshare(), sys.executable, str(Path(__file__).resolve()), str(names.resolve()), *command]


if __name__ == "__main__":
    sys.exit(inside(read_names(Path(sys.argv[1])), sys.argv[2:]))
