"""causeway with strongSwan (charon, kernel-libipsec, which always pretends NAT): suites, modes, roles, NAT, and what goes wrong.

strongswan.py PROGRAMS CASE | strongswan.py --list
"""

import re
import sys

from common import (HOST_A, HOST_B, LAN_A, LAN_B, NAME_A, NAME_B, PSK, WAN_A, WAN_B, Causeway, LabError, Sites, Skip, StrongSwan,
                    check, no_strongswan, pings_both_ways, run, uci, wait, wire)

GCM = "aes256gcm16-modp1024"
SUITES = {
    # name: (ike, esp, options that admit it, how strongSwan prints what was agreed)
    "recipe": ("aes128-sha1-modp1024", "aes128-sha1-modp1024", [],
        ["AES_CBC-128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024", "ESP:AES_CBC-128/HMAC_SHA1_96/MODP_1024"]),
    "aes256_sha512_modp1024": ("aes256-sha512-modp1024", "aes256-sha512-modp1024", [],
        ["AES_CBC-256/HMAC_SHA2_512_256/PRF_HMAC_SHA2_512/MODP_1024", "ESP:AES_CBC-256/HMAC_SHA2_512_256"]),
    "aes256_sha1_modp1024": ("aes256-sha1-modp1024", "aes256-sha1-modp1024", [],
        ["AES_CBC-256/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024", "ESP:AES_CBC-256/HMAC_SHA1_96"]),
    "aes128_sha256_modp2048": ("aes128-sha256-modp2048", "aes128-sha256-modp2048", [],
        ["AES_CBC-128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048", "ESP:AES_CBC-128/HMAC_SHA2_256_128"]),
    "3des_md5_modp1024": ("3des-md5-modp1024", "3des-md5-modp1024", ["allow_md5 '1'"],
        ["3DES_CBC/HMAC_MD5_96/PRF_HMAC_MD5/MODP_1024", "ESP:3DES_CBC/HMAC_MD5_96"]),
    "aes256gcm16": ("aes256-sha1-modp1024", GCM, [],
        ["AES_CBC-256/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024", "ESP:AES_GCM_16-256"]),
    "no_pfs": ("aes128-sha1-modp1024", "aes128-sha1", [],
        ["PRF_HMAC_SHA1/MODP_1024", "ESP:AES_CBC-128/HMAC_SHA1_96\n"]),
    "ecp256": ("aes192-sha384-ecp256", "aes192-sha384-ecp256", [],
        ["AES_CBC-192/HMAC_SHA2_384_192/PRF_HMAC_SHA2_384/ECP_256", "ESP:AES_CBC-192/HMAC_SHA2_384_192"]),
    "x25519": ("aes128-sha256-x25519", "aes128-sha256-x25519", [],
        ["PRF_HMAC_SHA2_256/CURVE_25519", "ESP:AES_CBC-128/HMAC_SHA2_256_128"]),
}


def setting(lab, programs, *, ike="aes128-sha1-modp1024", esp="aes128-sha1-modp1024", mode="main", extra=(), role="initiator",
            nat_a=False, nat_b=False, ours=None, theirs=None):
    """Both gateways, not yet started. Role is ours."""
    if reason := no_strongswan((theirs or {}).get("version", 1)):
        raise Skip(reason)
    try:
        sites = Sites(lab, nat_a=nat_a, nat_b=nat_b)
    except FileNotFoundError as missing:
        raise Skip(f"{missing.filename} is not installed") from missing
    if nat_b:
        sites.forward_ike("natB", "10.0.2")
    if nat_a:
        sites.forward_ike("natA", "10.0.1")
    # The one that answers waits: it must not call by itself.
    waits = ["mode 'add'"] if role == "responder" else []
    gateway = Causeway(lab, "gwA", programs, uci(ike=ike, esp=esp, mode=mode, remote_extra=list(extra), tunnel_extra=waits,
                                                 **(ours or {})))
    peer = StrongSwan(lab, "gwB", {"local_id": "fqdn:" + NAME_B, "remote_id": "fqdn:" + NAME_A, "local_ts": LAN_B,
                                   "remote_ts": LAN_A, "ike": ike, "esp": esp, "aggressive": mode == "aggressive",
                                   "remote_addrs": NAME_A, **(theirs or {})})
    return sites, gateway, peer


