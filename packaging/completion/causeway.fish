# Completion for fish: commands, options, and the names of what the running daemon knows.

function __causeway_names
    causeway status --json 2>/dev/null | string match -r -a '"display_name": *"[A-Za-z0-9_.-]*"' |
        string replace -r '.*: *"(.*)"' '$1'
end

# The codes of findings, which stand at the beginnings of lines.
function __causeway_codes
    causeway explain 2>/dev/null | string match -r '^[a-z0-9-]+(?= )'
end

function __causeway_bare
    not __fish_seen_subcommand_from status statusall history report metrics up down reload log-level firewall check pair config explain convert decode probe doctor version start starter stop restart
end

for program in causeway ipsec
    complete -c $program -l control -r -d 'The control socket of the daemon'
    complete -c $program -s h -l help -d 'Print help'
    complete -c $program -n __causeway_bare -l version -d 'Print the version'
    complete -c $program -f -n __causeway_bare -a status -d 'Show what is up, what is not, and why'
    complete -c $program -f -n __causeway_bare -a statusall -d 'Show also addresses, suites, lifetimes and counters'
    complete -c $program -f -n __causeway_bare -a history -d 'Show what became of a connection over the last hours'
    complete -c $program -f -n __causeway_bare -a report -d 'Make a page of what is up, what is not, and why'
    complete -c $program -f -n __causeway_bare -a metrics -d 'Print figures as Prometheus reads them'
    complete -c $program -f -n __causeway_bare -a up -d 'Bring a tunnel up, and wait until it is'
    complete -c $program -f -n __causeway_bare -a down -d 'Take a tunnel down, and leave it down'
    complete -c $program -f -n __causeway_bare -a reload -d 'Read the configuration again'
    complete -c $program -f -n __causeway_bare -a log-level -d 'Change what the daemon logs'
    complete -c $program -f -n __causeway_bare -a firewall -d 'The firewall rules for the tunnels'
    complete -c $program -f -n __causeway_bare -a check -d 'Say whether two sides will connect, and why not'
    complete -c $program -f -n __causeway_bare -a pair -d 'Make the files of both sides'
    complete -c $program -f -n __causeway_bare -a config -d 'Work on a configuration file'
    complete -c $program -f -n __causeway_bare -a explain -d 'Say what a finding means and how to fix it'
    complete -c $program -f -n __causeway_bare -a convert -d 'Write a configuration in the newest form'
    complete -c $program -f -n __causeway_bare -a decode -d 'Print captured IKE messages in words'
    complete -c $program -f -n __causeway_bare -a probe -d 'Ask a host what IKE it speaks'
    complete -c $program -f -n __causeway_bare -a doctor -d 'Name the most likely cause of a fault'
    complete -c $program -f -n __causeway_bare -a version -d 'Show the versions of the tool and of the daemon'
    complete -c $program -f -n '__fish_seen_subcommand_from status statusall history up down doctor' -a '(__causeway_names)'
    complete -c $program -n '__fish_seen_subcommand_from up down' -l no-wait -d 'Do not wait'
    complete -c $program -n '__fish_seen_subcommand_from status statusall history up down reload version log-level firewall check config explain probe doctor' -l json \
        -d 'Print JSON'
    complete -c $program -n '__fish_seen_subcommand_from status' -l nagios -d 'Print the line of a monitoring plugin'
    complete -c $program -x -n '__fish_seen_subcommand_from status statusall history report metrics up down reload firewall probe start starter stop restart' \
        -l timeout -d 'Seconds to wait'
    complete -c $program -x -n '__fish_seen_subcommand_from history report' -l hours -d 'How many, 168 at most'
    complete -c $program -f -n '__fish_seen_subcommand_from report' -l mask-addresses -d 'Placeholders in place of addresses and names'
    complete -c $program -x -n '__fish_seen_subcommand_from probe' -l aggressive -d 'Ask for Aggressive Mode with this identity'
    complete -c $program -x -n '__fish_seen_subcommand_from probe' -l port -d 'The port in place of 500'
    complete -c $program -x -n '__fish_seen_subcommand_from doctor' -l ping -d 'Ping this host of the remote network'
    complete -c $program -f -n '__fish_seen_subcommand_from doctor' -l bundle -d 'Print one block to publish'
    complete -c $program -f -n '__fish_seen_subcommand_from explain' -a '(__causeway_codes)'
    complete -c $program -f -n '__fish_seen_subcommand_from log-level' -a 'debug info notice warning error'
    complete -c $program -f -n '__fish_seen_subcommand_from firewall' -a 'show apply remove'
    complete -c $program -f -n '__fish_seen_subcommand_from config' -a 'show check migrate'
    complete -c $program -F -n '__fish_seen_subcommand_from show check migrate convert decode'
    complete -c $program -r -n '__fish_seen_subcommand_from check' -l peer -d "The other side's configuration"
    complete -c $program -r -n '__fish_seen_subcommand_from check' -l secrets -d 'Our ipsec.secrets'
    complete -c $program -r -n '__fish_seen_subcommand_from check' -l peer-secrets -d "The other side's ipsec.secrets"
    complete -c $program -r -n '__fish_seen_subcommand_from check' -l firewall -d "The router's firewall file"
    complete -c $program -r -n '__fish_seen_subcommand_from check' -l network -d "The router's network file"
    complete -c $program -r -n '__fish_seen_subcommand_from check' -l hotplug -d 'The hotplug script'
    complete -c $program -r -n '__fish_seen_subcommand_from check' -l init -d 'The init script'
    complete -c $program -x -n '__fish_seen_subcommand_from check' -l box -d 'The FRITZ!Box at the other end'
    complete -c $program -n '__fish_seen_subcommand_from check' -l resolve -d 'Ask the name server'
    complete -c $program -x -n '__fish_seen_subcommand_from check' -l dataplane -a 'userspace kernel' -d 'What carries ESP'
    complete -c $program -x -n '__fish_seen_subcommand_from pair' -l ours -d 'Our side: name=NAME,lan=NETWORK'
    complete -c $program -x -n '__fish_seen_subcommand_from pair' -l theirs -d 'The other side'
    complete -c $program -x -n '__fish_seen_subcommand_from pair' -l generation -a 'g0 g1 g2 g3 g4' -d "The schema of OpenWrt's file"
    complete -c $program -f -n '__fish_seen_subcommand_from pair' -l ask -d 'Ask for what is not said'
    complete -c $program -r -n '__fish_seen_subcommand_from pair' -l sites -d 'A hub and its spokes from a file'
    complete -c $program -r -n '__fish_seen_subcommand_from pair' -s o -l output -d 'The folder'
    complete -c $program -n '__fish_seen_subcommand_from convert' -l mirror -d 'What the other side has to have'
    complete -c $program -x -n '__fish_seen_subcommand_from convert migrate' -l to -a 'uci:g0 uci:g1 uci:g2 uci:g3 uci:g4 vpncfg swanctl.conf ipsec.conf' -d 'The form to write'
    complete -c $program -r -n '__fish_seen_subcommand_from convert migrate report' -s o -l output -d 'Write to this file'
    complete -c $program -n '__fish_seen_subcommand_from convert migrate' -l force -d 'Replace the file if it exists'
    complete -c $program -x -n '__fish_seen_subcommand_from check config convert' -l format -a 'uci ipsec.conf swanctl.conf vpncfg' -d 'Kind of the file'
    complete -c $program -f -n '__fish_seen_subcommand_from check config pair' -l verbose -d 'Show notes as well'
    complete -c $program -f -n __causeway_bare -a start -d 'Start the daemon'
    complete -c $program -f -n __causeway_bare -a starter -d 'The same, under the name that the recipe uses'
    complete -c $program -f -n __causeway_bare -a stop -d 'Stop the daemon'
    complete -c $program -f -n __causeway_bare -a restart -d 'Stop and start'
    complete -c $program -r -n '__fish_seen_subcommand_from start starter restart doctor' -l config -d 'Configuration file'
    complete -c $program -x -n '__fish_seen_subcommand_from start starter restart' -l auto-update -d 'Seconds between look-ups'
    complete -c $program -n '__fish_seen_subcommand_from start starter' -l nofork -d 'Stay in the foreground'
end
