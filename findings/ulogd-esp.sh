#!/bin/sh
# ulogd2 calls every ESP packet incomplete, and names no protocol for it in IPv6
#
# Versions: ulogd2 and ulogd2-json 2.0.8-1 (Debian 12, amd64); 2.0.9-1 (Debian sid, November 2026) prints the same.
# Expected: ulogd.txt of the package says that the plugin BASE interprets the AH/ESP header, and "ulogd -i" lists its keys
#   ahesp.spi and ip6.nexthdr. The kernel's own LOG target prints PROTO=ESP SPI=0x... for such a packet.
# Seen for two whole packets, ESP with SPI 0xdeadbe01 in IPv4 and in IPv6:
#     LOGEMU  ... PROTO=ESP INCOMPLETEUID=0 GID=0 MARK=0x0
#     LOGEMU  ... PROTO=0 UID=0 GID=0 MARK=0x0
#     JSON    "ip.protocol": 50, without any SPI; for IPv6 neither "ip6.nexthdr" nor an SPI
#   The blank behind INCOMPLETE is missing too, so that a parser of NAME=VALUE finds a field "INCOMPLETEUID".
# Meaning: who logs a gateway's dropped ESP through NFLOG cannot tell which SA it belonged to, takes it for cut off, and with
#   an outer IPv6 (protocol 0 is Hop-by-Hop) finds no ESP at all when looking for it.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
mirror=$(apt-get download --print-uris base-files | sed "s/^'//; s|/pool/.*||")
while read -r sum path; do
    /usr/lib/apt/apt-helper download-file "$mirror/pool/main/$path" "$dir/deb" "SHA256:$sum" >"$dir/log" 2>&1 ||
        { cat "$dir/log"; echo "not to be had: $path" >&2; exit 1; }
    dpkg-deb -x "$dir/deb" "$dir/root"
    rm "$dir/deb"
done <<'EOF'
dddc784643242314eb1004a56caf1a16424c68c19251c66f979b170d28ae2d9a u/ulogd2/ulogd2_2.0.8-1_amd64.deb
d99acd803ee52e837894e7b20e1d84cee76bb458bfd0dc7f8a4a84d6c53d7681 u/ulogd2/ulogd2-json_2.0.8-1_amd64.deb
6c0c2ce572fea9db503f12b9513d634c3a863ef7d8a7005c3d3ded115426128d libn/libnetfilter-log/libnetfilter-log1_1.0.2-3_amd64.deb
88e9ae4820ac6b77bf0413a10ec690a237f3668cd6f3c8afbfc47a7f9a3f43c9 libn/libnetfilter-acct/libnetfilter-acct1_1.0.3-3_amd64.deb
65f1539238f60fcc85d115acd640474f45c77bfddcf402eb7d75965a783c2bc8 libn/libnetfilter-conntrack/libnetfilter-conntrack3_1.0.9-3_amd64.deb
ae5cbba417ea48f34c1f72c27e8146a81f20614c1296bca2cd7234c8215fddcc libn/libnfnetlink/libnfnetlink0_1.0.2-2_amd64.deb
4581f42e3373cb72f9ea4e88163b17873afca614a6c6f54637e95aa75983ea7c libm/libmnl/libmnl0_1.0.4-3_amd64.deb
3fc9742f9f1a37bcb9931df6074b4d1483419ef832ad5349f47323e75fc27864 j/jansson/libjansson4_2.14-2_amd64.deb
EOF
lib=$dir/root/usr/lib/x86_64-linux-gnu

{
    printf '[global]\nlogfile="stdout"\nloglevel=3\n'
    for plugin in inppkt_NFLOG raw2packet_BASE filter_IFINDEX filter_IP2STR filter_PRINTPKT output_LOGEMU output_JSON; do
        echo "plugin=\"$lib/ulogd/ulogd_$plugin.so\""
    done
    echo 'stack=log1:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU'
    echo 'stack=log2:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,json1:JSON'
    printf '[log1]\ngroup=1\n[log2]\ngroup=2\n'
    printf '[emu1]\nfile="%s"\nsync=1\n[json1]\nfile="%s"\nsync=1\n' "$dir/emu" "$dir/json"
} >"$dir/ulogd.conf"
mkfifo "$dir/emu" "$dir/json" "$dir/own"

# shellcheck disable=SC2016 # the inner shell expands these
inside='
ip link set lo up
nft "add table inet t; add chain inet t out { type filter hook output priority 0; }"
nft add rule inet t out meta l4proto esp log group 1 log group 2
exec 3<>"$dir/emu" 4<>"$dir/json" 5<>"$dir/own"
LD_LIBRARY_PATH=$lib timeout 30 "$dir/root/usr/sbin/ulogd" -c "$dir/ulogd.conf" >&5 2>&1 &
while read -r line <&5; do case $line in *"entering main loop"*) break ;; esac; done
python3 - <<P
import socket
esp = bytes.fromhex("deadbe0100000001") + bytes(44)
socket.socket(socket.AF_INET, socket.SOCK_RAW, 50).sendto(esp, ("127.0.0.1", 0))
socket.socket(socket.AF_INET6, socket.SOCK_RAW, 50).sendto(esp, ("::1", 0))
P
for stream in 3 4; do
    eval "read -r first <&$stream; read -r second <&$stream"
    printf "%s\n" "$first" "$second"
done
kill $!
'
dir=$dir lib=$lib timeout 40 unshare -n sh -c "$inside" | tee "$dir/seen"

fail() { echo "changed: $1" >&2; exit 1; }
[ "$(grep -c '' "$dir/seen")" = 4 ] || fail "not two lines from each output"
grep -q 'DST=127.0.0.1 .*PROTO=ESP INCOMPLETEUID=' "$dir/seen" || fail "IPv4 is no longer INCOMPLETE"
grep -q 'DST=::1 .*PROTO=0 ' "$dir/seen" || fail "IPv6 has a protocol now"
grep -q '"ip.protocol": 50' "$dir/seen" || fail "the JSON of IPv4 has no protocol"
if grep -qiE 'spi|nexthdr|deadbe01' "$dir/seen"; then fail "there is an SPI or a next header"; fi
