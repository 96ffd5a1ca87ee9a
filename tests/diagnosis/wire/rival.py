"""What strongSwan's and libreswan's own logs say of the same fault: the first line that gives a reason."""

import re

# From the particular to the general; of the first group of which a line is there, the first line counts.
CHARON = (
    (r"no shared key found", r"no IKE config found", r"found no matching peer config|no peer config found|but none allows",
     r"Aggressive Mode PSK disabled", r"received proposals (inacceptable|unacceptable)", r"no proposal found",
     r"no matching CHILD_SA config found", r"no matching proposal found", r"IDir '.*' does not match",
     r"ID payload .* does not match", r"calculated HASH does not match", r"decryption failed", r"could not decrypt payloads",
     r"unable to (install|add|resolve)|resolving '.*' failed", r"no policy defined|no acceptable",
     r"no local address found in traffic selector|error installing route",
     r"is not configured for|using .* not allowed|not supported",
     r"unable to ", r"invalid HASH", r"traffic selectors .* unacceptable", r"no (acceptable )?traffic selectors",
     r"received netlink error", r"tunnel mode|transport mode|mode .*mismatch", r"integrity check failed|ICV|verification failed",
     r"establishing .* failed"),
    (r"received \S+ error notify", r"received \S+ notify error", r"peer not responding", r"giving up after",
     r"received .* error", r"error notify", r"ignoring"),
    (r"retransmit 1 of",),
    (r"received DELETE for", r"deleting"),
)
LIBRESWAN = (
    (r"mismatch of preshared secrets", r"no acceptable", r"we require .* peer to have ID|peer to have ID", r"cannot respond to",
     r"no (suitable|wildcard|\(wildcard\)) connection|no connection has been authorized",
     r"refused due to|OAKLEY_.* not supported|not allowed", r"policy", r"Can't authenticate", r"Add SA"),
    (r"ignoring informational payload|sending notification|received.*notif|NO_PROPOSAL|INVALID", r"encrypted informational"),
    (r"retransmission; will wait",),
)
# Of the start.
STARTS = re.compile(r"loaded|plugin|\[LIB\]")
PREFIX = re.compile(r"^\d+\[([A-Z]+)\d?\] (?:<[^>]*> )?")
STAMP = re.compile(r"^\w{3} +\d+ [\d:.]+: ")


def line(program: str, log: str) -> str:
    for group in CHARON if program == "charon" else LIBRESWAN:
        pattern = re.compile("|".join(group), re.IGNORECASE)
        for text in log.splitlines():
            said = STAMP.sub("", PREFIX.sub("", text))
            if pattern.search(said) and not STARTS.search(text):
                return said.strip()
    return ""


def reason(program: str, log: str) -> bool:
    """Whether the log has a line of the first two groups: a particular reason, or an error of the other end."""
    groups = (CHARON if program == "charon" else LIBRESWAN)[:2]
    pattern = re.compile("|".join(text for group in groups for text in group), re.IGNORECASE)
    return any(pattern.search(text) for text in log.splitlines() if not STARTS.search(text))
