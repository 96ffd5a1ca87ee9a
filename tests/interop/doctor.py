"""`causeway doctor` beside a tunnel: one that is well, and one thing broken at a time.

doctor.py PROGRAMS CASE        doctor.py --list
"""

import json
import os
import sys

from common import (HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, PSK, WAN_A, WAN_B, Causeway, Sites, check, far_side,
                    run, uci, wait)

NOT_RUNNING = 3
NOBODY = "192.168.0.77"  # in B's LAN


class Doctor:
    """The tool in gwA."""

    def __init__(self, gateway):
        self.gateway = gateway

    def _run(self, words, expect):
        done = self.gateway.tool("doctor", *words, check=False)
        check(done.returncode == expect, lambda: f"doctor {words} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def look(self, *words, expect=0):
        text = self._run(words, expect)
        print(text)
        check(all(len(line) <= 100 for line in text.splitlines()), "a line is longer than 100 columns")
        report = json.loads(self._run(["--json", *words], expect))
        cause = report["verdict"]
        check((cause is None) == (report["wrong"] == 0), report)
        check(cause is None or f"Most likely cause: {cause['message'][:20]}" in text, text)
        return report

    def blames(self, code, *words, expect=1):
        cause = self.look(*words, expect=expect)["verdict"]
        check(cause is not None and cause["code"] == code, f"expected {code}: {cause}")
        return cause


def states(report, layer):
    return [step["state"] for step in report["steps"] if step["layer"] == layer]


def tunnel(lab, programs, **sites):
    """Both sites, and a tunnel that is up."""
    made = Sites(lab, **sites)
    far = Causeway(lab, "gwB", programs, far_side({})).start()
    near = Causeway(lab, "gwA", programs, uci()).start()
    near.wait_up()
    wait(lambda: lab.ping("lanA", HOST_B, count=1)[0] == 1, "hosts reach each other")
    return made, near, far


def well(lab, programs):
    """No cross, with and without a ping; and what is published has nothing of anybody in it."""
    _, near, _ = tunnel(lab, programs)
    doctor = Doctor(near)
    report = doctor.look()
    check(states(report, "far-host") == ["skipped"], report)
    report = doctor.look("--ping", HOST_B)
    for layer in ("configuration", "daemon", "names", "nat", "route", "sockets", "firewall", "data-plane", "phase-1", "phase-2",
                  "counters", "far-host"):
        check(set(states(report, layer)) == {"ok"}, lambda layer=layer, report=report: f"{layer}: {report}")
    name = next(step["connection"] for step in report["steps"] if step["layer"] == "phase-2")
    check(doctor.look(name)["connection"] == name, "one connection alone")
    done = near.tool("doctor", "nobody", check=False)
    check(done.returncode == 2 and "no connection is called 'nobody'" in done.stderr, done.stderr)
    done = near.tool("doctor", "--ping", "10.99.0.1", check=False)
    check(done.returncode == 2 and "is in no remote network" in done.stderr, done.stderr)
    text = near.tool("doctor", "--bundle", "--ping", HOST_B).stdout
    print(text)
    for secret in (NAME_A, NAME_B, WAN_A, WAN_B, HOST_B, LAN_A.split("/")[0], LAN_B.split("/")[0], name, PSK, near.config):
        check(secret not in text, f"{secret} is published: {text}")


def no_forwarding(lab, programs):
    """ip_forward is 0: seen at once, not when the daemon looks next."""
    _, near, _ = tunnel(lab, programs)
    lab.run("gwA", "sysctl", "-qw", "net.ipv4.ip_forward=0")
    Doctor(near).blames("forwarding-off")
    lab.run("gwA", "sysctl", "-qw", "net.ipv4.ip_forward=1")
    check(Doctor(near).look()["verdict"] is None, "it forwards again")


def peer_off(lab, programs):
    """Nobody is at the other end's address; then its name is gone as well, which explains more."""
    Sites(lab)
    near = Causeway(lab, "gwA", programs, uci()).start()
    doctor = Doctor(near)
    wait(lambda: any(words in near.status() for words in ("does not answer", "nothing listens there")), "it gives up on the peer",
         seconds=60)
    doctor.blames("no-answer")
    lab.publish({NAME_B: None})
    doctor.blames("peer-name-unresolved")


def own_name(lab, programs):
    """Our name leads elsewhere: while the tunnel is up that stops nothing, and is the only cross."""
    _, near, _ = tunnel(lab, programs)
    lab.publish({NAME_A: "203.0.113.99"})
    near.tool("reload")
    wait(lambda: "203.0.113.99" in near.tool("statusall").stdout, "the daemon has looked the name up", seconds=60)
    Doctor(near).blames("own-name-elsewhere")


def wrong_host(lab, programs):
    """Nobody has that address in the other LAN."""
    _, near, _ = tunnel(lab, programs)
    cause = Doctor(near).blames("far-host-silent", "--ping", NOBODY)
    check(cause["layer"] == "far-host" and cause["confidence"] == "one-of", cause)


def lost_route(lab, programs):
    """Somebody took the route into the tunnel, and placed another one."""
    _, near, _ = tunnel(lab, programs)
    lab.run("gwA", "ip", "link", "add", "other0", "type", "veth", "peer", "name", "other1")
    for device in ("other0", "other1"):
        lab.run("gwA", "ip", "link", "set", device, "up")
    lab.run("gwA", "ip", "route", "add", "192.168.0.0/25", "dev", "other0")
    check("other0" in Doctor(near).blames("route-shadowed")["message"], "the device is named")


def no_daemon(lab, programs):
    """What can be done without one: the file, names, ports, the TUN device."""
    Sites(lab)
    near = Causeway(lab, "gwA", programs, uci())
    doctor = Doctor(near)
    report = doctor.look("--config", near.config, expect=NOT_RUNNING)
    check(report["verdict"]["code"] == "daemon-not-running" and not report["running"], report)
    check(states(report, "configuration") == ["ok"] and set(states(report, "names")) == {"ok"}, report)
    check(states(report, "sockets") == ["ok"] and states(report, "data-plane") == ["ok"], report)
    # Somebody else has the port.
    script = "import signal, socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 500)); print('bound', flush=True); signal.pause()"
    other = lab.start("gwA", "/usr/bin/python3", "-c", script, log="other.log")
    wait(lambda: "bound" in other.output(), "the port is taken")
    cause = doctor.blames("ike-port-in-use", "--config", near.config, expect=NOT_RUNNING)
    check("python3 (pid " in cause["message"], cause)
    other.stop()
    near.write("config remote 'x'\n option enabled '1\n")
    cause = doctor.blames("file-unusable", "--config", near.config, expect=NOT_RUNNING)
    check(cause["layer"] == "configuration", cause)


CASES = {case.__name__: case for case in (well, no_forwarding, peer_off, own_name, wrong_host, lost_route, no_daemon)}

if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CASES))
        sys.exit(0)
    sys.exit(run(CASES[sys.argv[2]], sys.argv[1]))
