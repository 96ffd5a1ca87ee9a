#!/bin/sh
# IPTables::ChainMgr no longer finds a rule by its protocol since iptables prints numbers
#
# Versions: libiptables-chainmgr-perl 1.6-2, libiptables-parse-perl 1.6-3 and iptables 1.8.9-2 (all Debian 12, amd64). Debian
#   sid, November 2026, has the same two libraries.
# Expected: find_ip_rule and delete_ip_rule find what append_ip_rule made of the same arguments, as the module's own examples
#   with 'protocol' => 'tcp' and 'd_port' => 80 show.
# Seen, rules appended with the arguments of the first column, then asked for with the same:
#     protocol udp, d_port 500    append 1, find 0, delete 0, "... protocol: udp does not exist."
#     protocol esp                append 1, find 0, delete 0, "... protocol: esp does not exist."
#     protocol 17, d_port 4500    append 1, find 1, delete 1
#   The library reads "iptables -nL", which prints 17 and 50 in this release where it printed udp and esp, and compares words.
# Meaning: a script (or psad, whose library it is) that opens UDP 500 and ESP for a peer and closes them again when its address
#   changes leaves all of them open: asked first, the rule is never there, so that it is added once more each time.
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
087baf1ead801228fa7a2f1a85191061e8619473d05731419f58b66b235d029f libi/libiptables-chainmgr-perl/libiptables-chainmgr-perl_1.6-2_all.deb
bb6a1f07fcf61f1de6e22dbe800f92ad1f5e71f4d46906031034b7acbb15aab3 libi/libiptables-parse-perl/libiptables-parse-perl_1.6-3_all.deb
4a64ceabc8c9cd262bbd184be39bd7c65d3b3b03a2c1299eca5819c8fdb41bf2 libn/libnetaddr-ip-perl/libnetaddr-ip-perl_4.079+dfsg-2+b1_amd64.deb
2928d3ca6ca8a3dc3f423f6752822b1f3614a5ba609ff7806bcba4449ffe90e1 i/iptables/iptables_1.8.9-2_amd64.deb
cb841d66950a43af4a398625313d2f3da9065299c9738538de6c2c3495857040 i/iptables/libxtables12_1.8.9-2_amd64.deb
f2c48b367f9ec13f9aa577e7ccf81b371ce5d5fe22dddf9d7aa99f1e0bb7cfc4 i/iptables/libip4tc2_1.8.9-2_amd64.deb
be88db3dfa2fe3345ea343207f7c75345602686121e579023d021c348b9b4f4d i/iptables/libip6tc2_1.8.9-2_amd64.deb
9e619e1470a1915264e906020f3bfc046fd8458043b1342686d997b5078213af libn/libnftnl/libnftnl11_1.2.4-2_amd64.deb
4581f42e3373cb72f9ea4e88163b17873afca614a6c6f54637e95aa75983ea7c libm/libmnl/libmnl0_1.0.4-3_amd64.deb
EOF
cat >"$dir/ask.pl" <<'EOF'
use IPTables::ChainMgr;
my $d = $ARGV[0];
my $m = IPTables::ChainMgr->new(iptables => "$d/root/usr/sbin/iptables-nft", iptout => "$d/out", ipterr => "$d/err");
for my $what ({protocol => 'udp', d_port => 500}, {protocol => 'esp'}, {protocol => '17', d_port => 4500}) {
    my @rule = ('192.0.2.1', '0.0.0.0/0', 'filter', 'INPUT', 'ACCEPT', $what);
    my ($appended) = $m->append_ip_rule(@rule);
    my ($found) = $m->find_ip_rule(@rule);
    my ($deleted) = $m->delete_ip_rule(@rule);
    print "protocol $what->{protocol}: append $appended, find ", $found > 0 ? 1 : 0, ", delete $deleted\n";
}
EOF
cat >"$dir/expected" <<'EOF'
protocol udp: append 1, find 0, delete 0
protocol esp: append 1, find 0, delete 0
protocol 17: append 1, find 1, delete 1
-A INPUT -s 192.0.2.1/32 -p udp -m udp --dport 500 -j ACCEPT
-A INPUT -s 192.0.2.1/32 -p esp -j ACCEPT
EOF
lib=$dir/root/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH="$lib" XTABLES_LIBDIR="$lib/xtables" PERL5LIB="$dir/root/usr/share/perl5:$lib/perl5/5.36"
# shellcheck disable=SC2016 # the inner shell expands these
unshare -n sh -c 'perl "$1/ask.pl" "$1"; "$1/root/usr/sbin/iptables-nft" -S INPUT | grep -e -A' - "$dir" | tee "$dir/seen"
cmp -s "$dir/seen" "$dir/expected" || { echo "changed: see above" >&2; exit 1; }
