"""Faults of a tunnel that is up and carries nothing, or not everything, or does not stay."""

from ends import HOST_A, HOST_B, LAN_A
from fault import THEM, US, Expect, Fault

PING = (("lanA", HOST_B),)
BOTH = (("lanA", HOST_B), ("lanB", HOST_A))
# ESP in UDP has an SPI where IKE has four octets of zeros; a keep-alive is one octet.
NO_ESP_FROM_B = """table ip shut { chain pre { type filter hook prerouting priority raw;
  iifname "toB" ip protocol esp drop; iifname "toB" udp sport 4500 udp length > 20 @th,64,32 != 0 drop; }; }"""
NO_LARGE = """table ip shut { chain pre { type filter hook prerouting priority raw;
  iifname { "toA", "toB" } meta length > 1400 drop; }; }"""
LAN_SHUT = "table ip mine { chain lan { type filter hook forward priority 0; policy drop; ct state established accept; }; }"
ODD = "172.20.9.0/24"
# charon takes an SA by the number of its request: with one number for two policies, what the one is for goes in the other's SA.
FOREIGN = {"phase2-networks-differ": (r"172\.20\.9",), "one-way-traffic": (r"172\.20\.9",)}
UP: dict[str, str] = {US: "up", THEM: "up"}

FAULTS = (
    Fault("sha256-96-bits", "The other end cuts SHA2-256 to 96 bits: the tunnel is up, and every packet is thrown away.",
          us=Expect(("sha256-truncation",)), them=Expect(("sha256-truncation",)), peers=("charon",),
          rules={"internet": NO_ESP_FROM_B}, programs={"internet": ("cut_icv.py", "toB")}, pings=BOTH,
          shown={US: "their esp", THEM: "their esp"}, seconds=20),
    Fault("packets-of-other-network", "The other end sends packets of a network that was not agreed on through the tunnel.",
          us=Expect(("packets-of-other-network", "accesslist-differs"), FOREIGN), peers=("charon",),
          theirs={"more": {"odd": (ODD, LAN_A)}}, charon={"start": "trap", "of_child": ["reqid = 77"]},
          before={"gwB": ("ip address add 172.20.9.1/24 dev lan",), "lanB": ("ip address add 172.20.9.10/24 dev eth0",)},
          pings=(("lanB", "-I 172.20.9.10 " + HOST_A), ("lanA", HOST_B)), shown={US: "their esp"}, seconds=15),
    Fault("one-way-traffic", "ESP of the other end is dropped on the way; IKE passes.",
          us=Expect(("one-way-traffic",)), them=Expect(("one-way-traffic",)), peers=("charon", "causeway"),
          rules={"internet": NO_ESP_FROM_B}, pings=PING, shown={US: "our esp", THEM: "our esp"}, seconds=45),
    Fault("forwarding-off-there", "The machine at the other end does not forward packets: ours arrive there, and none comes back.",
          us=Expect(("one-way-traffic",)), peers=("charon", "causeway"), sysctl={"gwB": "net.ipv4.ip_forward=0"}, pings=PING,
          shown={US: "our esp"}, seconds=45),
    Fault("large-packets-lost", "The way to the other end loses packets of more than 1400 octets without a word.",
          us=Expect(("path-mtu",)), them=Expect(("path-mtu",)), peers=("charon", "causeway"), rules={"internet": NO_LARGE},
          tcp=True, shown=UP, seconds=30),
    Fault("deleted-at-once", "The other end deletes each SA as soon as it stands: charon cannot place its route.",
          us=Expect(("deleted-at-once", "flapping")), peers=("charon",), commands={"gwB": ("ip link set dev ipsec0 down",)},
          shown={US: "refusal of phase 2"}, seconds=20),
    Fault("forwarding-off", "Our machine does not forward packets.",
          us=Expect(("forwarding-off",)), them=Expect(("forwarding-off",)), peers=("charon", "causeway"),
          sysctl={"gwA": "net.ipv4.ip_forward=0"}, pings=PING, shown=UP, seconds=12),
    Fault("forwarding-dropped", "A firewall of our machine drops what goes between the LAN and the tunnel.",
          us=Expect(("forward-dropped",)), them=Expect(("forward-dropped",)), peers=("charon", "causeway"),
          rules={"gwA": LAN_SHUT}, pings=PING, shown=UP, seconds=12),
)
