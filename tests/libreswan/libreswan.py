"""causeway with libreswan 4.10 (pluto on a guest's kernel): Main Mode, PFS, modp2048, plain ESP; each calls once.

modp1024 is compiled out of Debian's libreswan.

libreswan.py PROGRAMS FOLDER-FOR-THE-PACKAGE [main|aggressive|identity]
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "kernel")]

from kernel_site import boot, plain_esp_carries  # noqa: E402

from common import (LAN_A, LAN_B, NAME_A, NAME_B, WAN_A, WAN_B, Causeway, LabError, Skip, check, run, uci, wait)  # noqa: E402
from pluto import NotAvailable, Pluto, unpack  # noqa: E402


def refused_identity(lab, gateway, peer, config):
    """pluto 4.10 refuses who we are under an IV of its own, in both directions: told as what it is, not as different keys."""
    stranger = {**config, "local_id": "@somebody.example"}
    gateway.write(uci(**stranger))
    gateway.start()
    wait(lambda: gateway.says("INVALID-ID-INFORMATION to our identity FQDN somebody.example"), "our call is refused for its identity")
    check("INVALID-ID-INFORMATION" in gateway.status(), gateway.status)
    check(not gateway.says("the pre-shared keys differ"), "the keys are blamed")
    gateway.stop()
    gateway.write(uci(**stranger, tunnel_extra=["mode 'add'"]))
    gateway.start()
    try:
        peer.initiate()
    except LabError:
        pass  # it has no tunnel to be up
    wait(lambda: "INVALID-ID-INFORMATION to our identity" in gateway.status(), "the reason why pluto gave up its call is in status")


def libreswan(lab, programs, folder, case):
    mode = "aggressive" if case == "aggressive" else "main"
    try:
        root = unpack(os.path.abspath(folder))
    except NotAvailable as reason:
        raise Skip(str(reason)) from reason
    guest = boot(lab)
    suite = "aes128-sha1-modp2048" if mode == "main" else "aes256-sha2_256-modp2048"
    peer = Pluto(guest, root, local=WAN_B, local_id=NAME_B, local_net=LAN_B, remote=WAN_A, remote_id=NAME_A,
                 remote_net=LAN_A, suite=suite, aggressive=mode == "aggressive").start()
    ours = suite.replace("sha2_256", "sha256")
    config = {"ike": ours, "esp": ours, "mode": mode}
    if case == "identity":
        return refused_identity(lab, Causeway(lab, "gwA", programs, uci(**config)), peer, config)
    gateway = Causeway(lab, "gwA", programs, uci(**config)).start()
    gateway.wait_up()
    wait(peer.up, "pluto has the tunnel")
    plain_esp_carries(lab, guest, "we-call.pcap")
    gateway.stop()
    wait(lambda: not peer.up(), "pluto has heard our delete")
    gateway.write(uci(**config, tunnel_extra=["mode 'add'"]))
    gateway.start()
    peer.initiate()
    gateway.wait_up()
    check("INSTALLED" in gateway.status(), gateway.status)
    plain_esp_carries(lab, guest, "pluto-calls.pcap")
    peer.terminate()
    wait(lambda: not gateway.up(), "the tunnel is down after pluto's delete")


if __name__ == "__main__":
    sys.exit(run(lambda lab: libreswan(lab, *sys.argv[1:4])))
