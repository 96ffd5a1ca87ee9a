"""Two gateways on one wire, for tests of causewayd as a program.

    gwA 203.0.113.56 (192.168.1.1) - one wire - 203.0.113.112 (192.168.0.1) gwB

The networks behind them are the gateways' own second addresses, so that a gateway pings as a host of its LAN would.
"""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

from lab import Lab, LabError, wait  # noqa: E402
from sites import Causeway  # noqa: E402

SKIPPED = 77
PROGRAMS = "."
KEY = "a long-enough secret 4711"
ADDRESS = {"gwA": "203.0.113.56", "gwB": "203.0.113.112"}
INNER = {"gwA": "192.168.1.1", "gwB": "192.168.0.1"}
NET = {"gwA": "192.168.1.0/24", "gwB": "192.168.0.0/24"}
NAMES = {"gwA": "a.example.net", "gwB": "b.example.net"}


def other(gateway):
    return "gwB" if gateway == "gwA" else "gwA"


def tunnel(name, local, remote):
    return f"""
config tunnel '{name}'
  option local_subnet '{local}'
  option remote_subnet '{remote}'
  option p2_proposal 'esp'
"""


def uci(gateway, gateway_address=None, key=KEY, general="", remote="", tunnels=None):
    """The configuration of one of the two, in the recipe's generation of UCI."""
    far = other(gateway)
    tunnels = {"lan": (NET[gateway], NET[far])} if tunnels is None else tunnels
    listed = "".join(f"  list tunnel '{name}'\n" for name in tunnels)
    sections = "".join(tunnel(name, *networks) for name, networks in tunnels.items())
    return f"""config ipsec
  option debug '1'
{general}
config remote 'Far'
  option enabled '1'
  option gateway '{gateway_address or ADDRESS[far]}'
  option exchange_mode 'main'
  option authentication_method 'psk'
  option local_identifier '@{NAMES[gateway]}'
  option remote_identifier '@{NAMES[far]}'
  option pre_shared_key '{key}'
  list p1_proposal 'ike'
{remote}{listed}
config p1_proposal 'ike'
  option encryption_algorithm 'aes256'
  option hash_algorithm 'sha256'
  option dh_group 'modp2048'

config p2_proposal 'esp'
  option pfs_group 'modp2048'
  option encryption_algorithm 'aes256'
  option authentication_algorithm 'sha256'
{sections}"""


class Pair:
    """The wire and the two gateways' namespaces; daemons are started by the tests."""

    def __init__(self, lab):
        self.lab = lab
        lab.namespace("gwA", "gwB", forward=True)
        lab.link("gwA", "wan", ADDRESS["gwA"] + "/24", "gwB", "wan", ADDRESS["gwB"] + "/24")
        for gateway, address in INNER.items():
            lab.run(gateway, "ip", "link", "add", "lan", "type", "veth", "peer", "name", "lan-end")
            lab.run(gateway, "ip", "address", "add", address + "/24", "dev", "lan")
            lab.run(gateway, "ip", "link", "set", "lan", "up")
            lab.run(gateway, "ip", "link", "set", "lan-end", "up")

    def daemon(self, gateway, config=None, options=()):
        return Causeway(self.lab, gateway, PROGRAMS, uci(gateway) if config is None else config, options)

    def both(self):
        b = self.daemon("gwB").start()
        a = self.daemon("gwA").start()
        a.wait_up()
        wait(b.up, "the tunnel is up at gwB")
        return a, b

    def pings(self, gateway="gwA", count=2):
        return self.lab.ping(gateway, INNER[other(gateway)], count=count)[0]

    def routes(self, gateway):
        return self.lab.run(gateway, "ip", "route", "show", "table", "main").stdout

    def guard(self, gateway):
        return self.lab.run(gateway, "nft", "list", "tables").stdout

    def run(self, gateway, *options, wrap=(), seconds=15):
        """causewayd in the foreground, to its end."""
        words = self.lab.command(gateway, *wrap, os.path.join(PROGRAMS, "causewayd"), *options)
        return subprocess.run(words, capture_output=True, text=True, timeout=seconds)


class LabTest(unittest.TestCase):
    """Each test has a pair of its own."""

    def setUp(self):
        self.lab = Lab("d")
        self.addCleanup(self.lab.close)
        self.pair = Pair(self.lab)

    def said(self, daemon, text, seconds=20.0):
        try:
            wait(lambda: daemon.says(text), "", seconds)
        except LabError:
            self.fail(f"after {seconds:.0f} s '{text}' is not in the log:\n{daemon.process.output()}")

    def write(self, name, text, mode=0o600):
        path = self.lab.path(name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def main(needs_namespaces=True):
    global PROGRAMS
    PROGRAMS = os.path.abspath(sys.argv.pop(1))
    if needs_namespaces:
        if os.geteuid() != 0:
            skip("needs root: network namespaces and a TUN device")
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            skip("needs /dev/net/tun")
        if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode != 0:
            skip("needs network namespaces")
    unittest.main(module="__main__", verbosity=2)
