"""A few of the faults, each of another kind: what a quick test plays."""

from fault import THEM, US

JOBS: list[tuple[str, str, str]] = [
    ("ikev2-here-ikev1-there", "charon", THEM), ("name-unresolved", "nobody", US), ("psk-differs", "charon", US),
    ("psk-differs-aggressive", "charon", US), ("id-theirs-differs", "charon", US), ("id-ours-differs", "causeway", US),
    ("phase2-hash", "charon", US), ("phase2-keylength", "charon", THEM), ("pfs-group", "charon", THEM),
    ("networks-differ", "charon", US), ("networks-differ", "charon", THEM), ("forwarding-off", "causeway", US),
    ("sound-main", "charon", US)]
