"""Two sites and the Internet between them, with the recipe's addresses:

    lanA 192.168.1.10 - gwA 203.0.113.56 - internet - 198.51.100.112 gwB - 192.168.0.10 lanB

With NAT a router sits between a gateway and the Internet and has the public address; the gateway is 10.0.x.2 behind it.
Names and LANs can be others (Plan).
"""

import contextlib
import ipaddress
import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from lab import Done, Lab, LabError, Process, wait

NAME_A, NAME_B = "localsite.dyndns.org", "remotesite.dyndns.org"
WAN_A, WAN_B = "203.0.113.56", "198.51.100.112"
LAN_A, LAN_B = "192.168.1.0/24", "192.168.0.0/24"
HOST_A, HOST_B = "192.168.1.10", "192.168.0.10"
INTERNET_A, INTERNET_B = "203.0.113.1", "198.51.100.1"
PSK = "wBN4HKbOL4SrbQf9MCa2HLWh6raiPi"


@dataclass(frozen=True)
class Lan:
    """One site's network: the router has its first address, the host its tenth, or its second where it is small."""

    network: str

    def _address(self, number: int) -> str:
        return str(ipaddress.ip_network(self.network)[number])

    @property
    def prefix(self) -> str:
        return self.network.rpartition("/")[2]

    @property
    def router(self) -> str:
        return self._address(1)

    @property
    def host(self) -> str:
        return self._address(10 if int(self.prefix) <= 28 else 2)


@dataclass(frozen=True)
class Plan:
    """What differs from one pair of configurations to the next; the addresses on the WAN are always the same. No name:
    nobody calls that side by one."""

    lan_a: Lan = Lan(LAN_A)
    lan_b: Lan = Lan(LAN_B)
    name_a: str | None = NAME_A
    name_b: str | None = NAME_B

    def names(self) -> dict[str, str | None]:
        return {name: address for name, address in ((self.name_a, WAN_A), (self.name_b, WAN_B)) if name is not None}


