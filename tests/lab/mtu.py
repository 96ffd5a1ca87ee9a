"""A path between the gateways that swallows large packets without a word, and one that does not."""

import json
import sys
import time
from typing import Any

from bounds import ALLOWANCE, Bound
from lab import LabError, Process, wait
from sites import HOST_A
from stage import HOST_B, Stage

HOLE = 1280
OCTETS = 50_000_000
FIRST = 100_000
PORT = 5001
PATIENCE = 10.0  # seconds, for the first octets

# The far end: of each connection the first octet says which way the octets go, then the time of the first of them and
# of all of them is told by an octet each.
SERVER = f"""
import socket
listener = socket.create_server(("", {PORT}))
print("listening", flush=True)
while True:
    one, _ = listener.accept()
    with one:
        if one.recv(1) == b"d":
            one.sendall(bytes({OCTETS}))
            one.recv(1)
            continue
        got, told = 0, False
        while got < {OCTETS} and (more := one.recv(1 << 16)):
            got += len(more)
            if got >= {FIRST} and not told:
                told = one.send(b"f") == 1
        one.sendall(b"a")
"""
CLIENT = f"""
import json, socket, sys, threading, time
way, begun = sys.argv[1], time.monotonic()
one = socket.create_connection(("{HOST_B}", {PORT}), timeout=60)
one.sendall(way.encode())
first = None
if way == "d":
    got = 0
    while got < {OCTETS} and (more := one.recv(1 << 16)):
        got += len(more)
        first = first or (time.monotonic() - begun if got >= {FIRST} else None)
    one.sendall(b"x")
else:
    sender = threading.Thread(target=one.sendall, args=(bytes({OCTETS}),))
    sender.start()
    while (said := one.recv(1)) != b"a":
        if not said:
            sys.exit("closed too early")
        first = time.monotonic() - begun
    sender.join()
print(json.dumps({{"first": first, "all": time.monotonic() - begun}}))
"""


def far_end(stage: Stage) -> Process:
    server = stage.lab.start("lanB", sys.executable, "-c", SERVER, log="server.log")
    wait(lambda: "listening" in server.output(), "the far end listens")
    return server


def transfer(stage: Stage, way: str) -> dict[str, float]:
    """50 MB: "u" from lanA to lanB, "d" the other way. Seconds until the first octets and until all have passed."""
    done = stage.lab.run("lanA", sys.executable, "-c", CLIENT, way, seconds=120)
    times: dict[str, float] = json.loads(done.stdout)
    stage.step(f"{OCTETS // 1_000_000} MB {'to' if way == 'u' else 'from'} lanB: the first after {times['first']:.2f} s, all in "
               f"{times['all']:.2f} s ({OCTETS * 8 / times['all'] / 1e6:.0f} Mbit/s)")
    return times


def path(stage: Stage) -> dict[str, Any]:
    status = json.loads(stage.causeway().tool("status", "--json").stdout)
    sa: dict[str, Any] = status["peers"][0]["tunnels"][0]["sas"][-1]
    return {"octets": sa["path_mtu"], "from": sa["path_mtu_from"]}


def hole(stage: Stage) -> tuple[float | None, Bound]:
    """The way swallows packets over 1280 octets without ICMP: TCP passes both ways all the same."""
    stage.build()
    stage.lab.run("internet", "nft", "-f", "-", stdin=f"""table inet hole {{
        chain forward {{ type filter hook forward priority filter; policy accept; meta length > {HOLE} counter drop; }}
    }}
    """)
    stage.open()
    server = far_end(stage)
    begun = time.time()
    seconds = max(transfer(stage, way)["first"] for way in "ud")
    found = wait(lambda: (one := path(stage))["from"] == "probed" and one, "status says that the path was probed",
                 max(0.1, begun + 60 - time.time()))
    # Whole blocks of the cipher do not make every size.
    if not HOLE - 16 < found["octets"] <= HOLE:
        raise LabError(f"the path carries {HOLE} octets, and status says {found}")
    stage.step(f"status: {found['octets']} octets, {found['from']}")
    # The kernel knows the size, and tells those behind us.
    large = stage.lab.run("lanA", "ping", "-c1", "-W2", "-M", "do", "-s", "1300", "-I", HOST_A, HOST_B, check=False)
    if "mtu" not in (large.stdout + large.stderr).lower():
        raise LabError(f"no ICMP says that a packet is too large: {large.stdout}{large.stderr}")
    stage.lab.run("internet", "nft", "delete", "table", "inet", "hole")
    server.kill()
    return seconds, Bound(probing=PATIENCE / ALLOWANCE)


def whole(stage: Stage) -> tuple[float | None, Bound]:
    """A path without a hole is proven, and TCP gets all of it."""
    stage.build()
    stage.open()
    server = far_end(stage)
    seconds = max(transfer(stage, way)["first"] for way in "ud")
    found = path(stage)
    if found != {"octets": 1500, "from": "probed"}:
        raise LabError(f"the path carries 1500 octets, and status says {found}")
    stage.step("status: 1500 octets, probed")
    transfer(stage, "u")
    server.kill()
    return seconds, Bound(probing=PATIENCE / ALLOWANCE)
