// The data plane on hostile octets. The first octet chooses: raw octets as an ESP packet; octets as the
// plaintext of a well-sealed one, as a peer gone mad would send; octets as an inner packet to be sealed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utility>

#include "crypto/esp_cipher.hpp"
#include "esp/sa_table.hpp"

namespace {

using namespace causeway;

constexpr std::uint32_t spi = 0xc0000001;

struct Suite {
    crypto::CipherId cipher;
    crypto::IntegrityId integrity;
};
constexpr Suite suites[] = {
    {crypto::CipherId::aes_cbc_128, crypto::IntegrityId::hmac_sha1_96},
    {crypto::CipherId::tdes_cbc, crypto::IntegrityId::hmac_sha2_512_256},
    {crypto::CipherId::aes_gcm16_128, crypto::IntegrityId::none},
};

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

sa::EspSa half(const Suite& suite) {
    const auto& cipher = crypto::info(suite.cipher);
    const std::size_t integrity_octets =
        suite.integrity == crypto::IntegrityId::none ? 0 : crypto::info(suite.integrity).key_octets;
    return {spi, Secret(std::size_t{cipher.key_octets} + cipher.salt_octets), Secret(integrity_octets)};
}

// One pair that speaks with itself, between 0.0.0.0/1 and 128.0.0.0/1.
std::unique_ptr<esp::SaTable> table_of(const Suite& suite) {
    auto table = std::make_unique<esp::SaTable>();
    sa::SaPair pair;
    pair.id = sa::SaId{1};
    pair.reqid = 1;
    pair.cipher = suite.cipher;
    pair.integrity = suite.integrity;
    pair.inbound = half(suite);
    pair.outbound = half(suite);
    pair.local.net = {0, 1};
    pair.remote.net = {0x80000000, 1};
    const esp::Tunnel tunnel{1, pair.local, pair.remote, true};
    table->set_tunnels({&tunnel, 1});
    require(table->install(std::make_shared<const sa::SaPair>(std::move(pair)), true).has_value());
    return table;
}

void open(esp::SaTable& table, Bytes packet) {
    esp::Arrival arrivals[2];
    arrivals[0].packet = packet;
    Bytes again = packet;
    arrivals[1].packet = again;
    table.open(arrivals, Instant{});
    const esp::Arrival& first = arrivals[0];
    if (first.inner.empty()) {
        require(first.why != esp::Drop::none);
        return;
    }
    require(first.inner.data() > packet.data() &&
            first.inner.data() + first.inner.size() < packet.data() + packet.size());
    const auto inner = esp::parse_inner(first.inner);
    require(inner && inner->total_length == first.inner.size());
    require(inner->source >> 31 == 1 && inner->destination >> 31 == 0);
    require(arrivals[1].why == esp::Drop::replayed);
}

void open_sealed(const Suite& suite, ByteView plaintext) {
    const sa::EspSa keys = half(suite);
    auto cipher = crypto::make_esp_cipher(suite.cipher, suite.integrity, keys.encryption_key.view(),
                                          keys.integrity_key.view());
    const esp::Suite sizes = esp::suite_of(suite.cipher, suite.integrity);
    if (plaintext.size() < sizes.align) {
        return;  // not even room for a trailer
    }
    Bytes packet(8 + sizes.iv + plaintext.size() / sizes.align * sizes.align + sizes.icv);
    packet[0] = 0xc0;
    packet[3] = 0x01;
    packet[7] = 0x01;
    std::copy_n(plaintext.begin(), packet.size() - 8 - sizes.iv - sizes.icv,
                packet.begin() + static_cast<std::ptrdiff_t>(8 + sizes.iv));
    crypto::SealOp op{packet.data(), packet.size(), 1};
    require((*cipher)->seal({&op, 1}).has_value());
    open(*table_of(suite), std::move(packet));
}

void seal(const Suite& suite, ByteView packet) {
    const auto table = table_of(suite);
    esp::SealBatch batch;
    require(table->seal({&packet, 1}, batch, Instant{}) == 1);
    std::size_t octets = 0;
    for (const esp::Sealed& sealed : batch.packets()) {
        require(sealed.packet.size() + 20 <= 1500);
        octets += sealed.packet.size();
    }
    require(batch.packets().empty() || octets > esp::parse_inner(packet)->total_length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const Suite& suite = suites[data[0] % std::size(suites)];
    const ByteView octets{data + 1, size - 1};
    switch (data[0] / std::size(suites) % 3) {
        case 0:
            open(*table_of(suite), to_bytes(octets));
            break;
        case 1:
            open_sealed(suite, octets);
            break;
        default:
            seal(suite, octets);
            break;
    }
    return 0;
}
