"""Both ends of a fault: causeway or charon on our side, and causeway, charon or pluto on the other.

One set of words for all of them, settings(): ike, esp, mode ("main" or "aggressive"), psk, local_id, remote_id, local,
remote (networks), more (further pairs by name), gateway (whom it calls), version (of IKE, strongSwan and libreswan only).
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "lab"), str(HERE.parents[1] / "libreswan")]

import pluto  # noqa: E402
from fault import SUITE, THEM, US, Fault  # noqa: E402
from lab import Lab, Process, wait  # noqa: E402
from recipe import uci  # noqa: E402
from sites import HOST_A, HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, PSK, WAN_A, WAN_B, Causeway, Daemon, StrongSwan  # noqa: E402

OURS, THEIRS = "gwA", "gwB"


def settings(fault: Fault, gateway: str) -> dict[str, Any]:
    """What this side is configured to, in the words that all programs share."""
    pair: dict[str, Any] = {"ike": SUITE, "esp": SUITE, "mode": "main", "psk": PSK, "more": {}, "version": 1}
    if gateway == OURS:
        return {**pair, "local_id": "@" + NAME_A, "remote_id": "@" + NAME_B, "local": LAN_A, "remote": LAN_B,
                "gateway": NAME_B, **fault.ours}
    return {**pair, "local_id": "@" + NAME_B, "remote_id": "@" + NAME_A, "local": LAN_B, "remote": LAN_A,
            "gateway": NAME_A, **fault.theirs}


def causeway(lab: Lab, programs: str, gateway: str, words: Mapping[str, Any], calls: bool) -> Causeway:
    changes = {key: value for key, value in words.items() if key != "version"}
    waits = [] if calls else ["mode 'add'"]
    device = "eth0.2" if gateway == OURS else "wan"
    return Causeway(lab, gateway, programs, uci(**changes, tunnel_extra=waits, general_extra=[f"list listen '{device}'"]))


def charon(lab: Lab, gateway: str, words: Mapping[str, Any], more: Mapping[str, Any]) -> StrongSwan:
    """`more`: settings of StrongSwan, and of here: refuse_aggressive (as strongSwan is without its long option),
    key_owner (whose key it has, in place of everybody's), xauth (as the caller, beside the key)."""
    end = StrongSwan(lab, gateway, {
        "ike": words["ike"], "esp": words["esp"], "psk": words["psk"], "aggressive": words["mode"] == "aggressive",
        "local_id": _swanctl_id(words["local_id"]), "remote_id": _swanctl_id(words["remote_id"]),
        "local_ts": words["local"], "remote_ts": words["remote"], "more": words["more"], "remote_addrs": words["gateway"],
        "version": words["version"], **more})
    if more.get("refuse_aggressive"):
        _replace(f"{end.folder}/strongswan.conf", "use_aggressive_mode_psk = yes", "use_aggressive_mode_psk = no")
    if owner := more.get("key_owner"):
        _replace(f"{end.folder}/swanctl/swanctl.conf", "ike-peer {", f"ike-peer {{ id = {owner}\n")
    if more.get("xauth"):
        _replace(f"{end.folder}/swanctl/swanctl.conf", "    remote { auth",
                 "    local-2 { auth = xauth\n xauth_id = x }\n    remote { auth")
    return end


def _swanctl_id(identity: str) -> str:
    return "fqdn:" + identity[1:] if identity.startswith("@") else identity


def _replace(path: str, old: str, new: str) -> None:
    with open(path) as file:
        text = file.read()
    with open(path, "w") as file:
        file.write(text.replace(old, new))


class Pluto(Daemon):
    """libreswan's pluto in a namespace. This kernel knows XFRM and no ESP: it ends where an SA would be installed."""

    def __init__(self, lab: Lab, gateway: str, folder: str, words: Mapping[str, Any], more: tuple[str, ...]) -> None:
        super().__init__(lab, gateway)
        self.root = pluto.unpack(folder)
        self.own = lab.path("pluto")
        os.makedirs(self.own + "/nss")
        os.makedirs(self.own + "/run")
        suites = {key: str(words[key]).replace("sha256", "sha2_256").replace("sha512", "sha2_512") for key in ("ike", "esp")}
        esp, group = _without_group(suites["esp"])
        lines = [
            f"ikev2={'insist' if words['version'] == 2 else 'no'}",
            f"aggressive={'yes' if words['mode'] == 'aggressive' else 'no'}",
            "authby=secret", f"left={WAN_B}", f"leftid={words['local_id']}", f"leftsubnet={words['local']}",
            f"right={WAN_A}", f"rightid={words['remote_id']}", f"rightsubnet={words['remote']}", f"ike={suites['ike']}",
            f"esp={esp}" + (f";{group}" if group else ""), f"pfs={'yes' if group else 'no'}", "retransmit-interval=1000",
            "auto=add", *more]
        with open(self.own + "/ipsec.conf", "w") as file:
            file.write(f"config setup\n  ikev1-policy=accept\n  logfile={self.own}/pluto.log\n  nssdir={self.own}/nss\n"
                       f"  secretsfile={self.own}/ipsec.secrets\nconn peer\n" + "".join(f"  {line}\n" for line in lines))
        with open(os.open(self.own + "/ipsec.secrets", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(f': PSK "{words["psk"]}"\n')

    def start(self) -> Self:
        self.lab.run(self.namespace, "certutil", "-N", "-d", f"sql:{self.own}/nss", "--empty-password")
        mounts = (f"mount --make-rprivate /; mount --bind {self.root}/usr/libexec /usr/libexec; "
                  f"mount --bind {self.root}/usr/sbin/ipsec /usr/sbin/ipsec; exec \"$@\"")
        self._process = self.lab.start(self.namespace, "unshare", "-m", "sh", "-c", mounts, "sh", "/usr/libexec/ipsec/pluto",
                                       "--config", self.own + "/ipsec.conf", "--nofork", "--rundir", self.own + "/run",
                                       log="pluto.out")
        wait(lambda: "seconds" in self.tell("whack", "--status") or "loaded" in self.tell("whack", "--status"), "pluto answers")
        self.tell("whack", "--listen")
        wait(lambda: '"peer"' in self.tell("addconn", "--config", self.own + "/ipsec.conf", "peer") +
             self.tell("whack", "--status"), "pluto has its connection")
        return self

    def tell(self, program: str, *words: str) -> str:
        done = self.lab.run(self.namespace, "nsenter", "-t", str(self.process.pid), "-m", "-r", f"/usr/libexec/ipsec/{program}",
                            "--ctlsocket", self.own + "/run/pluto.ctl", *words, check=False)
        return done.stdout + done.stderr

    def initiate(self) -> Process:
        return self.lab.start(self.namespace, "nsenter", "-t", str(self.process.pid), "-m", "-r", "/usr/libexec/ipsec/whack",
                              "--ctlsocket", self.own + "/run/pluto.ctl", "--name", "peer", "--initiate", log="whack.out")

    def up(self) -> bool:
        return "#" in self.tell("whack", "--trafficstatus")

    def status(self) -> str:
        return self.tell("whack", "--status")

    def log_text(self) -> str:
        try:
            with open(self.own + "/pluto.log", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def stop(self) -> None:
        self.process.stop()

    def die(self) -> None:
        self.process.kill()


def _without_group(suite: str) -> tuple[str, str]:
    words = suite.split("-")
    if words[-1].startswith(("modp", "ecp", "dh")):
        return "-".join(words[:-1]), words[-1]
    return suite, ""


def our_end(lab: Lab, fault: Fault, program: str, programs: str, dials: str) -> Daemon:
    words = settings(fault, OURS)
    if program == "charon":
        return charon(lab, OURS, words, {"start": "none"})
    return causeway(lab, programs, OURS, words, dials == US)


def their_end(lab: Lab, fault: Fault, program: str, programs: str, dials: str, libreswan: str) -> Daemon:
    words = settings(fault, THEIRS)
    if program == "charon":
        return charon(lab, THEIRS, words, {"tries": 1, **fault.charon})
    if program == "libreswan":
        return Pluto(lab, THEIRS, libreswan, words, fault.libreswan)
    return causeway(lab, programs, THEIRS, words, dials == THEM)


def call(end: Daemon) -> None:
    """Makes it call, in the background: a causeway that shall call does so by itself."""
    if isinstance(end, StrongSwan):
        for child in ("net", *end.settings["more"]):
            end.lab.start(end.namespace, *end.words("swanctl", "--initiate", "--child", child, "--timeout", "60"),
                          log=f"{end.namespace}.{child}.out")
    elif isinstance(end, Pluto):
        end.initiate()


__all__ = ["our_end", "their_end", "call", "settings", "HOST_A", "HOST_B", "NAME_A", "NAME_B", "LAN_A", "LAN_B", "WAN_A", "WAN_B"]
