"""Faults of Phase 2: suite, PFS, networks, encapsulation, and a kernel that does not take the SA."""

from ends import LAN_A, LAN_B, WAN_A, WAN_B
from fault import SUITE, THEM, US, Expect, Fault

NO_SUITE = ("none of|proposal(?!-CHOSEN)|suite|cipher",)
QUICK: dict[str, str] = {US: "refusal of phase 2|silence", THEM: "quick mode"}
NO_PFS = "aes256-sha256"
ODD = "172.20.9.0/24"
# Quick Mode alone does not reach the other end: the exchange type, behind the marker of port 4500 and without.
NO_QUICK_MODE = """table ip shut { chain in { type filter hook input priority 0;
  udp dport 4500 @th,240,8 32 drop; udp dport 500 @th,208,8 32 drop; }; }"""
BUILT = ("charon", "causeway")


def _suite(name: str, sentence: str, ours: str, theirs: str, code: str) -> Fault:
    return Fault(f"phase2-{name}", sentence, us=Expect((code,), {"phase2-refused": NO_SUITE, "phase2-silent": NO_SUITE}),
                 them=Expect((code,)), ours={"esp": ours}, theirs={"esp": theirs}, shown=QUICK)


def _pfs(name: str, sentence: str, ours: str, theirs: str, code: str) -> Fault:
    # pluto takes any group that it is offered, wanted or not, unless it wants one and is offered none.
    takes = {("libreswan", US): None} if ours != NO_PFS else {}
    return Fault(name, sentence, us=Expect((code,), {"phase2-refused": ("PFS",), "phase2-silent": ("PFS",)}), them=Expect((code,)),
                 by=takes, ours={"esp": ours}, theirs={"esp": theirs}, shown=QUICK)


def _networks(name: str, sentence: str, code: str, candidate: str, ours: dict[str, str], theirs: dict[str, str]) -> Fault:
    """A refusal names no networks: the caller has to say which faults it may be."""
    return Fault(name, sentence,
                 us=Expect((code,), {"phase2-networks-differ": (candidate,), "phase2-silent": (candidate,)}),
                 them=Expect((code,), {"phase2-networks-differ": (candidate,)}), ours=ours, theirs=theirs, shown=QUICK)


FAULTS = (
    _suite("cipher", "In Phase 2 the ciphers differ.", "3des-sha256-modp2048", SUITE, "phase2-encryption-differs"),
    _suite("keylength", "In Phase 2 we take AES-256, the other end AES-128.", SUITE, "aes128-sha256-modp2048",
           "phase2-keylength-differs"),
    _suite("hash", "In Phase 2 the hashes differ.", SUITE, "aes256-sha1-modp2048", "phase2-hash-differs"),
    _suite("several", "In Phase 2 cipher and hash differ.", "aes128-sha1-modp2048", SUITE, "no-common-suite"),
    _pfs("pfs-here-alone", "We want PFS, the other end does none.", SUITE, NO_PFS, "pfs-one-side"),
    _pfs("pfs-there-alone", "The other end wants PFS, we do none.", NO_PFS, SUITE, "pfs-one-side"),
    _pfs("pfs-group", "Both do PFS, with different groups.", SUITE, "aes256-sha256-modp1536", "pfs-group-differs"),
    Fault("networks-differ", "The other end has another network than we think.",
          us=Expect(("phase2-networks-differ",), {"phase2-silent": ("network",)}), them=Expect(("phase2-networks-differ",)),
          theirs={"local": "192.168.7.0/24"}, shown=QUICK),
    _networks("networks-swapped", "The other end has the two networks exchanged.", "phase2-networks-swapped",
              "swap|exchang|other way round", {}, {"local": LAN_A, "remote": LAN_B}),
    Fault("mask-wider-there", "The other end has the mask 16 where we have 24.",
          us=Expect(("phase2-mask-differs",), {"phase2-networks-differ": ("mask",), "phase2-silent": ("mask",)}),
          them=Expect(("phase2-mask-differs",), {"phase2-networks-differ": ("mask|192.168.0.0/16",)}),
          # charon narrows what it has to what it is asked for, and connects.
          by={("charon", US): None}, theirs={"local": "192.168.0.0/16", "remote": "192.168.1.0/24"}, shown=QUICK),
    Fault("mask-narrower-there", "The other end has the mask 25 where we have 24; charon answers with its own.",
          us=Expect(("phase2-mask-differs",), {"phase2-networks-differ": ("mask",), "phase2-silent": ("mask",)}),
          them=Expect(("phase2-mask-differs",), {"phase2-networks-differ": ("mask|192.168.0.0/25",)}),
          by={("charon", US): Expect(("phase2-mask-differs",), {"phase2-networks-differ": ("192.168.0.0/25",)})},
          theirs={"local": "192.168.0.0/25"}, shown={US: "quick mode|refusal of phase 2|silence", THEM: "quick mode"}),
    Fault("network-here-alone", "We have a second pair of networks, the other end has the first alone.",
          us=Expect(("phase2-network-one-side",), {"phase2-networks-differ": (ODD,)}), peers=BUILT,
          ours={"more": {"odd": (LAN_A, ODD)}}, shown={US: "refusal of phase 2|silence"}),
    Fault("network-there-alone", "The other end asks for a second pair of networks that we do not have.",
          them=Expect(("phase2-network-one-side",), {"phase2-networks-differ": (ODD,)}), peers=BUILT,
          theirs={"more": {"odd": (ODD, LAN_A)}}, shown={THEM: "quick mode"}),
    Fault("transport-mode", "Two hosts, and the other end wants transport mode.",
          us=Expect(("encapsulation-differs",), {"phase2-refused": ("transport",), "phase2-networks-differ": ("transport",)}),
          # In transport mode charon takes nothing but the two addresses themselves.
          ours={"local": WAN_A + "/32", "remote": WAN_B + "/32"}, theirs={"local": "dynamic", "remote": "dynamic"},
          them=Expect(("encapsulation-differs",)), peers=("charon",),
          charon={"of_child": ["mode = transport"]}, shown=QUICK),
    Fault("esn-alone", "The other end offers extended sequence numbers alone.",
          them=Expect(("esn-not-spoken",)), peers=("charon",), theirs={"esp": "aes256-sha256-modp2048-esn"},
          shown={THEM: "quick mode"}),
    Fault("kernel-without-esp", "The kernel of the other end has no ESP: it refuses the SA, and charon the exchange.",
          us=Expect((), {"phase2-refused": ("kernel",), "deleted-at-once": ("kernel",)}), peers=("charon",),
          charon={"libipsec": False}, shown={US: "refusal of phase 2"}, seconds=10),
    Fault("no-address-in-network", "The other end has no address in its network: charon with its own ESP places no route.",
          us=Expect((), {"phase2-refused": ("kernel",), "deleted-at-once": ("polic|route|kernel",)}), peers=("charon",),
          ours={"remote": "10.77.0.0/16"}, theirs={"local": "10.77.0.0/16"}, shown={US: "refusal of phase 2"}, seconds=12),
    Fault("phase2-unanswered", "Phase 1 stands, and nothing answers Quick Mode.",
          us=Expect(("phase2-silent",)), peers=BUILT, rules={"gwB": NO_QUICK_MODE}, shown={US: "silence"}, seconds=14),
)


