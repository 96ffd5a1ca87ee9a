"""The page's texts: each that the code has stands in the template and, translated, in German. --write renews the template."""

from __future__ import annotations

import json
import os
import pathlib
import re
import sys
import unittest

import page

TEMPLATE = os.path.join(page.PACKAGE, "po/templates/causeway.pot")
GERMAN = os.path.join(page.PACKAGE, "po/de/causeway.po")
HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8"\n'
# A text in quotes of one kind; with a backslash only before a quote.
CALL = re.compile(r"\b_\(\s*'((?:[^'\\]|\\')*)'\s*\)")


def sources() -> list[str]:
    return sorted(str(path) for path in pathlib.Path(page.RESOURCES).rglob("*.js"))


def texts() -> dict[str, list[str]]:
    """Each text with the files that have it: the code's, the menu's titles, what the permissions are described by."""
    made: dict[str, list[str]] = {}
    for path in sources():
        for text in CALL.findall(page.text_of(path)):
            made.setdefault(text.replace("\\'", "'"), []).append(os.path.relpath(path, page.PACKAGE))
    for folder, key in (("root/usr/share/luci/menu.d", "title"), ("root/usr/share/rpcd/acl.d", "description")):
        for place in sorted(pathlib.Path(page.PACKAGE, folder).glob("*.json")):
            for entry in json.loads(place.read_text()).values():
                made.setdefault(entry[key], []).append(os.path.relpath(place, page.PACKAGE))
    return made


def template() -> str:
    blocks = [HEAD]
    for text, places in sorted(texts().items()):
        where = " ".join(sorted({f"applications/luci-app-causeway/{place}" for place in places}))
        blocks.append(f"#: {where}\nmsgid {json.dumps(text, ensure_ascii=False)}\nmsgstr \"\"\n")
    return "\n".join(blocks)


def places(text: str) -> list[str]:
    return sorted(re.findall(r"%[sd%]", text))


class Strings(unittest.TestCase):
    def test_every_text_of_the_code_is_a_plain_one(self) -> None:
        # What the scanner of LuCI cannot read would never be translated.
        for path in sources():
            calls = len(re.findall(r"(?<![\w.])_\(", page.text_of(path)))
            self.assertEqual(calls, len(CALL.findall(page.text_of(path))), path)

    def test_the_template_is_the_codes(self) -> None:
        self.assertEqual(page.text_of(TEMPLATE), template(), "python3 tests/luci/strings.py --write renews it")

    def test_german_is_whole(self) -> None:
        german = page.messages(GERMAN)
        self.assertEqual(sorted(german), sorted(texts()))
        for text, said in german.items():
            self.assertTrue(said.strip(), text)
            self.assertEqual(places(said), places(text), text)
            if len(text) > 20:
                self.assertEqual(said[-1] in ".:", text[-1] in ".:", text)
        self.assertIn("Language: de", page.text_of(GERMAN))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        pathlib.Path(TEMPLATE).write_text(template(), encoding="utf-8")
    else:
        unittest.main()
