"""Do nft and iptables take what the renderers write? syntax.py FOLDER

Reads the golden files in FOLDER and loads each in a network namespace of its own: nft's as they are, fw4's inside a
table like fw4's, iptables' twice in a row. Exit 0 when all are taken, 77 where there are no namespaces.
"""

import glob
import os
import subprocess
import sys


def inside(command, text=""):
    """In a fresh network namespace."""
    return subprocess.run(["unshare", "-n", "sh", "-c", command], input=text, text=True, capture_output=True, check=False)


def fw4_table(golden):
    """The chains of a golden file, each inside a base chain of its own, as fw4 includes them."""
    hooks = {"input": "input", "output": "output", "forward": "forward", "mangle_forward": "forward"}
    text, chain = "table inet fw4 {\n", None
    for line in golden.splitlines():
        if line.startswith("# "):
            text += "}\n" if chain else ""
            chain = line[2:]
            text += f"chain {chain} {{ type filter hook {hooks[chain]} priority 0;\n"
        else:
            text += line + "\n"
    return text + "}\n}\n"


def complaint(path):
    """What a program said against a golden file; empty: it was taken."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    name = os.path.basename(path)
    if name.startswith("iptables"):
        end = inside("cat > /tmp/causeway-syntax.$$ && trap 'rm -f /tmp/causeway-syntax.$$' EXIT && "
                     "iptables-restore --noflush < /tmp/causeway-syntax.$$ && iptables-save | grep -q -- '-j CAUSEWAY_INPUT' && "
                     "iptables-restore --noflush < /tmp/causeway-syntax.$$", text)
    else:
        end = inside("nft -f - && nft list ruleset | grep -q -e causeway0 -e tun-branch", fw4_table(text) if name.startswith("fw4") else text)
    return "" if end.returncode == 0 else f"{name}: {end.stderr.strip() or 'nothing of it is there'}"


def main():
    if inside("true").returncode != 0:
        print("no network namespaces here")
        return 77
    broken = inside("nft -f -", "table ip causeway { chain x { ip saddr nonsense accept } }")
    if broken.returncode == 0:
        print("nft takes nonsense: this test shows nothing")
        return 1
    files = sorted(glob.glob(os.path.join(sys.argv[1], "*.nft")) + glob.glob(os.path.join(sys.argv[1], "*.txt")))
    complaints = [text for text in map(complaint, files) if text]
    print("\n".join(complaints) or f"{len(files)} texts are taken")
    return 1 if complaints or len(files) < 8 else 0


if __name__ == "__main__":
    sys.exit(main())
