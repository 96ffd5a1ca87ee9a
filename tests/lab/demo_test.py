"""The demo as people run it: with every option, two at once, left running and ended, and after a run that was killed.

demo_test.py PROGRAMS CASE | demo_test.py --list
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import lab as laboratory  # noqa: E402
from lab import LabError, wait  # noqa: E402
from sites import no_strongswan  # noqa: E402

SKIPPED = 77
Running = subprocess.Popen[str]
SECONDS = 100
DEMO = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "demo.py")]


def begin(programs: str, *options: str, **how: Any) -> Running:
    return subprocess.Popen([*DEMO, "--programs", programs, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **how)


def finish(demo: Running) -> tuple[str, str]:
    """What it printed; LabError unless it went well and left nothing behind."""
    try:
        out, err = demo.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        demo.terminate()
        out, err = demo.communicate()
        raise LabError(f"the demo does not end: {out}{err}") from None
    if demo.returncode != 0:
        raise LabError(f"the demo ended with {demo.returncode}:\n{out}{err}")
    return out, err


def prefix_of(demo: Running, label: str = "demo") -> str:
    """What its lab is called; the same as in lab.py."""
    return f"cw{label}{laboratory.digits(demo.pid)}"


def traces(prefix: str) -> list[str]:
    """Namespaces, files and processes of one lab that are still there."""
    found = [name for name in laboratory.namespaces(prefix)]
    found += [path for path in (os.path.join(laboratory.STATE, prefix),) if os.path.exists(path)]
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            if f"/{prefix}/".encode() in file.read():
                found.append(f"process {pid}")
    return found


def check(condition: object, otherwise: str) -> None:
    if not condition:
        raise LabError(otherwise)


def told_as_json(programs: str, *options: str) -> None:
    demo = begin(programs, "--json", *options)
    out, _ = finish(demo)
    lines = [json.loads(line) for line in out.splitlines()]
    for line in lines[:-1]:
        check(set(line) == {"step", "ok", "seconds"} and line["ok"] is True, f"not a step that went well: {line}")
    check(len(lines) >= 9, f"only {len(lines)} lines")
    check(set(lines[-1]) == {"ok", "seconds", "ping_ms"} and lines[-1]["ok"] is True, f"a wrong last line: {lines[-1]}")
    check(lines[-1]["ping_ms"] > 0, f"no round trip: {lines[-1]}")
    check(not traces(prefix_of(demo)), f"left behind: {traces(prefix_of(demo))}")


def told_in_words(programs: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "wan.pcap")
        out, _ = finish(begin(programs, "--pcap", file))
        check("✘" not in out and out.count("✔") >= 9, out)
        check(re.search(r"ipsec-site2site_lan\[\d+\]: ESTABLISHED .*203\.0\.113\.56\[localsite\.dyndns\.org\]"
                        r"\.\.\.198\.51\.100\.112\[remotesite\.dyndns\.org\]", out), f"not the recipe's status line: {out}")
        decoded = subprocess.run([os.path.join(programs, "causeway"), "decode", file], capture_output=True, text=True,
                                 timeout=SECONDS)
        check(decoded.returncode == 0 and "Main Mode" in decoded.stdout, f"not decoded: {decoded.stdout}{decoded.stderr}")


def two_at_once(programs: str) -> None:
    for demo in [begin(programs), begin(programs)]:
        finish(demo)


def kept_and_ended(programs: str) -> None:
    demo = begin(programs, "--keep")
    out, _ = finish(demo)
    prefix = prefix_of(demo)
    try:
        looking, ending = re.search(r"ping \S+", out), re.search(r"--end (\S+)", out)
        if looking is None or ending is None:
            raise LabError(f"no way to look around or to end it: {out}")
        check(ending.group(1) == prefix, f"its name is {prefix}, not {ending.group(1)}")
        # A later run is none of its business, and does not take it away.
        finish(begin(programs))
        ping = subprocess.run(["ip", "netns", "exec", prefix + "-lanA", *looking.group(0).split(), "-c", "3", "-i", "0.1"],
                              capture_output=True, text=True)
        check(" 0% packet loss" in ping.stdout, f"the kept tunnel carries nothing: {ping.stdout}{ping.stderr}")
    finally:
        finish(subprocess.Popen([*DEMO, "--end", prefix], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    check(not traces(prefix), f"left behind: {traces(prefix)}")
    again = subprocess.run([*DEMO, "--end", prefix], capture_output=True, text=True)
    check(again.returncode == 1 and prefix in again.stdout, f"ended twice: {again.returncode} {again.stdout}")


def after_a_kill(programs: str) -> None:
    demo = begin(programs)
    prefix = prefix_of(demo)
    wait(lambda: any(f"/{prefix}/gwA.sock" in argument for argument in commands()), "gwA's causewayd runs", SECONDS)
    demo.send_signal(signal.SIGKILL)
    demo.communicate()
    check(traces(prefix), "a killed run left nothing: this test tests nothing")
    finish(begin(programs))
    check(not traces(prefix), f"left behind by the run after it: {traces(prefix)}")


def commands() -> Iterator[str]:
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            yield file.read().decode(errors="replace")


def terminated(programs: str) -> None:
    demo = begin(programs)
    prefix = prefix_of(demo)
    wait(lambda: any(f"/{prefix}/gwA.sock" in argument for argument in commands()), "gwA's causewayd runs", SECONDS)
    demo.terminate()
    demo.communicate(timeout=SECONDS)
    check(demo.returncode == 1, f"a demo that was told to end says {demo.returncode}")
    check(not traces(prefix), f"left behind: {traces(prefix)}")


def pair_folder(programs: str, folder: str) -> str:
    """What `causeway pair` makes, for networks that the lab does not have otherwise."""
    name = os.path.join(folder, "tunnel")
    done = subprocess.run([os.path.join(programs, "causeway"), "pair", "--ours", "name=office.example.org,lan=10.20.30.0/24",
                           "--theirs", "name=home.example.org,lan=172.16.5.64/26", "--box", "7590", "-o", name],
                          capture_output=True, text=True, timeout=SECONDS)
    check(done.returncode == 0, f"`causeway pair` ended with {done.returncode}: {done.stderr}")
    return name


def pair_played(programs: str, *options: str, file_a: str = "ipsec", file_b: str = "vpn.cfg") -> None:
    """Twice in a row, from the folder itself: a name that is relative is so to where the demo was called."""
    with tempfile.TemporaryDirectory() as folder:
        name = pair_folder(programs, folder)
        for _ in range(2):
            demo = begin(programs, "--pair", "tunnel", *options, cwd=folder)
            out, _ = finish(demo)
            check("✘" not in out and "10.20.30.0/24" in out and "172.16.5.64/26" in out, f"not the pair's networks: {out}")
            check(f"tunnel/ours/{file_a}\n" in out and f"tunnel/theirs/{file_b}" in out, f"not the pair's files: {out}")
            check(out.count("20 of 20 answered") == 2, f"no pings both ways: {out}")
            check(("there is none here" in out) == (file_b == "vpn.cfg"), f"what stands in for a box says so: {out}")
            check(not traces(prefix_of(demo)), f"left behind: {traces(prefix_of(demo))}")
        with open(os.path.join(name, "ours", "swanctl.conf")) as file:
            key = re.findall(r'secret = "(\w+)"', file.read())[0]
        check(len(key) > 20 and key not in out, "the key is shown")


def refused(programs: str, status: int, wanted: str, *options: str) -> None:
    demo = begin(programs, *options)
    out, err = demo.communicate(timeout=SECONDS)
    check(demo.returncode == status and wanted in out + err, f"{status} and '{wanted}' expected: {demo.returncode}\n{out}{err}")
    check("Traceback" not in err and not traces(prefix_of(demo)), f"not ended well: {err}{traces(prefix_of(demo))}")


def pair_refused(programs: str) -> None:
    """What is missing is named, and what cannot connect is not played."""
    with tempfile.TemporaryDirectory() as folder:
        nowhere = os.path.join(folder, "nowhere")
        refused(programs, 2, f"there is no folder {nowhere}", "--pair", nowhere)
        refused(programs, 2, "--pair DIR", "--theirs", "strongswan")
        name = pair_folder(programs, folder)
        with open(os.path.join(name, "theirs", "swanctl.conf")) as file:
            theirs = file.read()
        with open(os.path.join(name, "theirs", "swanctl.conf"), "w") as file:
            file.write(re.sub(r'secret = "\w+"', 'secret = "of-somebody-else-altogether"', theirs))
        os.remove(os.path.join(name, "theirs", "vpn.cfg"))
        refused(programs, 1, "do not connect", "--pair", name)
        os.remove(os.path.join(name, "theirs", "swanctl.conf"))
        refused(programs, 2, f"{name}/theirs has no ipsec", "--pair", name)


CASES: dict[str, Callable[[str], None]] = {
    "words": told_in_words,
    "json": told_as_json,
    "nat": lambda programs: told_as_json(programs, "--nat"),
    "strongswan": lambda programs: told_as_json(programs, "--peer", "strongswan"),
    "strongswan_nat": lambda programs: told_as_json(programs, "--peer", "strongswan", "--nat"),
    "two_at_once": two_at_once,
    "keep": kept_and_ended,
    "after_a_kill": after_a_kill,
    "terminated": terminated,
    "pair": pair_played,
    "pair_strongswan_theirs": lambda programs: pair_played(programs, "--theirs", "strongswan", file_b="swanctl.conf"),
    "pair_strongswan_ours": lambda programs: pair_played(programs, "--ours", "strongswan", file_a="swanctl.conf"),
    "pair_refused": pair_refused,
}


def main() -> int:
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CASES))
        return 0
    programs, case = sys.argv[1:]
    if os.geteuid() != 0:
        print("skipped: network namespaces need root")
        return SKIPPED
    if "strongswan" in case and no_strongswan():
        print("skipped: " + no_strongswan())
        return SKIPPED
    try:
        CASES[case](programs)
    except LabError as error:
        print(f"failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
