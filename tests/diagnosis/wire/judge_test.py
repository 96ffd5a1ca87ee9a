#!/usr/bin/python3
"""The judge is judged: what a daemon might say, right and wrong, and a capture that is made up.

judge_test.py
"""

import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "lab")]

import evidence  # noqa: E402
from fault import THEM, US, Expect  # noqa: E402
from faults import FAULTS  # noqa: E402
from page import measured  # noqa: E402
from smoke import JOBS  # noqa: E402
from verdict import NO_CAUSE, Judgement, complaints, findings, judge, read_log  # noqa: E402

EXPECT = Expect(("psk-differs",), {"no-answer": (r"\bkeys?\b", "4500")}, also=("own-name-elsewhere",))
OURS, PEER = "203.0.113.56", "198.51.100.112"
LOG = """2026-01-02 03:04:05.000 notice  causeway 0.1.0 started; our addresses: 203.0.113.56, key 4500
2026-01-02 03:04:06.000 info    Site2Site: the pre-shared keys differ, most likely: a level that people do not see
2026-01-02 03:04:07.250 warning Site2Site: the pre-shared keys differ, most likely: message 5 does not open
"""


def finding(code: str, severity: str = "error", message: str = "it is so", remedy: str = "") -> dict[str, Any]:
    return {"code": code, "severity": severity, "message": message, "remedy": remedy}


def status(why: dict[str, Any] | None = None, **peer: Any) -> dict[str, Any]:
    return {"findings": [], "peers": [{"last_error_finding": None, "tunnels": [{"why_down_finding": why}], **peer}]}


def verdict(*looks: dict[str, Any], known_before: set[tuple[str, str]] = frozenset()) -> str:  # type: ignore[assignment]
    judgement = Judgement()
    for look in looks:
        judge(judgement, findings(look, known_before), EXPECT)
    return judgement.verdict


def wrong_verdicts() -> list[str]:
    right, other = finding("psk-differs"), finding("id-differs")
    told = {
        "the exact code": (verdict(status(right)), "known"),
        "the exact code as last error": (verdict(status(None, last_error_finding=right)), "known"),
        "in a list of the peer": (verdict(status(None, findings=[right])), "known"),
        "in a list of the daemon": (verdict({"peers": [], "findings": [right]}), "known"),
        "of a refused caller": (verdict({"peers": [], "refused_callers": [{"address": PEER, "finding": right}]}), "known"),
        "of a stranger": (verdict({"peers": [], "strangers": [{"address": PEER, **right}]}), "known"),
        "the address of a stranger": (verdict({"peers": [], "strangers": [
            {"address": "the keys", **finding("no-answer", message="4500")}]}), "known"),
        "one of several, which are named": (verdict(status(finding("no-answer", message="4500", remedy="or the keys"))), "known"),
        "one of several, and this one is not named": (verdict(status(finding("no-answer", message="4500"))), "open"),
        "named later": (verdict(status(finding("no-answer")), status(right)), "known"),
        "nothing": (verdict(status(finding("not-negotiated", "note"))), "nothing"),
        "no cause": (verdict(status(finding("peer-refuses"))), "nothing"),
        "another cause": (verdict(status(other)), "wrong"),
        "another cause before the right one": (verdict(status(other), status(right)), "wrong"),
        "another cause after the right one": (verdict(status(right), status(other)), "wrong"),
        "another cause as a note": (verdict(status(right, findings=[finding("id-differs", "note")])), "known"),
        "what is true beside it": (verdict(status(right, own_name_state="elsewhere")), "known"),
        "of the file alone": (verdict({"peers": [], "findings": [other]}, known_before={("id-differs", "it is so")}), "nothing"),
    }
    return [f"{what}: {was}, not {should}" for what, (was, should) in told.items() if was != should]


def wrong_lines() -> list[str]:
    judgement = Judgement()
    read_log(judgement, LOG, EXPECT, [])
    wrong = [] if judgement.line.endswith("message 5 does not open") else [f"the line that tells it is '{judgement.line}'"]
    silent = Judgement()
    read_log(silent, LOG.replace("pre-shared keys differ", "keys are fine"), EXPECT, [])
    return wrong + ([f"no line tells it, and '{silent.line}' is taken"] if silent.line else [])


