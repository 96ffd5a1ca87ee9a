"""A computer with a kernel of its own: user-mode-linux in a namespace of the lab, on that namespace's devices.

The machine's kernel may lack ESP; the guest's (Debian's package user-mode-linux) has it. Every program installed here is
there as well. It is a convenience, no security boundary.
"""

import os
import queue
import shlex
import shutil
import subprocess
import threading
import time

from lab import LabError

KERNEL = "/usr/bin/linux.uml"
BOOT_BOUND = 60.0
HERE = os.path.dirname(os.path.abspath(__file__))


class CannotBoot(Exception):
    """This machine does not run the guest; the text says what was seen."""


class Guest:
    """Each of the namespace's `devices` becomes vecN of the guest. run() executes a shell command there."""

    def __init__(self, lab, namespace, devices):
        if not os.path.exists(KERNEL):
            raise CannotBoot("user-mode-linux is not installed (tools/install kernel)")
        self.folder = lab.path(f"{namespace}.guest")
        os.makedirs(self.folder)
        for name in ("init.sh", "guest.sh"):
            shutil.copy(os.path.join(HERE, name), self.folder)
        os.chmod(os.path.join(self.folder, "init.sh"), 0o755)
        self.console = os.path.join(self.folder, "console.log")
        words = [KERNEL, "mem=512M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
                 f"init={self.folder}/init.sh", f"OUT={self.folder}", "con=null", "con0=null,fd:2", "con1=fd:0,fd:1",
                 "ssl=null", f"umid={lab.prefix}", f"uml_dir={self.folder}/", "quiet", "loglevel=4", "panic=-1"]
        for number, device in enumerate(devices):
            # The host's side of the device stays silent: the guest alone has addresses there.
            lab.run(namespace, "ip", "address", "flush", "dev", device)
            lab.run(namespace, "ip", "link", "set", "dev", device, "arp", "off", "promisc", "on")
            words.append(f"vec{number}:transport=raw,ifname={device}")
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": "/dev/shm"}
        with open(self.console, "wb") as console:
            self.popen = subprocess.Popen(lab.command(namespace, *words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          stderr=console, env=environment)
        lab.processes.append(self)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.asked = 0
        self._boot()

    def _read(self):
        for line in self.popen.stdout:
            self.lines.put(line.decode(errors="replace").rstrip("\r\n"))
        self.lines.put(None)

    def _boot(self):
        try:
            self.run("true", seconds=BOOT_BOUND)
        except LabError as error:
            with open(self.console, errors="replace") as file:
                said = [line for line in file.read().splitlines() if line.strip() and "SELinux" not in line]
            last = next((line for line in said if "panic" in line), " / ".join(said[-3:]))
            raise CannotBoot(f"user-mode-linux does not start here: {last or error}") from error

    def run(self, command, check=True, seconds=60):
        """(exit status, output) of a shell command in the guest."""
        self.asked += 1
        mark = f"done-{self.asked}-"
        # The mark is made by printf so that an echo of the command is not taken for its end.
        try:
            self.popen.stdin.write(f"( {command}\n) 2>&1 < /dev/null; printf '\\n%s%s\\n' {mark} $?\n".encode())
            self.popen.stdin.flush()
        except BrokenPipeError:
            raise LabError("the guest ended") from None
        output = []
        end = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise LabError(f"the guest did not finish in {seconds:.0f} s: {command}\n" + "\n".join(output)) from None
            if line is None:
                raise LabError("the guest ended\n" + "\n".join(output))
            if line.startswith(mark):
                status = int(line[len(mark):])
                break
            output.append(line)
        text = "\n".join(output).strip()
        if check and status != 0:
            raise LabError(f"in the guest: {command}: exit {status}: {text}")
        return status, text

    def program(self, *words, **how):
        return self.run(shlex.join(words), **how)

    def stop(self):
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
