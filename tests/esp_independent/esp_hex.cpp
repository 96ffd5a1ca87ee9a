// Seals and opens single packets for scripts. Each line of standard input is a request, each line of standard
// output its answer:
//     seal CIPHER INTEGRITY ENCRYPTION_KEY INTEGRITY_KEY SPI SEQUENCE INNER   ->  ESP packet, from SPI to ICV
//     open CIPHER INTEGRITY ENCRYPTION_KEY INTEGRITY_KEY SPI SEQUENCE ESP     ->  inner packet, or "- REASON"
// Keys, SPI and packets are hexadecimal, "-" is an empty key. CIPHER and INTEGRITY are their numbers' names
// in crypto/algorithm.hpp.
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "esp/sa_table.hpp"

namespace causeway {
namespace {

template <class Infos>
auto id_of(const Infos& infos, const std::string& name) -> std::optional<decltype(infos[0].id)> {
    for (const auto& info : infos) {
        if (info.name == name) {
            return info.id;
        }
    }
    return std::nullopt;
}

Secret key_of(const std::string& hex) {
    return Secret(ByteView(hex == "-" ? Bytes{} : from_hex(hex).value_or(Bytes{})));
}

std::string seal(esp::SaTable& table, const Bytes& packet) {
    esp::SealBatch batch;
    const ByteView view = packet;
    table.seal({&view, 1}, batch, Instant{});
    return batch.packets().empty() ? "- not sealed" : to_hex(batch.packets()[0].packet);
}

std::string open(esp::SaTable& table, Bytes packet) {
    esp::Arrival arrival;
    arrival.packet = packet;
    table.open({&arrival, 1}, Instant{});
    return arrival.inner.empty() ? "- " + std::string(esp::drop_text(arrival.why)) : to_hex(arrival.inner);
}

std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string verb, cipher, integrity, encryption_key, integrity_key, spi, packet;
    std::uint64_t sequence = 0;
    words >> verb >> cipher >> integrity >> encryption_key >> integrity_key >> spi >> sequence >> packet;
    const auto cipher_id = id_of(crypto::all_ciphers(), cipher);
    const auto integrity_id =
        integrity == "none" ? crypto::IntegrityId::none : id_of(crypto::all_integrities(), integrity);
    const auto octets = from_hex(packet);
    if (!cipher_id || !integrity_id || !octets || sequence == 0) {
        return "- bad request";
    }
    sa::SaPair pair;
    pair.id = sa::SaId{1};
    pair.reqid = 1;
    pair.cipher = *cipher_id;
    pair.integrity = *integrity_id;
    const auto number = static_cast<std::uint32_t>(std::stoul(spi, nullptr, 16));
    pair.inbound = {number, key_of(encryption_key), key_of(integrity_key)};
    pair.outbound = {number, key_of(encryption_key), key_of(integrity_key)};
    const esp::Tunnel tunnel{1, pair.local, pair.remote, false};  // any to any
    esp::SaTable table({9000, false});
    table.set_tunnels({&tunnel, 1});
    if (auto done = table.install(std::make_shared<const sa::SaPair>(std::move(pair)), true); !done) {
        return "- " + done.error().text();
    }
    table.resume_outbound(sa::SaId{1}, sequence - 1);
    return verb == "seal" ? seal(table, *octets) : open(table, *octets);
}

}  // namespace
}  // namespace causeway

int main() {
    std::string line;
    while (std::getline(std::cin, line)) {
        std::cout << causeway::answer(line) << '\n' << std::flush;
    }
}
