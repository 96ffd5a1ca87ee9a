#!/bin/sh
# scapy 2.5 takes all of IKE on UDP 4500 for ESP with the SPI 0, scapy 2.6 gives it other layers
#
# Versions: python3-scapy 2.5.0+dfsg-2 (Debian 12) and 2.6.1+dfsg-1 (Debian 13), under python3 of Debian 12.
# Expected: four zero octets at the start of a datagram on 4500 are the non-ESP marker, and IKE follows (RFC 3948, section 2.2);
#   an SPI of ESP is never zero there (section 2.1). scapy.layers.isakmp is there, and is used on port 500.
# Seen, the same datagrams, 4500 to 4500:
#     2.5.0   marker and Main Mode  IP/UDP/ESP, spi 0, seq = the first half of the initiator's cookie
#             keepalive (one 0xff)  IP/UDP/Raw
#     2.6.1   marker and Main Mode  IP/UDP/NON_ESP/ISAKMP/...
#             keepalive (one 0xff)  IP/UDP/NAT_KEEPALIVE
#   ESP is IP/UDP/ESP in both. In both IP()/UDP(dport=4500)/ISAKMP() is built without a marker, so it is ESP for the receiver.
# Meaning: behind a NAT, Main Mode's third pair and everything after it are on 4500: with 2.5 "ISAKMP in packet" sees a tunnel
#   stop in the middle of its handshake, and "ESP in packet" sees traffic before there is an SA. What was written around that
#   breaks with 2.6.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
mirror=$(apt-get download --print-uris base-files | sed "s/^'//; s|/pool/.*||")
while read -r to sum path; do
    /usr/lib/apt/apt-helper download-file "$mirror/pool/main/$path" "$dir/deb" "SHA256:$sum" >"$dir/log" 2>&1 ||
        { cat "$dir/log"; echo "not to be had: $path" >&2; exit 1; }
    dpkg-deb -x "$dir/deb" "$dir/$to"
    rm "$dir/deb"
done <<'EOF'
2.5.0 c2612cbabceb00adc501720a3417983af06c96f91145ae6938007604c4d90d0f s/scapy/python3-scapy_2.5.0+dfsg-2_all.deb
2.6.1 fd416a4da13c2d7ec9fc3df8cb4037c723f3922975b91fdf4df7590756812b11 s/scapy/python3-scapy_2.6.1+dfsg-1_all.deb
EOF
cat >"$dir/show.py" <<'EOF'
import sys
sys.path.insert(0, sys.argv[1] + "/usr/lib/python3/dist-packages")
from scapy.all import ESP, IP, ISAKMP, UDP, Raw

ike = bytes.fromhex("1122334455667788" + "00" * 8 + "01100200" + "00000000" + "00000054"
                    "00000038" "00000001" "00000001"  # a Main Mode SA with one transform: AES-128, SHA, PSK, MODP-1024
                    "0000002c" "01010001" "00000024" "01010000"
                    "80010007" "800e0080" "80020002" "80030001" "80040002" "800b0001" "800c0e10")
def layers(payload):
    packet = IP(bytes(IP(src="192.0.2.1", dst="192.0.2.2") / UDP(sport=4500, dport=4500) / Raw(payload)))
    return packet, "/".join(layer.__name__ for layer in packet.layers())
packet, names = layers(bytes(4) + ike)
print("IKE:", names, f"spi={packet[ESP].spi:#x} seq={packet[ESP].seq:#x}" if ESP in packet else "")
print("keepalive:", layers(b"\xff")[1])
print("ESP:", layers(bytes.fromhex("deadbe01" "00000001") + bytes(40))[1])
print("built:", bytes(IP() / UDP(sport=4500, dport=4500) / ISAKMP(init_cookie=ike[:8]))[28:36].hex())
EOF
cat >"$dir/2.5.0.expected" <<'EOF'
IKE: IP/UDP/ESP spi=0x0 seq=0x11223344
keepalive: IP/UDP/Raw
ESP: IP/UDP/ESP
built: 1122334455667788
EOF
cat >"$dir/2.6.1.expected" <<'EOF'
IKE: IP/UDP/NON_ESP/ISAKMP/ISAKMP_payload_SA
keepalive: IP/UDP/NAT_KEEPALIVE
ESP: IP/UDP/ESP
built: 1122334455667788
EOF
for version in 2.5.0 2.6.1; do
    echo "scapy $version"
    HOME=$dir /usr/bin/python3 "$dir/show.py" "$dir/$version" 2>"$dir/errors" | sed 's/ $//' | tee "$dir/seen" || true
    cmp -s "$dir/seen" "$dir/$version.expected" || { cat "$dir/errors"; echo "changed: see above" >&2; exit 1; }
done
