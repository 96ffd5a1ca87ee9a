"""Faults of Phase 1: mode, suite, key, identities."""

from ends import NAME_A, NAME_B, WAN_A, WAN_B
from fault import THEM, US, Expect, Fault

BUILT = ("charon", "causeway")
# The answer to the first message is a refusal, in clear and without a reason: no suite of ours, or nobody it knows.
NO_SUITE = ("none of|proposal(?!-CHOSEN)|suite",)
CALLED: dict[str, str] = {US: "refusal|silence", THEM: "call"}
PROVED: dict[str, str] = {US: "proof|refusal|silence", THEM: "proof"}


def _suite(name: str, sentence: str, ours: str, theirs: str, code: str) -> Fault:
    return Fault(f"phase1-{name}", sentence, us=Expect((code,), {"phase1-refused": NO_SUITE, "no-answer": NO_SUITE}),
                 them=Expect((code,)), ours={"ike": ours}, theirs={"ike": theirs}, shown=CALLED,
                 # pluto says nothing to a proposal that it refuses, in either direction.
                 seconds=12)


def _key(name: str, sentence: str, mode: str, nat: bool) -> Fault:
    # A peer that cannot read message 5 is silent, as one that never got it.
    unread = Expect(("psk-differs",), {"answers-stop-at-4500": (r"\bkeys?\b",), "no-answer": (r"\bkeys?\b",)})
    # In Aggressive Mode the caller finds it out first, and may say nothing that can be read, or nothing at all.
    called = Expect(("psk-differs",), {"no-answer": (r"\bkeys?\b",)} if mode == "aggressive" else {})
    return Fault(name, sentence, us=unread, them=called, ours={"mode": mode},
                 theirs={"mode": mode, "psk": "not-the-key-of-the-other-side"}, nat=nat,
                 shown={US: "proof|refusal|silence", THEM: "proof|refusal|repetition"}, seconds=12)


# What our key opens and says no: the identity, or the mode for it.
REFUSED = {"identity-refused": ("identit",)}
OURS_REFUSED = Expect(("id-differs",), REFUSED)
# charon as the caller deletes the ISAKMP SA when message 6 has another identity than it expects, and says no more.
DELETES = {"identity-refused": ("identit",), "deleted-at-once": ("identit",), "peer-deleted": ("identit",)}