class Sites:
    def __init__(self, lab: Lab, nat_a: bool = False, nat_b: bool = False, plan: Plan = Plan()) -> None:
        self.lab = lab
        self.plan = plan
        lab.namespace("lanA", "lanB")
        lab.namespace("gwA", "internet", "gwB", forward=True)
        for lan, host, gateway, device in ((plan.lan_a, "lanA", "gwA", "br-lan"), (plan.lan_b, "lanB", "gwB", "lan")):
            lab.link(host, "eth0", f"{lan.host}/{lan.prefix}", gateway, device, f"{lan.router}/{lan.prefix}")
            lab.default_route(host, lan.router)
        self.wan: dict[str, tuple[str, str]] = {}  # device and next hop, by namespace
        self._wan("gwA", "eth0.2", "toA", WAN_A, INTERNET_A, "natA" if nat_a else None, "10.0.1")
        self._wan("gwB", "wan", "toB", WAN_B, INTERNET_B, "natB" if nat_b else None, "10.0.2")
        lab.name_server("internet", INTERNET_A, plan.names())

    def join(self, gateway: str, device: str, far: str, address: str, internet: str) -> None:
        """One more gateway on the Internet, by a line of its own."""
        self._wan(gateway, device, far, address, internet, None, "")

    def _wan(self, gateway: str, device: str, far: str, address: str, internet: str, router: str | None, inner: str) -> None:
        self.wan[gateway] = (device, internet)
        self.lab.link(gateway, device, address + "/24", "internet", far, internet + "/24")
        self.lab.default_route(gateway, internet)
        if router is not None:
            self.insert_router(router, gateway, far, address, inner)

    def insert_router(self, router: str, behind: str, far: str, address: str, inner: str) -> None:
        """A masquerading router between `behind` and the Internet's device `far`: it has `address` from now on, `behind`
        is INNER.2. As when a modem is replaced: the link of `behind` goes down and comes up, and stays the same device."""
        lab = self.lab
        device, internet = self.wan[behind]
        lab.namespace(router, forward=True)
        lab.resolver(router)
        lab.run("internet", "ip", "link", "set", far, "netns", lab.name(router), "name", "lan")
        lab.run(router, "ip", "address", "add", inner + ".1/24", "dev", "lan")
        lab.run(router, "ip", "link", "set", "lan", "up")
        lab.link(router, "wan", address + "/24", "internet", far, internet + "/24")
        lab.default_route(router, internet)
        lab.masquerade(router, "wan")
        self.wan[router] = ("wan", internet)
        self.wan[behind] = (device, inner + ".1")
        self.move(behind, inner + ".2")

    def move(self, who: str, address: str) -> None:
        """Another address on its WAN side. The old one goes first: added beside it, the new one would go with it."""
        device, via = self.wan[who]
        self.lab.run(who, "ip", "address", "flush", "dev", device, "scope", "global")
        self.lab.run(who, "ip", "address", "add", address + "/24", "dev", device)
        self.lab.default_route(who, via)

    def line_down(self, who: str) -> None:
        self.lab.run(who, "ip", "link", "set", self.wan[who][0], "down")

    def line_up(self, who: str) -> None:
        device, via = self.wan[who]
        self.lab.run(who, "ip", "link", "set", device, "up")
        self.lab.default_route(who, via)

    def rebind(self, router: str, ports: str) -> None:
        """The router forgets its mappings and makes the next ones from other ports ("40000-49999")."""
        self.lab.run(router, "nft", "-f", "-", stdin=f"""flush table ip nat
table ip nat {{
  chain post {{ oifname "wan" meta l4proto udp masquerade to :{ports}; oifname "wan" masquerade; }}
}}
""")
        device, via = self.wan[router]
        words = self.lab.run(router, "ip", "-o", "-4", "address", "show", "dev", device).stdout.split()
        address = words[words.index("inet") + 1]
        # Masquerading forgets what came through an address that goes.
        self.lab.run(router, "ip", "address", "del", address, "dev", device)
        self.lab.run(router, "ip", "address", "add", address, "dev", device)
        self.lab.default_route(router, via)

    def drop(self, devices: Iterable[str], percent: int = 100) -> None:
        """The Internet loses what enters it from these devices: all of it, or so many packets in a hundred by chance."""
        chance = "" if percent == 100 else f"numgen random mod 100 < {percent} "
        rules = "; ".join(f'iifname "{device}" {chance}drop' for device in devices)
        self.lab.run("internet", "nft", "-f", "-", stdin=f"""table ip lossy {{
  chain pre {{ type filter hook prerouting priority raw; {rules}; }}
}}
""")

    def heal(self) -> None:
        self.lab.run("internet", "nft", "delete", "table", "ip", "lossy")

    def forward_ike(self, router: str, inner: str) -> None:
        """The router sends IKE from outside to its gateway, as `exposed host` does."""
        self.lab.run(router, "nft", "-f", "-", stdin=f"""table ip inward {{
  chain pre {{ type nat hook prerouting priority dstnat; iifname "wan" udp dport {{ 500, 4500 }} dnat to {inner}.2; }}
}}
""")

    def plain_routes(self) -> None:
        """The Internet carries the private networks, so that a packet in clear would arrive."""
        self.lab.run("internet", "ip", "route", "replace", self.plan.lan_a.network, "via", WAN_A)
        self.lab.run("internet", "ip", "route", "replace", self.plan.lan_b.network, "via", WAN_B)

    def no_plain_routes(self) -> None:
        for lan in (self.plan.lan_a, self.plan.lan_b):
            self.lab.run("internet", "ip", "route", "del", lan.network, check=False)


class Daemon(ABC):
    """Whoever speaks IKE in a gateway."""

    def __init__(self, lab: Lab, namespace: str) -> None:
        self.lab = lab
        self.namespace = namespace
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        """Of the last start."""
        if self._process is None:
            raise LabError(f"nothing was started in {self.namespace}")
        return self._process

    def running(self) -> bool:
        return self._process is not None and self._process.alive()

    @abstractmethod
    def start(self) -> Self: ...

    @abstractmethod
    def up(self) -> bool: ...

    @abstractmethod
    def status(self) -> str: ...

    @abstractmethod
    def log_text(self) -> str: ...

    @abstractmethod
    def stop(self) -> None: ...

    @abstractmethod
    def die(self) -> None:
        """Without a word to anybody; it can start again."""


