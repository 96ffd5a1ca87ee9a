// How large things become: the octets ESP adds, and the largest inner packet that fits an outer MTU. The
// numbers of the algorithms come from crypto/algorithm.hpp. Pure.
#pragma once

#include <cstddef>

#include "crypto/algorithm.hpp"
#include "sa/sa.hpp"

namespace causeway::esp {

/// The sizes of one suite on the wire, in octets.
struct Suite {
    std::size_t iv = 0;
    std::size_t align = 4;  ///< padding brings payload and trailer to a multiple of it
    std::size_t icv = 0;
};

/// RFC 4303 2.4: at least 4, and the block size where the cipher has one. GCM has none.
Suite suite_of(crypto::CipherId cipher, crypto::IntegrityId integrity);

/// Padding octets for an inner packet of this length: 0 to align-1.
std::size_t padding_octets(const Suite& suite, std::size_t inner_octets);

/// From SPI to ICV, without outer IP and UDP headers.
std::size_t sealed_octets(const Suite& suite, std::size_t inner_octets);

/// The largest inner packet whose sealed form fits `outer_mtu` with its outer headers. Never below 576, the
/// size every host must take: smaller paths fragment outside.
std::size_t inner_mtu(const Suite& suite, sa::Encapsulation encapsulation, bool outer_is_v4,
                      std::size_t outer_mtu);

}  // namespace causeway::esp
