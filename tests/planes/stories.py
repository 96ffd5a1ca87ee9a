"""The demo and the stories, with the kernel's plane alone at each causewayd, in a machine whose kernel has it (machine.py).

stories.py PROGRAMS [demo|demo-nat|demo-strongswan|STORY...]
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, "..", "lab")
sys.path.insert(0, LAB)

from stories import STORIES  # noqa: E402

# What they wait for has bounds of its own.
SECONDS = 600
DEMOS = {"demo": [], "demo-nat": ["--nat"], "demo-strongswan": ["--peer", "strongswan"]}
# One measures beside another program, and needs the machine for itself.
LEFT_OUT = ("rekey-under-load",)


def on_the_kernel(programs: str, folder: str) -> None:
    """The programs, with a causewayd that has no other plane."""
    for name in ("causeway", "ipsec", "causeway-sim"):
        os.symlink(os.path.join(programs, name), os.path.join(folder, name))
    path = os.path.join(folder, "causewayd")
    with open(path, "w") as file:
        file.write(f'#!/bin/sh\nexec "{os.path.abspath(programs)}/causewayd" --dataplane kernel "$@"\n')
    os.chmod(path, 0o755)


def plays(folder: str, name: str) -> bool:
    words = DEMOS[name] if name in DEMOS else ["--story", name, "--short"]
    done = subprocess.run([sys.executable, os.path.join(LAB, "demo.py"), "--programs", folder, *words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False)
    lines = done.stdout.splitlines()
    told = [line for line in lines if line[:1] in "✔✘"] if done.returncode == 0 else lines
    print("\n".join([f"{name}: {'passed' if done.returncode == 0 else 'failed'}", *("  " + line for line in told)]), flush=True)
    return done.returncode == 0


def main() -> int:
    programs, *names = sys.argv[1:]
    names = names or [*DEMOS, *(name for name, story in STORIES.items() if not story.slow and name not in LEFT_OUT)]
    with tempfile.TemporaryDirectory(prefix="causeway-programs.") as folder:
        on_the_kernel(programs, folder)
        failed = [name for name in names if not plays(folder, name)]
    print("failed: " + ", ".join(failed) if failed else f"all {len(names)} passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
