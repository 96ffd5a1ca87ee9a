// West is ours; east does not say that it is causeway, and a test decides what becomes of each datagram and
// what else east says under its keys.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "codec/isakmp/vendor.hpp"
#include "hardening/hostile.hpp"

namespace causeway::hardening {

namespace limits = ike::limits;

class OtherMake : public Hostile {
 protected:
    /// Before a datagram is delivered: false when it is lost.
    std::function<bool(Flight&)> manner = [](Flight&) { return true; };
    /// After each one.
    std::function<void()> afterwards = [] {};

    void begin_both(const std::map<std::string, std::string>& of_west,
                    const std::map<std::string, std::string>& of_east) {
        world_ = World::west_and_east(7, World::DiffieHellman::toy);
        quick_modes_ = phase1s_ = most_running_ = informationals_between_ = 0;
        running_.clear();
        begun_.clear();
        west().settings.values = of_west;
        east().settings.values = of_east;
        ASSERT_TRUE(world_->start(east()));
        ASSERT_TRUE(world_->start(west()));
    }

    /// At most so many datagrams, so that a storm ends.
    bool deliver_all(std::size_t limit = 2'000) {
        for (std::size_t i = 0; i < limit; ++i) {
            if (world_->wire().empty()) {
                return true;
            }
            Flight flight = std::move(world_->wire().front());
            world_->wire().pop_front();
            note(flight);
            if (flight.from == "east" && !flight.seen.header.encrypted()) {
                leave_name_out(flight);
            }
            if (manner(flight)) {
                world_->deliver(flight);
            }
            afterwards();
        }
        return false;
    }
    /// False when there was a storm.
    bool live(Duration duration, Duration step = std::chrono::milliseconds(50)) {
        if (!deliver_all()) {
            return false;
        }
        for (Duration passed{}; passed < duration; passed += step) {
            world_->pass(step);
            if (!deliver_all()) {
                return false;
            }
        }
        return true;
    }

    void east_says(const Payload& payload) {
        for (auto& answer : from_the_peer(ExchangeType::informational, {payload})) {
            world_->wire().push_back(std::move(answer));
        }
    }
    static Payload delete_esp(std::uint32_t spi) {
        Bytes octets;
        for (const unsigned shift : {24U, 16U, 8U, 0U}) {
            octets.push_back(static_cast<std::uint8_t>(spi >> shift));
        }
        return {PayloadType::delete_,
                isakmp::encode(isakmp::Delete{isakmp::doi_ipsec, isakmp::Protocol::esp, 4, {octets}})};
    }
    static std::size_t said(const Gateway& who, EventCode code, const std::string& text = {}) {
        return static_cast<std::size_t>(
            std::count_if(who.events.begin(), who.events.end(), [&](const Event& event) {
                return event.code == code && event.text().find(text) != std::string::npos;
            }));
    }
    std::string why_down(std::size_t tunnel = 0) {
        return status::sentence_of(peer_at_west().tunnels.at(tunnel).why_down);
    }
    std::size_t up_at(const Gateway& who, std::size_t tunnels) {
        std::size_t count = 0;
        for (sa::ReqId reqid = 1; reqid <= tunnels; ++reqid) {
            count += who.sending(reqid) != nullptr ? 1 : 0;
        }
        return count;
    }

    std::size_t quick_modes_ = 0;             ///< begun by west
    std::size_t phase1s_ = 0;                 ///< begun by west
    std::set<std::uint32_t> running_;         ///< Quick Modes of west's without message 3
    std::size_t most_running_ = 0;            ///< at a time
    std::size_t informationals_between_ = 0;  ///< that west began while one ran

 private:
    static void leave_name_out(Flight& flight) {
        auto payloads = flight.seen.payloads;
        std::erase_if(payloads, [](const Payload& payload) {
            return payload.type == PayloadType::vendor_id &&
                   isakmp::recognise_vendor(payload.body) == isakmp::Vendor::causeway;
        });
        flight.payload = isakmp::encode_message(flight.seen.header, std::span<const Payload>(payloads));
    }
    static bool is_ack(const Payload& payload) {
        const auto notified = isakmp::decode_notification(payload.body);
        return payload.type == PayloadType::notification && notified &&
               notified->type == isakmp::NotifyType::r_u_there_ack;
    }
    void note(const Flight& flight) {
        const auto& header = flight.seen.header;
        if (header.encrypted()) {
            known_ = flight.payload;
        }
        if (flight.from == "east" && header.exchange == ExchangeType::informational && header.encrypted()) {
            const auto& said = flight.seen.payloads;
            if (said.size() == 2 && said[1].type == PayloadType::notification && !is_ack(said[1])) {
                running_.clear();  // refused
            }
        }
        if (flight.from != "west" || flight.seen.repeated) {
            return;
        }
        if ((header.exchange == ExchangeType::main || header.exchange == ExchangeType::aggressive) &&
            header.cky_r == isakmp::Cookie{}) {
            ++phase1s_;
        }
        const auto& payloads = flight.seen.payloads;
        if (header.exchange == ExchangeType::quick) {
            if (payloads.size() == 1) {
                running_.erase(header.message_id);
            } else if (payloads.size() > 1 && begun_.insert(header.message_id).second) {
                ++quick_modes_;
                running_.insert(header.message_id);
                most_running_ = std::max(most_running_, running_.size());
            }
        }
        if (header.exchange == ExchangeType::informational && header.encrypted() && !running_.empty()) {
            informationals_between_ += payloads.size() == 2 && is_ack(payloads[1]) ? 0 : 1;
        }
    }

    std::set<std::uint32_t> begun_;
};

}  // namespace causeway::hardening
