#!/bin/sh
# qemu-user speaks half of rtnetlink and nothing of netfilter's netlink
#
# Versions: qemu-user-static 1:7.2+dfsg-7+deb12u18+b3 (Debian 12) and qemu-user 1:10.0.13+ds-0+deb13u1 (Debian 13), both
#   amd64; under them busybox-static 1:1.35.0-4+deb12u1+b1 and nftables 1.0.6-2+deb12u2 of armhf.
# Expected: what works for one rtnetlink request works for its neighbours. QEMU's manual ("User space emulator", section
#   Features) speaks of a generic system call translator and names ptrace as missing, but nothing of netlink.
# Seen, the same in both versions and in one network namespace:
#     ip route show, ip route add    0
#     ip rule show                   1, "ip: write error: Operation not supported"
#     ip rule add ...                2, "ip: can't talk to rtnetlink: Operation not supported"
#     nft list ruleset               3, "Unable to initialize Netlink socket: Protocol not supported"
#   RTM_GETRULE and RTM_NEWRULE are refused in the emulator, so is the protocol NETLINK_NETFILTER of socket(). The kernel is
#   never asked: the same commands built for the machine itself work in the same namespace.
# Meaning: a gateway's programs tried this way for a router's processor find routes and no rules and no firewall. A daemon
#   that takes the refusal for a kernel without policy routing or nftables goes the way for such kernels, and the test of
#   the other way passes without having run.
# Downloads about 140 MB.
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
qemu7 c3e3ba2bd87f8c5b9a5da5ef21b5a3b82d7c63b89dd448d9ddaa4eabc5b6e402 q/qemu/qemu-user-static_7.2+dfsg-7+deb12u18+b3_amd64.deb
qemu10 ca6ede739327a20ae5a3498230c8a3a9a072c586e131bc6bcc1201eb1725e336 q/qemu/qemu-user_10.0.13+ds-0+deb13u1_amd64.deb
libc bd4c250aef23a6145ad2749f7a54e0dca1c13bd520a34a8b3ba831284da93dc3 c/cross-toolchain-base/libc6-armhf-cross_2.36-8cross1_all.deb
arm 2f68dbeaebeda49f3cde34ac421d5add85fb1c837ff7c4a4971945340d9d66ff b/busybox/busybox-static_1.35.0-4+deb12u1+b1_armhf.deb
arm ba51a030b6eca5b56870472d86b32bb1375703c24716e38be170da72a2a5a377 n/nftables/nftables_1.0.6-2+deb12u2_armhf.deb
arm 37455118d11460c8661cd58e1547252b229c53ac2363add9f409e3583959fbf2 n/nftables/libnftables1_1.0.6-2+deb12u2_armhf.deb
arm a8a9ba52721b47d006bae1373b539a501a150a3991384a4cc5e19030d23e6b92 libn/libnftnl/libnftnl11_1.2.4-2_armhf.deb
arm 4bdb1db2f51dc3dba624eb82cdd6c1059bc70dd143c7ef02667edc014ab07a47 libm/libmnl/libmnl0_1.0.4-3_armhf.deb
arm 240b6cc98c7fbd4781e8aa90d0bb68ccbc4a0931565cff7565509836bbd807ad g/gmp/libgmp10_6.2.1+dfsg1-1.1_armhf.deb
arm 4200351f40944a9333152100935b2f53dd8cf3231b30830bb2fcbfb24a200acd j/jansson/libjansson4_2.14-2_armhf.deb
arm 35fffbeb35294938514e02eb602f9aa10d9c586c1b4098042e0bfd454bb40b42 i/iptables/libxtables12_1.8.9-2_armhf.deb
arm 15494e08e461582519c676c01344c9a9b7c478a3c1c744f2a7c5fde080d4fdd4 libe/libedit/libedit2_3.1-20221030-2_armhf.deb
arm 93080d54ab3bba2992b213f371f3436d704533c392a1ea1e3669afa835fc61aa libb/libbsd/libbsd0_0.11.7-2_armhf.deb
arm 07696488d15dc09da6543bff713846b69291250b5653d77f19d8dbd0a7a32012 libm/libmd/libmd0_1.0.4-2_armhf.deb
arm 5990d010cc1f96d166c1fb1bce06822f14665dc9d83e528b166e129982b09d7b n/ncurses/libtinfo6_6.4-4_armhf.deb
EOF
cp -a "$dir/libc/usr/arm-linux-gnueabihf/lib/." "$dir/arm/lib/"

# shellcheck disable=SC2016 # the inner shell expands these
commands='
arm() {
    printf "%s: " "$*"
    "$qemu" -E LD_LIBRARY_PATH="$root/usr/lib/arm-linux-gnueabihf:$root/lib/arm-linux-gnueabihf" -L "$root" "$root/$@" \
        >"$root/out" 2>&1 && status=0 || status=$?
    echo "$status" $(grep -oE "Operation not supported|Protocol not supported" "$root/out")
}
ip link set lo up
arm bin/busybox ip route add 192.0.2.0/24 dev lo
arm bin/busybox ip route show
arm bin/busybox ip rule show
arm bin/busybox ip rule add from 192.0.2.1 lookup 100
arm usr/sbin/nft list ruleset
ip rule add from 192.0.2.1 lookup 100 && echo "native ip rule add: $?"
'
cat >"$dir/expected" <<'EOF'
bin/busybox ip route add 192.0.2.0/24 dev lo: 0
bin/busybox ip route show: 0
bin/busybox ip rule show: 1 Operation not supported
bin/busybox ip rule add from 192.0.2.1 lookup 100: 2 Operation not supported
usr/sbin/nft list ruleset: 3 Protocol not supported
native ip rule add: 0
EOF
for qemu in "$dir/qemu7/usr/bin/qemu-arm-static" "$dir/qemu10/usr/bin/qemu-arm"; do
    "$qemu" --version | head -n 1
    unshare -n env qemu="$qemu" root="$dir/arm" sh -c "$commands" | tee "$dir/seen"
    cmp -s "$dir/expected" "$dir/seen" || { echo "changed: see above" >&2; exit 1; }
done
