"""Debian's packages, unpacked into a folder and never installed: one would remove strongSwan, another start a server at the next boot."""

import fcntl
import os
import shutil
import subprocess


class NotAvailable(Exception):
    """There is none to run; the text says why."""


def unpack(folder: str, package: str, *paths: str) -> str:
    """The root that the package's files are in, or those of them that are named; downloaded by apt when it is not there yet."""
    os.makedirs(folder, exist_ok=True)
    root = os.path.join(folder, "root")
    with open(os.path.join(folder, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(root):
            if not shutil.which("apt-get"):
                raise NotAvailable(f"{package} is taken from Debian's archive, and there is no apt-get")
            got = subprocess.run(["apt-get", "-o", "APT::Sandbox::User=root", "download", package], cwd=folder,
                                 capture_output=True, text=True)
            files = sorted(name for name in os.listdir(folder) if name.startswith(package + "_") and name.endswith(".deb"))
            if not files:
                reason = (got.stderr.strip() or "no package").splitlines()[-1]
                raise NotAvailable(f"{package} cannot be downloaded: {reason}")
            shutil.rmtree(root + ".part", ignore_errors=True)
            os.mkdir(root + ".part")
            with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", os.path.join(folder, files[-1])], stdout=subprocess.PIPE) as packed:
                subprocess.run(["tar", "-x", "-C", root + ".part", *(f"./{path}" for path in paths)], stdin=packed.stdout, check=True)
            os.rename(root + ".part", root)
    return root
