#include "esp/tos.hpp"

#include "esp/checksum.hpp"
#include "esp/octets.hpp"

namespace causeway::esp {

std::uint8_t outer_tos(std::uint8_t inner_tos, bool copy_dscp) {
    return copy_dscp ? static_cast<std::uint8_t>(inner_tos & ~ecn_mask) : std::uint8_t{0};
}

std::optional<std::uint8_t> decapsulated_tos(std::uint8_t outer_tos, std::uint8_t inner_tos) {
    const unsigned outer = outer_tos & ecn_mask;
    const unsigned inner = inner_tos & ecn_mask;
    if (outer == ecn_ce && inner == ecn_not_ect) {
        return std::nullopt;
    }
    const bool marked = outer == ecn_ce || (outer == ecn_ect1 && inner == ecn_ect0);
    return marked ? static_cast<std::uint8_t>((inner_tos & ~ecn_mask) | outer) : inner_tos;
}

void set_tos(std::uint8_t* ipv4_header, std::uint8_t tos) {
    const std::uint16_t before = load16(ipv4_header);
    ipv4_header[1] = tos;
    store16(ipv4_header + 10, updated_checksum(load16(ipv4_header + 10), before, load16(ipv4_header)));
}

}  // namespace causeway::esp
