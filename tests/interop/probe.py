"""`causeway probe` against peers whose configuration is known, and beside ike-scan, which is asked about the same peers.

probe.py PROGRAMS FOLDER-FOR-LIBRESWAN CASE        probe.py --list
"""

import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "libreswan")]

import outer_ipv6  # noqa: E402
from common import (LAN_A, LAN_B, NAME_A, NAME_B, WAN_A, WAN_B, Causeway, Sites, Skip, StrongSwan, check,  # noqa: E402
                    no_strongswan, run, uci, wait)

# ike-scan's --trans for a suite: encryption/key length, hash, authentication, group.
CIPHERS = {"aes256": "7/256", "aes128": "7/128", "3des": "5"}
HASHES = {"md5": 1, "sha1": 2, "sha256": 4, "sha384": 5, "sha512": 6}
GROUPS = {"modp1024": 2, "modp1536": 5, "modp2048": 14, "modp3072": 15, "modp4096": 16}
PACKETS_MAX = 24
SECONDS_MAX = 20


class Prober:
    """The tool in gwB, which asks gwA."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.tool = os.path.join(programs, "causeway")

    def ask(self, *options, expect=0, host=WAN_A):
        done = self.lab.run("gwB", self.tool, "probe", "--json", *options, host, check=False)
        check(done.returncode == expect, lambda: f"probe ended with {done.returncode}: {done.stdout}{done.stderr}")
        report = json.loads(done.stdout)
        check(report["sent"] <= PACKETS_MAX and report["seconds"] <= SECONDS_MAX, lambda: f"too much: {report}")
        print(f"{' '.join(options)} {report['sent']} packets, {report['seconds']:.1f} s; {report['meaning']}")
        return report

    def text(self, *options, host=WAN_A):
        shown = self.lab.run("gwB", self.tool, "probe", *options, host, check=False).stdout
        print(shown)
        check(all(len(line) <= 100 for line in shown.splitlines()), "a line is longer than 100 columns")
        return shown

    def ike_scan(self, suite, *options):
        """What ike-scan says of one suite: "accepted", "refused" or "silent"."""
        if shutil.which("ike-scan") is None:
            raise Skip("ike-scan is not installed")
        cipher, digest, group = suite.split("-")
        trans = f"--trans={CIPHERS[cipher]},{HASHES[digest]},1,{GROUPS[group]}"
        said = self.lab.run("gwB", "ike-scan", "--sport=0", "--retry=2", trans, *options, WAN_A, check=False).stdout
        return "accepted" if "Handshake returned" in said else "refused" if "Notify message" in said else "silent"


def expect(report, **values):
    for key, value in values.items():
        found = report
        for part in key.split("__"):
            found = found[part]
        check(found == value, lambda key=key, found=found, value=value: f"{key} is {found!r}, not {value!r}: {report}")


def charon(lab, **settings):
    if reason := no_strongswan():
        raise Skip(reason)
    return StrongSwan(lab, "gwA", {"local_id": "@" + NAME_A, "remote_id": "@" + NAME_B, "local_ts": LAN_A,
                                   "remote_ts": LAN_B, "libipsec": False, **settings}).start()


def the_others(prober, report, count=3):
    """Suites that the probe found not to be accepted, of those that ike-scan can ask for, and ike-scan agrees."""
    rest = [suite for suite in report["suites_not_accepted"] if suite.split("-")[2] in GROUPS]
    for suite in rest[:: max(1, len(rest) // count)][:count]:
        check(prober.ike_scan(suite) != "accepted", f"ike-scan finds {suite} accepted")


def causewayd(lab, programs, _folder):
    """It answers on both ports, and is not asked for IKEv2, by which it would take a peer at our address to speak that."""
    Sites(lab)
    gateway = Causeway(lab, "gwA", programs, uci(ike="aes256-sha512-modp2048", tunnel_extra=["mode 'add'"])).start()
    prober = Prober(lab, programs)
    report = prober.ask()
    expect(report, main_mode__outcome="accepted", main_mode__suite="aes256-sha512-modp2048", nat="none", ike__answered=True,
           nat_t__answered=True, ikev2__outcome="not asked", suites_end="refused",
           suites_accepted=["aes256-sha512-modp2048"], key_exchange__outcome="accepted")
    check("causeway" in report["vendors"], report["vendors"])
    check(prober.ike_scan("aes256-sha512-modp2048") == "accepted", "ike-scan finds it otherwise")
    the_others(prober, report)
    prober.text()
    gateway.stop()


def nat(lab, programs, _folder):
    """The prober is behind NAT, and by name."""
    Sites(lab, nat_b=True)
    gateway = Causeway(lab, "gwA", programs, uci(tunnel_extra=["mode 'add'"])).start()
    expect(Prober(lab, programs).ask(host=NAME_A), address=WAN_A, nat="here", main_mode__suite="aes128-sha1-modp1024")
    gateway.stop()


def ipv6(lab, programs, _folder):
    """By an address and by a name that has no other; then the gateway is gone, and ICMPv6 says so."""
    outer_ipv6.world(lab)
    gateway = Causeway(lab, "gwA", programs, uci(tunnel_extra=["mode 'add'"])).start()
    prober = Prober(lab, programs)
    for host in (outer_ipv6.WAN_A, NAME_A):
        expect(prober.ask(host=host), address=outer_ipv6.WAN_A, nat="none", ike__answered=True, nat_t__answered=True,
               main_mode__suite="aes128-sha1-modp1024", key_exchange__outcome="accepted")
    shown = prober.text(host=NAME_A)
    check(shown.startswith(f"{NAME_A} ({outer_ipv6.WAN_A})\n"), shown)
    gateway.stop()
    expect(prober.ask(host=outer_ipv6.WAN_A, expect=1), answered=False, ike__unreachable=True, nat_t__unreachable=True)


def charon_suites(lab, programs, _folder):
    """Seven suites, one after the other: more than charon would hold half open for one address (block_threshold)."""
    suites = ["aes256-sha512-modp2048", "aes256-sha256-modp2048", "aes256-sha1-modp2048", "aes128-sha256-modp2048",
              "aes128-sha1-modp2048", "aes128-sha1-modp1024", "3des-sha1-modp1024"]
    Sites(lab)
    peer = charon(lab, ike=",".join(suites))
    prober = Prober(lab, programs)
    report = prober.ask()
    expect(report, main_mode__outcome="accepted", nat="none", nat_t__answered=True, suites_end="refused",
           key_exchange__outcome="accepted", ikev2__outcome="refused", ikev2__notify="NO_PROPOSAL_CHOSEN")
    check(sorted(report["suites_accepted"]) == sorted(suites), lambda: f"accepted: {report['suites_accepted']}")
    # The one that has keys takes nothing in clear.
    check(peer.status().count("CONNECTING") == 1, lambda: f"charon still holds exchanges for us: {peer.status()}")
    for suite in suites[:2]:
        check(prober.ike_scan(suite) == "accepted", f"ike-scan finds {suite} not accepted")
    the_others(prober, report)
    prober.text()


def charon_default(lab, programs, _folder):
    """strongSwan's own proposals."""
    Sites(lab)
    charon(lab, ike="default")
    prober = Prober(lab, programs)
    report = prober.ask()
    expect(report, main_mode__outcome="accepted")
    check(len(report["suites_accepted"]) > 3, report["suites_accepted"])
    prober.text()