def connects(lab, programs, seen=(), **how):
    _, gateway, peer = setting(lab, programs, **how)
    peer.start()
    gateway.start()
    if how.get("role") == "responder":
        peer.initiate()
    gateway.wait_up()
    wait(peer.up, "strongSwan has the tunnel")
    pings_both_ways(lab)
    status = peer.status()
    check("IKEv1" in status and all(word in status for word in seen), f"{seen} expected: {status}")
    if how.get("role") == "responder":
        # A stop of the other end is heard.
        peer.swanctl("--terminate", "--ike", "peer")
        wait(lambda: not gateway.up(), "the tunnel is down after strongSwan's delete")
    gateway.stop()
    if how.get("role") != "responder":
        wait(lambda: not peer.up(), "strongSwan has heard our delete")


def fails(lab, programs, *, we_say, they_say, **how):
    """Both roles: nobody believes in a tunnel, and both logs name the reason."""
    _, gateway, peer = setting(lab, programs, **how)
    peer.start()
    gateway.start()
    if how.get("role") == "responder":
        peer.initiate(seconds=6, check=False)
    wait(lambda: any(gateway.says(text) for text in we_say), f"causeway says one of {we_say}")
    wait(lambda: any(text in peer.log_text() for text in they_say), f"strongSwan says one of {they_say}")
    check(not gateway.up() and not peer.up(), "there is a tunnel all the same")
    if how.get("role") != "responder":
        told = gateway.tool("up", "Site2Site", check=False)
        check(told.returncode == 1, f"`causeway up` ended with {told.returncode}: {told.stdout}{told.stderr}")
    check("why:" in gateway.status(), gateway.status)


def numbers(gateway):
    """The highest number of an ISAKMP SA and of an ESP pair that status shows."""
    status = gateway.status()
    return [max(map(int, re.findall(pattern, status)), default=0) for pattern in (r"\[(\d+)\]: EST", r"\{(\d+)\}:  INST")]


def standing(lab, programs, **how):
    """causeway and strongSwan, with the tunnel up at both."""
    _, gateway, peer = setting(lab, programs, **how)
    peer.start()
    gateway.start()
    gateway.wait_up()
    wait(peer.up, "strongSwan has the tunnel")
    return gateway, peer


def peer_renews(lab, programs):
    """strongSwan renews Phase 2, then Phase 1, under running pings: none is lost."""
    gateway, peer = standing(lab, programs)
    for kind, what in enumerate((["--ike", "peer"], ["--child", "net"])):
        before = numbers(gateway)
        peer.swanctl("--rekey", *what)
        wait(lambda old=before: gateway.up() and numbers(gateway)[kind] > old[kind], f"a renewal by {what[0]}", 10)
        pings_both_ways(lab, count=10)


def peer_renews_with_esn(lab, programs):
    """strongSwan renews Phase 2 with ESN, which it offers alone then: refused, and the tunnel carries packets on; ours succeeds."""
    gateway, peer = standing(lab, programs, theirs={"esp": "aes128-sha1-modp1024-esn-noesn"})
    peer.swanctl("--rekey", "--child", "net", check=False)
    wait(lambda: gateway.says(ESN_REASON), "the offer with ESN is refused, and the log says why")
    pings_both_ways(lab, count=10)


def peer_initiates_what_is_up(lab, programs):
    """`swanctl --initiate` of a tunnel that is up makes a second pair, as a renewal: packets pass on, and one pair is ours."""
    gateway, peer = standing(lab, programs)
    for _ in range(2):
        before = numbers(gateway)
        peer.initiate()
        wait(lambda old=before: numbers(gateway)[1] > old[1], "a second pair", 10)
        pings_both_ways(lab)
    installed = gateway.tool("status").stdout.count("INSTALLED")
    check(installed == 1, f"{installed} pairs count as the tunnel's: {gateway.status()}")


