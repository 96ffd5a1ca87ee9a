"""Faults of a peer that does not answer, of names, and of a peer that speaks another version of IKE."""

from ends import NAME_A, NAME_B, WAN_A, WAN_B
from fault import THEM, US, Expect, Fault

# In the namespace of the other end's gateway.
NO_500 = "table ip shut { chain in { type filter hook input priority 0; udp dport 500 drop; }; }"
NO_4500 = "table ip shut { chain in { type filter hook input priority 0; udp dport 4500 drop; }; }"
REJECTED_500 = """table ip shut { chain in { type filter hook input priority 0;
  udp dport 500 reject with icmp type admin-prohibited; }; }"""
NO_IKE = "table ip mine { chain in { type filter hook input priority 0; udp dport { 500, 4500 } drop; }; }"
NOTHING = "table ip shut { chain in { type filter hook input priority 0; ip saddr 203.0.113.0/24 drop; }; }"
NOBODY = "198.51.100.77"
OTHER_VERSION = ("IKEv1|IKEv2|version",)


def _unanswered(*candidate: str) -> Expect:
    """Silence is one of many: the sentence has to name what it may be."""
    return Expect(one_of={"no-answer": candidate})


FAULTS = (
    Fault("peer-off", "No IKE daemon runs at the other end: its machine says that nobody listens at the port.",
          us=_unanswered("listen|unreachable|refuse"), peers=("nobody",), peer_runs=False, shown={US: "icmp"}),
    Fault("peer-without-line", "The other end is switched off, or its line is down: nothing comes back at all.",
          us=_unanswered(r"switched off|\boff\b|not running|\bdown\b"), peers=("nobody",), peer_runs=False, rules={"gwB": NOTHING},
          seconds=12),
    Fault("wrong-address", "The name of the other end leads to an address that nobody has.",
          us=_unanswered("name|address", "another|other|wrong|old"), peers=("charon",), dns={NAME_B: NOBODY}, seconds=14),
    Fault("port-500-filtered", "Something before the other end drops UDP 500.",
          us=_unanswered("500"), peers=("charon", "causeway"), rules={"gwB": NO_500}, seconds=12),
    Fault("port-500-rejected", "A firewall at the other end refuses UDP 500, and says so.",
          us=_unanswered("prohibit|reject|refuse|unreachable"), peers=("charon", "causeway"), rules={"gwB": REJECTED_500},
          shown={US: "icmp"}),
    Fault("own-firewall", "A firewall of our own machine, which is not the daemon's, drops what comes to UDP 500 and 4500.",
          us=Expect(("ike-port-closed",), {"no-answer": ("firewall|filter",)}), peers=("charon", "causeway"),
          rules={"gwA": NO_IKE}, seconds=12),
    Fault("port-4500-filtered", "A NAT router stands before us, and something before the other end drops UDP 4500: it answers "
          "on 500 and not on 4500.",
          us=Expect(("answers-stop-at-4500",), {"no-answer": ("4500",), "psk-differs": ("4500",)}), peers=("charon", "causeway"),
          nat=True, rules={"gwB": NO_4500}, seconds=14),
    Fault("ikev2-here-ikev1-there", "The other end is set to IKEv2.",
          us=Expect(("ike-version-differs",), {"phase1-refused": OTHER_VERSION, "no-answer": OTHER_VERSION}),
          them=Expect(("ike-version-differs",)), peers=("charon", "libreswan"), theirs={"version": 2},
          shown={US: "refusal|silence", THEM: "call"}),
    Fault("connection-for-other-address", "The other end has a connection, for another address than ours.",
          us=Expect((), {"phase1-refused": ("address|under",)}), peers=("charon",), theirs={"gateway": "192.0.2.1"},
          shown={US: "refusal"}),
    Fault("unknown-caller", "Somebody calls from an address of no peer, and by a name of no peer; the key is right.",
          them=Expect(("unknown-peer",), {"id-differs": ("garden", WAN_B)}), dns={NAME_B: NOBODY},
          theirs={"local_id": "@garden.example.org"}, shown={THEM: "proof"}),
    Fault("stranger", "Somebody calls from an address of no peer, with a key of no peer.",
          them=Expect(("unknown-peer",), {"psk-differs": (WAN_B, "no peer|address")}), dns={NAME_B: NOBODY},
          theirs={"psk": "not-the-key-of-the-other-side"}, shown={THEM: "proof"}),
    Fault("caller-of-no-name", "Anybody may call here, and who calls says a name that no peer has.",
          them=Expect((), {"unknown-peer": (NAME_B,), "id-differs": (NAME_B,)}),
          ours={"gateway": "any", "remote_id": "@office.example.org"},
          shown={THEM: "proof"}),
    Fault("name-unresolved", "The name of the other end has no address.",
          us=Expect(("peer-name-unresolved",)), peers=("nobody",), peer_runs=False, dns={NAME_B: None}, shown={US: "dns"}),
    Fault("name-private", "The name of the other end leads to a private address.",
          us=Expect(("peer-name-private",), also=("no-answer",)), peers=("nobody",), peer_runs=False, dns={NAME_B: "192.168.55.7"},
          shown={US: "dns"}),
    Fault("name-is-ours", "The name of the other end leads to our own address.",
          us=Expect(("peer-name-not-theirs", "peer-name-is-ours"), {"peer-name-unresolved": ("our own address",)}),
          peers=("nobody",), peer_runs=False, dns={NAME_B: WAN_A}, shown={US: "dns"}),
    Fault("own-name-elsewhere", "Our own name still leads to an old address, and by it the other end knows us.",
          us=Expect(("own-name-elsewhere",), {"phase1-refused": ("own name",)}, also=("phase1-refused", "no-answer")),
          them=Expect(("own-name-elsewhere",)), peers=("charon",), dns={NAME_A: "203.0.113.99"}, shown={US: "dns", THEM: "dns"}),
)
