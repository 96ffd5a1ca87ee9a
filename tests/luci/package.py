"""The OpenWrt package of LuCI's page: its Makefile by LuCI's rules, its files in LuCI's folders, its size."""

from __future__ import annotations

import json
import os
import pathlib
import re
import unittest

import page

NAME = "luci-app-causeway"
MAKEFILE = page.text_of(os.path.join(page.PACKAGE, "Makefile"))
# What a router's flash pays for, without translations.
MOST_OCTETS = 60000


def variables() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+):=(.*)$", MAKEFILE, re.M))


def files() -> list[str]:
    return sorted(str(path.relative_to(page.PACKAGE)) for path in pathlib.Path(page.PACKAGE).rglob("*") if path.is_file())


def neighbour(name: str) -> str:
    found = re.search(rf"^{name}:=(.*)$", page.text_of(os.path.join(page.ROOT, "packaging/openwrt/causeway/Makefile")), re.M)
    assert found
    return found.group(1)


class Package(unittest.TestCase):
    def test_the_makefile_is_one_of_luci(self) -> None:
        said = variables()
        lines = MAKEFILE.splitlines()
        self.assertLess(lines.index("include $(TOPDIR)/rules.mk"), lines.index("include ../../luci.mk"))
        # The buildroot finds packages by this line's words.
        self.assertEqual(lines[-1], "# call BuildPackage - OpenWrt buildroot signature")
        for word in ("luci-base", "rpcd-mod-ucode", "ucode-mod-socket", "causeway"):
            self.assertIn("+" + word, said["LUCI_DEPENDS"].split())
        for name in ("PKG_VERSION", "PKG_MAINTAINER", "PKG_LICENSE"):
            self.assertEqual(said[name], neighbour(name), name)
        self.assertLessEqual(len(said["LUCI_TITLE"]), 60)
        for line in lines:
            self.assertEqual(line, line.rstrip())

    def test_the_files_lie_where_luci_looks(self) -> None:
        self.assertEqual(files(), sorted([
            "Makefile", "po/de/causeway.po", "po/templates/causeway.pot",
            "htdocs/luci-static/resources/causeway/model.js", "htdocs/luci-static/resources/causeway/newcomer.js",
            "htdocs/luci-static/resources/causeway/page.css", "htdocs/luci-static/resources/causeway/plot.js",
            "htdocs/luci-static/resources/view/causeway.js", f"root/usr/share/luci/menu.d/{NAME}.json",
            f"root/usr/share/rpcd/acl.d/{NAME}.json", "root/usr/share/rpcd/ucode/luci.causeway"]))

    def test_the_menu_leads_to_the_view_and_asks_for_its_permission(self) -> None:
        menu = json.loads(page.text_of(os.path.join(page.PACKAGE, f"root/usr/share/luci/menu.d/{NAME}.json")))
        acl = json.loads(page.text_of(os.path.join(page.PACKAGE, f"root/usr/share/rpcd/acl.d/{NAME}.json")))
        self.assertEqual(list(acl), [NAME])
        for entry in menu.values():
            self.assertEqual(entry["depends"], {"acl": [NAME]})
            self.assertTrue(os.path.exists(os.path.join(page.RESOURCES, "view", entry["action"]["path"] + ".js")))

    def test_the_page_may_ask_no_more_than_it_does(self) -> None:
        acl = json.loads(page.text_of(os.path.join(page.PACKAGE, f"root/usr/share/rpcd/acl.d/{NAME}.json")))[NAME]
        asked = set()
        for path in pathlib.Path(page.RESOURCES).rglob("*.js"):
            asked |= set(re.findall(r"method: '(\w+)'", path.read_text(encoding="utf-8")))
        allowed = {(kind, name) for kind in ("read", "write") for name in acl[kind]["ubus"]["luci.causeway"]}
        self.assertEqual({name for _, name in allowed}, asked)
        self.assertEqual({name for kind, name in allowed if kind == "read"}, {"look"})
        self.assertEqual([list(acl[kind]) for kind in ("read", "write")], [["ubus"], ["ubus"]], "neither files nor commands")

    def test_no_code_and_no_data_from_elsewhere_is_loaded(self) -> None:
        for path in pathlib.Path(page.RESOURCES).rglob("*"):
            if path.is_file():
                text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
                self.assertNotRegex(text, r"https?://|innerHTML|\beval\b|document\.write", str(path))

    def test_it_is_small(self) -> None:
        octets = sum(os.path.getsize(os.path.join(page.PACKAGE, name)) for name in files() if not name.startswith("po/"))
        self.assertLess(octets, MOST_OCTETS)

    def test_what_the_page_reads_is_in_the_manual(self) -> None:
        manual = page.text_of(os.path.join(page.ROOT, "docs/man/causeway.8"))
        known = set(re.findall(r"^ {0,4}(\w+) {2,}\S", manual, re.M))
        model = page.text_of(os.path.join(page.RESOURCES, "causeway/model.js"))
        model += page.text_of(os.path.join(page.RESOURCES, "view/causeway.js"))
        read = set(re.findall(r"\b(?:status|peer|tunnel|sa|one|history|first)\.([a-z]+(?:_[a-z]+)+)\b", model))
        self.assertGreater(len(read), 8)
        self.assertEqual(read - known, set())


if __name__ == "__main__":
    unittest.main()