def peer_narrows_the_networks(lab, programs):
    """charon answers with its own, smaller network. We refuse it and say so: the rest would be outside the tunnel."""
    _, gateway, peer = setting(lab, programs, ours={"remote": "192.168.0.0/23"})
    peer.start()
    gateway.start()
    wait(lambda: gateway.says("192.168.1.0/24 === 192.168.0.0/24 where 192.168.1.0/24 === 192.168.0.0/23 was asked for"),
         "causeway says what it got")
    check(not gateway.up(), "there is a tunnel all the same")


def peer_reboots(lab, programs):
    """strongSwan loses everything without a word, comes back and calls: the new tunnel replaces the old one at once."""
    _, gateway, peer = setting(lab, programs, role="responder")
    peer.start()
    gateway.start()
    peer.initiate()
    gateway.wait_up()
    before = numbers(gateway)
    peer.die()
    peer.start()
    peer.initiate()
    wait(lambda: gateway.up() and numbers(gateway)[1] > before[1], "a new ESP pair")
    pings_both_ways(lab)
    status = gateway.status()
    check("(1 up, 0 connecting)" in status, "the old ISAKMP SA outlives its peer: " + status)


def we_reboot(lab, programs):
    """causewayd is killed and started again: strongSwan still holds the old tunnel, and lets the new one in."""
    _, gateway, peer = setting(lab, programs)
    peer.start()
    gateway.start()
    gateway.wait_up()
    wait(peer.up, "strongSwan has the tunnel")
    gateway.process.kill()
    gateway.start()
    gateway.wait_up()
    pings_both_ways(lab)
    wait(lambda: peer.status().count("ESTABLISHED") == 1, "strongSwan keeps one ISAKMP SA, by our INITIAL-CONTACT")
    pings_both_ways(lab)


def both_call(lab, programs):
    """Two that call each other at the same moment end with a tunnel that carries packets both ways, and it stays."""
    _, gateway, peer = setting(lab, programs)
    peer.start()
    caller = lab.start("gwB", *peer.words("swanctl", "--initiate", "--child", "net", "--timeout", "15"), log="caller.out")
    gateway.start()
    gateway.wait_up()
    wait(lambda: not caller.alive(), "strongSwan's call ends")
    wait(peer.up, "strongSwan has the tunnel")
    pings_both_ways(lab, count=20)
    check(gateway.up() and peer.up(), "the tunnel did not stay")


def many_networks(lab, programs, count, refused, role):
    """Several networks; one that only the calling end has configured is refused. All others carry packets within 10 s."""
    far = {f"net{i}": f"172.20.{i}.0/24" for i in range(2, count + 1)}
    extra = {"odd": "172.20.99.0/24"} if refused else {}
    ours = {name: (LAN_A, network) for name, network in {**far, **(extra if role == "initiator" else {})}.items()}
    theirs = {name: (network, LAN_A) for name, network in {**far, **(extra if role == "responder" else {})}.items()}
    _, gateway, peer = setting(lab, programs, role=role, ours={"more": ours},
                               theirs={"more": theirs, "start": "start" if role == "responder" else "none", "tries": 0})
    for network in far.values():
        # charon places its route only where a network has an address of its own.
        lab.run("gwB", "ip", "address", "add", network.replace(".0/24", ".1/24"), "dev", "lan")
        lab.run("lanB", "ip", "address", "add", network.replace(".0/24", ".10/24"), "dev", "eth0")
    if role == "responder":
        gateway.start()
        peer.start()
    else:
        peer.start()
        gateway.start()

    def installed():
        return gateway.tool("status", check=False).stdout.count("INSTALLED"), peer.status().count("INSTALLED")

    wait(lambda: min(installed()) >= count, f"{count} tunnels at both ends, {installed()} are there", 10)
    for host in [HOST_B, *(network.replace(".0/24", ".10") for network in far.values())]:
        wait(lambda to=host: lab.ping("lanA", to, count=1)[0] == 1, f"an answer of {host}; {gateway.status()}", 5)
    check(max(installed()) == count, f"{installed()} tunnels")


