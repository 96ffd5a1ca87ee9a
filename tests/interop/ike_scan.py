"""ike-scan, a prober that we did not write, gets a sane answer in both modes and none for nonsense.

ike_scan.py PROGRAMS
"""

import shutil
import sys

from common import Causeway, Sites, Skip, check, run, uci

# ike-scan's --trans: encryption/key length, hash, authentication, group.
RECIPE = "--trans=7/128,2,1,2"
STRANGER = "--trans=7/256,6,1,14"


def scan(lab, *options):
    return lab.run("gwB", "ike-scan", "--sport=500", "--retry=2", *options, "203.0.113.56", check=False).stdout


def test(lab, programs):
    if shutil.which("ike-scan") is None:
        raise Skip("ike-scan is not installed")
    Sites(lab)
    gateway = Causeway(lab, "gwA", programs, uci(tunnel_extra=["mode 'add'"])).start()
    answer = scan(lab, RECIPE)
    check("Main Mode Handshake returned" in answer, answer)
    check("Enc=AES" in answer and "Hash=SHA1" in answer and "Group=2:modp1024" in answer and "KeyLength=128" in answer, answer)
    check("Dead Peer Detection" in answer, "no DPD vendor ID: " + answer)
    refused = scan(lab, STRANGER)
    check("NO-PROPOSAL-CHOSEN" in refused and "Handshake returned" not in refused, refused)
    # Once a minute and source, then silence: nobody is made to send for others.
    silent = scan(lab, STRANGER)
    check("0 returned notify" in silent, silent)
    aggressive = scan(lab, "--aggressive", "--id=nobody", RECIPE)
    check("Aggressive Mode Handshake returned" not in aggressive, "Aggressive Mode is not configured: " + aggressive)
    check("Main Mode Handshake returned" in scan(lab, RECIPE), "it does not answer any more")
    gateway.stop()


if __name__ == "__main__":
    sys.exit(run(test, sys.argv[1]))
