"""Tunnels without a fault, however odd they look: nothing may be said of them, neither an error nor a warning."""

from ends import HOST_A, HOST_B, LAN_A
from fault import Expect, Fault

BUILT = ("charon", "causeway")
QUIET = Expect()
PINGS = (("lanA", HOST_B), ("lanB", HOST_A))
OTHERS = "aes128-sha1-modp2048,aes256-sha512-modp3072,aes256-sha256-modp2048"


def _sound(name: str, sentence: str, us: bool = True, them: bool = True, **more: object) -> Fault:
    how: dict[str, object] = {"peers": BUILT, "pings": PINGS, "seconds": 6, **more}
    return Fault("sound-" + name, sentence, us=QUIET if us else None, them=QUIET if them else None, sound=True,
                 **how)  # type: ignore[arg-type]


FAULTS = (
    _sound("main", "Both sides are as they should be."),
    _sound("aggressive", "Both use Aggressive Mode.", ours={"mode": "aggressive"}, theirs={"mode": "aggressive"}),
    _sound("nat", "A NAT router stands before us.", nat=True),
    _sound("no-pfs", "Neither side does PFS.", ours={"esp": "aes256-sha256"}, theirs={"esp": "aes256-sha256"}),
    _sound("names-in-capitals", "The other end writes the names in capitals.",
           theirs={"local_id": "@REMOTESITE.dyndns.org", "remote_id": "@LocalSite.dyndns.org"}),
    _sound("more-suites-there", "The other end has further proposals, and prefers them.", peers=("charon",),
           theirs={"ike": OTHERS, "esp": OTHERS}),
    _sound("wider-there", "The other end has a wider network, and narrows it to what we ask for.", them=False, peers=("charon",),
           theirs={"local": "192.168.0.0/16", "remote": LAN_A}),
    _sound("large-packets", "Large packets go through, and TCP.", tcp=True),
)
