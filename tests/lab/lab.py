"""Several computers in one: network namespaces with gateways, a NAT router, name servers and peers.

A Lab owns everything it makes: namespaces, processes, files. close() takes all of it away; what a killed run left is
taken away by the next one (sweep). Names carry the process number, so labs of several checkouts run side by side.
Nothing here sleeps to synchronise: wait() asks for a condition until it holds or a bound has passed.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

STATE = "/run/causeway-lab"
CLONE_BOUND = 20.0
Value = TypeVar("Value")
Done = subprocess.CompletedProcess[str]


class LabError(Exception):
    """What did not work, in words for the person who ran the test."""


def digits(number: int) -> str:
    letters = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while True:
        number, rest = divmod(number, 36)
        text = letters[rest] + text
        if number == 0:
            return text


def _start_time(pid: int) -> str | None:
    """Of a living process, in clock ticks: tells a process from another one that got its number later."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return None


def wait(condition: Callable[[], Value | None], what: str, seconds: float = CLONE_BOUND, every: float = 0.05) -> Value:
    """The first true value of `condition`; LabError naming `what` when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(every)


def sweep() -> None:
    """Takes away what killed runs left."""
    if not os.path.isdir(STATE):
        return
    for prefix in os.listdir(STATE):
        owner = os.path.join(STATE, prefix, "owner.json")
        try:
            with open(owner) as file:
                facts = json.load(file)
        except (OSError, ValueError):
            continue
        if facts.get("kept") or _start_time(facts["pid"]) == facts["started"]:
            continue
        _clear(prefix)


def namespaces(prefix: str) -> list[str]:
    with contextlib.suppress(OSError):
        return [name for name in os.listdir("/run/netns") if name.startswith(prefix + "-")]
    return []


def _clear(prefix: str) -> None:
    for name in namespaces(prefix):
        listed = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True)
        for pid in listed.stdout.split():
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.kill(int(pid), signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", name], capture_output=True)
        shutil.rmtree(f"/etc/netns/{name}", ignore_errors=True)
    shutil.rmtree(os.path.join(STATE, prefix), ignore_errors=True)


def end(prefix: str) -> None:
    """Ends a lab that was kept."""
    if not os.path.isdir(os.path.join(STATE, prefix)):
        raise LabError(f"no lab is called '{prefix}'")
    _clear(prefix)


class Lab:
    # Of the name server, once there is one.
    hosts: str
    names: dict[str, str | None]
    dns: "Process"

    def __init__(self, label: str = "lab") -> None:
        if os.geteuid() != 0:
            raise LabError("network namespaces need root")
        sweep()
        self.prefix = f"cw{label}{digits(os.getpid())}"
        self.folder: str | None = os.path.join(STATE, self.prefix)
        os.makedirs(self.folder, mode=0o700)
        self._own(kept=False)
        self.processes: list[Process] = []
        self.resolver_address: str | None = None

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _own(self, kept: bool) -> None:
        facts = {"pid": os.getpid(), "started": _start_time(os.getpid()), "kept": kept}
        with open(self.path("owner.json"), "w") as file:
            json.dump(facts, file)

    def keep(self) -> None:
        """Leaves everything running after this process."""
        self._own(kept=True)
        self.processes = []
        self.folder = None

    def close(self) -> None:
        if self.folder is None:
            return
        for process in reversed(self.processes):
            process.stop()
        _clear(self.prefix)
        self.folder = None

    def path(self, name: str) -> str:
        if self.folder is None:
            raise LabError("this lab is closed, or was left running")
        return os.path.join(self.folder, name)

    # ---- namespaces and links

    def name(self, namespace: str) -> str:
        return f"{self.prefix}-{namespace}"

    def namespace(self, *names: str, forward: bool = False) -> None:
        for namespace in names:
            full = self.name(namespace)
            subprocess.run(["ip", "netns", "add", full], check=True)
            os.makedirs(f"/etc/netns/{full}", exist_ok=True)
            self.run(namespace, "ip", "link", "set", "lo", "up")
            self.run(namespace, "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
                     f"net.ipv4.ip_forward={int(forward)}")

    def link(self, a: str, device_a: str, address_a: str | None, b: str, device_b: str, address_b: str | None) -> None:
        subprocess.run(["ip", "link", "add", "name", device_a, "netns", self.name(a), "type", "veth", "peer", "name",
                        device_b, "netns", self.name(b)], check=True)
        for namespace, device, address in ((a, device_a, address_a), (b, device_b, address_b)):
            if address:
                self.run(namespace, "ip", "address", "add", address, "dev", device)
            self.run(namespace, "ip", "link", "set", "dev", device, "up")

    def default_route(self, namespace: str, gateway: str) -> None:
        self.run(namespace, "ip", "route", "replace", "default", "via", gateway)

    def masquerade(self, namespace: str, out_device: str) -> None:
        self.run(namespace, "nft", "-f", "-", stdin=f"""table ip nat {{
  chain post {{ type nat hook postrouting priority srcnat; oifname "{out_device}" masquerade; }}
}}
""")

    # ---- processes

    def command(self, namespace: str, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.name(namespace), *words]

    def run(self, namespace: str, *words: str, stdin: str | None = None, check: bool = True, seconds: float = 60,
            env: Mapping[str, str] | None = None) -> Done:
        done = subprocess.run(self.command(namespace, *words), input=stdin, capture_output=True, text=True,
                              timeout=seconds, env=env)
        if check and done.returncode != 0:
            raise LabError(f"{namespace}: {' '.join(words)}: exit {done.returncode}: {done.stderr.strip()}")
        return done

    def start(self, namespace: str, *words: str, log: str, env: Mapping[str, str] | None = None) -> "Process":
        process = Process(self, namespace, self.command(namespace, *words), self.path(log), env)
        self.processes.append(process)
        return process

    # ---- names

    def name_server(self, namespace: str, address: str, names: Mapping[str, str | None]) -> None:
        """dnsmasq in `namespace`, at `address`; every other namespace made so far asks it."""
        self.hosts = self.path("hosts")
        self.names = {}
        self.publish(names, reload=False)
        self.resolver_address = address
        for full in namespaces(self.prefix):
            self.resolver(full.removeprefix(self.prefix + "-"))
        self.dns = self.start(namespace, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root",
                              "--no-resolv", "--no-hosts", f"--addn-hosts={self.hosts}", "--local=/#/",
                              "--local-ttl=1", f"--listen-address={address}", "--bind-interfaces", "--pid-file=",
                              log="dnsmasq.log")
        wait(lambda: ":53" in self.run(namespace, "ss", "-Hlun").stdout, "the name server listens")

    def resolver(self, namespace: str) -> None:
        """Makes `namespace` ask the name server, if there is one."""
        if self.resolver_address is not None:
            with open(f"/etc/netns/{self.name(namespace)}/resolv.conf", "w") as file:
                file.write(f"nameserver {self.resolver_address}\n")

    def publish(self, names: Mapping[str, str | None], reload: bool = True) -> None:
        self.names.update(names)
        with open(self.hosts, "w") as file:
            for name, address in self.names.items():
                if address:
                    file.write(f"{address} {name}\n")
        if reload:
            os.kill(self.dns.pid, signal.SIGHUP)

    # ---- traffic

    def ping(self, namespace: str, address: str, count: int = 3, interval: float = 0.1, pattern: str | None = None,
             size: int = 56, options: Iterable[str] = (), patience: int = 1) -> tuple[int, float | None]:
        """How many of `count` were answered, and the mean round trip in ms (None without an answer).

        ping waits `patience` seconds for an answer only while none has come; after one, the last probe gets no more than one
        interval or two round trips (ping(8), -W). An answer that comes later than that on a busy machine has not been lost: the
        kernel of the namespace counts it, for as long again.
        """
        words = ["ping", "-n", "-q", "-c", str(count), "-i", str(interval), "-W", str(patience), "-s", str(size), *options]
        if pattern:
            words += ["-p", pattern]
        before = self.echo_replies(namespace)
        done = self.run(namespace, *words, address, check=False, seconds=30 + 2 * count)
        answered = 0
        mean = None
        for line in done.stdout.splitlines():
            if " received" in line:
                answered = int(line.split(" received")[0].split()[-1])
            if line.startswith("rtt"):
                mean = float(line.split("=")[1].split("/")[1])
        if 0 < answered < count:
            with contextlib.suppress(LabError):
                wait(lambda: self.echo_replies(namespace) - before >= count, "late answers", seconds=patience)
            answered = max(answered, min(count, self.echo_replies(namespace) - before))
        return answered, mean

    def echo_replies(self, namespace: str) -> int:
        """How many ICMP echo replies this namespace has received (IPv4)."""
        lines = self.run(namespace, "cat", "/proc/net/snmp").stdout.splitlines()
        names, numbers = (line.split() for line in lines if line.startswith("Icmp:"))
        return int(dict(zip(names, numbers))["InEchoReps"])

    def capture(self, namespace: str, file: str, device: str = "any", *expression: str) -> "Capture":
        return Capture(self, namespace, self.path(file) if "/" not in file else file, device, expression)


class Process:
    """A program in the background, its output in a file."""

    def __init__(self, lab: Lab, namespace: str, words: list[str], log: str, env: Mapping[str, str] | None = None) -> None:
        self.namespace = namespace
        self.log = log
        with open(log, "ab") as out:
            self.popen = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env)
        self.pid = self.popen.pid

    def output(self) -> str:
        with open(self.log, errors="replace") as file:
            return file.read()

    def alive(self) -> bool:
        return self.popen.poll() is None

    def state(self) -> str:
        """As proc(5) has it: R runs or would, S sleeps, Z has ended."""
        with contextlib.suppress(FileNotFoundError), open(f"/proc/{self.pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
        return "Z"

    def stop(self, how: int = signal.SIGTERM, seconds: float = 10) -> int | None:
        if self.alive():
            self.popen.send_signal(how)
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        return self.popen.returncode

    def kill(self) -> int | None:
        return self.stop(signal.SIGKILL)


class Capture:
    """tcpdump on one device, whole packets; `expression`: which ones."""

    def __init__(self, lab: Lab, namespace: str, file: str, device: str, expression: Iterable[str] = ()) -> None:
        self.file = file
        # In immediate mode each packet takes a frame as large as the largest: the usual 2 MiB hold eight of them.
        self.process = lab.start(namespace, "tcpdump", "-i", device, "-n", "-U", "--immediate-mode", "-B", "32768", "-s", "0",
                                 "-w", file, *expression, log=os.path.basename(file) + ".log")
        wait(lambda: "listening on" in self.process.output(), "tcpdump listens")

    def stop(self) -> str:
        """What has come by now is in the file: told to end, tcpdump leaves behind what it has not read; asleep, it has read all."""
        wait(lambda: self.process.state() in ("S", "Z"), "tcpdump has read what has come")
        self.process.stop(signal.SIGINT)
        return self.file
