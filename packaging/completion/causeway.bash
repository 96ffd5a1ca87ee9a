# Bash completion for causeway and ipsec.
_causeway() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= i
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case ${COMP_WORDS[i]} in
            --control) ((++i)) ;;
            -*) ;;
            *) command=${COMP_WORDS[i]}; break ;;
        esac
    done
    case $before in
        --control | --config | --conf | --output | -o) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --peer | --secrets | --peer-secrets | --firewall | --network | --hotplug | --init | --sites)
            COMPREPLY=($(compgen -f -- "$word")); return ;;
        --ping) COMPREPLY=($(compgen -A hostname -- "$word")); return ;;
        --dataplane) COMPREPLY=($(compgen -W "userspace kernel" -- "$word")); return ;;
        --box) return ;;
        --to) COMPREPLY=($(compgen -W "uci:g0 uci:g1 uci:g2 uci:g3 uci:g4 vpncfg swanctl.conf ipsec.conf" -- "$word")); return ;;
        --format) COMPREPLY=($(compgen -W "uci ipsec.conf swanctl.conf vpncfg" -- "$word")); return ;;
    esac
    local words=
    case $command in
        "")
            words="status statusall history report metrics up down reload log-level firewall check pair config explain convert decode probe doctor version start starter stop restart"
            words+=" --control --help --version" ;;
        status) words="--json --nagios --timeout --help $(_causeway_names)" ;;
        statusall) words="--json --timeout --help $(_causeway_names)" ;;
        history) words="--hours --json --timeout --help $(_causeway_names)" ;;
        report) words="--output --mask-addresses --hours --timeout --help" ;;
        metrics) words="--timeout --help" ;;
        up | down) words="--json --no-wait --timeout --help $(_causeway_names)" ;;
        reload | version) words="--json --timeout --help" ;;
        log-level) words="debug info notice warning error" ;;
        firewall) words="show apply remove --json --timeout" ;;
        config) words="show check migrate --format --json --verbose --to --output --force"; COMPREPLY=($(compgen -f -- "$word")) ;;
        check)
            words="--peer --secrets --peer-secrets --firewall --network --hotplug --init --box --resolve --dataplane --format --json --verbose"
            COMPREPLY=($(compgen -f -- "$word")) ;;
        pair) words="--ours --theirs --box --generation --ask --sites --output --force --verbose" ;;
        explain) words="--json --help $(_causeway_codes)" ;;
        convert) words="--format --to --mirror --output --force"; COMPREPLY=($(compgen -f -- "$word")) ;;
        decode) COMPREPLY=($(compgen -f -- "$word")) ;;
        probe) words="--aggressive --port --json --timeout --help" ;;
        doctor) words="--ping --json --bundle --config --help $(_causeway_names)" ;;
        start | starter | restart) words="--config --auto-update --nofork --timeout" ;;
        stop) words="--timeout" ;;
    esac
    COMPREPLY+=($(compgen -W "$words" -- "$word"))
}
# Tunnels that the running daemon knows; nothing when there is none.
_causeway_names() {
    causeway status --json 2>/dev/null | tr ',' '\n' | sed -n 's/.*"display_name": *"\([A-Za-z0-9_.-]*\)".*/\1/p'
}
# The codes of findings, which stand at the beginnings of lines.
_causeway_codes() {
    causeway explain 2>/dev/null | sed -n 's/^\([a-z0-9-]*\) .*/\1/p'
}
complete -F _causeway causeway ipsec
