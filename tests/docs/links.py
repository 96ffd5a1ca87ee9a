"""Links in the documents lead to files, and to headings, that exist. Each run first shows that it finds dead ones.

Only links inside the project: what is on the web is not asked.

links.py ROOT
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator

LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
# Every page is to be found from the index of its folder.
INDEXES = ("docs/how-to",)
MADE_UP = {
    "README.md": "# A `first` title\n\n[there](docs/a.md) [here](#a-first-title) [gone](docs/b.md) [no heading](docs/a.md#beta)\n",
    "docs/a.md": "## Alpha, and 2nd\n\n[up](../README.md) [heading](#alpha-and-2nd) `[code](nowhere.md)`\n[web](https://example.org/)\n"
                 "```\n[block](nowhere.md)\n```\n",
    "docs/how-to/README.md": "# Index\n\n[one](one.md)\n",
    "docs/how-to/one.md": "# One\n",
    "docs/how-to/two.md": "# Two\n",
}
DEAD = ["README.md: docs/b.md: there is no such file", "README.md: docs/a.md#beta: there is no such heading",
        "docs/how-to/README.md: two.md is not linked"]


def prose(text: str) -> str:
    return CODE.sub("", FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """Of the headings, as GitHub and Forgejo make them."""
    found: set[str] = set()
    for line in FENCE.sub("", text).splitlines():
        match = re.match(r"#{1,6} +(.*)", line)
        if match:
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1])
            name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            number = sum(name == other or re.fullmatch(re.escape(name) + r"-\d+", other) is not None for other in found)
            found.add(f"{name}-{number}" if number else name)
    return found


def read(root: str, name: str) -> str:
    with open(os.path.join(root, name)) as file:
        return file.read()


def dead_links(root: str, names: list[str]) -> Iterator[str]:
    for name in names:
        for target in LINK.findall(prose(read(root, name))):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            if not os.path.exists(os.path.join(root, file)):
                yield f"{name}: {target}: there is no such file"
            elif anchor and (not file.endswith(".md") or anchor not in anchors(read(root, file))):
                yield f"{name}: {target}: there is no such heading"
    for folder in INDEXES:
        index = folder + "/README.md"
        if index in names:
            linked = LINK.findall(prose(read(root, index)))
            yield from (f"{index}: {os.path.basename(name)} is not linked" for name in names
                        if os.path.dirname(name) == folder and name != index and os.path.basename(name) not in linked)


def documents(root: str) -> list[str]:
    """All of the project, and what is new and not ignored; without git, as in a release, what is in the folders."""
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=root,
                            capture_output=True, text=True)
    if listed.returncode == 0:
        return sorted(name for name in listed.stdout.splitlines() if os.path.exists(os.path.join(root, name)))
    return sorted(os.path.relpath(os.path.join(folder, name), root) for folder, _, names in os.walk(root) for name in names
                  if name.endswith(".md") and "/build" not in folder)


def judge() -> list[str]:
    """What of the made-up documents is judged wrongly."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in MADE_UP.items():
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            with open(os.path.join(root, name), "w") as file:
                file.write(text)
        found = list(dead_links(root, sorted(MADE_UP)))
    return [] if sorted(found) == sorted(DEAD) else [f"of the made-up documents it says {found}"]


def main() -> int:
    root = sys.argv[1]
    names = documents(root)
    found = judge() + list(dead_links(root, names))
    print("\n".join(found) or f"the links of {len(names)} documents lead somewhere")
    return 1 if found or not names else 0


if __name__ == "__main__":
    sys.exit(main())
