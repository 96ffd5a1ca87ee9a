"""A gateway of the lab with folders of its own, for a program that wants its files where it was built for: what tests/kernel's guest
is to those who ask it, in a machine whose own root is to be read only."""

import os
import shlex

from lab import LabError, wait

# Each is the gateway's own, and empty; the file is one that may be written over.
EMPTY = ("/run", "/usr/libexec")
FILE = "/usr/sbin/ipsec"


class Room:
    """run() executes a shell command there. `folder` is /.out in it."""

    def __init__(self, lab, namespace):
        self.lab, self.namespace = lab, namespace
        self.folder = lab.path(f"{namespace}.room")
        os.makedirs(self.folder)
        file = os.path.join(self.folder, "file")
        open(file, "w").close()
        os.chmod(file, 0o755)
        # The lab's folder is below one of those that are to be empty.
        script = f"mount --make-rprivate /; mount --bind {self.folder} /.out; "
        if os.path.exists(FILE):
            script += f"mount --bind {file} {FILE}; "
        script += "".join(f"mount -t tmpfs room {path}; " for path in EMPTY)
        self.process = lab.start(namespace, "sh", "-ec", script + "echo open; exec sleep infinity", log=f"{namespace}.room.out")
        wait(lambda: "open" in self.process.output() or not self.process.alive(), "the gateway has folders of its own")
        if not self.process.alive():
            raise LabError(self.process.output())

    def run(self, command, check=True, seconds=60):
        """(exit status, output) of a shell command there."""
        done = self.lab.run(self.namespace, "nsenter", "-t", str(self.process.pid), "-m", "-r", "sh", "-c", f"( {command}\n) 2>&1 < /dev/null",
                            check=False, seconds=seconds)
        if check and done.returncode != 0:
            raise LabError(f"{command}: exit {done.returncode}\n{done.stdout}")
        return done.returncode, done.stdout

    def program(self, *words, **how):
        return self.run(shlex.join(words), **how)