def charon_other_suite(lab, programs, _folder):
    """Main Mode with a suite that nobody commonly uses."""
    Sites(lab)
    charon(lab, ike="camellia256-sha512-modp8192")
    prober = Prober(lab, programs)
    report = prober.ask()
    expect(report, main_mode__outcome="refused", main_mode__notify="NO-PROPOSAL-CHOSEN", suites_end="not asked",
           suites_accepted=[])
    check(prober.ike_scan("aes128-sha1-modp1024") == "refused", "ike-scan is not refused")
    prober.text()


def charon_ikev2(lab, programs, _folder):
    """IKEv2 alone."""
    Sites(lab)
    charon(lab, version=2, ike="aes256-sha256-modp2048")
    prober = Prober(lab, programs)
    expect(prober.ask(), main_mode__outcome="refused", main_mode__notify="NO-PROPOSAL-CHOSEN", ikev2__outcome="accepted",
           ikev2__suite="aes256-sha256-modp2048", nat="none")
    prober.text()


def charon_no_key(lab, programs, _folder):
    """No pre-shared key for our address."""
    Sites(lab)
    peer = charon(lab)
    peer.stop()
    peer.clear_run()
    with open(f"{peer.folder}/swanctl/swanctl.conf") as file:
        text = file.read()
    peer.write(text.replace("ike-peer { secret", "ike-peer { id = 192.0.2.99\n secret").replace("id = @" + NAME_B, "id = 192.0.2.98"))
    peer.start()
    prober = Prober(lab, programs)
    expect(prober.ask(), main_mode__outcome="accepted", key_exchange__outcome="refused",
           key_exchange__notify="INVALID-KEY-INFORMATION")


def charon_aggressive(lab, programs, _folder):
    """Aggressive Mode, only when it is asked for; and of a peer that wants Main Mode."""
    Sites(lab)
    peer = charon(lab, aggressive=True, ike="aes256-sha1-modp1024")
    prober = Prober(lab, programs)
    expect(prober.ask(), aggressive_mode__outcome="not asked")
    report = prober.ask("--aggressive", "@" + NAME_B)
    expect(report, aggressive_mode__outcome="accepted", aggressive_mode__suite="aes256-sha1-modp1024",
           aggressive_identity=NAME_A)
    peer.stop()
    peer.clear_run()
    peer.write(open(f"{peer.folder}/swanctl/swanctl.conf").read().replace("aggressive = yes", "aggressive = no"))
    peer.start()
    expect(prober.ask("--aggressive", "@" + NAME_B), main_mode__outcome="accepted", aggressive_mode__outcome="refused",
           aggressive_mode__notify="AUTHENTICATION-FAILED")
    prober.text("--aggressive", "@" + NAME_B)