def calls_with_ikev2(lab, programs):
    """charon is set to IKEv2 and calls; it is known by name only and nobody calls it. Its log and ours say what is wrong, and
    so does status."""
    _, gateway, peer = setting(lab, programs, role="responder", theirs={"version": 2})
    gateway.start()
    peer.start()
    peer.initiate(seconds=4, check=False)
    reason = f"{WAN_B} speaks IKEv2, and causeway speaks IKEv1 only"
    wait(lambda: f"why: {reason}" in gateway.status(), f"status says why; {gateway.status()}")
    wait(lambda: gateway.says(WAN_B) and gateway.says("set the other end to IKEv1"), "the log names the remedy")
    wait(lambda: "INVALID_MAJOR_VERSION" in peer.log_text() or "INVAL_MAJOR" in peer.log_text(), "charon's log names it")


def peer_deletes_at_once(lab, programs):
    """charon cannot place the route through its device, and deletes each new SA: few attempts, and one sentence that names it."""
    _, gateway, peer = setting(lab, programs)
    peer.start()
    lab.run("gwB", "ip", "link", "set", "dev", "ipsec0", "down")
    gateway.start()
    sentence = "the peer deletes each new SA at once: "
    wait(lambda: sentence in gateway.status(), "status names it", 20)
    wait(lambda: gateway.says(sentence + "4 times"), "the log names it")
    attempts = gateway.log_text().count("Quick Mode begins")
    check(attempts <= 6, f"{attempts} Quick Modes for four losses")


def we_are_in_its_network(lab, programs, network, carries):
    """charon with kernel-libipsec, and our address in the network that it has behind it (strongswan.conf(5), allow_peer_ts): a
    network that is our address alone it deletes at once; of a larger one it leaves our address out, in clear."""
    _, gateway, peer = setting(lab, programs, ours={"local": network}, theirs={"remote_ts": network})
    peer.start()
    gateway.start()
    if not carries:
        wait(lambda: "the peer deletes each new SA at once: " in gateway.status(), "status says that charon deletes it")
        check(not peer.up(), peer.status)
        return
    gateway.wait_up()
    wait(peer.up, "strongSwan has the tunnel")
    wait(lambda: f"throw {WAN_A} " in lab.run("gwB", "ip", "route", "show", "table", "220").stdout, "our address is left out")
    capture = lab.capture("internet", "toB.pcap", "toB")
    answered, _ = lab.ping("lanB", WAN_A, count=3, interval=0.05, pattern="badcab1e")
    found = wire.inspect([capture.stop()], bytes.fromhex("badcab1e" * 2))
    check(answered == 0 and found.pattern == 3, f"{answered} of 3 pings answered; on the wire: {found}")


CASES = {}
for name, (ike_, esp_, extra_, seen_) in SUITES.items():
    for role_ in ("initiator", "responder"):
        CASES[f"{name}.{role_}"] = (connects, {"ike": ike_, "esp": esp_, "extra": extra_, "seen": seen_, "role": role_})
