"""The computers of a how-to, each with files of its own, so that its commands run as they are written.

A host is a namespace of the lab. Its commands see the machine's programs, and in /etc/config, /etc/causeway, /etc/swanctl, /root,
/run and /tmp what this host has. causeway and causewayd are the build's, in /usr/local/sbin; what a namespace cannot have (systemd,
OpenWrt's init scripts, a network for scp) is played by standins/, in /usr/local/bin.
"""

import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import termios
import time

from lab import Lab, LabError
from reader import Gateway, HowTo
from sites import Lan, Plan, Sites, StrongSwan

STANDINS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "standins")
# Of each host its own; what else is in /etc is the machine's.
ACCOUNTS = ("passwd", "group", "shadow", "gshadow")
OWN = ("config", "causeway", "init.d", "sysctl.d", "swanctl", "strongswan.conf", "strongswan.d", "ipsec.conf", "ipsec.secrets", "ipsec.d",
       ".pwd.lock", *ACCOUNTS, *(name + "-" for name in ACCOUNTS))
COLUMNS = 100
BOUND = 60.0
WAN_C, INTERNET_C = "192.0.2.112", "192.0.2.1"


def folders(root: str) -> None:
    """/etc, /root, /run and /tmp of one host, in that folder."""
    for name in ("etc", "root", "run", "tmp"):
        os.makedirs(os.path.join(root, name))
    for name in os.listdir("/etc"):
        real = os.path.realpath(os.path.join("/etc", name))
        # Where the machine's own /etc is seen from inside; resolv.conf is the namespace's.
        inside = real if not real.startswith("/etc/") else "/mnt/.etc/" + name
        if name not in OWN and (name == "resolv.conf" or os.path.exists(real)):
            os.symlink("/mnt/.etc/resolv.conf" if name == "resolv.conf" else inside, os.path.join(root, "etc", name))
    for name in ("config", "causeway", "sysctl.d"):
        os.makedirs(os.path.join(root, "etc", name), mode=0o700)
    for name in ACCOUNTS:
        shutil.copy(os.path.join("/etc", name), os.path.join(root, "etc", name))
    # Whom a monitoring system's package brings.
    with open(os.path.join(root, "etc", "passwd"), "a") as file:
        file.write("nagios:x:64999:65534::/nonexistent:/usr/sbin/nologin\n")
    os.makedirs(os.path.join(root, "etc", "init.d"))
    for name in ("causeway", "ipsec"):
        shutil.copy(os.path.join(STANDINS, "init.d"), os.path.join(root, "etc", "init.d", name))


