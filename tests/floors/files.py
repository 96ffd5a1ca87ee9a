"""Every file of src/ says in its first sentence what it is, and ARCHITECTURE.md lists them.

files.py ROOT [--write]: exit 0 when the list is what the files say; --write makes it so
"""

import os
import re
import sys

from floors import ORDER

BEGIN, END = "<!-- file by file: tests/floors/files.py --write -->\n", "<!-- end -->\n"


def first_sentence(text):
    """Of the comment that a file opens with; nothing without one."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("//") or line.strip() == "//":
            break
        lines.append(line[2:].strip())
    comment = " ".join(lines)
    end = re.search(r"(?<!\bApp)\.(?=\s+[A-Z(]|\s\s|$)", comment)
    return comment[:end.start()] if end else comment


def implements(stem):
    """crypto/openssl/cbc.cpp is what crypto/cbc.hpp declares."""
    return stem.replace("openssl/", "") if "openssl/" in stem else None


def units(root):
    """(path without its ending, the file that says what it is), the header where there is one."""
    found = {}
    for folder, _, files in os.walk(os.path.join(root, "src")):
        for name in files:
            stem, ending = os.path.splitext(os.path.relpath(os.path.join(folder, name), os.path.join(root, "src")))
            if ending == ".hpp" or (ending == ".cpp" and stem not in found):
                found[stem] = stem + ending
    return {stem: file for stem, file in found.items()
            if not (file.endswith(".cpp") and (os.path.basename(stem) == "main" or implements(stem) in found))}


def listed(root):
    """The list, and the files that say nothing."""
    lines, silent = [], []
    all_units = units(root)
    for floor in ORDER:
        rows = []
        for stem, file in sorted(all_units.items()):
            if stem.split("/")[0] == floor:
                with open(os.path.join(root, "src", file)) as source:
                    said = first_sentence(source.read())
                if not said:
                    silent.append(file)
                rows.append(f"| `{stem.split('/', 1)[1]}` | {said.replace('|', chr(92) + '|')} |")
        if rows:
            lines += [f"\n### `{floor}`\n", "| file | what it is |", "|---|---|", *rows]
    return "\n".join(lines) + "\n\n", silent


def proves_itself():
    """Each thing that it finds can be found."""
    assert first_sentence("// A word. And more\n// of it.\n#pragma once\n") == "A word"
    assert first_sentence("// As RFC 2409 App. B says. More\n") == "As RFC 2409 App. B says"
    assert first_sentence("// RFC 2409 5.4: the\n// rest\n") == "RFC 2409 5.4: the rest"
    assert first_sentence("// States; see there.\n//\n//   us     them\n") == "States; see there"
    assert implements("crypto/openssl/cbc") == "crypto/cbc" and implements("ike/engine/peers") is None
    assert first_sentence("#pragma once\n// later\n") == ""


def main():
    root = sys.argv[1]
    proves_itself()
    text, silent = listed(root)
    for file in silent:
        print(f"src/{file} does not open with a comment that says what it is")
    path = os.path.join(root, "ARCHITECTURE.md")
    with open(path) as file:
        before = file.read()
    now = before[:before.index(BEGIN) + len(BEGIN)] + text + before[before.index(END):]
    if "--write" in sys.argv and now != before:
        with open(path, "w") as file:
            file.write(now)
    elif now != before:
        print("ARCHITECTURE.md lists other files, or other words, than src/ has: tests/floors/files.py . --write")
        return 1
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
