#include "dataplane/kernel/states.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "host/packet_mark.hpp"

namespace causeway::dataplane {

namespace {

// Not in the low numbers that people write into configurations.
constexpr std::uint32_t id_base = 0xca05'0000;
// A kilobyte has 1,000 octets (RFC 2407 4.5.2).
constexpr std::uint64_t kilobyte = 1000;
constexpr std::uint64_t most_kilobytes = std::numeric_limits<std::uint64_t>::max() / kilobyte;
// Sequence numbers end at 2^32 - 1, and must not come again (RFC 4303 3.3.3).
constexpr std::uint64_t last_packet = 0xffff'0000;
constexpr std::uint64_t soft_packet = last_packet - last_packet / 8;
// The negotiated lifetime is the engine's matter. When nobody is left to end the pair, the kernel does it so much later.
constexpr std::uint64_t backstop_seconds = 120;

host::XfrmLimits limits_of(const sa::SaPair& pair) {
    host::XfrmLimits limits;
    limits.hard_bytes = std::min(pair.hard_kilobytes, most_kilobytes) * kilobyte;
    limits.soft_bytes = limits.hard_bytes - limits.hard_bytes / 10;
    limits.soft_packets = soft_packet;
    limits.hard_packets = last_packet;
    limits.soft_seconds = pair.hard_seconds;
    limits.hard_seconds = pair.hard_seconds == 0 ? 0 : pair.hard_seconds + backstop_seconds;
    return limits;
}

host::XfrmState half(const sa::SaPair& pair, const sa::EspSa& keys, std::uint32_t if_id) {
    host::XfrmState state;
    state.id.spi = keys.spi;
    state.reqid = pair.reqid;
    state.if_id = if_id;
    state.cipher = kernel_algorithm(pair.cipher).name;
    state.cipher_key = keys.encryption_key.view();
    state.aead_bits = crypto::info(pair.cipher).icv_octets * 8U;
    state.integrity = kernel_algorithm(pair.integrity).name;
    state.integrity_key = keys.integrity_key.view();
    state.integrity_bits = crypto::info(pair.integrity).icv_octets * 8U;
    state.replay_window = pair.replay_window;
    state.limits = limits_of(pair);
    return state;
}

host::XfrmSelector selector(const TrafficSelector& source, const TrafficSelector& destination) {
    return {source.net, destination.net, std::max(source.protocol, destination.protocol), source.port,
            destination.port};
}

}  // namespace

KernelAlgorithm kernel_algorithm(crypto::CipherId cipher) {
    switch (cipher) {
        case crypto::CipherId::des_cbc:
            return {};  // refused everywhere
        case crypto::CipherId::tdes_cbc:
            return {"cbc(des3_ede)", "kmod-crypto-cbc kmod-crypto-des"};
        case crypto::CipherId::aes_cbc_128:
        case crypto::CipherId::aes_cbc_192:
        case crypto::CipherId::aes_cbc_256:
            return {"cbc(aes)", "kmod-crypto-cbc"};
        case crypto::CipherId::aes_gcm16_128:
        case crypto::CipherId::aes_gcm16_192:
        case crypto::CipherId::aes_gcm16_256:
            return {"rfc4106(gcm(aes))", "kmod-crypto-gcm kmod-crypto-seqiv"};
    }
    return {};
}

KernelAlgorithm kernel_algorithm(crypto::IntegrityId integrity) {
    switch (integrity) {
        case crypto::IntegrityId::none:
            return {};
        case crypto::IntegrityId::hmac_md5_96:
            return {"hmac(md5)", "kmod-crypto-authenc kmod-crypto-echainiv kmod-crypto-hmac kmod-crypto-md5"};
        case crypto::IntegrityId::hmac_sha1_96:
            return {"hmac(sha1)",
                    "kmod-crypto-authenc kmod-crypto-echainiv kmod-crypto-hmac kmod-crypto-sha1"};
        case crypto::IntegrityId::hmac_sha2_256_128:
            return {"hmac(sha256)",
                    "kmod-crypto-authenc kmod-crypto-echainiv kmod-crypto-hmac kmod-crypto-sha256"};
        case crypto::IntegrityId::hmac_sha2_384_192:
            return {"hmac(sha384)",
                    "kmod-crypto-authenc kmod-crypto-echainiv kmod-crypto-hmac kmod-crypto-sha512"};
        case crypto::IntegrityId::hmac_sha2_512_256:
            return {"hmac(sha512)",
                    "kmod-crypto-authenc kmod-crypto-echainiv kmod-crypto-hmac kmod-crypto-sha512"};
    }
    return {};
}

std::vector<std::string> packages_of(crypto::CipherId cipher, crypto::IntegrityId integrity) {
    std::set<std::string> packages;
    for (std::string_view words : {kernel_algorithm(cipher).packages, kernel_algorithm(integrity).packages}) {
        while (!words.empty()) {
            const std::size_t end = std::min(words.find(' '), words.size());
            packages.emplace(words.substr(0, end));
            words.remove_prefix(std::min(end + 1, words.size()));
        }
    }
    return {packages.begin(), packages.end()};
}

std::uint32_t interface_id(std::string_view device) {
    // FNV-1a, folded to 16 bits.
    std::uint32_t hash = 2166136261U;
    for (const char letter : device) {
        hash = (hash ^ static_cast<std::uint8_t>(letter)) * 16777619U;
    }
    return id_base | ((hash >> 16 ^ hash) & 0xffff);
}

std::optional<PairStates> states_of(const sa::SaPair& pair, const Outer& outer, std::uint32_t if_id) {
    const bool aead = crypto::info(pair.cipher).is_aead();
    if (kernel_algorithm(pair.cipher).name.empty() || aead != kernel_algorithm(pair.integrity).name.empty()) {
        return std::nullopt;
    }
    PairStates made{half(pair, pair.inbound, if_id), half(pair, pair.outbound, if_id)};
    made.inbound.id.destination = outer.local.address;
    made.inbound.source = outer.remote.address;
    made.inbound.selector = selector(pair.remote, pair.local);
    made.outbound.id.destination = outer.remote.address;
    made.outbound.source = outer.local.address;
    made.outbound.selector = selector(pair.local, pair.remote);
    made.outbound.replay_window = std::min(pair.replay_window, 32U);  // nothing comes in by it
    made.outbound.copy_dscp = pair.copy_dscp;
    made.outbound.mark = host::packet_mark;
    if (outer.encapsulation == sa::Encapsulation::udp) {
        made.inbound.ports = host::XfrmPorts{outer.remote.port, outer.local.port};
        made.outbound.ports = host::XfrmPorts{outer.local.port, outer.remote.port};
    }
    return made;
}

}  // namespace causeway::dataplane