def wrong_complaints() -> list[str]:
    of_file = "2026-01-02 03:04:04.000 warning Site2Site: the key is short\n"
    return [f"{what}: {complaints(log)}" for what, log, should in (
        ("a warning is missed", of_file + LOG, 1), ("of the file", of_file + LOG.replace(" warning ", " notice  "), 0))
        if len(complaints(log)) != should]


def frame(ours: bool, body: bytes, port: int = 500) -> bytes:
    source, target = ((OURS, PEER) if ours else (PEER, OURS))
    datagram = struct.pack("!4H", port, port, 8 + len(body), 0) + body
    addresses = bytes(map(int, source.split("."))) + bytes(map(int, target.split(".")))
    return bytes(12) + b"\x08\x00" + struct.pack("!2B3H2BH", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0) + addresses + datagram


def ike(exchange: int, flags: int = 0, content: bytes = b"") -> bytes:
    return bytes(17) + bytes([0x10, exchange, flags]) + bytes(8) + content


def moments(packets: list[tuple[int, bytes]]) -> list[evidence.Packet]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for seconds, octets in packets:
            file.write(struct.pack("<4I", seconds, 0, len(octets), len(octets)) + octets)
        file.flush()
        return evidence.read(file.name, OURS)


def wrong_moments() -> list[str]:
    marker = bytes(4)
    seen = moments([(1, frame(True, ike(2))), (2, frame(False, ike(2))), (3, frame(True, marker + ike(2, 1, b"5"), 4500)),
                    (4, frame(False, marker + ike(2, 1, b"6"), 4500)), (5, frame(True, marker + ike(32, 1, b"q"), 4500)),
                    (6, frame(True, marker + ike(32, 1, b"q"), 4500)), (7, frame(False, marker + ike(5, 1, b"n"), 4500)),
                    (8, frame(True, marker + ike(32, 1, b"q"), 4500)), (9, frame(False, b"\x01\x02\x03\x04" * 8, 4500)),
                    (10, frame(False, marker + ike(5, 1, b"n"), 4500))])
    should = {"call": 2, "proof": 4, "refusal of phase 2": 7, "refusal": 7, "silence": 8, "their esp": 9, "icmp|call": 2,
              "repetition": 10, "quick mode": None, "dns": None, "our esp": None}
    return [f"{word}: at {evidence.moment(seen, word)}, not {when}" for word, when in should.items()
            if evidence.moment(seen, word) != when]


def wrong_data() -> list[str]:
    wrong = [f"{name}: nobody shows it" for name, fault in FAULTS.items()
             if not any(fault.expected(peer, dials) for peer in fault.peers for dials in (US, THEM))]
    wrong += [f"{fault.name}: {word} is no evidence" for fault in FAULTS.values() for words in fault.shown.values()
              for word in words.split("|") if word not in {*evidence.SHOWN, evidence.UP}]
    wrong += [f"{fault.name}: {code} names no cause, and is expected" for fault in FAULTS.values()
              for expect in (fault.us, fault.them) if expect for code in expect.exact if code in NO_CAUSE]
    kept = {(run["fault"], run["peer"], run["dials"]) for run in measured()["runs"] if run["ours"] == "causeway"}
    wrong += [f"measured.json has not {name} with {peer} when {dials} dial: check --record" for name, fault in FAULTS.items()
              for peer in fault.peers for dials in (US, THEM) if fault.expected(peer, dials) and (name, peer, dials) not in kept]
    return wrong + [f"smoke.py: {name} does not show with {peer} when {dials} dial" for name, peer, dials in JOBS
                    if FAULTS[name].expected(peer, dials) is None]


def main() -> int:
    wrong = wrong_verdicts() + wrong_lines() + wrong_complaints() + wrong_moments() + wrong_data()
    print("\n".join(wrong) or "the judge finds each made-up mistake")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
