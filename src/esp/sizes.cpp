#include "esp/sizes.hpp"

#include <algorithm>

namespace causeway::esp {

namespace {

constexpr std::size_t esp_header = 8;   // SPI, sequence number
constexpr std::size_t esp_trailer = 2;  // pad length, next header
constexpr std::size_t udp_header = 8;
constexpr std::size_t smallest_inner_mtu = 576;

}  // namespace

Suite suite_of(crypto::CipherId cipher, crypto::IntegrityId integrity) {
    const crypto::CipherInfo& c = crypto::info(cipher);
    if (c.is_aead()) {
        return {c.iv_octets, 4, c.icv_octets};
    }
    return {c.iv_octets, std::max<std::size_t>(4, c.block_octets), crypto::info(integrity).icv_octets};
}

std::size_t padding_octets(const Suite& suite, std::size_t inner_octets) {
    const std::size_t over = (inner_octets + esp_trailer) % suite.align;
    return over == 0 ? 0 : suite.align - over;
}

std::size_t sealed_octets(const Suite& suite, std::size_t inner_octets) {
    return esp_header + suite.iv + inner_octets + padding_octets(suite, inner_octets) + esp_trailer +
           suite.icv;
}

std::size_t inner_mtu(const Suite& suite, sa::Encapsulation encapsulation, bool outer_is_v4,
                      std::size_t outer_mtu) {
    const std::size_t around = (outer_is_v4 ? std::size_t{20} : std::size_t{40}) +
                               (encapsulation == sa::Encapsulation::udp ? udp_header : 0) + esp_header +
                               suite.iv + suite.icv;
    const std::size_t room = outer_mtu > around ? (outer_mtu - around) / suite.align * suite.align : 0;
    return std::max(smallest_inner_mtu, room > esp_trailer ? room - esp_trailer : 0);
}

}  // namespace causeway::esp
