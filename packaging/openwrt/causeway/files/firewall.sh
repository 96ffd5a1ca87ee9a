# shellcheck shell=dash
# The firewall's part of a tunnel, written into /etc/config/firewall, for those who want to see it in LuCI, and for fw3: a
# zone that has the TUN device, its forwardings to and from the LAN, and IKE and ESP let in. Under fw4 the daemon does as
# much by itself while it runs; where the zone has the device, the zone's forwardings count. Everything else about the
# firewall stays as it is. Sourced by the init script (`/etc/init.d/causeway firewall`) and by the package's removal.

FIREWALL_SECTIONS="causeway_zone causeway_out causeway_in causeway_ike causeway_esp"

# Of the zone: `option zone` of the section `ipsec`, as the recipe has it.
firewall_zone() {
	uci -q get ipsec.globals.zone || uci -q get 'ipsec.@ipsec[0].zone' || echo vpn
}

# The section of a zone of that name which is not ours: somebody has written one by hand.
firewall_other_zone() {
	uci -q show firewall | sed -n "s/^firewall\.\([^.]*\)\.name='$1'\$/\1/p" | grep -v '^causeway_' | head -n 1
}

firewall_add() {
	local zone other
	zone=$(firewall_zone)
	firewall_delete
	other=$(firewall_other_zone "$zone")
	if [ -n "$other" ]; then
		echo "the zone '$zone' of /etc/config/firewall has the device causeway0 now; its own rules and forwardings stay"
		firewall_leave_zone "$other"
		uci -q add_list "firewall.$other.device=causeway0"
	else
		firewall_add_zone "$zone"
	fi
	firewall_add_rules
	uci commit firewall && /etc/init.d/firewall reload
}

# The recipe's: nothing from the remote network for the router itself; both ways between it and the LAN.
firewall_add_zone() {
	uci -q batch <<-EOF
		set firewall.causeway_zone=zone
		set firewall.causeway_zone.name='$1'
		add_list firewall.causeway_zone.device='causeway0'
		set firewall.causeway_zone.input='REJECT'
		set firewall.causeway_zone.output='ACCEPT'
		set firewall.causeway_zone.forward='REJECT'
		set firewall.causeway_out=forwarding
		set firewall.causeway_out.src='lan'
		set firewall.causeway_out.dest='$1'
		set firewall.causeway_in=forwarding
		set firewall.causeway_in.src='$1'
		set firewall.causeway_in.dest='lan'
	EOF
}

firewall_add_rules() {
	uci -q batch <<-EOF
		set firewall.causeway_ike=rule
		set firewall.causeway_ike.name='Allow-IKE-causeway'
		set firewall.causeway_ike.src='wan'
		set firewall.causeway_ike.proto='udp'
		set firewall.causeway_ike.dest_port='500 4500'
		set firewall.causeway_ike.target='ACCEPT'
		set firewall.causeway_esp=rule
		set firewall.causeway_esp.name='Allow-ESP-causeway'
		set firewall.causeway_esp.src='wan'
		set firewall.causeway_esp.proto='esp'
		set firewall.causeway_esp.target='ACCEPT'
	EOF
}

firewall_leave_zone() {
	uci -q del_list "firewall.$1.device=causeway0"
}

firewall_delete() {
	local section
	for section in $FIREWALL_SECTIONS; do
		uci -q delete "firewall.$section"
	done
}

firewall_remove() {
	[ -z "$IPKG_INSTROOT" ] || return 0
	uci -q get firewall.causeway_ike > /dev/null || return 0
	local other
	other=$(firewall_other_zone "$(firewall_zone)")
	[ -z "$other" ] || firewall_leave_zone "$other"
	firewall_delete
	uci commit firewall && /etc/init.d/firewall reload
}
