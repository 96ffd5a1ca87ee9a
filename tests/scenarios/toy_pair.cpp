#include "scenarios/toy_pair.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

namespace causeway::toy {

void ToyPair::start(const Values& of_west, const Values& of_east) {
    world_ = world::World::west_and_east(3, world::World::DiffieHellman::toy);
    west().settings.values = of_west;
    west().settings.values.try_emplace("start", "start");
    east().settings.values = of_east;
    world_->on_send = [this](const world::Flight& flight) {
        if (const auto message = decode(flight.payload)) {
            sent_.push_back({flight.from, message->kind(), message->header, world_->now()});
        }
    };
    world_->on_output = [this](const world::Gateway& gateway, const ike::Output& output) {
        auto& orders = orders_[gateway.name];
        Order order{.at = world_->now(), .sent_before = sent_.size()};
        if (const auto* install = std::get_if<ike::InstallSa>(&output)) {
            order.what = Order::What::install;
            order.id = install->pair->id;
            order.outbound = install->outbound;
            order.pair = install->pair;
            orders.push_back(order);
        } else if (const auto* activate = std::get_if<ike::ActivateOutbound>(&output)) {
            order.what = Order::What::activate;
            order.id = activate->id;
            orders.push_back(order);
        } else if (const auto* remove = std::get_if<ike::RemoveSa>(&output)) {
            order.what = Order::What::remove;
            order.id = remove->id;
            orders.push_back(order);
        }
        computations_ += std::holds_alternative<ike::StartDh>(output) ? 1 : 0;
    };
    for (auto* gateway : {&east(), &west()}) {
        gateway->protocol = &toy_;
        ASSERT_TRUE(world_->start(*gateway));
    }
    run({});
}

world::Gateway& ToyPair::add_stranger() {
    auto& stranger = world_->add("north", "203.0.113.7");
    north_ = &stranger;
    stranger.settings.peer = "west";
    stranger.settings.address = "192.0.2.1";
    stranger.settings.values["start"] = "start";
    stranger.protocol = &toy_;
    return stranger;
}

void ToyPair::carry() {
    while (!world_->wire().empty()) {
        const world::Flight flight = std::move(world_->wire().front());
        world_->wire().pop_front();
        const auto message = decode(flight.payload);
        const Sent one{flight.from, message ? message->kind() : Kind::no,
                       message ? message->header : isakmp::Header{}, world_->now()};
        if (loses_ && loses_(one)) {
            lost_.push_back(one);
        } else {
            world_->deliver(flight);
        }
    }
    if (each_step_) {
        each_step_();
    }
}

void ToyPair::run(Duration duration) {
    const Instant end = world_->now() + duration;
    carry();
    for (;;) {
        std::optional<Instant> next;
        for (const auto* gateway : {&west(), &east(), north_}) {
            const auto timeout =
                gateway != nullptr && gateway->engine ? gateway->engine->next_timeout() : std::nullopt;
            next = timeout && (!next || *timeout < *next) ? timeout : next;
        }
        if (!next || *next > end) {
            break;
        }
        world_->pass(std::max<Duration>(*next - world_->now(), {}));
        carry();
    }
    world_->pass(end - world_->now());
    carry();
}

Result<void> ToyPair::packets() {
    CAUSEWAY_CHECK(world_->packet(west(), east()));
    return world_->packet(east(), west());
}

status::Peer ToyPair::status_of(const world::Gateway& gateway) const {
    return gateway.engine->status(world_->now()).peers.at(0);
}

std::size_t ToyPair::count(const world::Gateway& gateway, EventCode code) {
    return static_cast<std::size_t>(std::ranges::count(gateway.events, code, &Event::code));
}

Event ToyPair::event(const world::Gateway& gateway, EventCode code) {
    const auto found = std::ranges::find(gateway.events, code, &Event::code);
    if (found == gateway.events.end()) {
        ADD_FAILURE() << gateway.name << " does not say " << describe(code).name;
        return {};
    }
    return *found;
}

std::vector<Sent> ToyPair::sent(Kind kind, const std::string& from) const {
    std::vector<Sent> found;
    std::ranges::copy_if(sent_, std::back_inserter(found), [&](const Sent& one) {
        return one.kind == kind && (from.empty() || one.from == from);
    });
    return found;
}

std::vector<Order> ToyPair::orders(const world::Gateway& gateway, Order::What what) const {
    std::vector<Order> found;
    if (const auto all = orders_.find(gateway.name); all != orders_.end()) {
        std::ranges::copy_if(all->second, std::back_inserter(found),
                             [&](const Order& one) { return one.what == what; });
    }
    return found;
}

}  // namespace causeway::toy
