#!/usr/bin/env python3
"""table.py SOURCE: the table "Hardening" of docs/reliability.md names tests that exist, and leaves no known fault out."""
import pathlib
import re
import sys

SOURCE = pathlib.Path(sys.argv[1])
# The IKEv1 faults of other daemons, and the classes.
KNOWN = """
2026-50721 2026-14957 2024-3652 2023-38712 2023-38711 2023-30570 2022-23094 2020-1763 2019-10155 2016-5361 2015-3240
2015-3204 2015-3991 2013-6076 2013-6075 2013-4564 2009-0790 2016-10396 2015-4047 2009-1574 2009-1632 2008-3651 2008-3652
2005-3732 2005-0398 2004-0155 2004-0164 2004-0403 2004-0607 2005-3666 2016-6415 2018-0131 2018-5389 2014-9221 2014-2338
2016-5391
""".split()
CLASSES = ["error path", "cryptographic library", "length or bound", "confusion of states", "exhaustion"]


def defined():
    """Every test there is: Suite.Name, scenario names, fuzz targets."""
    names = set()
    for file in (SOURCE / "tests").rglob("*.cpp"):
        for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", file.read_text(), re.M):
            names.add(f"{suite}.{name}")
    names |= {file.stem for file in (SOURCE / "tests" / "scenarios").glob("*.scenario")}
    names |= {f"fuzz.{file.stem}" for file in (SOURCE / "fuzz").glob("*.cpp")}
    return names


def main():
    text = (SOURCE / "docs" / "reliability.md").read_text()
    section = re.search(r"^## Hardening$(.*?)(?=^## |\Z)", text, re.M | re.S)
    if not section:
        print("docs/reliability.md has no section Hardening")
        return 1
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in section.group(1).splitlines() if line.startswith("|")]
    rows = [row for row in rows if not set(row[0]) <= set("-: ")]
    tests = defined()
    faults = []
    for row in rows:
        named = re.findall(r"`([\w.*]+)`", row[-1])
        for name in named:
            known = name in tests or (name.endswith("*") and any(t.startswith(name[:-1]) for t in tests))
            if not known:
                faults.append(f"there is no test {name} (row: {row[0]})")
        if not named and "not applicable" not in row[-1] and row[-1] != "test":
            faults.append(f"neither a test nor a reason (row: {row[0]})")
    first_cells = "\n".join(row[0] for row in rows)
    faults += [f"CVE-{number} has no row" for number in KNOWN if number not in first_cells]
    faults += [f"class '{name}' has no row" for name in CLASSES if name not in first_cells]
    for fault in faults:
        print(fault)
    print(f"{len(rows)} rows")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
