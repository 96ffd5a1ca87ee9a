"""libreswan's pluto, unpacked from Debian's package and never installed: the package would remove strongSwan."""

import os
import shutil
import subprocess

import debian_package
from debian_package import NotAvailable
from lab import LabError, wait
from sites import PSK


def unpack(folder):
    """The package in `folder`, downloaded by apt when it is not there yet."""
    root = debian_package.unpack(folder, "libreswan")
    pluto = os.path.join(root, "usr/libexec/ipsec/pluto")
    linked = subprocess.run(["ldd", pluto], capture_output=True, text=True).stdout
    missing = [line.split()[0] for line in linked.splitlines() if "not found" in line]
    if missing or not shutil.which("certutil"):
        raise NotAvailable(f"libreswan lacks {' '.join(missing) or 'certutil'} (tools/install libreswan)")
    return root


class Pluto:
    """pluto in the guest: the guest's root is thrown away, so that there it may lie where it was built for."""

    def __init__(self, guest, root, *, local, local_id, local_net, remote, remote_id, remote_net, suite, aggressive=False):
        self.guest = guest
        self.root = root
        self.log_file = os.path.join(guest.folder, "pluto.log")
        with open(os.path.join(guest.folder, "ipsec.conf"), "w") as file:
            file.write(f"""config setup
  ikev1-policy=accept
  logfile=/.out/pluto.log
  nssdir=/run/nss
  secretsfile=/run/ipsec.secrets
conn peer
  ikev2=no
  aggressive={'yes' if aggressive else 'no'}
  authby=secret
  left={local}
  leftid=@{local_id}
  leftsubnet={local_net}
  right={remote}
  rightid=@{remote_id}
  rightsubnet={remote_net}
  ike={suite}
  esp={suite}
  pfs=yes
  auto=add
""")
        with open(os.open(os.path.join(guest.folder, "ipsec.secrets"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(f'@{local_id} @{remote_id} : PSK "{PSK}"\n')

    def start(self):
        self.guest.run(f"""set -e
mkdir -p /run/nss /run/pluto
certutil -N -d sql:/run/nss --empty-password
cp -a {self.root}/usr/libexec/ipsec /usr/libexec/
cp {self.root}/usr/sbin/ipsec /usr/sbin/ipsec
cp /.out/ipsec.conf /.out/ipsec.secrets /run/
/usr/libexec/ipsec/pluto --config /run/ipsec.conf --nofork --rundir /run/pluto > /.out/pluto.out 2>&1 &""")
        wait(lambda: self.whack("--status", check=False)[0] == 0, "pluto answers", 40)
        self.whack("--listen")
        self._tell("addconn", "--config", "/run/ipsec.conf", "peer")
        return self

    def _tell(self, program, *words, **how):
        return self.guest.program(f"/usr/libexec/ipsec/{program}", "--ctlsocket", "/run/pluto/pluto.ctl", *words, **how)

    def whack(self, *words, **how):
        return self._tell("whack", *words, **how)

    def initiate(self):
        """Returns when the tunnel is up; LabError with pluto's words when it does not come up."""
        return self.whack("--name", "peer", "--initiate", seconds=40)

    def terminate(self):
        self.whack("--name", "peer", "--terminate")

    def up(self):
        return "#" in self.whack("--trafficstatus", check=False)[1]

    def log(self):
        try:
            with open(self.log_file, errors="replace") as file:
                return file.read()
        except OSError:
            return ""


__all__ = ["NotAvailable", "Pluto", "unpack", "LabError"]
