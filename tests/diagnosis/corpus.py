"""Reads the corpus of misconfigurations: the folders faulty/NAME and sound/NAME, whose form README.md says."""

import fnmatch
import re
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUFFIXES = (".uci", ".vpncfg", ".swanctl.conf", ".ipsec.conf")
SEVERITIES = {"error", "warning", "note"}
ANSWERS = {"true", "false", "unknown"}
# What of a folder is about the case; the rest are the files that are checked.
ABOUT = {"expected", "options", "names", "output.txt", "output.json"}


class CorpusError(Exception):
    """A folder that is not as it has to be."""


@dataclass
class Expectation:
    """One line of `expected`; where a word has several values between bars, any of them will do."""

    code: str
    severities: set[str]
    places: list[tuple[str, set[int]]]
    text: str


@dataclass
class Case:
    """A folder of the corpus."""

    folder: Path
    sound: bool
    sentence: str = ""
    connects: set[str] = field(default_factory=set)
    expected: list[Expectation] = field(default_factory=list)
    also: set[str] = field(default_factory=set)
    golden: bool = False

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    def file(self, label: str) -> Path | None:
        """The file that a place's first word stands for."""
        if label in ("ours", "theirs"):
            found = [self.folder / (label + suffix) for suffix in SUFFIXES if (self.folder / (label + suffix)).exists()]
        elif label in ("hotplug", "init"):
            found = [path for path in self.folder.iterdir() if path.name == label or path.name.startswith(label + "-")]
        else:
            found = [self.folder / label] if (self.folder / label).exists() else []
        if len(found) > 1:
            raise CorpusError(f"{self.name}: more than one {label}")
        return found[0] if found else None

    def options(self) -> list[str]:
        words = self.file("options")
        return words.read_text().split("\n")[:-1] if words else []

    def checked(self) -> list[Path]:
        """The files of either side."""
        return sorted(path for path in self.folder.iterdir() if path.name not in ABOUT)


def read_case(folder: Path) -> Case:
    case = Case(folder, folder.parent.name == "sound")
    for number, line in enumerate((folder / "expected").read_text(encoding="utf-8").splitlines(), 1):
        words = line.split()
        if line.startswith("# ") and number == 1:
            case.sentence = line[2:]
        elif line.startswith("connects: "):
            case.connects = set(words[1].split("|"))
        elif line == "golden":
            case.golden = True
        elif words[0] == "also" and len(words) == 2:
            case.also.add(words[1])
        else:
            case.expected.append(read_expectation(case, words, line))
    if not case.sentence or not case.connects or not case.connects <= ANSWERS:
        raise CorpusError(f"{case.name}: expected has no sentence, or does not say whether it connects")
    if not case.file("ours") or case.sound == bool(case.expected):
        raise CorpusError(f"{case.name}: no file of ours, or nothing expected of a faulty pair")
    return case


def read_expectation(case: Case, words: list[str], line: str) -> Expectation:
    if len(words) < 3 or not set(words[1].split("|")) <= SEVERITIES:
        raise CorpusError(f"{case.name}: not understood: {line}")
    places = []
    for word in words[2:]:
        if word == "-":
            continue
        label, _, numbers = word.rpartition(":")
        path, lines = case.file(label), {int(number) for number in numbers.split("|")}
        if path is None or not 1 <= min(lines) <= max(lines) <= len(path.read_bytes().split(b"\n")):
            raise CorpusError(f"{case.name}: there is no {word}")
        places.append((path.name, lines))
    return Expectation(words[0], set(words[1].split("|")), places, line)


def cases(only: str = "*") -> list[Case]:
    """All folders whose name, with or without faulty/ or sound/, fits the pattern."""
    folders = sorted(path.parent for path in HERE.glob("*/*/expected"))
    return [read_case(folder) for folder in folders
            if fnmatch.fnmatch(folder.name, only) or fnmatch.fnmatch(f"{folder.parent.name}/{folder.name}", only)]


def real_name(path: Path) -> str:
    """hotplug-100-ipsec stands for a script that is called 100-ipsec on the router."""
    return re.sub(r"^(hotplug|init)-", "", path.name)