class Hosts:
    """All computers of one how-to."""

    def __init__(self, lab: Lab, programs: str, how_to: HowTo) -> None:
        self.lab, self.programs = lab, programs
        a, b, *rest = how_to.gateways
        self.sites = Sites(lab, nat_a=a.nat, nat_b=b.nat, plan=Plan(Lan(a.network), Lan(b.network), a.name, b.name))
        if rest:
            self.third_site(rest[0])
        for gateway in how_to.gateways:
            self.more_networks(gateway)
        if how_to.internet:
            lab.run("internet", "ip", "address", "add", how_to.internet + "/32", "dev", "lo")
        self.folder = lab.path("computers")
        os.makedirs(os.path.join(self.folder, ".etc"))
        places = [gateway.place for gateway in how_to.gateways]
        for host in places + [place.replace("gw", "lan") for place in places]:
            folders(os.path.join(self.folder, host))
        with open(os.path.join(self.folder, ".names"), "w") as file:
            file.writelines(f"{gateway.name} {gateway.place}\n" for gateway in how_to.gateways)
        for gateway in how_to.gateways:
            if gateway.role == "strongswan":
                self.strongswan(gateway)

    def third_site(self, gateway: Gateway) -> None:
        lab, lan = self.lab, Lan(gateway.network)
        lab.namespace("gwC", forward=True)
        lab.namespace("lanC")
        lab.resolver("gwC")
        lab.resolver("lanC")
        self.sites.join("gwC", "wan", "toC", WAN_C, INTERNET_C)
        lab.publish({gateway.name: WAN_C})
        lab.link("lanC", "eth0", f"{lan.host}/{lan.prefix}", "gwC", "lan", f"{lan.router}/{lan.prefix}")
        lab.default_route("lanC", lan.router)

    def more_networks(self, gateway: Gateway) -> None:
        """On the same link: router and host have an address in each."""
        device = "br-lan" if gateway.place == "gwA" else "lan"
        for lan in map(Lan, gateway.more):
            self.lab.run(gateway.place, "ip", "address", "add", f"{lan.router}/{lan.prefix}", "dev", device)
            self.lab.run(gateway.place.replace("gw", "lan"), "ip", "address", "add", f"{lan.host}/{lan.prefix}", "dev", "eth0")

    def strongswan(self, gateway: Gateway) -> None:
        """The lab's strongswan.conf (libipsec, as this kernel's ESP may be missing), and no connection."""
        lab_s = StrongSwan(self.lab, gateway.place, {}, "")
        own = os.path.join(self.folder, gateway.place, "etc")
        shutil.copytree(lab_s.folder, own, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("run"))
        with open(os.path.join(own, "swanctl", "swanctl.conf"), "w") as file:
            file.write("include conf.d/*.conf\n")

    def path(self, host: str, path: str) -> str:
        """Where a host's file is on this machine."""
        return os.path.join(self.folder, host, path.lstrip("/"))

    def words(self, host: str, command: str) -> list[str]:
        binds = [(self.programs, "/usr/local/sbin"), (STANDINS, "/usr/local/bin"), (self.folder, "/mnt")]
        # The machine's own /etc, which no how-to may write to.
        keep = ["mount --rbind /etc /mnt/.etc", "mount -o remount,bind,ro /mnt/.etc"]
        own_binds = [(f"/mnt/{host}/{name}", f"/{name}") for name in ("etc", "root", "tmp", "run")]
        script = " && ".join(["mount --make-rprivate /", *(f"mount --bind {a} {b}" for a, b in binds), *keep,
                              *(f"mount --bind {a} {b}" for a, b in own_binds), "cd /root", "exec sh -c \"$1\""])
        if not os.path.isdir(os.path.join(self.folder, host)):
            raise LabError(f"the how-to's lab has no {host}")
        return self.lab.command(host, "sh", "-c", script, "sh", command)

    def run(self, host: str, command: str) -> tuple[int, list[str]]:
        """As in a terminal of 100 columns: the exit status, and what was printed."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "TERM": "dumb",
               "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
        try:
            child = subprocess.Popen(self.words(host, command), stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env=env)
            text = self.listen(child, master, command)
        finally:
            os.close(master)
            os.close(slave)
        return child.wait(), text.decode(errors="replace").replace("\r\n", "\n").splitlines()

    @staticmethod
    def listen(child: "subprocess.Popen[bytes]", master: int, command: str) -> bytes:
        """Until it ends: what it leaves running in the background may keep the terminal."""
        text = b""
        end = time.monotonic() + BOUND
        while True:
            ended = child.poll() is not None
            while select.select([master], [], [], 0 if ended else 0.02)[0]:
                text += os.read(master, 65536)
            if ended:
                return text
            if time.monotonic() > end:
                child.kill()
                child.wait()
                raise LabError(f"'{command}' does not end:\n{text.decode(errors='replace')}")

    def write(self, host: str, path: str, text: str) -> None:
        with open(os.open(self.path(host, path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)

    def imports(self, host: str, source: str, path: str) -> None:
        """The box's role: causewayd on the file that is imported there."""
        shutil.copyfile(self.path(source, path), self.path(host, "/etc/causeway/vpn.cfg"))
        status, printed = self.run(host, "start-causewayd --config /etc/causeway/vpn.cfg")
        if status != 0:
            raise LabError(f"causewayd plays the box at {host}, and does not start:\n" + "\n".join(printed))

    def stop(self) -> None:
        """Each daemon that was started comes to a clean end."""
        for host in sorted(os.listdir(self.folder)):
            if os.path.exists(self.path(host, "/run/causeway/control.sock")):
                status, printed = self.run(host, "causeway stop")
                if status != 0:
                    raise LabError(f"causewayd at {host} is not stopped: {status}\n" + "\n".join(printed))

    def logs(self) -> str:
        text = ""
        for host in sorted(os.listdir(self.folder)):
            for log in ("/run/causewayd.log", "/run/charon.log"):
                if os.path.exists(self.path(host, log)):
                    with open(self.path(host, log), errors="replace") as file:
                        text += f"--- {host}: {log}\n{file.read()[-4000:]}"
        return text
