#!/bin/sh
# inadyn "iface" publishes the address that the kernel lists first: unique local, temporary or private
#
# Versions: inadyn 2.10.0-1 with libconfuse2 3.3-3 (Debian 12, amd64); 2.11.0-1+b1 (Debian 13) takes the same in scene 1.
# Expected: inadyn.conf(5), verify-address: by default it makes sure that "the address is a valid Internet address", and names
#   RFC 3330, whose table has 192.168.0.0/16 as private-use. An address of fc00::/7 is not for the Internet (RFC 4193, section
#   1), and a temporary one is there to be replaced within days (RFC 8981).
# Seen, what the provider is sent with "iface = e0" and "allow-ipv6 = true":
#     2001:db8:1::5, then fd00:1::5 added            fd00:1::5
#     2001:db8:1::5 with privacy extensions (use_tempaddr=2)   2001:db8:1:0:9566:5ece:ad94:7864, the temporary one
#     192.168.1.5                                    192.168.1.5
#   Each time the log has "... is valid", status 0. Linux lists the newest address of a scope first, so it depends on whose
#   router advertisement came last.
# Meaning: where a router announces a unique local prefix beside the provider's, or the host has privacy extensions, the
#   tunnel's name may point to fd..., or to an address that the firewall's rules do not know and that is gone next week. The
#   other end finds a name, no error, and no answer.
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
487a1bfb38d9e22258ed20c27afd5f09121c1497fe45b6a6764f25ae7bb55910 i/inadyn/inadyn_2.10.0-1_amd64.deb
bdfc3f22a513cc7040d2164572100a286592e7b9971c5d8b6d742065a4105249 libc/libconfuse/libconfuse2_3.3-3_amd64.deb
EOF
cat >"$dir/conf" <<'EOF'
allow-ipv6 = true
iface = e0
custom s {
    username = u
    password = p
    ssl = false
    ddns-server = "127.0.0.1:8080"
    ddns-path = "/?i=%i"
    hostname = vpn.example
}
EOF
cat >"$dir/driver.py" <<'EOF'
import os, socket, subprocess, sys, urllib.parse
d = sys.argv[1]
def run(command): subprocess.run(command.split(), check=True)
listener = socket.create_server(("127.0.0.1", 8080))
listener.settimeout(20)
def published():
    client = subprocess.Popen([d + "/root/usr/sbin/inadyn", "-1", "-n", "-f", d + "/conf", "--cache-dir", d],
                              env={"LD_LIBRARY_PATH": d + "/root/usr/lib/x86_64-linux-gnu"},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peer, _ = listener.accept()
    request = urllib.parse.unquote(peer.recv(4096).decode().split()[1])
    peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\ngood")
    peer.close()
    assert client.wait(20) == 0
    for name in os.listdir(d):
        if name.endswith(".cache"): os.remove(d + "/" + name)
    return request.partition("i=")[2]
def scene(*addresses):
    run("ip link add e0 type veth peer name e1")
    run("sysctl -qw net.ipv6.conf.e0.use_tempaddr=2 net.ipv6.conf.e0.addr_gen_mode=1")
    for name in "e0", "e1": run("ip link set " + name + " up")
    for address in addresses: run("ip addr add dev e0 " + address)
    print(*addresses, "->", published(), flush=True)
    run("ip link del e0")
run("ip link set lo up")
stable = "2001:db8:1::5/64"
scene(stable, "fd00:1::5/64")
scene(stable + " mngtmpaddr valid_lft 7000 preferred_lft 6000")
scene("192.168.1.5/24")
EOF
timeout 100 unshare -n python3 "$dir/driver.py" "$dir" | tee "$dir/seen"

set -- 'fd00:1::5' '2001:db8:1:0:[0-9a-f:]*' '192.168.1.5'
while read -r line; do
    echo "$line" | grep -q -- "-> $1\$" || { echo "changed: $line, not $1" >&2; exit 1; }
    shift
done <"$dir/seen"
[ $# = 0 ] || { echo "changed: no answer for $1" >&2; exit 1; }
