#!/bin/sh
# nmap has a payload for UDP 4500 that no IKE daemon can answer
#
# Versions: nmap 7.93+dfsg1-1 (Debian 12, amd64); 7.991+dfsg-1 (Debian sid, November 2026) says the same. The daemon asked is
#   charon of strongSwan 5.9.8-5+deb12u6 with kernel-libipsec and no connection: it answers any Main Mode with a refusal.
# Expected: nmap(1), "UDP scans": for some ports a payload specific to the protocol is sent, so that open ones can be told from
#   filtered ones. nmap-payloads has one for "udp 500,4500". On 4500 an IKE message stands behind four zero octets, the non-ESP
#   marker; without it the first four octets are an SPI (RFC 3948, sections 2.1 and 2.2).
# Seen:
#     500/udp  open          isakmp
#     4500/udp open|filtered nat-t-ike
#     nmap to 4500: 3127fcb0... length 204                 the same behind 00000000: answered, 44 octets
#   charon takes nmap's datagram for ESP with the unknown SPI 0x3127fcb0 and says nothing.
# Meaning: an open 4500 behind a router's port forwarding looks like one that is filtered, whatever is done to the firewall; and
#   a gateway that counts unknown SPIs has one more of 0x3127fcb0 for each scan. "ike-scan --nat-t" asks with the marker.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$dir"
(cd "$dir" && apt-get -qq download nmap=7.93+dfsg1-1 nmap-common=7.93+dfsg1-1 liblinear4=2.3.0+dfsg-5 libblas3=3.11.0-2 \
    liblua5.3-0=5.3.6-2 lua-lpeg=1.0.2-2 libpcre3=2:8.39-15 libpcap0.8=1.10.3-1 libssh2-1=1.10.0-3+deb12u1 \
    strongswan-charon=5.9.8-5+deb12u6 strongswan-libcharon=5.9.8-5+deb12u6 libstrongswan=5.9.8-5+deb12u6 \
    libstrongswan-standard-plugins=5.9.8-5+deb12u6 libcharon-extra-plugins=5.9.8-5+deb12u6) >"$dir/log" 2>&1 ||
    { cat "$dir/log"; echo "a pinned version is not to be had" >&2; exit 1; }
for deb in "$dir"/*.deb; do dpkg-deb -x "$deb" "$dir/root"; done
cat >"$dir/strongswan.conf" <<EOF
charon {
    load = random nonce openssl kernel-libipsec kernel-netlink socket-default
    filelog {
        log {
            path = $dir/charon.log
            flush_line = yes
        }
    }
}
EOF
mkfifo "$dir/charon.log"
cat >"$dir/driver.py" <<'EOF'
import os, socket, subprocess, sys
d = sys.argv[1]
charon = subprocess.Popen(["/usr/lib/ipsec/charon"], env={"STRONGSWAN_CONF": d + "/strongswan.conf"},
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
log = open(d + "/charon.log")
while "worker threads" not in log.readline(): pass
sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
sniffer.bind(("lo", 0x0800))
sniffer.settimeout(0)
scan = subprocess.run(["/usr/bin/nmap", "-n", "-Pn", "-sU", "-p500,4500", "127.0.0.1"], timeout=60,
                      env={"LD_LIBRARY_PATH": "/usr/lib/x86_64-linux-gnu/blas"}, capture_output=True, text=True)
print(*(line for line in scan.stdout.splitlines() if "/udp" in line), sep="\n")
sent = set()
try:
    while True:
        packet = sniffer.recv(65535)
        if packet[9] == 17 and packet[22:24] == (4500).to_bytes(2, "big"): sent.add(packet[28:])
except BlockingIOError: pass
for ike in sent:
    print("nmap to 4500:", ike[:4].hex() + "... length", len(ike))
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.settimeout(10)
    asker.sendto(bytes(4) + ike, ("127.0.0.1", 4500))
    print("the same behind 00000000: answered,", len(asker.recv(65535)), "octets")
charon.kill()
EOF
# shellcheck disable=SC2016 # the inner shell expands these
inside='mount -t overlay -o "lowerdir=$1/root/usr:/usr" overlay /usr; mount -t tmpfs tmpfs /run; ip link set lo up
exec python3 "$1/driver.py" "$1"'
timeout 120 unshare -mn sh -c "$inside" - "$dir" | tee "$dir/seen"

fail() { echo "changed: $1" >&2; exit 1; }
grep -q '^500/udp *open *isakmp' "$dir/seen" || fail "500 is not open"
grep -q '^4500/udp *open|filtered ' "$dir/seen" || fail "4500 is no longer open|filtered"
grep -q '^nmap to 4500: 3127fcb0' "$dir/seen" || fail "another payload"
grep -q '^the same behind 00000000: answered' "$dir/seen" || fail "not answered with the marker either"
