# For tests, in the place of OpenWrt's /lib/functions.sh: UCI files read by the shell itself, procd's functions written
# down in /calls with their arguments instead of being carried out.

record() {
	echo "$*" >> /calls
}

# Like the real one, it forgets the lists of an earlier load, and its plain options not.
config_load() {
	SECTIONS="" COUNT=0
	for list in $LISTS; do
		unset -v "$list"
	done
	LISTS=""
	[ -e "/etc/config/$1" ] || return 0
	local line
	while IFS= read -r line; do
		case ${line#"${line%%[![:space:]]*}"} in
			"config "*) eval "config_section $line" ;;
			"option "* | "list "*) eval "config_value $line" ;;
		esac
	done < "/etc/config/$1"
}
config_section() {
	COUNT=$((COUNT + 1))
	SECTION=${3:-cfg$COUNT}
	SECTIONS="$SECTIONS $SECTION"
	eval "TYPE_$SECTION=\$2"
}
config_value() {
	case $1 in
		option) eval "VALUE_${SECTION}_$2=\$3" ;;
		list)
			LISTS="$LISTS VALUE_${SECTION}_$2"
			eval "VALUE_${SECTION}_$2=\"\${VALUE_${SECTION}_$2:+\$VALUE_${SECTION}_$2 }\$3\""
			;;
	esac
}
config_get() {
	eval "$1=\${VALUE_$2_$3}"
}
config_foreach() {
	local section type
	for section in $SECTIONS; do
		eval "type=\$TYPE_$section"
		[ "$type" != "$2" ] || "$1" "$section"
	done
}

procd_open_instance() { record procd_open_instance "$@"; }
procd_close_instance() { record procd_close_instance "$@"; }
procd_set_param() { record procd_set_param "$@"; }
procd_add_jail() { record procd_add_jail "$@"; }
procd_add_reload_trigger() { record procd_add_reload_trigger "$@"; }
procd_add_reload_interface_trigger() { record procd_add_reload_interface_trigger "$@"; }
procd_running() { [ "$1" = causeway ] && [ -e /state/procd ]; }