class Causeway(Daemon):
    """causewayd in a gateway, with the tool to ask it."""

    def __init__(self, lab: Lab, namespace: str, programs: str, config: str | bytes, options: Iterable[str] = ()) -> None:
        super().__init__(lab, namespace)
        self.programs = programs
        self.config = lab.path(f"{namespace}.conf")
        self.socket = lab.path(f"{namespace}.sock")
        self.log = f"{namespace}.log"
        self.options = options
        self.write(config)

    def write(self, config: str | bytes) -> None:
        text = config if isinstance(config, bytes) else config.encode()
        with open(os.open(self.config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text)

    def start(self) -> Self:
        self._process = self.lab.start(self.namespace, os.path.join(self.programs, "causewayd"), "--config", self.config,
                                       "--control", self.socket, *self.options, log=self.log)
        # `version` is an answer of the tool alone when no daemon runs.
        wait(lambda: not self.process.alive() or "not running" not in self.tool("version", check=False).stdout,
             f"causewayd in {self.namespace} answers")
        if not self.process.alive():
            raise LabError(f"causewayd in {self.namespace} ended: {self.process.output().strip()}")
        return self

    def tool(self, *words: str, program: str = "causeway", check: bool = True, seconds: float = 60) -> Done:
        return self.lab.run(self.namespace, os.path.join(self.programs, program), "--control", self.socket, *words,
                            check=check, seconds=seconds)

    def status(self) -> str:
        return self.tool("status", program="ipsec").stdout

    def up(self) -> bool:
        return "INSTALLED" in self.tool("status", check=False).stdout

    def wait_up(self, seconds: float = 20.0) -> None:
        wait(self.up, f"the tunnel of {self.namespace} comes up; its log:\n{self.process.output()}", seconds)

    def says(self, text: str) -> bool:
        return text in self.process.output()

    def log_text(self) -> str:
        return self._process.output() if self._process is not None else ""

    def speaker(self) -> int:
        """The number of the process that speaks IKE; the other one, which has started it, is `process`."""
        # Not by /proc/PID/task/PID/children, which not every kernel has.
        return int(subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], stdout=subprocess.PIPE, text=True,
                                  check=True).stdout.split()[0])

    def die(self) -> None:
        speaker = self.speaker() if self.process.alive() else None
        self.process.kill()

        def ended() -> bool:
            # Nobody's child any more: it may be a while until somebody takes notice of its end.
            try:
                with open(f"/proc/{speaker}/stat") as file:
                    return file.read().rsplit(")", 1)[1].split()[0] in "ZX"
            except (FileNotFoundError, ProcessLookupError):
                return True

        wait(ended, "the kernel has ended the other process too")

    def stop(self) -> None:
        code = self.process.stop()
        if code != 0:
            raise LabError(f"causewayd in {self.namespace} ended with {code}: {self.process.output()[-2000:]}")


STRONGSWAN_FILES = ("ipsec.conf", "ipsec.secrets", "ipsec.d", "swanctl", "strongswan.conf", "strongswan.d")


