"""Runs a test on a kernel with ESP: a machine of its own (tools/uml), whose root is this machine's, to be read only.

machine.py SCRIPT ARGUMENT...: the exit status is the script's; 77 where there is no such kernel.
"""

import glob
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KERNEL = os.path.join(HERE, "..", "kernel")
SKIPPED = 77
BOUND = 3600


def kernels() -> list[str]:
    """Those that tools/uml has made, the newest last."""
    cache = os.environ.get("CAUSEWAY_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "causeway")
    return sorted(glob.glob(os.path.join(cache, "uml-*", "linux")), key=os.path.getmtime)


def run(kernel: str, words: list[str]) -> int:
    """Of a command in the machine; what it prints comes as it is printed."""
    folder = tempfile.mkdtemp(prefix="causeway-planes.")
    try:
        shutil.copy(os.path.join(KERNEL, "init.sh"), os.path.join(folder, "init.sh"))
        os.chmod(os.path.join(folder, "init.sh"), 0o755)
        # init.sh calls what it finds there guest.sh.
        shutil.copy(os.path.join(HERE, "machine.sh"), os.path.join(folder, "guest.sh"))
        with open(os.path.join(folder, "command"), "w") as file:
            file.write(f"cd {shlex.quote(os.getcwd())}; exec {shlex.join(words)}\n")
        console = os.path.join(folder, "console.log")
        with open(console, "wb") as log:
            machine = subprocess.Popen(
                [kernel, "mem=768M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", f"init={folder}/init.sh",
                 f"OUT={folder}", "con=null", "con0=null,fd:2", "con1=null,fd:1", "ssl=null", f"umid=planes{os.getpid()}",
                 f"uml_dir={folder}/", "quiet", "loglevel=4", "panic=-1"],
                stdin=subprocess.DEVNULL, stderr=log, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": "/dev/shm"})
        try:
            machine.wait(BOUND)
        except subprocess.TimeoutExpired:
            print(f"failed: the machine did not end in {BOUND} s")
        finally:
            # Of a time-out, or of whoever ends this script: the machine has a session of its own.
            if machine.poll() is None:
                machine.kill()
                machine.wait()
        try:
            with open(os.path.join(folder, "status")) as file:
                return int(file.read())
        except (OSError, ValueError):
            with open(console, errors="replace") as file:
                print("the machine ended without a result:\n" + file.read()[-2000:])
            return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    found = kernels()
    if not found:
        print("skipped: no kernel with ESP: tools/uml makes one")
        return SKIPPED
    return run(found[-1], [sys.executable, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
