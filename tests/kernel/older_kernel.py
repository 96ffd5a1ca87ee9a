"""causeway on two kernels: gwA on this machine's, gwB on an older one's, with offloads and without. A file each way is whole, and
status says what that kernel does.

older_kernel.py PROGRAMS
"""

import os
import sys
from types import SimpleNamespace

from kernel_site import boot

from common import Causeway, far_side, pings_both_ways, run, uci, wait
from offloads import NONE, Gauge, options_of, send, serve, states

OCTETS = 1_000_003


class GuestCauseway(Causeway):
    """causewayd in the guest: the same program, on the guest's kernel."""

    def __init__(self, lab, guest, programs, config):
        self.guest = guest
        super().__init__(lab, "gwB", programs, config)
        self.socket = "/run/causeway.sock"

    def start(self):
        words = [os.path.join(self.programs, "causewayd"), "--config /run/gwB.conf --control", self.socket, *self.options]
        self.guest.run(f"{' '.join(words)} > /.out/gwB.log 2>&1 & echo $! > /run/causewayd.pid")
        wait(lambda: "not running" not in self.tool("version", check=False).stdout, "causewayd in the guest answers")
        return self

    def write(self, config):
        super().write(config)
        os.link(self.config, os.path.join(self.guest.folder, "gwB.conf"))
        self.guest.run("modprobe tun; install -m 600 /.out/gwB.conf /run/gwB.conf; "
                       "echo nameserver 203.0.113.1 > /etc/resolv.conf")

    def tool(self, *words, program="causeway", check=True, seconds=60):
        status, text = self.guest.program(os.path.join(self.programs, program), "--control", self.socket, *words, check=check,
                                          seconds=seconds)
        return SimpleNamespace(returncode=status, stdout=text, stderr="")

    def log_text(self):
        with open(os.path.join(self.guest.folder, "gwB.log"), errors="replace") as file:
            return file.read()

    def stop(self):
        self.guest.run("kill $(cat /run/causewayd.pid)")
        wait(lambda: self.guest.run("test -e /proc/$(cat /run/causewayd.pid)", check=False)[0] != 0, "causewayd in the guest stops")


def test(lab, programs):
    guest = boot(lab)
    # The guest's devices refuse what is many as one.
    for namespace, device in (("internet", "toB"), ("lanB", "eth0")):
        lab.run(namespace, "ip", "link", "set", "dev", device, "gso_max_segs", "1")
    far = GuestCauseway(lab, guest, programs, far_side({"tunnel_extra": ["mode 'add'"]}))
    near = Causeway(lab, "gwA", programs, uci(remote_extra=["force_encapsulation '1'"]))
    serve(lab)
    for wishes in ({}, NONE):
        far.options = options_of(wishes)
        far.start()
        on = states(far, wishes)
        near.start()
        near.wait_up()
        wait(far.up, "the guest has the tunnel")
        pings_both_ways(lab)
        gauge = Gauge(lab, near)
        send(lab, "tcp", str(OCTETS))
        send(lab, "udp")
        print(f"{guest.run('uname -r')[1]}: {on}; {gauge.read()}")
        near.stop()
        wait(lambda: not far.up(), "the guest has heard the delete")
        far.stop()


if __name__ == "__main__":
    sys.exit(run(test, sys.argv[1]))
