"""What the tests against real programs share."""

import os
import sys
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab"))

import wire  # noqa: E402,F401
from lab import Lab, LabError, wait  # noqa: E402,F401
from sites import (HOST_A, HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, PSK, WAN_A, WAN_B, Causeway, Sites,  # noqa: E402,F401
                   StrongSwan)

SKIPPED = 77


class Skip(Exception):
    """This machine cannot run the test; the text says why."""


def check(condition, otherwise):
    if not condition:
        raise LabError(otherwise() if callable(otherwise) else otherwise)


def uci(**changes):
    """A configuration of gwA's side in the recipe's schema."""
    s = {"gateway": NAME_B, "mode": "main", "local_id": "@" + NAME_A, "remote_id": "@" + NAME_B, "psk": PSK,
         "ike": "aes128-sha1-modp1024", "esp": "aes128-sha1-modp1024", "local": LAN_A, "remote": LAN_B, "remote_extra": [],
         "tunnel_extra": [], **changes}
    cipher, digest, group = s["ike"].split("-")
    esp = s["esp"].split("-")
    lines = [
        "config ipsec", "  option debug '2'", "",
        "config remote 'Site2Site'", "  option enabled '1'", f"  option gateway '{s['gateway']}'",
        f"  option exchange_mode '{s['mode']}'", f"  option local_identifier '{s['local_id']}'",
        f"  option remote_identifier '{s['remote_id']}'", "  option authentication_method 'psk'",
        f"  option pre_shared_key '{s['psk']}'", "  list p1_proposal 'first'", "  list tunnel 'lan'",
        *(f"  option {line}" for line in s["remote_extra"]), "",
        "config p1_proposal 'first'", f"  option encryption_algorithm '{cipher}'", f"  option hash_algorithm '{digest}'",
        f"  option dh_group '{group}'", "",
        "config tunnel 'lan'", f"  option local_subnet '{s['local']}'", f"  option remote_subnet '{s['remote']}'",
        "  option p2_proposal 'second'", *(f"  option {line}" for line in s["tunnel_extra"]), "",
        "config p2_proposal 'second'", f"  option encryption_algorithm '{esp[0]}'",
    ]
    for word in esp[1:]:
        if word.startswith(("modp", "ecp", "x25519")):
            lines.append(f"  option pfs_group '{word}'")
        else:
            lines.append(f"  option authentication_algorithm '{word}'")
    return "\n".join(lines) + "\n"


def pings_both_ways(lab, count=5):
    """After the first answer none is lost. strongSwan reports a tunnel before its routes are there: the first may be."""
    for source, address in (("lanA", HOST_B), ("lanB", HOST_A)):
        wait(lambda where=source, to=address: lab.ping(where, to, count=1)[0] == 1, f"a first answer for {source}")
        answered, _ = lab.ping(source, address, count=count, interval=0.05)
        check(answered == count, f"{source}: {answered} of {count} pings answered")


def run(test, *arguments):
    """Runs test(lab, ...); the exit status of the process follows from it. On failure everybody's log is shown."""
    lab = None
    try:
        lab = Lab("t")
        test(lab, *arguments)
        return 0
    except Skip as skip:
        print(f"skipped: {skip}")
        return SKIPPED
    except Exception as error:  # whatever went wrong, the logs tell more
        if os.geteuid() != 0:
            print("skipped: network namespaces need root")
            return SKIPPED
        print(f"failed: {error}")
        if not isinstance(error, LabError):
            traceback.print_exc()
        if lab is not None:
            for folder, _, files in os.walk(lab.folder):
                for name in sorted(files):
                    if name.endswith((".log", ".out")):
                        print(f"--- {name}")
                        with open(os.path.join(folder, name), errors="replace") as file:
                            print(file.read()[-6000:])
        return 1
    finally:
        if lab is not None:
            lab.close()
