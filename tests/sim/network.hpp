// The Internet between the gateways: each gateway's access line with its conditions, NAT boxes, and who owns
// which address at the moment. Decides what becomes of a datagram; knows nothing of what is inside.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "sim/agenda.hpp"
#include "sim/dice.hpp"

namespace causeway::sim {

/// One packet of a LAN, recognisable wherever it comes out.
struct Probe {
    unsigned link = 0;
    unsigned tunnel = 0;     ///< of the link
    bool from_first = true;  ///< which end sent it
    bool question = false;   ///< the LAN at the other end answers
    std::uint64_t id = 0;
    unsigned epoch = 0;  ///< of the link, when it was sent
};

enum class Carried { ike, esp, esp_in_udp, keepalive };

struct Packet {
    Carried kind = Carried::ike;
    Endpoint source{};  ///< as the receiver sees it
    Endpoint destination{};
    Bytes octets;
    std::optional<Probe> probe;
    bool first_copy = true;
    bool damaged = false;
    bool forged = false;  ///< written or sent again by somebody who has no keys
};

/// One direction of an access line.
struct Line {
    Duration delay = std::chrono::milliseconds(10);
    Duration jitter{};
    double loss = 0;
    double duplicate = 0;
    double reorder = 0;  ///< this share waits for `reorder_by` longer
    Duration reorder_by = std::chrono::milliseconds(200);
    double corrupt = 0;
    std::size_t mtu = 1500;
    bool down = false;

    /// Every packet arrives as it was sent, sooner or later.
    [[nodiscard]] bool lossless() const { return !down && loss == 0 && corrupt == 0 && mtu >= 1500; }
};

/// Network address and port translation in front of one or more gateways.
struct NatBox {
    IpAddress outer{};
    bool keep_ports = false;
    bool filter = true;  ///< lets in only from where a mapping has sent to
    Duration timeout = std::chrono::seconds(120);
    std::optional<unsigned> forward;  ///< this gateway gets what fits no mapping
    std::uint16_t next_port = 30'000;

    struct Mapping {
        unsigned node = 0;
        std::uint16_t inner_port = 0;
        std::uint16_t outer_port = 0;
        Instant used{};
        std::vector<IpAddress> contacted;
    };
    std::vector<Mapping> mappings;

    Mapping& outbound(unsigned node, const Endpoint& source, const Endpoint& destination, Instant now);
    [[nodiscard]] std::optional<std::pair<unsigned, std::uint16_t>> inbound(const Packet& packet,
                                                                            Instant now) const;
};

class Network {
 public:
    struct Site {
        IpAddress address{};  ///< the gateway's own; meaningless while `online` is false
        bool online = true;
        bool running = true;
        std::shared_ptr<NatBox> nat;
        Line up;
        Line down;
    };
    enum class Fate { delivered, lost, astray };  ///< astray: nobody there, or a NAT did not let it in

    Network(Agenda& agenda, Dice& dice) : agenda_(agenda), dice_(dice) {}

    unsigned add(Site site);
    [[nodiscard]] Site& site(unsigned node) { return sites_[node]; }
    [[nodiscard]] const Site& site(unsigned node) const { return sites_[node]; }
    /// Where the world sees a gateway, but for ports.
    [[nodiscard]] IpAddress public_address(unsigned node) const;

    /// From a gateway; `source` is its own view.
    void send(unsigned from, Packet packet);
    /// From nowhere in particular, source as it likes.
    void inject(Packet packet, Duration after);

    /// A datagram arrives at a gateway, destination translated to its own address.
    std::function<void(unsigned node, Packet& packet)> on_arrival;
    std::function<void(const Packet& packet, std::string_view why)> on_astray;
    /// What becomes of each packet, for a diary of every datagram.
    std::function<void(std::string_view fate, const Packet& packet)> on_fate;
    /// Takes a packet away as it leaves, after NAT; true when it did.
    std::function<bool(Packet& packet)> divert;

 private:
    [[nodiscard]] std::optional<unsigned> owner(const Packet& packet, std::uint16_t& inner_port) const;
    bool conditions(const Line& line, Packet& packet, Duration& delay, bool& twice);
    void arrive(Packet packet);
    void tell(std::string_view fate, const Packet& packet) const {
        if (on_fate) {
            on_fate(fate, packet);
        }
    }

    Agenda& agenda_;
    Dice& dice_;
    std::vector<Site> sites_;
};

}  // namespace causeway::sim