FAULTS = (
    Fault("mode-main-here", "We use Main Mode, the other end Aggressive Mode.",
          us=Expect(("mode-mismatch",), {"identity-refused": ("mode",), "phase1-refused": ("mode",), "no-answer": ("mode",)}),
          them=Expect(("mode-mismatch",)), theirs={"mode": "aggressive"}, shown=CALLED, seconds=12),
    Fault("mode-aggressive-here", "We use Aggressive Mode, the other end Main Mode.",
          us=Expect(("mode-mismatch",), {"phase1-refused": ("mode",), "aggressive-refused": ("Main Mode",),
                                         "no-answer": ("mode",)}),
          them=Expect(("mode-mismatch",)), ours={"mode": "aggressive"}, shown=CALLED, seconds=12),
    Fault("aggressive-refused", "Both use Aggressive Mode with a key, and strongSwan refuses that without its long option.",
          us=Expect(("aggressive-refused",), {"mode-mismatch": ("strongSwan|refuses Aggressive|option",),
                                              "phase1-refused": ("refuses Aggressive|strongSwan|option",)}),
          peers=("charon",), ours={"mode": "aggressive"}, theirs={"mode": "aggressive"}, charon={"refuse_aggressive": True},
          shown=CALLED),
    _suite("cipher", "In Phase 1 the ciphers differ.", "3des-sha256-modp2048", "aes256-sha256-modp2048",
           "phase1-encryption-differs"),
    _suite("keylength", "In Phase 1 we take AES-256, the other end AES-128.", "aes256-sha256-modp2048", "aes128-sha256-modp2048",
           "phase1-keylength-differs"),
    _suite("hash", "In Phase 1 the hashes differ.", "aes256-sha256-modp2048", "aes256-sha1-modp2048", "phase1-hash-differs"),
    _suite("group", "In Phase 1 the Diffie-Hellman groups differ.", "aes256-sha256-modp2048", "aes256-sha256-modp1536",
           "phase1-group-differs"),
    _suite("several", "In Phase 1 cipher, hash and group differ.", "aes128-sha1-modp1536", "aes256-sha256-modp2048",
           "no-common-suite"),
    _key("psk-differs", "The pre-shared keys differ.", "main", False),
    _key("psk-differs-nat", "The pre-shared keys differ, and a NAT router stands before us.", "main", True),
    _key("psk-differs-aggressive", "The pre-shared keys differ, in Aggressive Mode.", "aggressive", False),
    _key("psk-differs-aggressive-nat", "The pre-shared keys differ, in Aggressive Mode behind a NAT router.", "aggressive", True),
    Fault("no-key-there", "The other end has no key for the two of us.",
          us=Expect(("secret-not-found",), {"psk-differs": ("no (pre-shared )?key",), "peer-refuses": ("no (pre-shared )?key",)}),
          peers=("charon",), charon={"key_owner": "192.0.2.99", "local_id": "192.0.2.98"}, shown={US: "refusal"}),
    Fault("id-ours-differs", "The other end expects another name of us.",
          us=OURS_REFUSED, them=Expect(("id-differs",), DELETES), theirs={"remote_id": "@garden.example.org"},
          shown={US: "refusal", THEM: "refusal"}),
    Fault("id-theirs-differs", "The other end says another name than we expect.",
          us=Expect(("id-differs",)), them=Expect(("id-differs",)), theirs={"local_id": "@garden.example.org"}, shown=PROVED),
    Fault("id-type-ours-differs", "We say our address as a name (@ before it), and the other end expects the address.",
          us=Expect(("id-type-differs",), {"identity-refused": ("identit",), "id-differs": (WAN_A,)}),
          them=Expect(("id-type-differs",), {**DELETES, "id-differs": (WAN_A,)}),
          ours={"local_id": "@" + WAN_A}, theirs={"remote_id": WAN_A}, shown={US: "refusal", THEM: "refusal"}),
    Fault("id-type-theirs-differs", "The other end says its address, and we expect the same letters as a name (@ before them).",
          us=Expect(("id-type-differs",), {"id-differs": ("FQDN|name", "IPV4|address")}),
          them=Expect(("id-type-differs",), {"id-differs": ("FQDN|name", "IPV4|address")}),
          ours={"remote_id": "@" + WAN_B}, theirs={"local_id": WAN_B}, shown=PROVED),
    Fault("ids-swapped", "The other end has the two names exchanged: it calls itself as we do.",
          us=Expect(("ids-swapped",), REFUSED),
          them=Expect(("ids-swapped",), {"id-differs": (NAME_A, NAME_B)}),
          theirs={"local_id": "@" + NAME_A, "remote_id": "@" + NAME_B}, shown={US: "refusal", THEM: "proof"}),
    Fault("id-missing-there", "The other end has no identity of its own and says its address; we expect its name.",
          us=Expect(("id-missing",), {"id-differs": (WAN_B, NAME_B), "id-type-differs": (WAN_B, NAME_B)}),
          them=Expect(("id-missing",), {"id-differs": (WAN_B, NAME_B), "id-type-differs": (WAN_B, NAME_B)}),
          theirs={"local_id": WAN_B}, shown=PROVED),
    Fault("id-missing-here", "We have no identity and say our address; the other end expects our name.",
          us=Expect(("id-missing",), {"identity-refused": ("identit", WAN_A), "id-differs": (WAN_A,)}),
          them=Expect(("id-missing",), {**DELETES, "id-differs": (WAN_A,)}),
          ours={"local_id": WAN_A}, shown={US: "refusal", THEM: "refusal"}),
    Fault("xauth-there", "The other end wants XAUTH beside the key.",
          them=Expect(("auth-method-differs",)), peers=("charon",),
          charon={"xauth": True}, shown={THEM: "call"}),
)
