"""What a daemon said of a fault, held against what is right.

It reads `causeway status --json` and the log. Findings are taken from wherever they stand: why_down_finding,
last_error_finding, lists called findings of a tunnel, a peer or the daemon, refused_callers and strangers.
"""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fault import Expect

# What became of something, without a cause: neither right nor wrong.
NO_CAUSE = {"not-negotiated", "taken-down", "replaced", "peer-restarted", "lifetime-over", "peer-deleted", "peer-refuses",
            "message-refused"}
LISTS = ("findings", "refused_callers", "strangers")
ONE = ("why_down_finding", "last_error_finding")
LEVELS = ("notice", "warning", "error")
# Of the start, and of what went well: they name addresses, names and networks, and tell of no fault.
STARTED = re.compile(r"causeway \S+ started")
WELL = re.compile(r"^(causeway \S+ started|listening for IKE|/\S+: \d+ peer)|Phase 1 with \S+ \[.*\] established: |tunnel up: ")
LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.(\d{3}) (\w+)\s+(.*)$")
# What a line of the log says when it tells a cause in words of its own, by code; a line may also name the code.
SAYS = {
    "phase1-encryption-differs": "nearest: encryption", "phase1-keylength-differs": "nearest: encryption|key length",
    "phase1-hash-differs": "nearest: hash", "phase1-group-differs": "nearest: group", "no-common-suite": "no common Phase",
    "phase2-encryption-differs": "nearest: encryption", "phase2-keylength-differs": "nearest: encryption|key length",
    "phase2-hash-differs": "nearest: integrity|nearest: hash",
    "mode-mismatch": "same mode|mode differs", "psk-differs": "pre-shared keys? differ", "pfs-one-side": "PFS",
    "pfs-group-differs": "PFS|group", "ike-version-differs": "IKEv2", "unknown-peer": "fits no configured peer",
    "id-differs": "identifies itself as", "id-missing": "identifies itself as", "id-type-differs": "identifies itself as",
    "ids-swapped": "identifies itself as .*our|exchanged|swapped", "phase2-networks-differ": "networks",
    "phase2-networks-swapped": "swapped|exchanged", "phase2-mask-differs": "mask|inside|wider|narrower|larger|smaller",
    "phase2-network-one-side": "no counterpart|one side|not a pair|wants .*, configured are",
    "phase2-silent": "does not answer Quick Mode",
    "peer-name-unresolved": "cannot be resolved", "peer-name-private": "a private address",
    "own-name-elsewhere": "our own name .* points to",
    "peer-name-not-theirs": "our own address", "forwarding-off": "does not forward packets", "forward-dropped": "are not forwarded",
    "deleted-at-once": "deletes each new", "no-answer": "no reply from", "path-mtu": "swallows packets|packets over",
    "one-way-traffic": "nothing comes back", "sha256-truncation": "96 bits|truncat", "encapsulation-differs": "transport",
    "esn-not-spoken": "ESN", "auth-method-differs": "XAUTH|authenticat", "secret-not-found": "no (pre-shared )?key",
    "aggressive-refused": "refuses Aggressive", "answers-stop-at-4500": "4500",
    "packets-of-other-network": "do not belong to it", "flapping": "up and down",
}


@dataclass(frozen=True)
class Told:
    code: str
    severity: str
    text: str  # the sentence, and the remedy behind it
    message: str


@dataclass
class Judgement:
    """`known`: a person knows the cause. `open`: a code that is right, and its sentence does not name the cause. `wrong`:
    another cause was named at any time. `nothing`: no cause was named. Of a tunnel without a fault `quiet`, `down` or `wrong`."""

    verdict: str = "nothing"
    codes: list[str] = field(default_factory=list)
    sentence: str = ""
    wrong: list[str] = field(default_factory=list)
    line: str = ""
    level: str = ""
    said: float | None = None  # the moment of the line

    @property
    def good(self) -> bool:
        return self.verdict == "known" and self.said is not None


