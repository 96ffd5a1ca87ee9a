"""strongSwan as the end that keeps the tunnel up, for comparison: as the recipe sets it up, and tuned to notice sooner."""

import os
import re
import signal
from collections.abc import Sequence
from typing import Self

from lab import Lab, wait
from sites import LAN_A, LAN_B, NAME_A, NAME_B, PSK, StrongSwan
from stage import SUITE, Stage

STARTER = "/usr/lib/ipsec/starter"
# ipsec.conf(5): without dpdaction a dead peer is never noticed; --auto-update is what the recipe follows names with.
SET_UPS: dict[str, tuple[list[str], list[str]]] = {
    "strongswan-recipe": ([], ["--auto-update", "65"]),
    "strongswan-dpd": (["dpdaction=restart", "dpddelay=10s", "dpdtimeout=30s"], []),
}


class Starter(StrongSwan):
    """charon behind ipsec's starter, steered by ipsec.conf, in gwA."""

    def __init__(self, lab: Lab, lines: list[str], options: list[str]) -> None:
        super().__init__(lab, "gwA", {"local_id": "unused", "remote_id": "unused", "local_ts": LAN_A, "remote_ts": LAN_B,
                                      "retransmit_timeout": None})
        self.options = options
        with open(f"{self.folder}/swanctl/swanctl.conf", "w"):
            pass
        settings = {"ikelifetime": "3600s", "keylife": "3600s", **dict(line.split("=") for line in lines)}
        extra = "".join(f"  {name}={value}\n" for name, value in settings.items())
        with open(f"{self.folder}/ipsec.conf", "w") as file:
            file.write(f"""version 2
config setup
conn net
  left=%defaultroute
  leftid=@{NAME_A}
  leftsubnet={LAN_A}
  right={NAME_B}
  rightid=@{NAME_B}
  rightsubnet={LAN_B}
  keyexchange=ikev1
  aggressive=no
  authby=secret
  ike={SUITE}!
  esp={SUITE}!
  keyingtries=%forever
{extra}  auto=start
""")
        with open(os.open(f"{self.folder}/ipsec.secrets", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f'@{NAME_A} @{NAME_B} : PSK "{PSK}"\n')

    def start(self) -> Self:
        self._process = self.lab.start(self.namespace, *self.words(STARTER, "--nofork", *self.options),
                                       log=f"{self.namespace}.starter.out")
        wait(lambda: os.path.exists(self.folder + "/run/charon.ctl"), "charon listens")
        return self

    def up(self) -> bool:
        return "INSTALLED" in self.lab.run(self.namespace, *self.words("ipsec", "statusall"), check=False).stdout

    def die(self) -> None:
        with open(self.folder + "/run/charon.pid") as file:
            charon = int(re.findall(r"^\d+", file.read())[0])
        # The starter would start another one: it goes first.
        self.process.kill()
        os.kill(charon, signal.SIGKILL)
        wait(lambda: not os.path.exists(f"/proc/{charon}"), "charon has gone")
        self.clear_run()


class RivalStage(Stage):
    """A stage with strongSwan at gwA."""

    set_up = "strongswan-dpd"
    more_lines: Sequence[str] = ()  # of ipsec.conf

    def end_a(self) -> Starter:
        lines, options = SET_UPS[self.set_up]
        return Starter(self.lab, [*lines, *self.more_lines], options)


def stage_of(gateway: str) -> type[Stage]:
    """The kind of stage with this program at gwA."""
    return Stage if gateway == "causeway" else type("Rival", (RivalStage,), {"set_up": gateway})


GATEWAYS = ("causeway", *SET_UPS)
