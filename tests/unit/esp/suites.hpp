// Every suite that an ESP SA can have, and two SA tables that face each other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "crypto/algorithm.hpp"
#include "esp/sa_table.hpp"
#include "sa/sa.hpp"
#include "unit/esp/packets.hpp"

namespace causeway::test {

struct SuiteCase {
    crypto::CipherId cipher = crypto::CipherId::aes_cbc_128;
    crypto::IntegrityId integrity = crypto::IntegrityId::hmac_sha1_96;
};

inline std::vector<SuiteCase> all_suites() {
    using crypto::CipherId;
    using crypto::IntegrityId;
    std::vector<SuiteCase> all;
    for (const CipherId cipher :
         {CipherId::aes_cbc_128, CipherId::aes_cbc_192, CipherId::aes_cbc_256, CipherId::tdes_cbc}) {
        for (const IntegrityId integrity :
             {IntegrityId::hmac_md5_96, IntegrityId::hmac_sha1_96, IntegrityId::hmac_sha2_256_128,
              IntegrityId::hmac_sha2_384_192, IntegrityId::hmac_sha2_512_256}) {
            all.push_back({cipher, integrity});
        }
    }
    for (const CipherId cipher :
         {CipherId::aes_gcm16_128, CipherId::aes_gcm16_192, CipherId::aes_gcm16_256}) {
        all.push_back({cipher, IntegrityId::none});
    }
    return all;
}

inline sa::EspSa esp_sa(const SuiteCase& suite, std::uint32_t spi, unsigned seed) {
    const crypto::CipherInfo& cipher = crypto::info(suite.cipher);
    const std::size_t integrity_octets =
        suite.integrity == crypto::IntegrityId::none ? 0 : crypto::info(suite.integrity).key_octets;
    return {spi, Secret(ByteView(pattern(std::size_t{cipher.key_octets} + cipher.salt_octets, seed))),
            Secret(ByteView(pattern(integrity_octets, seed + 1)))};
}

inline constexpr std::uint32_t spi_ab = 0xc0000001;  // a sends, b receives
inline constexpr std::uint32_t spi_ba = 0xd0000002;

/// The pair as one end sees it: `a` is 192.168.1.0/24 behind 203.0.113.56, `b` 192.168.0.0/24 behind
/// 198.51.100.112.
inline sa::SaPair pair_of(bool is_a, const SuiteCase& suite = {}, unsigned generation = 0) {
    sa::SaPair pair;
    pair.id = sa::SaId{1 + generation};
    pair.reqid = 1;
    pair.cipher = suite.cipher;
    pair.integrity = suite.integrity;
    sa::EspSa ab = esp_sa(suite, spi_ab + generation * 16, 1 + generation);
    sa::EspSa ba = esp_sa(suite, spi_ba + generation * 16, 101 + generation);
    (is_a ? pair.outbound : pair.inbound) = std::move(ab);
    (is_a ? pair.inbound : pair.outbound) = std::move(ba);
    const TrafficSelector net_a{*Ipv4Net::parse("192.168.1.0/24"), 0, 0};
    const TrafficSelector net_b{*Ipv4Net::parse("192.168.0.0/24"), 0, 0};
    const Endpoint outer_a{*IpAddress::parse("203.0.113.56"), 4500};
    const Endpoint outer_b{*IpAddress::parse("198.51.100.112"), 4500};
    pair.local = is_a ? net_a : net_b;
    pair.remote = is_a ? net_b : net_a;
    pair.local_outer = is_a ? outer_a : outer_b;
    pair.remote_outer = is_a ? outer_b : outer_a;
    return pair;
}

inline std::shared_ptr<const sa::SaPair> shared(sa::SaPair&& pair) {
    return std::make_shared<const sa::SaPair>(std::move(pair));
}

inline esp::Tunnel tunnel_of(const sa::SaPair& pair, bool acquire = true) {
    return {pair.reqid, pair.local, pair.remote, acquire};
}

/// One gateway: a table with one tunnel, and with its SA pair unless told otherwise.
struct Gateway {
    esp::SaTable table;
    esp::SealBatch batch;

    explicit Gateway(bool is_a, const SuiteCase& suite = {}, bool with_sa = true) {
        sa::SaPair pair = pair_of(is_a, suite);
        const esp::Tunnel tunnel = tunnel_of(pair);
        table.set_tunnels({&tunnel, 1});
        if (with_sa) {
            installed = table.install(shared(std::move(pair)), true).has_value();
        }
    }
    bool installed = false;
    Instant now{std::chrono::seconds(1000)};

    /// Seals packets and gives copies of what came out.
    std::vector<Bytes> seal(const std::vector<Bytes>& packets) {
        const std::vector<ByteView> views(packets.begin(), packets.end());
        std::vector<Bytes> sealed;
        std::span<const ByteView> left(views);
        while (!left.empty()) {
            batch.clear();
            left = left.subspan(table.seal(left, batch, now));
            for (const esp::Sealed& packet : batch.packets()) {
                sealed.push_back(to_bytes(packet.packet));
            }
        }
        return sealed;
    }
    Bytes seal_one(const Bytes& packet) {
        const auto sealed = seal({packet});
        return sealed.size() == 1 ? sealed.front() : Bytes{};
    }

    struct Opened {
        Bytes inner;
        esp::Drop why = esp::Drop::none;
    };
    /// Opens copies of ESP packets as one batch.
    std::vector<Opened> open(std::vector<Bytes> packets, Endpoint remote, std::uint8_t tos = 0,
                             sa::Encapsulation encapsulation = sa::Encapsulation::none) {
        std::vector<esp::Arrival> arrivals(packets.size());
        for (std::size_t i = 0; i < packets.size(); ++i) {
            arrivals[i].packet = packets[i];
            arrivals[i].remote = remote;
            arrivals[i].tos = tos;
            arrivals[i].encapsulation = encapsulation;
        }
        table.open(arrivals, now);
        std::vector<Opened> opened;
        opened.reserve(arrivals.size());
        for (const esp::Arrival& arrival : arrivals) {
            opened.push_back({to_bytes(arrival.inner), arrival.why});
        }
        return opened;
    }
    std::vector<Opened> open(std::vector<Bytes> packets, std::uint8_t tos = 0) {
        return open(std::move(packets), {*IpAddress::parse("203.0.113.56"), 0}, tos);
    }
    Opened open_one(Bytes packet, std::uint8_t tos = 0) { return open({std::move(packet)}, tos).front(); }
};

}  // namespace causeway::test
