"""A how-to as the runner sees it: the lab that it wants, and its steps in order. tests/how_to/README.md explains the form."""

import re
from dataclasses import dataclass, field

ROLES = ("causeway", "box", "strongswan")
HOST = re.compile(r"^(gw[A-C]): (\w+), ([\w.-]+), (\d+(?:\.\d+){3}/\d+)((?: \+ \d+(?:\.\d+){3}/\d+)*)(, nat)?$")
INTERNET = re.compile(r"^internet: (\d+(?:\.\d+){3})$")
FILE = re.compile(r"^(gw[A-C]|lan[A-C]):(/\S+)$")
IMPORT = re.compile(r"^(gw[A-C]) imports (gw[A-C]):(/\S+)$")
COMMENT = re.compile(r"^<!-- (lab|by hand)(: (.*?))?( -->)?$")


class FormError(Exception):
    """The how-to is not in the form that the runner reads; the text says where."""


@dataclass(frozen=True)
class Gateway:
    """One gateway of the lab, with the LAN behind it; of gwA the LAN's host is lanA."""

    place: str
    role: str
    name: str
    network: str
    more: tuple[str, ...]  # further networks of its LAN
    nat: bool


@dataclass(frozen=True)
class Command:
    """One command, and the lines that the how-to shows below it; several lines of a here-document are one command."""

    line: int
    host: str
    text: str
    shown: tuple[str, ...]
    status: int = 0
    wait: bool = False  # ask again until it says so: it shows a state that takes a moment


@dataclass(frozen=True)
class File:
    line: int
    host: str
    path: str
    text: str


@dataclass(frozen=True)
class ByHand:
    """What nobody can run here: commands, or clicks. The box's import is played: causewayd at `host` reads the file that `source`
    has."""

    line: int
    commands: tuple[str, ...] = ()
    host: str | None = None
    source: str | None = None
    path: str | None = None


Step = Command | File | ByHand


@dataclass
class HowTo:
    gateways: list[Gateway] = field(default_factory=list)
    internet: str | None = None  # an address out there that answers pings
    steps: list[Step] = field(default_factory=list)

    @property
    def by_hand(self) -> int:
        """Commands that are not run, and other steps."""
        return sum(len(step.commands) or 1 for step in self.steps if isinstance(step, ByHand))

    @property
    def roles(self) -> set[str]:
        return {gateway.role for gateway in self.gateways}


def commands(line: int, words: list[str], lines: list[str]) -> list[Command]:
    """Of a console block: `$ ` begins a command, `> ` goes on with it, the rest is what it prints."""
    host, status, wait = words[0], 0, False
    for word in words[1:]:
        if word == "wait":
            wait = True
        elif re.fullmatch(r"exit=\d+", word):
            status = int(word[5:])
        else:
            raise FormError(f"line {line}: '{word}' is not a word for a console block")
    found: list[tuple[int, list[str], list[str]]] = []
    for number, text in enumerate(lines, line + 1):
        if text.startswith("$ "):
            found.append((number, [text[2:]], []))
        elif not found:
            raise FormError(f"line {number}: output stands before the first command")
        elif text.startswith("> ") and not found[-1][2]:
            found[-1][1].append(text[2:])
        else:
            found[-1][2].append(text)
    if not found:
        raise FormError(f"line {line}: a console block without a command")
    # The words of the block are about its last command; those before it go well at once.
    last = len(found) - 1
    return [Command(number, host, "\n".join(text), tuple(shown), status if at == last else 0, wait and at == last)
            for at, (number, text, shown) in enumerate(found)]


def block(line: int, info: str, lines: list[str]) -> list[Step]:
    language, *words = info.split()
    if not words:
        raise FormError(f"line {line}: a block without a host: nobody runs it, and nobody says why")
    if words == ["by-hand"]:
        return [ByHand(line, tuple(command.text for command in commands(line, ["by-hand"], lines)))]
    if language == "console" and re.fullmatch(r"gw[A-C]|lan[A-C]", words[0]):
        return list(commands(line, words, lines))
    match = FILE.match(words[0])
    if match and len(words) == 1:
        return [File(line, match[1], match[2], "\n".join(lines) + "\n")]
    raise FormError(f"line {line}: '{info}' is neither a console block with a host, a file, nor by-hand")


def comment(document: HowTo, line: int, kind: str, text: str | None) -> None:
    if kind == "by hand":
        match = IMPORT.match(text) if text else None
        if text and not match:
            raise FormError(f"line {line}: '{text}' is nothing that is played")
        document.steps.append(ByHand(line, (), *match.groups()) if match else ByHand(line))
        return
    match = HOST.match(text or "")
    inside = INTERNET.match(text or "")
    if match and match[2] in ROLES:
        more = tuple(match[5].split(" + ")[1:])
        document.gateways.append(Gateway(match[1], match[2], match[3], match[4], more, match[6] is not None))
    elif inside:
        document.internet = inside[1]
    else:
        raise FormError(f"line {line}: '{text}' describes no gateway; gwA: causeway, office.example.org, 192.168.1.0/24")


def read(text: str) -> HowTo:
    """FormError says what is wrong with it."""
    document = HowTo()
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        begin = lines[at]
        match = COMMENT.match(begin)
        if match:
            comment(document, at + 1, match[1], match[3])
        elif begin.lstrip().startswith("```"):
            if not begin.startswith("```"):
                raise FormError(f"line {at + 1}: a block that is indented")
            try:
                end = lines.index("```", at + 1)
            except ValueError:
                raise FormError(f"line {at + 1}: a block without an end") from None
            document.steps += block(at + 1, begin[3:], lines[at + 1:end])
            at = end
        at += 1
    if [gateway.place for gateway in document.gateways][:2] != ["gwA", "gwB"]:
        raise FormError("it describes no gwA and gwB: <!-- lab: gwA: causeway, office.example.org, 192.168.1.0/24 -->")
    return document