def _told(value: Any) -> Iterator[Told]:
    """A finding, or an object that has one inside (a refused caller)."""
    if not isinstance(value, dict):
        return
    if isinstance(value.get("code"), str):
        message, remedy = str(value.get("message", "")), str(value.get("remedy", ""))
        where = f"{value['address']}: " if "address" in value else ""
        text = where + message + (f"; {remedy}" if remedy else "")
        yield Told(value["code"], str(value.get("severity", "error")), text, message)
    for key in ("finding", *LISTS):
        inner = value.get(key)
        for one in inner if isinstance(inner, list) else [inner]:
            yield from _told(one)


def findings(status: dict[str, Any], of_file: Iterable[tuple[str, str]] = ()) -> list[Told]:
    """Everything that is told about peers and this machine; not what the configuration alone shows (code, message)."""
    found: list[Told] = []
    known = set(of_file)
    for key in LISTS:
        for value in status.get(key) or []:
            found += [told for told in _told(value) if (told.code, told.message) not in known]
    for peer in status.get("peers", []):
        for subject in (peer, *peer.get("tunnels", [])):
            for key in ONE:
                found += _told(subject.get(key))
            for key in LISTS:
                for value in subject.get(key) or []:
                    found += _told(value)
        if peer.get("own_name_state") == "elsewhere":
            note = str(peer.get("own_name_note", ""))
            found.append(Told("own-name-elsewhere", "warning", note, note))
    return list(dict.fromkeys(found))


def _occur(words: Iterable[str], text: str) -> bool:
    return all(re.search(word, text, re.IGNORECASE) for word in words)


def knows(told: Told, expect: Expect) -> bool:
    if told.code in expect.exact:
        return True
    return told.code in expect.one_of and _occur(expect.one_of[told.code], told.text)


def judge(judgement: Judgement, seen: list[Told], expect: Expect) -> None:
    """One more look at the status: what was said wrongly once stays said."""
    serious = [told for told in seen if told.severity != "note"]
    right = {*expect.exact, *expect.one_of}
    for told in serious:
        if told.code not in right | set(expect.also) | NO_CAUSE and not any(wrong.startswith(told.code + ":")
                                                                            for wrong in judgement.wrong):
            judgement.wrong.append(f"{told.code}: {told.text}")
    for told in seen:
        if told.code not in judgement.codes and told.code not in ("not-negotiated", "peer-restarted"):
            judgement.codes.append(told.code)
    best = next((told for told in seen if knows(told, expect)), None)
    fitting = best or next((told for told in serious if told.code in right), None)
    if fitting is not None and not judgement.verdict == "known":
        judgement.verdict, judgement.sentence = ("known" if best else "open"), fitting.text
    elif fitting is None and not judgement.sentence and serious:
        judgement.sentence = next((told.text for told in serious if told.code != "not-negotiated"), "")
    if judgement.wrong:
        judgement.verdict = "wrong"


def moment_of(line: str) -> float | None:
    match = LINE.match(line)
    if match is None:
        return None
    return time.mktime(time.strptime(match[1], "%Y-%m-%d %H:%M:%S")) + int(match[2]) / 1000


def tells(text: str, judgement: Judgement, expect: Expect, seen: list[Told]) -> bool:
    """Whether this line of the log gives the cause as the status does."""
    if any(code in text or _occur([SAYS.get(code, re.escape(code))], text) for code in expect.exact):
        return True
    if any(words and _occur(words, text) for words in expect.one_of.values()):
        return True
    return any(told.message and told.message in text for told in seen if knows(told, expect))


def read_log(judgement: Judgement, log: str, expect: Expect, seen: list[Told]) -> None:
    """The first line of at least a notice that tells it."""
    for line in log.splitlines():
        match = LINE.match(line)
        if match and match[3] in LEVELS and not WELL.search(match[4]) and tells(match[4], judgement, expect, seen):
            judgement.line, judgement.level, judgement.said = match[4], match[3], moment_of(line)
            return


def complaints(log: str) -> list[str]:
    """Lines that nobody may see of a tunnel without a fault; not what the file alone gives, before the start."""
    lines = [match for match in map(LINE.match, log.splitlines()) if match]
    start = next((number for number, match in enumerate(lines) if STARTED.match(match[4])), 0)
    return [match[4] for match in lines[start:] if match[3] in ("warning", "error")]


def first_up(log: str) -> float | None:
    """When the log first says that a tunnel is up."""
    return next((moment_of(line) for line in log.splitlines() if "tunnel up: " in line), None)
