#!/bin/sh
# busybox "ip rule" lists a negated rule as its opposite, and a narrow rule as a wide one
#
# Versions: busybox-static 1:1.35.0-4+deb12u1+b1 (Debian 12) and 1:1.38.0-3+b1 (Debian sid, November 2026), both amd64.
# Expected: what iproute2 6.1 lists for the same rules, whose syntax busybox's "ip" has (its help: ip rule [list] | add|del
#   SELECTOR ACTION), or a sign that a rule holds more than is shown.
# Seen, iproute2 first, busybox below it (both versions):
#     100:  not from all fwmark 0xca6c lookup 100             101:  from all ipproto udp dport 4500 lookup 101
#     100:  from all fwmark 0xca6c lookup 100                 101:  from all lookup 101
#     102:  from all uidrange 0-10 lookup 102                 103:  from all fwmark 0x5 goto 32766
#     102:  from all lookup 102                               103:  from all fwmark 0x5 lookup unspec local
#   Exit status 0 and no remark. "goto" becomes "local", the name that its number has among the types of routes.
# Meaning: rule 100 is how a tunnel's own packets are kept out of it, the usual way with a mark; on a router with busybox one
#   reads that only they go in. Rule 101 reads as if everything went through table 101. A script that saves the listing and
#   adds the rules again puts all traffic where IKE alone was meant to go. "ip -j rule" of ip-full tells all.
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
old 3d3fdbe91d4660c873e14b092c213fe81c1da6362daa236eb25d0171eb108744 b/busybox/busybox-static_1.35.0-4+deb12u1+b1_amd64.deb
new 26801f17e6c88e813be104effc0ea3b43d912bd59ca6295fcd1260528ebb4d41 b/busybox/busybox-static_1.38.0-3+b1_amd64.deb
EOF

# shellcheck disable=SC2016 # the inner shell expands these
rules='
ip rule add not fwmark 0xca6c lookup 100 pref 100
ip rule add ipproto udp dport 4500 lookup 101 pref 101
ip rule add uidrange 0-10 lookup 102 pref 102
ip rule add fwmark 5 goto 32766 pref 103
ip rule show
echo "busybox:"
"$busybox" ip rule show
'
cat >"$dir/expected" <<'EOF'
0: from all lookup local
100: from all fwmark 0xca6c lookup 100
101: from all lookup 101
102: from all lookup 102
103: from all fwmark 0x5 lookup unspec local
32766: from all lookup main
32767: from all lookup default
EOF
for busybox in "$dir"/*/bin/busybox "$dir"/*/usr/bin/busybox; do
    [ -x "$busybox" ] || continue
    "$busybox" | head -n 1
    busybox=$busybox unshare -n sh -c "$rules" | tee "$dir/seen"
    sed '1,/^busybox:/d' "$dir/seen" | tr -s '\t ' ' ' | sed 's/ $//' | cmp -s - "$dir/expected" ||
        { echo "changed: see above" >&2; exit 1; }
done
