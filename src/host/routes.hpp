// IPv4 routes, the rules that choose their table, addresses and device MTUs of this machine, by rtnetlink. Called by dataplane/closed, the
// monitor and the daemon, from one thread; each call is a request and its answer, microseconds apart. It
// never changes a route that it was not told to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"

struct mnl_socket;
struct nlmsghdr;

namespace causeway::host {

/// The mark of our routes and rules (rtm_protocol, FRA_PROTOCOL), so that a restarted daemon knows them again.
inline constexpr std::uint8_t route_protocol = 197;
inline constexpr std::uint32_t main_table = 254;  ///< RT_TABLE_MAIN
/// An unreachable route of this metric loses against every other one to the same network.
inline constexpr std::uint32_t highest_metric = 0xffff'ffff;

struct Route {
    Ipv4Net destination{};
    std::uint32_t metric = 0;
    bool unreachable = false;           ///< answers with ICMP instead of forwarding
    bool throws = false;                ///< ends the look-up in this table: the next rule decides
    unsigned device = 0;                ///< interface index; 0 for the two above
    std::optional<IpAddress> source{};  ///< preferred source of packets of our own
    std::optional<IpAddress> gateway{};
    unsigned mtu = 0;     ///< octets; 0: the device's
    unsigned advmss = 0;  ///< octets; 0: from the MTU
    std::uint8_t protocol = route_protocol;
    std::uint32_t table = main_table;  ///< below 256

    [[nodiscard]] std::string text() const;
    friend bool operator==(const Route&, const Route&) = default;
};

/// Which packets are looked up in which table, before the rule of the main table (32766). No `from` or `to`:
/// any.
struct Rule {
    std::uint32_t priority = 0;
    std::uint32_t table = main_table;
    std::optional<Ipv4Net> from{};  ///< 0.0.0.0/32: packets of this machine that have no source yet
    std::optional<Ipv4Net> to{};
    bool unmarked_only = false;  ///< not what carries a tunnel (packet_mark.hpp)

    [[nodiscard]] std::string text() const;
    friend bool operator==(const Rule&, const Rule&) = default;
    friend auto operator<=>(const Rule&, const Rule&) = default;
};

struct LocalAddress {
    IpAddress address{};
    unsigned device = 0;
    Ipv4Net network{};  ///< IPv4 only: what is on the same link; the other end of a point-to-point link
    bool secondary = false;
    bool temporary = false;   ///< RFC 8981: for privacy, replaced once a day
    bool deprecated = false;  ///< RFC 4862 5.5.4: for what goes by it already
    bool usable = true;       ///< false: RFC 4862 still asks whether somebody else has it, or somebody has
};

/// The first of the addresses in a network, primary ones before others; none is a normal answer.
std::optional<IpAddress> address_in(std::span<const LocalAddress> addresses, const Ipv4Net& network,
                                    unsigned except_device = 0);

/// What the system answers to "how would you send this?".
struct Path {
    unsigned device = 0;
    IpAddress source{};
    std::optional<IpAddress> gateway{};
    unsigned mtu = 0;  ///< octets; of the route, else of the device
};

class Routes {
 public:
    static Result<Routes> open();
    Routes(Routes&&) noexcept = default;
    Routes& operator=(Routes&&) noexcept = default;
    Routes(const Routes&) = delete;
    Routes& operator=(const Routes&) = delete;
    ~Routes() = default;

    /// Adds the route, or replaces the one of the same destination and metric.
    Result<void> put(const Route& route);
    /// Removes it; that it is not there is no error.
    Result<void> remove(const Route& route);
    /// All IPv4 routes of a table.
    Result<std::vector<Route>> list(std::uint32_t table = main_table);
    /// Ours: IPv4 rules with our protocol.
    Result<std::vector<Rule>> rules();
    /// There are the system's three rules as it made them, and no others: packets are looked up in the local table, then in main.
    Result<bool> rules_are_usual();
    /// The local table holds more than the machine's addresses, their broadcasts and loopback's network.
    Result<bool> more_is_local();
    /// Adds a rule; that it is there already is no error.
    Result<void> put(const Rule& rule);
    /// Removes it; that it is not there is no error.
    Result<void> remove(const Rule& rule);
    /// All IPv4 addresses but loopback's.
    Result<std::vector<LocalAddress>> addresses();
    /// All IPv4 and IPv6 addresses, loopback's and link-local ones among them.
    Result<std::vector<LocalAddress>> all_addresses();
    /// What the ways out depend on, for comparing: the default routes of the main table, IPv4 and IPv6, and
    /// which of `devices` are running.
    Result<std::vector<std::string>> ways_out(const std::vector<unsigned>& devices);
    /// There is a default route of IPv6 in the main table.
    Result<bool> has_ipv6_default();
    /// How packets of ours that carry a tunnel (packet_mark.hpp) would leave for `destination`, IPv4 or IPv6.
    Result<Path> lookup(const IpAddress& destination, const std::optional<IpAddress>& source = std::nullopt);
    /// The same of packets without that mark, which a tunnel may carry.
    Result<Path> lookup_unmarked(const IpAddress& destination,
                                 const std::optional<IpAddress>& source = std::nullopt);
    Result<unsigned> device_mtu(unsigned device);

 private:
    struct Closer {
        void operator()(mnl_socket* socket) const;
    };
    Result<std::vector<LocalAddress>> addresses_of(int family);
    template <class OnMessage>
    Result<void> ask(nlmsghdr* request, OnMessage on_message);
    Result<Path> look_up(const IpAddress& destination, const std::optional<IpAddress>& source,
                         std::uint32_t mark);
    /// `text` is for an error: thousands of routes are changed in a second, and to word one takes as long.
    Result<void> change(nlmsghdr* request, std::string_view what, const std::function<std::string()>& text);

    explicit Routes(mnl_socket* socket);

    std::unique_ptr<mnl_socket, Closer> socket_;
    std::uint32_t sequence_ = 0;
};

}  // namespace causeway::host
