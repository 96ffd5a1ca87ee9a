#!/bin/sh
# ddclient 3.10 calls use= deprecated, and with usev6= its dyndns2 sends no address and reports success
#
# Versions: ddclient 3.10.0-2 (Debian 12) and, as the comparison, 3.11.2-2 (Debian 13), both under perl of Debian 12.
# Expected: "ddclient -help" of 3.10.0: "-use <which>: deprecated, see 'usev4' and 'usev6'"; its example file has a line
#   "usev6=if, if=eth0". So usev6=ifv6 sends the interface's IPv6 address, and both together send both, as 3.11.2 does.
# Seen, what the provider's server is asked, protocol dyndns2, an interface with 203.0.113.9 and 2001:db8:1::5:
#                        3.10.0                   3.11.2
#     usev6=ifv6         myip=                    myip=2001:db8:1::5
#     usev4=, usev6=     myip=203.0.113.9         myip=203.0.113.9,2001:db8:1::5
#     use=if             myip=203.0.113.9         myip=203.0.113.9
#   For the empty one 3.10.0 says "SUCCESS: updating vpn.example: good: IP address set to" and nothing behind it, status 0, and
#   keeps the name as up to date.
# Meaning: a provider may take an empty myip for the address that asked, often the NAT's IPv4: a tunnel's name that was to have
#   IPv6 only has another address, or keeps its old AAAA for ever, while the log and the cache say it is good. After an upgrade
#   to Debian 13 the same file publishes an AAAA that was never there before, and a peer that prefers IPv6 goes there.
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
3.10.0 c2a96c6502ce22d0be7d246b1ccff37c3082847bd016fbba946e8a005cece1e1 d/ddclient/ddclient_3.10.0-2_all.deb
3.11.2 2da80dc1b6cb01a7f514df8f7b314f219de259cfe68a15a5528adfcedabacd37 d/ddclient/ddclient_3.11.2-2_all.deb
EOF
cat >"$dir/driver.py" <<'EOF'
import socket, subprocess, sys
d = sys.argv[1]
def run(command): subprocess.run(command.split(), check=True)
for command in ("ip link set lo up", "ip link add e0 type veth peer name e1", "ip link set e0 up", "ip link set e1 up",
                "ip addr add 203.0.113.9/24 dev e0", "ip addr add 2001:db8:1::5/64 dev e0 nodad"): run(command)
listener = socket.create_server(("127.0.0.1", 8080))
listener.settimeout(30)
for lines in ("usev6=ifv6, ifv6=e0", "usev4=ifv4, ifv4=e0\nusev6=ifv6, ifv6=e0", "use=if, if=e0"):
    for version in "3.10.0", "3.11.2":
        with open(d + "/conf", "w") as conf:
            conf.write(f"ssl=no\n{lines}\nprotocol=dyndns2\nserver=127.0.0.1:8080\nlogin=u\npassword=p\nvpn.example\n")
        run(f"chmod 600 {d}/conf")
        run(f"rm -f {d}/cache")
        client = subprocess.Popen(["perl", f"{d}/{version}/usr/bin/ddclient", "-foreground", "-daemon=0", "-noquiet",
                                   "-file", d + "/conf", "-cache", d + "/cache", "-pid", d + "/pid", "-verbose"],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        peer, _ = listener.accept()
        asked = peer.recv(4096).decode().split()[1].partition("&myip=")[2]
        peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\ngood")
        peer.close()
        said = [line for line in client.communicate(timeout=30)[0].splitlines() if line.startswith("SUCCESS")]
        print(version, lines.replace("\n", " "), f"-> myip={asked}", client.returncode, said[0].split()[0], flush=True)
        if not asked: print("   ", said[0].strip())
EOF
cat >"$dir/expected" <<'EOF'
3.10.0 usev6=ifv6, ifv6=e0 -> myip= 0 SUCCESS:
    SUCCESS:  updating vpn.example: good: IP address set to
3.11.2 usev6=ifv6, ifv6=e0 -> myip=2001:db8:1::5 0 SUCCESS:
3.10.0 usev4=ifv4, ifv4=e0 usev6=ifv6, ifv6=e0 -> myip=203.0.113.9 0 SUCCESS:
3.11.2 usev4=ifv4, ifv4=e0 usev6=ifv6, ifv6=e0 -> myip=203.0.113.9,2001:db8:1::5 0 SUCCESS:
3.10.0 use=if, if=e0 -> myip=203.0.113.9 0 SUCCESS:
3.11.2 use=if, if=e0 -> myip=203.0.113.9 0 SUCCESS:
EOF
timeout 120 unshare -n python3 "$dir/driver.py" "$dir" | tee "$dir/seen"
diff "$dir/expected" "$dir/seen" >&2 || { echo "changed: see above" >&2; exit 1; }
