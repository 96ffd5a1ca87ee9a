"""Configurations of both ends in the recipe's schema, with whatever a test wants different."""

from typing import Any

from sites import LAN_A, LAN_B, NAME_A, NAME_B, PSK


def uci(**changes: Any) -> str:
    """A configuration of gwA's side. `more`: further tunnels by name, (local, remote, [options]) each."""
    s: dict[str, Any] = {
        "gateway": NAME_B, "mode": "main", "local_id": "@" + NAME_A, "remote_id": "@" + NAME_B, "psk": PSK,
        "ike": "aes128-sha1-modp1024", "esp": "aes128-sha1-modp1024", "local": LAN_A, "remote": LAN_B, "remote_extra": [],
        "tunnel_extra": [], "general_extra": [], "more": {}, **changes}
    cipher, digest, group = s["ike"].split("-")
    esp = s["esp"].split("-")
    lines = [
        "config ipsec", "  option debug '2'", *(f"  {line}" for line in s["general_extra"]), "",
        "config remote 'Site2Site'", "  option enabled '1'", f"  option gateway '{s['gateway']}'",
        f"  option exchange_mode '{s['mode']}'", f"  option local_identifier '{s['local_id']}'",
        f"  option remote_identifier '{s['remote_id']}'", "  option authentication_method 'psk'",
        f"  option pre_shared_key '{s['psk']}'", "  list p1_proposal 'first'", "  list tunnel 'lan'",
        *(f"  list tunnel '{name}'" for name in s["more"]),
        *(f"  option {line}" for line in s["remote_extra"]), "",
        "config p1_proposal 'first'", f"  option encryption_algorithm '{cipher}'", f"  option hash_algorithm '{digest}'",
        f"  option dh_group '{group}'", "",
    ]
    tunnels: dict[str, tuple[Any, ...]] = {"lan": (s["local"], s["remote"]), **s["more"]}
    for name, (local, remote, *own) in tunnels.items():
        extra = [*s["tunnel_extra"], *(own[0] if own else [])]
        lines += [f"config tunnel '{name}'", f"  option local_subnet '{local}'", f"  option remote_subnet '{remote}'",
                  "  option p2_proposal 'second'", *(f"  option {line}" for line in extra), ""]
    lines += ["config p2_proposal 'second'", f"  option encryption_algorithm '{esp[0]}'"]
    for word in esp[1:]:
        if word.startswith(("modp", "ecp", "x25519")):
            lines.append(f"  option pfs_group '{word}'")
        else:
            lines.append(f"  option authentication_algorithm '{word}'")
    return "\n".join(lines) + "\n"


def far_side(changes: dict[str, Any]) -> str:
    """The same of gwB's side."""
    return uci(**{"gateway": NAME_A, "local_id": "@" + NAME_B, "remote_id": "@" + NAME_A, "local": LAN_B, "remote": LAN_A,
                  **changes})
