// The two ends of a conn: which one is ours, where they are, who they are, and the networks behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/ipsecconf/conn_view.hpp"
#include "config/ipsecconf/secrets.hpp"
#include "config/model.hpp"

namespace causeway::config::ipsecconf {

class Ends {
 public:
    explicit Ends(ConnView& view) : view_(view) {}

    /// `dials`: the conn is to call the peer, so one of the ends must be where it can be called.
    void choose_sides(bool dials);
    /// "left" or "right": as keys of that end begin.
    [[nodiscard]] std::string_view our_side() const { return ours_->side; }
    [[nodiscard]] std::string_view their_side() const { return theirs_->side; }
    /// Nobody to dial is known.
    [[nodiscard]] bool anywhere() const;

    void read_addresses(Peer& peer) const;
    void read_identities(Peer& peer) const;
    /// Whose key it is, as `Secrets` asks. Behind the two above.
    [[nodiscard]] KeyOwner us(const Peer& peer) const;
    [[nodiscard]] KeyOwner peer(const Peer& peer) const;

    /// One of `model` for each pair of networks that is negotiated.
    [[nodiscard]] std::vector<Tunnel> tunnels(const Tunnel& model) const;

 private:
    struct End {
        std::string_view side;
        std::vector<Sourced<PeerAddress>> hosts{};  ///< at least one
        bool default_route = false;
    };

    void read_hosts(End& end);
    [[nodiscard]] std::optional<PeerAddress> host(std::string_view word) const;
    [[nodiscard]] std::string key(const End& end, std::string_view name) const;
    [[nodiscard]] std::optional<Sourced<Identity>> identity(const End& end, bool& any) const;
    [[nodiscard]] std::vector<Sourced<Ipv4Net>> networks(const End& end) const;
    [[nodiscard]] std::optional<Ipv4Net> network(const Sourced<std::string>& word,
                                                 const std::string& option) const;
    [[nodiscard]] std::optional<std::uint8_t> bits(const Sourced<std::string>& word, std::string_view text,
                                                   const std::string& option) const;

    ConnView& view_;
    End left_{"left"};
    End right_{"right"};
    End* ours_ = &left_;
    End* theirs_ = &right_;
};

}  // namespace causeway::config::ipsecconf