def nobody(lab, programs, _folder):
    """No daemon; then a firewall without a word."""
    sites = Sites(lab)
    prober = Prober(lab, programs)
    report = prober.ask(expect=1)
    expect(report, answered=False, ike__unreachable=True, nat_t__unreachable=True, main_mode__outcome="silent")
    check(report["seconds"] < 5, report)
    capture = lab.capture("gwB", "probe.pcap", "wan", "udp", "and", "dst", WAN_A)
    sites.drop(["toB"])
    report = prober.ask(expect=1)
    expect(report, answered=False, ike__unreachable=False)
    seen = lab.run("gwB", "tcpdump", "-nn", "-tt", "-r", capture.stop()).stdout.splitlines()
    check(len(seen) == report["sent"], f"{len(seen)} packets seen, {report['sent']} counted")
    times = [float(line.split()[0]) for line in seen]
    check(all(b - a > 0.2 for a, b in zip(times, times[1:])), f"more than four a second: {times}")
    prober.text()


def libreswan(lab, programs, folder):
    """pluto 4.10, which has no modp1024."""
    from pluto import NotAvailable, unpack  # noqa: PLC0415
    try:
        root = unpack(os.path.abspath(folder))
    except NotAvailable as reason:
        raise Skip(str(reason)) from reason
    Sites(lab)
    own = lab.path("pluto")
    os.makedirs(own + "/nss")
    os.makedirs(own + "/run")
    with open(own + "/ipsec.conf", "w") as file:
        file.write(f"""config setup
  ikev1-policy=accept
  logfile={own}/pluto.log
  nssdir={own}/nss
  secretsfile={own}/ipsec.secrets
conn peer
  ikev2=no
  authby=secret
  left={WAN_A}
  leftid=@{NAME_A}
  leftsubnet={LAN_A}
  right={WAN_B}
  rightid=@{NAME_B}
  rightsubnet={LAN_B}
  ike=aes256-sha2_256-modp2048,aes128-sha1-modp1536
  esp=aes128-sha1
  auto=add
""")
    with open(os.open(own + "/ipsec.secrets", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(f'@{NAME_A} @{NAME_B} : PSK "not-used-by-a-probe"\n')
    lab.run("gwA", "certutil", "-N", "-d", f"sql:{own}/nss", "--empty-password")
    mounts = f"""mount --make-rprivate /; mount --bind {root}/usr/libexec /usr/libexec
mount --bind {root}/usr/sbin/ipsec /usr/sbin/ipsec; exec "$@\""""
    pluto = lab.start("gwA", "unshare", "-m", "sh", "-c", mounts, "sh", "/usr/libexec/ipsec/pluto", "--config", own + "/ipsec.conf",
                      "--nofork", "--rundir", own + "/run", log="pluto.out")

    def tell(program, *words):
        return lab.run("gwA", "nsenter", "-t", str(pluto.pid), "-m", "-r", f"/usr/libexec/ipsec/{program}", "--ctlsocket",
                       own + "/run/pluto.ctl", *words, check=False)
    wait(lambda: tell("whack", "--status").returncode == 0, "pluto answers")
    tell("whack", "--listen")
    wait(lambda: tell("addconn", "--config", own + "/ipsec.conf", "peer").returncode == 0, "pluto has its connection")
    prober = Prober(lab, programs)
    report = prober.ask()
    expect(report, main_mode__outcome="accepted", nat="none", suites_end="refused")
    check(sorted(report["suites_accepted"]) == ["aes128-sha1-modp1536", "aes256-sha256-modp2048"], report["suites_accepted"])
    # Debian's names no make.
    check({"DPD (RFC 3706)", "NAT-T (RFC 3947)"} <= set(report["vendors"]), report["vendors"])
    for suite in report["suites_accepted"]:
        check(prober.ike_scan(suite) == "accepted", f"ike-scan finds {suite} not accepted")
    the_others(prober, report)
    prober.text()


CASES = {name: case for name, case in globals().items()
         if callable(case) and name in ("causewayd", "nat", "ipv6", "charon_suites", "charon_default", "charon_other_suite",
                                        "charon_ikev2", "charon_no_key", "charon_aggressive", "nobody", "libreswan")}

if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CASES))
        sys.exit(0)
    sys.exit(run(CASES[sys.argv[3]], sys.argv[1], sys.argv[2]))
