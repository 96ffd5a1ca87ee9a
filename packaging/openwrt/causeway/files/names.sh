# shellcheck shell=dash
# /usr/sbin/ipsec and /etc/init.d/ipsec, the names that people and scripts know, belong to strongSwan or libreswan where
# one of them is installed. They are ours only while they are free, which a package cannot say of its own files. Sourced
# by the script of the first start and by the package's removal; IPKG_INSTROOT is the root of an image in the making.

take_names() {
	local name
	for name in /usr/sbin/ipsec /etc/init.d/ipsec; do
		if [ "$(readlink "${IPKG_INSTROOT}${name}")" = causeway ]; then
			continue
		elif [ -e "${IPKG_INSTROOT}${name}" ] || [ -L "${IPKG_INSTROOT}${name}" ]; then
			echo "$name belongs to another program and stays as it is; ours is ${name%/*}/causeway"
		else
			ln -s causeway "${IPKG_INSTROOT}${name}"
		fi
	done
}

# What `/etc/init.d/ipsec enable` made goes with the script that it leads to.
forget_names() {
	local name
	for name in /usr/sbin/ipsec /etc/init.d/ipsec; do
		[ "$(readlink "${IPKG_INSTROOT}${name}")" = causeway ] || continue
		rm -f "${IPKG_INSTROOT}${name}"
		[ "$name" != /etc/init.d/ipsec ] || rm -f "${IPKG_INSTROOT}"/etc/rc.d/[SK][0-9][0-9]ipsec
	done
}