class StrongSwan(Daemon):
    """charon with kernel-libipsec, steered by swanctl, in a mount namespace with its own /etc and /run."""

    CHARON = "/usr/lib/ipsec/charon"

    def __init__(self, lab: Lab, namespace: str, settings: Mapping[str, Any], file: str | None = None) -> None:
        """`file`: its swanctl.conf, as it is; else one is made of `settings`: local_id, remote_id, remote_addrs, local_ts,
        remote_ts, psk, ike, esp, aggressive, start, tries (0: for ever), of_peer and of_child (further lines), more
        (children by name, (local_ts, remote_ts) each), version (of IKE). Of either: libipsec (false: the kernel's ESP),
        plugins (their names, in place of what the packages switch on), ike_log (a level), retransmit_timeout (seconds;
        None: strongSwan's own)."""
        super().__init__(lab, namespace)
        self.folder = lab.path(f"{namespace}.strongswan")
        os.makedirs(self.folder + "/run")
        for name in STRONGSWAN_FILES:
            source = "/etc/" + name
            if os.path.isdir(source):
                shutil.copytree(source, f"{self.folder}/{name}", symlinks=True)
            else:
                shutil.copy(source, f"{self.folder}/{name}")
        self.settings: dict[str, Any] = {
            "psk": PSK, "ike": "aes128-sha1-modp1024", "esp": "aes128-sha1-modp1024", "aggressive": False, "start": "none",
            "remote_addrs": "%any", "libipsec": True, "plugins": None, "ike_log": 2, "tries": 1, "of_peer": [], "of_child": [],
            "more": {}, "retransmit_timeout": 1, "version": 1, **settings}
        self._configure()
        self.write(file if file is not None else self._connection())

    def _configure(self) -> None:
        # forecast forwards multicast, and joins groups on the WAN for it.
        s = self.settings
        load = f"load = {s['plugins']}" if s["plugins"] else f"""load_modular = yes
  plugins {{
    include strongswan.d/charon/*.conf
    kernel-libipsec {{ load = {'yes' if s['libipsec'] else 'no'} }}
    forecast {{ load = no }}
  }}"""
        with open(f"{self.folder}/strongswan.conf", "w") as file:
            file.write(f"charon {{\n  {load}" + """
  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
""" + (f"  retransmit_timeout = {s['retransmit_timeout']}\n" if s["retransmit_timeout"] else "") + """  filelog { log { path = /run/charon.log
    flush_line = yes
    default = 1
""" + f"    ike = {s['ike_log']} }} }}\n}}\ninclude strongswan.d/*.conf\n")

    def write(self, file: str) -> None:
        """The swanctl.conf that the next start loads."""
        with open(f"{self.folder}/swanctl/swanctl.conf", "w") as out:
            out.write(file)

    def _connection(self) -> str:
        """A swanctl.conf of the settings."""
        s = self.settings
        children = {"net": (s["local_ts"], s["remote_ts"]), **s["more"]}
        of_child = "".join(f"        {line}\n" for line in s["of_child"])
        written = "".join(f"""      {name} {{
        local_ts = {local}
        remote_ts = {remote}
        esp_proposals = {s['esp']}
        start_action = {s['start']}
        mode = tunnel
{of_child}      }}
""" for name, (local, remote) in children.items())
        of_peer = "".join(f"    {line}\n" for line in s["of_peer"])
        aggressive = f"    aggressive = {'yes' if s['aggressive'] else 'no'}\n" if s["version"] == 1 else ""
        return f"""connections {{
  peer {{
    version = {s['version']}
{aggressive}    local_addrs = %any
    remote_addrs = {s['remote_addrs']}
    proposals = {s['ike']}
    keyingtries = {s['tries']}
{of_peer}    local {{ auth = psk
             id = {s['local_id']} }}
    remote {{ auth = psk
              id = {s['remote_id']} }}
    children {{
{written}    }}
  }}
}}
secrets {{ ike-peer {{ secret = "{s['psk']}" }} }}
"""

    def words(self, *words: str) -> list[str]:
        mounts = "; ".join(f"mount --bind {self.folder}/{name} /etc/{name}" for name in STRONGSWAN_FILES)
        script = f"mount --make-rprivate /; {mounts}; mount --bind {self.folder}/run /run; exec \"$@\""
        return ["sh", "-c", script, "sh", *words]

    def launch(self) -> None:
        """charon alone, which has loaded nothing yet."""
        # Of a run before: that it is there would say nothing of this one.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.folder + "/run/charon.vici")
        self._process = self.lab.start(self.namespace, *self.words(self.CHARON), log=f"{self.namespace}.charon.out")
        wait(lambda: os.path.exists(self.folder + "/run/charon.vici"), "charon listens")

    def start(self) -> Self:
        self.launch()
        self.swanctl("--load-all")
        return self

    def swanctl(self, *words: str, check: bool = True, seconds: float = 60) -> Done:
        return self.lab.run(self.namespace, *self.words("swanctl", *words), check=check, seconds=seconds)

    def initiate(self, seconds: float = 15, check: bool = True) -> Done:
        return self.swanctl("--initiate", "--child", "net", "--timeout", str(seconds), check=check,
                            seconds=seconds + 15)

    def status(self) -> str:
        return self.swanctl("--list-sas").stdout

    def up(self) -> bool:
        return "INSTALLED" in self.status()

    def routes(self, network: str) -> bool:
        """What is for that network goes to charon. An SA is reported a moment before that, and packets leave in clear."""
        return network in self.lab.run(self.namespace, "ip", "route", "show", "table", "220", check=False).stdout.split()

    def log_text(self) -> str:
        try:
            with open(self.folder + "/run/charon.log", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def stop(self) -> None:
        self.process.stop()

    def die(self) -> None:
        """Without a word to anybody; what it left is cleared, so that it can start again."""
        self.process.kill()
        self.clear_run()

    def clear_run(self) -> None:
        shutil.rmtree(self.folder + "/run")
        os.makedirs(self.folder + "/run")


def no_strongswan(version: int = 1) -> str:
    """Why this machine's strongSwan cannot be a peer with that version of IKE; empty when it can."""
    if not os.path.exists(StrongSwan.CHARON):
        return "strongSwan is not installed (tools/install strongswan)"
    # charon without IKEv1 loads a connection with `version = 1` all the same, and refuses each message. An option of
    # IKEv1 alone is not in its library then.
    library = os.path.join(os.path.dirname(StrongSwan.CHARON), "libcharon.so.0")
    with open(library, "rb") as file:
        if version == 1 and b"use_aggressive_mode_psk" not in file.read():
            return "this strongSwan is built without IKEv1, as Debian's since 6.1.0"
    return ""


def require_strongswan() -> None:
    """LabError with the reason when it is not there."""
    if reason := no_strongswan():
        raise LabError(reason)
    if not os.path.exists("/usr/sbin/swanctl"):
        raise LabError("/usr/sbin/swanctl is not installed")


__all__ = ["Sites", "Causeway", "StrongSwan", "Process", "no_strongswan", "require_strongswan", "subprocess"]
