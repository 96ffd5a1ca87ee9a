"""Shows that `check` finds what is wrong: it is given right and wrong answers to two folders of the corpus."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from corpus import HERE, Case, cases

FAULTY, SOUND = "psk-blank-at-end", "names-with-and-without-at"
STUB = """#!/usr/bin/python3
import sys
print({for_programs!r} if "--json" in sys.argv else {for_people!r})
sys.exit({status})
"""


def right_answer(case: Case) -> dict[str, Any]:
    """What the folder asks for; the paths are as long as those of a copy."""
    findings = [finding(expectation.code, sorted(expectation.severities)[0],
                        [(name, min(lines)) for name, lines in expectation.places]) for expectation in case.expected]
    return {"connects": {"true": True, "false": False}.get(min(case.connects), "unknown"), "connections": [],
            "findings": findings}


def finding(code: str, severity: str, places: list[tuple[str, int]]) -> dict[str, Any]:
    return {"code": code, "severity": severity, "message": "", "remedy": "", "fields": {},
            "locations": [{"file": f"/somewhere/{name}", "line": line, "column": 1} for name, line in places]}


def accepted(folder: str, answer: "dict[str, Any] | str", status: int, for_people: str = "") -> bool:
    with tempfile.TemporaryDirectory() as name:
        stub = Path(name) / "causeway"
        text = answer if isinstance(answer, str) else json.dumps(answer)
        stub.write_text(STUB.format(for_programs=text, for_people=for_people, status=status))
        stub.chmod(0o700)
        done = subprocess.run([str(HERE / "check"), str(stub), "--only", folder], capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"check ended with {done.returncode}: {done.stderr}")
        return done.returncode == 0


def wrong_answers(case: Case) -> dict[str, "dict[str, Any] | str"]:
    """To the faulty folder, whose one finding has a place on each side."""
    def changed(**fields: Any) -> dict[str, Any]:
        answer = right_answer(case)
        answer["findings"][0].update(fields)
        return answer

    places = right_answer(case)["findings"][0]["locations"]
    too_many = right_answer(case)["findings"] + [finding("x", "warning", [])]
    return {
        "no finding": right_answer(case) | {"findings": []},
        "another code": changed(code="id-differs"),
        "another severity": changed(severity="warning"),
        "one place alone": changed(locations=places[:1]),
        "another line": changed(locations=[places[0], places[1] | {"line": places[1]["line"] + 1}]),
        "another file": changed(locations=[places[0], places[1] | {"file": "firewall"}]),
        "it connects": right_answer(case) | {"connects": True},
        "one finding too many": right_answer(case) | {"findings": too_many},
        "no JSON": "psk-differs",
        "JSON of another form": {"findings": []},
    }


def status_of(answer: "dict[str, Any] | str") -> int:
    """So that nothing but the answer itself is wrong."""
    findings = answer.get("findings", []) if isinstance(answer, dict) else []
    return 1 if any(finding["severity"] == "error" for finding in findings) else 0


def main() -> int:
    (case,), (sound,) = cases(FAULTY), cases(SOUND)
    right, good = right_answer(case), right_answer(sound)
    noted = {"findings": [finding("x", "note", [])]}
    key = next(line.split("'")[1] for line in (case.folder / "ours.uci").read_text().splitlines() if "pre_shared_key" in line)
    told = [f"taken for wrong: {what}" for what, was in {
        "the right answer": accepted(FAULTY, right, 1),
        "a note beside it": accepted(FAULTY, right | {"findings": right["findings"] + noted["findings"]}, 1),
        "nothing to say of a sound pair": accepted(SOUND, good, 0),
        "a note on a sound pair": accepted(SOUND, good | noted, 0)}.items() if not was]
    told += [f"taken for right: {what}" for what, answer in wrong_answers(case).items()
             if accepted(FAULTY, answer, status_of(answer))]
    told += [f"taken for right: {what}" for what, was in {
        "exit status 0 with an error": accepted(FAULTY, right, 0),
        "a key in what people read": accepted(FAULTY, right, 1, f"the key is {key}"),
        "a key in the JSON": accepted(FAULTY, right | {"key": key}, 1),
        "a warning on a sound pair": accepted(SOUND, good | {"findings": [finding("x", "warning", [])]}, 0),
        "a sound pair that does not connect": accepted(SOUND, good | {"connects": "unknown"}, 0)}.items() if was]
    print("\n".join(told) or "check finds each made-up mistake")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
