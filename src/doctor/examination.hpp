// What `causeway doctor` has looked at, before anything is judged: what the daemon says of itself, and what this machine
// says of names, addresses, routes, ports and devices. A value, filled in by the tool; nothing in it is a secret.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "control/status.hpp"
#include "status/told.hpp"

namespace causeway::doctor {

struct NameAnswer {
    std::vector<IpAddress> addresses;
    std::string error;  ///< why there are none
    bool asked = true;  ///< false: no name server answered, so nothing is known of the name
};

/// An address of this machine, and the network that it is in.
struct OwnAddress {
    std::string device;
    IpAddress address;
    std::uint8_t prefix = 0;
};

/// A row of the main routing table.
struct Route {
    std::string device;  ///< "*" where it leads nowhere
    Ipv4Net net;
    std::uint32_t metric = 0;
    bool reject = false;  ///< "unreachable": packets are refused
};

/// What the system says when it is to send to an address; nothing is sent to learn it.
struct Way {
    std::optional<IpAddress> source;  ///< ours, from which it would send
    std::string error;                ///< why it would not
};

/// A UDP port of this machine that is bound, while no causewayd answers.
struct TakenPort {
    std::uint16_t port = 0;
    std::string program;  ///< "charon (pid 812)", "another program"
};

struct Ping {
    std::string host;  ///< as it was asked for
    IpAddress address;
    IpAddress source;
    unsigned sent = 0;
    unsigned received = 0;
    std::optional<Duration> best;  ///< the shortest round trip
    std::string error;             ///< why it could not be sent
};

/// The configuration file as the tool reads it where no daemon runs.
struct ConfigurationFile {
    std::string path;                     ///< empty: there is none
    std::optional<status::Told> refused;  ///< why the file as a whole is
    std::vector<status::Told> findings;   ///< errors and warnings
};

struct Examination {
    std::string connection;   ///< the one that was asked for; empty: all
    bool running = false;     ///< a daemon answered
    std::string not_running;  ///< why none did
    control::Status status;   ///< what it said; else what the configuration asks for (stand_in.hpp)
    std::string firewall;     ///< whose rules let the tunnels through, as the daemon says: "fw4, zone vpn"
    ConfigurationFile file;   ///< where no daemon runs

    std::map<std::string, NameAnswer> names;
    std::vector<OwnAddress> addresses;
    std::map<std::string, bool> devices;       ///< whether each is up
    std::optional<std::vector<Route>> routes;  ///< nothing: the table cannot be read
    std::map<IpAddress, Way> ways;             ///< to the peers
    std::optional<std::string> ip_forward;     ///< "0" or "1"; nothing: it cannot be read
    std::optional<std::string>
        tun_error;  ///< why /dev/net/tun cannot be opened; empty: it can; nothing: not known
    std::optional<std::vector<TakenPort>> taken_ports;  ///< nothing: the table cannot be read
    std::optional<Ping> ping;                           ///< nothing: none was asked for
    std::string no_source;  ///< a ping was asked for, and this machine has no address in this network
};

}  // namespace causeway::doctor
