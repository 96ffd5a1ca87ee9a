// Quick Modes for tests, in states that are made by hand.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "ike/v1/exchange.hpp"

namespace causeway::ike::v1 {

inline constexpr Instant begin{std::chrono::seconds(1000)};
inline const Bytes request{7};
inline const Bytes reply{8};

inline quick_mode::QuickProgress progress(std::uint32_t own_spi) {
    quick_mode::QuickProgress progress;
    progress.own_spi = own_spi;
    progress.ni_b = {1, 2};
    progress.nr_b = {3};
    return progress;
}

inline quick_mode::SharedAgreement agreement(std::uint32_t their_spi) {
    auto agreement = std::make_shared<quick_mode::Agreement>();
    agreement->choice.spi = their_spi;
    agreement->choice.mode = isakmp::EncapsulationMode::tunnel;
    agreement->inbound.spi = 0xa1;
    agreement->outbound.spi = their_spi;
    agreement->lifetime_adopted = true;
    return agreement;
}

inline quick_mode::State offered(std::uint32_t own_spi) {
    return quick_mode::Offered{progress(own_spi), nullptr, {}};
}
inline quick_mode::State replied(std::uint32_t own_spi, std::uint32_t their_spi) {
    return quick_mode::Replied{progress(own_spi), agreement(their_spi), {}};
}
inline quick_mode::State completed() {
    return quick_mode::Completed{progress(0xa1), agreement(0xb1)};
}

inline Exchange exchange(Role role, std::uint32_t message_id = 5, sa::ReqId reqid = 1,
                         std::uint64_t step = 1) {
    return {Exchange::Begun{role, message_id, reqid, step, begin}, nullptr};
}
inline Exchange ours() {
    return exchange(Role::initiator);
}
inline Exchange theirs() {
    return exchange(Role::responder);
}

/// After message 1 of ours.
inline void offer(Exchange& one, Instant now = begin, std::uint32_t own_spi = 0xa1) {
    one.advance(offered(own_spi));
    one.sent(reply, now);
}
/// After message 2 of ours.
inline void answer(Exchange& one, Instant now = begin, std::uint32_t own_spi = 0xa1,
                   std::uint32_t their_spi = 0xb1) {
    one.advance(replied(own_spi, their_spi));
    one.made(sa::SaId{own_spi});
    one.sent_message_2(request, reply, now);
}
/// After message 3 of ours.
inline void confirm(Exchange& one, Instant now = begin) {
    one.advance(completed());
    one.made(sa::SaId{0xa1});
    one.sent_message_3(request, reply, now);
    one.finish(now);
}

}  // namespace causeway::ike::v1
