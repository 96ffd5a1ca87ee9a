#compdef causeway ipsec
# Completion for zsh: commands, options, and the names of what the running daemon knows.

_causeway_names() {
    local -a names
    names=(${(f)"$(causeway status --json 2>/dev/null | tr ',' '\n' |
        sed -n 's/.*"display_name": *"\([A-Za-z0-9_.-]*\)".*/\1/p')"})
    compadd -a names
}

# The codes of findings, which stand at the beginnings of lines.
_causeway_codes() {
    local -a codes
    codes=(${(f)"$(causeway explain 2>/dev/null | sed -n 's/^\([a-z0-9-]*\) .*/\1/p')"})
    compadd -a codes
}

_causeway() {
    local -a commands
    commands=(
        'status:show what is up, what is not, and why'
        'statusall:show also addresses, configuration, suites, lifetimes and counters'
        'history:show what became of a connection over the last hours'
        'report:make a page of what is up, what is not, and why'
        'metrics:print figures as Prometheus reads them'
        'up:bring a tunnel up, and wait until it is'
        'down:take a tunnel down, and leave it down'
        'reload:read the configuration again'
        'log-level:change what the daemon logs'
        'firewall:the firewall rules for the tunnels'
        'check:say whether two sides will connect, and why not'
        'pair:make the files of both sides'
        'config:work on a configuration file'
        'explain:say what a finding means and how to fix it'
        'convert:write a configuration in the newest form'
        'decode:print captured IKE messages in words'
        'probe:ask a host what IKE it speaks'
        'doctor:look at all that a tunnel needs, and name the most likely cause'
        'version:show the versions of the tool and of the daemon'
        'start:start the daemon'
        'starter:the same, under the name that the recipe uses'
        'stop:stop the daemon'
        'restart:stop and start'
    )
    local context state state_descr line
    typeset -A opt_args
    _arguments -C \
        '--control[the control socket of the daemon]:path:_files' \
        '(- *)--help[print help]' '(- *)--version[print the version]' \
        '1:command:->command' '*::argument:->argument'
    case $state in
        command) _describe command commands ;;
        argument)
            case $words[1] in
                status)
                    _arguments '(--nagios)--json[print JSON]' '(--json)--nagios[print the line of a monitoring plugin]' \
                        '--timeout[seconds]:seconds:' '1:name:_causeway_names' ;;
                statusall) _arguments '--json[print JSON]' '--timeout[seconds]:seconds:' '1:name:_causeway_names' ;;
                history)
                    _arguments '--hours[how many, 168 at most]:hours:' '--json[print JSON]' '--timeout[seconds]:seconds:' \
                        '1:name:_causeway_names' ;;
                report)
                    _arguments '--output[write to this file]:file:_files' '--mask-addresses[placeholders for addresses and names]' \
                        '--hours[how many, 168 at most]:hours:' '--timeout[seconds]:seconds:' ;;
                metrics) _arguments '--timeout[seconds]:seconds:' ;;
                up | down)
                    _arguments '--json[print JSON]' '--timeout[seconds]:seconds:' '--no-wait[do not wait]' \
                        '1:name:_causeway_names' ;;
                reload | version) _arguments '--json[print JSON]' '--timeout[seconds]:seconds:' ;;
                firewall) _arguments '--json[print JSON]' '--timeout[seconds to wait]:seconds' '1:action:(show apply remove)' ;;
                log-level) _arguments '--json[print JSON]' '1:level:(debug info notice warning error)' ;;
                config)
                    _arguments '--format[kind of the file]:format:(uci ipsec.conf swanctl.conf vpncfg)' '--json[print JSON]' \
                        '--to[the form to write]:form:(uci\:g4)' '--output[write to this file]:file:_files' \
                        '--force[replace the file if it exists]' '--verbose[show notes as well]' '1:what:(show check migrate)' \
                        '2:file:_files' ;;
                check)
                    _arguments '--peer[the configuration of the other side]:file:_files' '--secrets[our ipsec.secrets]:file:_files' \
                        '--peer-secrets[ipsec.secrets of the other side]:file:_files' \
                        '--firewall[firewall file of the router]:file:_files' '--network[network file of the router]:file:_files' \
                        '--hotplug[hotplug script]:file:_files' '--init[init script]:file:_files' \
                        '--box[the FRITZ!Box at the other end]:model:' '--resolve[ask the name server]' '--dataplane[what carries ESP]:plane:(userspace kernel)' \
                        '--format[kind of the file]:format:(uci ipsec.conf swanctl.conf vpncfg)' '--json[print JSON]' '--verbose[show notes as well]' \
                        '1:file:_files' ;;
                pair)
                    _arguments '--ours[our side]:site:' '--theirs[the other side]:site:' '--box[its FRITZ!Box]:model:' \
                        '--generation[schema of the OpenWrt file]:schema:(g0 g1 g2 g3 g4)' '--ask[ask for what is not said]' \
                        '--sites[a hub and its spokes from a file]:file:_files' '--output[the folder]:folder:_files -/' \
                        '--force[replace files]' '--verbose[show notes as well]' ;;
                explain) _arguments '--json[print JSON]' '1:code:_causeway_codes' ;;
                convert)
                    _arguments '--format[kind of the file]:format:(uci ipsec.conf swanctl.conf vpncfg)' '--to[the form to write]:form:(uci\:g0 uci\:g1 uci\:g2 uci\:g3 uci\:g4 vpncfg swanctl.conf ipsec.conf)' '--mirror[what the other side has to have]' \
                        '--output[write to this file]:file:_files' '--force[replace the file if it exists]' '1:file:_files' ;;
                decode) _arguments '1:capture:_files' ;;
                probe)
                    _arguments '--aggressive[ask for Aggressive Mode with this identity]:identity:' '--port[the port in place of 500]:port:' \
                        '--json[print JSON]' '--timeout[seconds]:seconds:' '1:host:_hosts' ;;
                doctor)
                    _arguments '--ping[ping this host of the remote network]:host:_hosts' '--json[print JSON]' \
                        '--bundle[print one block to publish]' '--config[configuration file]:file:_files' '1:name:_causeway_names' ;;
                start | starter | restart)
                    _arguments '--config[configuration file]:file:_files' '--auto-update[seconds]:seconds:' \
                        '--timeout[seconds]:seconds:' '--nofork[stay in the foreground]' ;;
                stop) _arguments '--timeout[seconds]:seconds:' ;;
            esac ;;
    esac
}

_causeway "$@"
