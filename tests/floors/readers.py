"""What is declared in a table or as a switch is used: log events, findings and their codes, quirks of peers.

readers.py ROOT: exit 0 when each is. Each run first shows, on made-up files, that each slip is found.
"""

import os
import re
import sys

EVENT = re.compile(r"^CAUSEWAY_EVENT\((\w+),", re.M)
FINDING = re.compile(r"^CAUSEWAY_(?:FINDING|HINT)\((\w+),\s*(\w+),", re.M)
CODE = re.compile(r"^CAUSEWAY_CODE\((\w+),", re.M)
QUIRK = re.compile(r"^    bool (\w+) = \w+;", re.M)


def declared(sources):
    """(what it is, its name, the pattern that uses it, whose use does not count)"""
    for path, text in sources.items():
        if path.endswith(".def"):
            for name in EVENT.findall(text):
                yield "event", name, rf"\bEventCode::{name}\b", ()
            for name, _ in FINDING.findall(text):
                yield "finding", name, rf"\bFindingId::{name}\b", ()
            for name in CODE.findall(text):
                yield "code", name, rf"^CAUSEWAY_(?:FINDING|HINT)\(\w+,\s*{name},", ()
    quirks = re.search(r"^struct Quirks \{.*?^\};", sources.get("config/model.hpp", ""), re.M | re.S)
    for name in QUIRK.findall(quirks.group(0)) if quirks else ():
        yield "quirk", name, rf"\bquirks\.{name}\b", ("config/",)


def unused(sources):
    for what, name, pattern, elsewhere in declared(sources):
        used = any(re.search(pattern, text, re.M) for path, text in sources.items()
                   if not any(path.startswith(folder) for folder in elsewhere))
        if not used:
            yield f"{what} {name}: declared, and nobody uses it"


def prove():
    """The made-up slips that are not found."""
    slips = {
        "event": {"base/events.def": 'CAUSEWAY_EVENT(alone, info, "x")\n'},
        "finding": {"base/x.def": 'CAUSEWAY_FINDING(alone, code, error, "x", "")\n'},
        "code": {"base/x.def": 'CAUSEWAY_CODE(alone, "x")\n'},
        "quirk": {"config/model.hpp": "struct Quirks {\n    bool alone = true;\n};\n", "config/x.cpp": "quirks.alone = true;"},
    }
    return [what for what, sources in slips.items() if not list(unused(sources))]


def main():
    root = os.path.join(sys.argv[1], "src")
    unproved = prove()
    if unproved:
        print("these slips are not found:", ", ".join(unproved))
        return 1
    sources = {}
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith((".hpp", ".cpp", ".def")):
                path = os.path.join(folder, name)
                with open(path) as file:
                    sources[os.path.relpath(path, root)] = file.read()
    found, count = list(unused(sources)), len(list(declared(sources)))
    print("\n".join(found) if found else f"{count} declarations are used")
    return 1 if found or count < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
