"""The codes that `causeway check` cannot give, and why: what it reads are files and the answers of a name server."""

WIRE = "the wire: what a peer sends, or does not send, while a daemon runs"
RUN = "the run: what became of a tunnel that a daemon has"
WRITTEN = "`convert` and `pair`: what the form that is written has no word for"
SITES = "`pair --sites`: a list of sites, which is no configuration"
HERE = "this machine: the daemon looks at its forwarding and at the rules of others while it runs"
DOCTOR = "this machine: `causeway doctor` looks at it, and asks the daemon"
RIGHTS = "the machine: `config check` and the daemon look at who may read a file that holds a key"
EMPTY = "one file alone: `config check` says so of a file without a peer, which `check` cannot use (file-unusable)"
MONITORING = "this machine: `config check` and the daemon look for the group and the folder that options for monitoring name"

ELSEWHERE = {
    **dict.fromkeys((
        "answer-not-offered", "attribute-unknown", "caller-refused", "deleted-at-once", "dh-value-refused", "identity-refused",
        "lost-at-once", "message-refused", "no-answer", "peer-deleted", "peer-refuses", "peer-restarted", "peer-silent",
        "phase1-refused", "phase2-refused", "phase2-silent", "unknown-peer", "answers-stop-at-4500", "one-way-traffic",
        "integrity-fails", "kernel-plane-silent", "packets-of-other-network", "path-mtu", "flapping"), WIRE),
    **dict.fromkeys(("lifetime-over", "not-negotiated", "own-address-changed", "replaced", "taken-down"), RUN),
    **dict.fromkeys((
        "name-not-written", "other-side-unknown", "peer-not-written", "setting-not-written", "suite-not-written"), WRITTEN),
    **dict.fromkeys(("site-incomplete", "site-name-taken", "site-unnamed", "star-incomplete"), SITES),
    **dict.fromkeys(("forward-dropped", "forwarding-off", "route-shadowed"), HERE),
    **dict.fromkeys((
        "daemon-not-running", "far-host-silent", "ike-port-in-use", "no-route-to-peer", "remote-network-not-routed",
        "tunnel-device-missing"), DOCTOR),
    "file-rights": RIGHTS,
    "nothing-configured": EMPTY,
    **dict.fromkeys(("control-group-unknown", "metrics-file-unwritable"), MONITORING),
}
