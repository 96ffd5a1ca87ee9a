// Two engines that speak the toy protocol, west and east, with all that they have said, asked for and sent.
#pragma once

#include <cstddef>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/toy_protocol.hpp"
#include "world/world.hpp"

namespace causeway::toy {

/// A datagram, in the order of sending.
struct Sent {
    std::string from;
    Kind kind{};
    isakmp::Header header{};
    Instant at{};
};

/// What an engine has asked of its data plane.
struct Order {
    enum class What { install, activate, remove };
    What what{};
    sa::SaId id{};
    bool outbound = false;                     ///< installed: it may be sent on at once
    std::shared_ptr<const sa::SaPair> pair{};  ///< installed
    Instant at{};
    std::size_t sent_before = 0;  ///< datagrams of both
};

class ToyPair : public testing::Test {
 protected:
    using Values = std::map<std::string, std::string>;

    /// West is the one that calls.
    void start(const Values& of_west = {}, const Values& of_east = {});
    world::Gateway& add_stranger();  ///< knows west, which does not know it; not started
    /// Time passes, and what is sent arrives at once, unless it is lost.
    void run(Duration duration);
    /// Gives and takes one packet each way. Fails with words.
    Result<void> packets();

    world::Gateway& west() { return world_->gateway("west"); }
    world::Gateway& east() { return world_->gateway("east"); }
    status::Peer status_of(const world::Gateway& gateway) const;
    static std::size_t count(const world::Gateway& gateway, EventCode code);
    /// The first event of this kind; fails the test when there is none.
    static Event event(const world::Gateway& gateway, EventCode code);
    [[nodiscard]] std::vector<Sent> sent(Kind kind, const std::string& from = {}) const;
    [[nodiscard]] std::vector<Order> orders(const world::Gateway& gateway, Order::What what) const;

    Protocol toy_;
    std::unique_ptr<world::World> world_;
    std::function<bool(const Sent&)> loses_;  ///< on the wire; nothing: nothing
    std::function<void()> each_step_;         ///< whenever nothing is under way
    std::vector<Sent> sent_;
    std::vector<Sent> lost_;
    std::map<std::string, std::vector<Order>> orders_;
    std::size_t computations_ = 0;  ///< of Diffie-Hellman that were asked for

 private:
    void carry();

    world::Gateway* north_ = nullptr;
};

}  // namespace causeway::toy
