"""wireguard-go at both gateways: Debian 13's package, unpacked and never installed, or any other program of that kind.

It is set up through its own socket (the cross-platform interface of WireGuard), so that no other program is needed.
"""

import os
import re
import socket
import subprocess
from dataclasses import dataclass

from lab import Lab, LabError, Process, wait
from sites import LAN_A, LAN_B, WAN_A, WAN_B

RELEASE = "trixie"
PORT = 51820
MTU = 1420  # wireguard-go's own default


class NotAvailable(Exception):
    """There is no wireguard-go to run; the text says why."""


def sources(release: str) -> str:
    """The machine's own sources, for another release of Debian."""
    text = ""
    for folder, _, files in os.walk("/etc/apt"):
        for name in files:
            if name.endswith(".sources") or name == "sources.list":
                with open(os.path.join(folder, name)) as file:
                    text += file.read()
    found = re.search(r"https?://\S+/debian/?(?=\s)", text)
    if not found:
        raise NotAvailable("wireguard-go cannot be downloaded: no source of Debian packages in /etc/apt")
    return f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {found[0]} {release} main\n"


def unpack(folder: str) -> str:
    """The program of Debian 13's package in `folder`, downloaded by apt when it is not there yet."""
    program = os.path.join(folder, "root", "usr", "bin", "wireguard-go")
    if os.path.exists(program):
        return program
    os.makedirs(os.path.join(folder, "lists", "partial"), exist_ok=True)
    listed = os.path.join(folder, "sources.list")
    with open(listed, "w") as file:
        file.write(sources(RELEASE))
    apt = ["apt-get", "-o", f"Dir::Etc::sourcelist={listed}", "-o", "Dir::Etc::sourceparts=-", "-o", f"Dir::State::Lists={folder}/lists",
           "-o", f"Dir::Cache={folder}", "-o", "Dir::State::status=/dev/null", "-o", "APT::Sandbox::User=root"]
    for words in (["update"], ["download", "wireguard-go"]):
        got = subprocess.run([*apt, *words], cwd=folder, capture_output=True, text=True)
        if got.returncode != 0:
            reason = (got.stderr.strip() or "no package").splitlines()[-1]
            raise NotAvailable(f"wireguard-go of {RELEASE} cannot be downloaded: {reason}")
    package = max(name for name in os.listdir(folder) if name.startswith("wireguard-go_") and name.endswith(".deb"))
    subprocess.run(["dpkg-deb", "-x", os.path.join(folder, package), os.path.join(folder, "root")], check=True)
    return program


def version(program: str) -> str:
    """As its package has it, for the program itself names another one; else what it says."""
    folder = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(program))))
    packages = [name for name in os.listdir(folder) if name.startswith("wireguard-go_") and name.endswith(".deb")]
    if packages and program.startswith(os.path.join(folder, "root")):
        return max(packages).split("_")[1]
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()
    return next((word.lstrip("v") for word in said if word.lstrip("v")[:1].isdigit()), "of unknown version")


@dataclass(frozen=True)
class Key:
    private: str  # hexadecimal, as the interface wants it
    public: str


def key() -> Key:
    """Of X25519: the last 32 octets of what OpenSSL writes."""
    private = subprocess.run(["openssl", "genpkey", "-algorithm", "X25519", "-outform", "DER"], capture_output=True, check=True).stdout
    public = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input=private, capture_output=True,
                            check=True).stdout
    return Key(private[-32:].hex(), public[-32:].hex())


class WireGuardEnd:
    def __init__(self, lab: Lab, gateway: str, program: str, mark: str) -> None:
        self.lab = lab
        self.gateway = gateway
        self.program = program
        self.device = f"wg{os.getpid()}{mark}"
        self.key = key()
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        if self._process is None:
            raise LabError(f"wireguard-go was not started in {self.gateway}")
        return self._process

    def start(self) -> None:
        # With two processors or fewer one thread of Go is faster than two: handing over costs more than it gives.
        environment = {**os.environ, "GOMAXPROCS": "1", "LOG_LEVEL": "error"}
        self._process = self.lab.start(self.gateway, self.program, "-f", self.device, log=f"{self.gateway}.wireguard.log", env=environment)
        wait(lambda: os.path.exists(self.socket_path()), "wireguard-go opens its socket")

    def socket_path(self) -> str:
        return f"/var/run/wireguard/{self.device}.sock"

    def configure(self, far: "WireGuardEnd", address: str, network: str) -> None:
        lines = ["set=1", f"private_key={self.key.private}", f"listen_port={PORT}", f"public_key={far.key.public}",
                 f"endpoint={address}:{PORT}", "replace_allowed_ips=true", f"allowed_ip={network}"]
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(self.socket_path())
            control.sendall(("\n".join(lines) + "\n\n").encode())
            answer = control.makefile().readline().strip()
        if answer != "errno=0":
            raise LabError(f"wireguard-go refuses its configuration: {answer}")
        self.lab.run(self.gateway, "ip", "link", "set", self.device, "mtu", str(MTU), "up")
        self.lab.run(self.gateway, "ip", "route", "replace", network, "dev", self.device)

    def stop(self) -> None:
        self.process.stop()


class WireGuardPair:
    """The same two gateways; who sends first makes the handshake."""

    def __init__(self, lab: Lab, program: str) -> None:
        self.a = WireGuardEnd(lab, "gwA", program, "a")
        self.b = WireGuardEnd(lab, "gwB", program, "b")

    def listen(self) -> None:
        self.b.start()
        self.b.configure(self.a, WAN_A, LAN_A)

    def call(self) -> None:
        self.a.start()
        self.a.configure(self.b, WAN_B, LAN_B)

    def stop(self) -> None:
        self.a.stop()
        self.b.stop()