for role_ in ("initiator", "responder"):
    CASES[f"aggressive.{role_}"] = (connects, {"mode": "aggressive", "role": role_})
    CASES[f"our_nat.{role_}"] = (connects, {"nat_a": True, "role": role_})
    CASES[f"their_nat.{role_}"] = (connects, {"nat_b": True, "role": role_})
    CASES[f"both_nat.{role_}"] = (connects, {"nat_a": True, "nat_b": True, "role": role_})
    CASES[f"wrong_psk.{role_}"] = (fails, {
        "role": role_, "theirs": {"psk": "another key"}, "we_say": ["the pre-shared keys differ"],
        "they_say": ["could not decrypt payloads", "invalid ID_V1 payload length", "payload type ID_V1 was not encrypted",
                     "invalid HASH_V1 payload", "PAYLOAD_MALFORMED", "PLD_MAL", "AUTH_FAILED"]})
    CASES[f"wrong_id.{role_}"] = (fails, {
        "role": role_, "theirs": {"local_id": "fqdn:somebody.example", "remote_id": "fqdn:" + NAME_A},
        "we_say": ["somebody.example", "AUTHENTICATION-FAILED"],
        "they_say": ["AUTH_FAILED", "AUTHENTICATION_FAILED", "no peer config found", "INVALID_ID", "IDir"]})
    CASES[f"no_common_phase1.{role_}"] = (fails, {
        "role": role_, "theirs": {"ike": "aes256-sha512-modp2048"},
        "we_say": ["NO-PROPOSAL-CHOSEN", "no common Phase 1 proposal"],
        "they_say": ["NO_PROP", "NO_PROPOSAL_CHOSEN"]})
    CASES[f"no_common_phase2.{role_}"] = (fails, {
        "role": role_, "theirs": {"esp": "aes256-sha512-modp2048"},
        "we_say": ["NO-PROPOSAL-CHOSEN", "no common Phase 2 proposal"],
        "they_say": ["NO_PROP", "NO_PROPOSAL_CHOSEN", "no matching proposal found"]})
ESN_REASON = "extended sequence numbers (ESN) are not supported; configure the peer without ESN"
# Extended sequence numbers are not supported here: a transform without them is chosen, or none, and the reason is said.
CASES["esn_first.responder"] = (connects, {
    "role": "responder", "theirs": {"esp": "aes128-sha1-modp1024-esn,aes128-sha1-modp1024-noesn"}})
# Of `esn-noesn` charon 5.9.8 offers only the former with IKEv1; as responder it takes either.
CASES["esn_noesn.initiator"] = (connects, {"theirs": {"esp": "aes128-sha1-modp1024-esn-noesn"}})
for proposal_ in ("esn", "esn-noesn"):
    CASES[f"{proposal_.replace('-', '_')}_alone.responder"] = (fails, {
        "role": "responder", "theirs": {"esp": "aes128-sha1-modp1024-" + proposal_}, "we_say": [ESN_REASON],
        "they_say": ["NO_PROP", "NO_PROPOSAL_CHOSEN"]})
CASES["esn_alone.initiator"] = (fails, {
    "theirs": {"esp": "aes128-sha1-modp1024-esn"}, "we_say": ["NO-PROPOSAL-CHOSEN"],
    "they_say": ["no matching proposal found", "NO_PROP"]})
for role_ in ("initiator", "responder"):
    CASES[f"identity_case.{role_}"] = (connects, {
        "role": role_, "theirs": {"local_id": "fqdn:" + NAME_B.upper(), "remote_id": "fqdn:" + NAME_A.upper()}})
for count_ in (2, 4, 6, 12):
    for role_ in ("initiator", "responder"):
        for refused_ in (False, True):
            CASES[f"networks_{count_}{'_and_a_refused_one' if refused_ else ''}.{role_}"] = (
                many_networks, {"count": count_, "refused": refused_, "role": role_})
for network_, carries_ in ((WAN_A + "/32", False), (WAN_A.rsplit(".", 1)[0] + ".0/24", True)):
    CASES[f"we_are_in_its_network_of_{network_.partition('/')[2]}"] = (
        we_are_in_its_network, {"network": network_, "carries": carries_})
for test_ in (calls_with_ikev2, peer_deletes_at_once, peer_initiates_what_is_up, peer_narrows_the_networks, peer_renews,
              peer_renews_with_esn, peer_reboots, we_reboot, both_call):
    CASES[test_.__name__] = (test_, {})


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CASES))
        return 0
    programs, case = sys.argv[1:]
    test, how = CASES[case]
    return run(lambda lab: test(lab, programs, **how))


if __name__ == "__main__":
    sys.exit(main())


__all__ = ["HOST_A", "HOST_B", "PSK", "LabError"]
