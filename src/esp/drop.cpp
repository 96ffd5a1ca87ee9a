#include "esp/drop.hpp"

#include <array>
#include <cstddef>

namespace causeway::esp {

std::string_view drop_text(Drop why) {
    switch (why) {
        case Drop::none:
            return "not dropped";
        case Drop::frame:
            return "the system's frame is not what it says of itself";
        case Drop::not_ipv4:
            return "not an IPv4 packet";
        case Drop::no_policy:
            return "no tunnel carries them";
        case Drop::no_sa:
            return "the tunnel is down";
        case Drop::queue_full:
            return "the queue of a tunnel that is being set up is full";
        case Drop::selectors:
            return "outside the networks that were negotiated";
        case Drop::too_big:
            return "too big for the tunnel, and must not be fragmented";
        case Drop::cipher:
            return "the cryptographic library failed";
        case Drop::unsent:
            return "the socket refused them";
        case Drop::runt:
            return "too short for ESP";
        case Drop::unknown_spi:
            return "unknown SPI";
        case Drop::expired:
            return "the SA's volume is used up";
        case Drop::replayed:
            return "replayed or too old";
        case Drop::integrity:
            return "wrong ICV";
        case Drop::padding:
            return "wrong padding";
        case Drop::next_header:
            return "no IPv4 inside";
        case Drop::dummy:
            return "dummy packets";
        case Drop::malformed:
            return "malformed packet inside";
        case Drop::congestion:
            return "congestion was marked for a sender that does not understand it";
        case Drop::undelivered:
            return "this machine did not take them";
        case Drop::count:
            break;
    }
    return "unknown";
}

std::string_view drop_name(Drop why) {
    constexpr std::array<std::string_view, static_cast<std::size_t>(Drop::count)> names{
        "none",      "frame",   "not-ipv4",    "no-policy", "no-sa",       "queue-full", "selectors",
        "too-big",   "cipher",  "unsent",      "runt",      "unknown-spi", "expired",    "replayed",
        "integrity", "padding", "next-header", "dummy",     "malformed",   "congestion", "undelivered"};
    return names.at(static_cast<std::size_t>(why));
}

}  // namespace causeway::esp
