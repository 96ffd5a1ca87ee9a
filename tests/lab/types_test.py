"""The types of the lab, as mypy sees them (mypy.ini). Each run first shows, on made-up lines, that it finds wrong ones.

types_test.py ROOT
"""

import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
HEAD = "from bounds import Bound, Limits\nfrom lab import Lab\nfrom stage import Stage\n\n\n"
WRONG = {
    "a time as text": 'bound = Bound(handshake="1.0")\n',
    "a limit that nobody states": "def f(stage: Stage) -> float:\n    return stage.limits.lookup_egaer\n",
    "an answer that may be none": 'def f(lab: Lab) -> float:\n    return lab.ping("lanA", "10.0.0.1")[1] + 1\n',
    "a function without types": "def f(lab):\n    return lab\n",
}


def mypy(root: str, cache: str, *files: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["mypy", "--config-file", "mypy.ini", "--cache-dir", cache, *files], cwd=root, capture_output=True,
                          text=True)


def not_found(root: str, cache: str) -> list[str]:
    """Which of the wrong lines mypy takes for right."""
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        for what, lines in WRONG.items():
            path = os.path.join(folder, "wrong.py")
            with open(path, "w") as file:
                file.write(HEAD + lines)
            done = mypy(root, cache, path)
            if done.returncode != 1 or f"{path}:" not in done.stdout:
                missed.append(f"{what}: {done.stdout}{done.stderr}")
    return missed


def main() -> int:
    root = sys.argv[1]
    if shutil.which("mypy") is None:
        print("skipped: mypy is not installed (tools/install test)")
        return SKIPPED
    with tempfile.TemporaryDirectory() as cache:
        missed = not_found(root, cache)
        if missed:
            print("not found:\n" + "\n".join(missed))
            return 1
        done = mypy(root, cache)
    print(done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
