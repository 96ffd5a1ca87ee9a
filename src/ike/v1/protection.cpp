#include "ike/v1/protection.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <span>
#include <utility>

#include "crypto/cbc.hpp"

namespace causeway::ike::v1 {

using isakmp::Payload;
using isakmp::PayloadType;

Result<Message> read_message(ByteView datagram) {
    Message message;
    message.header = CAUSEWAY_TRY(isakmp::decode_header(datagram));
    message.datagram = datagram.first(message.header.length);
    message.body = message.datagram.subspan(isakmp::header_octets);
    if (!message.header.encrypted()) {
        auto chain = CAUSEWAY_TRY(
            isakmp::decode_payloads(message.header.next_payload, message.body, isakmp::Trailing::none));
        message.payloads = std::move(chain.payloads);
    }
    return message;
}

Result<Sealed> seal(const Keys& keys, ByteView iv, isakmp::Header header, std::span<const Payload> payloads,
                    std::size_t octets) {
    const std::size_t block = crypto::info(keys.cipher).block_octets;
    Bytes plain = isakmp::encode_payloads(payloads);
    // RFC 2409 App. B: padded with zero octets to the block; the padding counts in the length.
    const std::size_t room = octets > isakmp::header_octets ? octets - isakmp::header_octets : 0;
    plain.resize(std::max((plain.size() + block - 1) / block, room / block) * block);
    auto body = CAUSEWAY_TRY(crypto::cbc_encrypt(keys.cipher, keys.ka.view(), iv, plain));
    header.flags = static_cast<std::uint8_t>(header.flags | isakmp::flag::encryption);
    header.next_payload = payloads.empty() ? PayloadType::none : payloads.front().type;
    Sealed sealed;
    sealed.last_block.assign(body.end() - static_cast<std::ptrdiff_t>(block), body.end());
    sealed.datagram = isakmp::encode_message(header, body);
    return sealed;
}

ByteView Opened::rest_after_first() const {
    const std::size_t first =
        payloads.empty() ? 0 : isakmp::generic_header_octets + payloads.front().body.size();
    return ByteView(plain).subspan(first, octets - first);
}

bool may_open(const Keys& keys, ByteView iv, const Message& message) {
    const std::size_t block = crypto::info(keys.cipher).block_octets;
    if (message.body.empty() || message.body.size() % block != 0 ||
        message.header.next_payload == PayloadType::none) {
        return false;
    }
    const auto plain = crypto::cbc_decrypt(keys.cipher, keys.ka.view(), iv, message.body.first(block));
    if (!plain) {
        return false;
    }
    const std::size_t length = (*plain)[2] * std::size_t{256} + (*plain)[3];  // RFC 2408 3.2
    return length >= isakmp::generic_header_octets && length <= message.body.size();
}

Result<Opened> open(const Keys& keys, ByteView iv, const Message& message) {
    if (!message.header.encrypted()) {
        return fail(Errc::malformed, "the message is not encrypted");
    }
    const std::size_t block = crypto::info(keys.cipher).block_octets;
    if (message.body.empty() || message.body.size() % block != 0) {
        return fail(Errc::malformed, fmt::format("{} octets are not a whole number of {}-octet blocks",
                                                 message.body.size(), block));
    }
    Opened opened;
    opened.plain = CAUSEWAY_TRY(crypto::cbc_decrypt(keys.cipher, keys.ka.view(), iv, message.body));
    auto chain = CAUSEWAY_TRY(
        isakmp::decode_payloads(message.header.next_payload, opened.plain, isakmp::Trailing::padding));
    if (chain.payloads.empty()) {
        return fail(Errc::malformed, "the decrypted message has no payload");
    }
    opened.payloads = std::move(chain.payloads);
    opened.octets = chain.octets;
    opened.last_block = to_bytes(message.body.last(block));
    return opened;
}

Result<Bytes> make_informational(const Keys& keys, ByteView last_phase1_block, const isakmp::Cookie& cky_i,
                                 const isakmp::Cookie& cky_r, std::uint32_t message_id,
                                 std::span<const Payload> payloads, std::size_t octets) {
    const Bytes rest = isakmp::encode_payloads(payloads);
    std::vector<Payload> all;
    all.reserve(payloads.size() + 1);
    all.push_back(
        {PayloadType::hash, crypto::hash_1(keys.hash, keys.skeyids.skeyid_a.view(), message_id, rest)});
    all.insert(all.end(), payloads.begin(), payloads.end());
    isakmp::Header header;
    header.cky_i = cky_i;
    header.cky_r = cky_r;
    header.exchange = isakmp::ExchangeType::informational;
    header.message_id = message_id;
    const Bytes iv = crypto::phase2_iv(keys.hash, last_phase1_block, message_id, keys.cipher);
    auto sealed = CAUSEWAY_TRY(seal(keys, iv, header, all, octets));
    return std::move(sealed.datagram);
}

Result<std::vector<Payload>> open_informational(const Keys& keys, ByteView last_phase1_block,
                                                const Message& message) {
    const std::uint32_t message_id = message.header.message_id;
    const Bytes iv = crypto::phase2_iv(keys.hash, last_phase1_block, message_id, keys.cipher);
    auto opened = CAUSEWAY_TRY(open(keys, iv, message));
    if (opened.payloads.front().type != PayloadType::hash) {
        return fail(Errc::malformed, "an Informational begins with its hash");
    }
    const Bytes expected =
        crypto::hash_1(keys.hash, keys.skeyids.skeyid_a.view(), message_id, opened.rest_after_first());
    if (!equal_in_constant_time(expected, opened.payloads.front().body)) {
        return fail(Errc::authentication, "the hash of the Informational is wrong");
    }
    opened.payloads.erase(opened.payloads.begin());
    return std::move(opened.payloads);
}

Result<std::vector<Payload>> open_early_informational(const Keys& keys, ByteView last_phase1_block,
                                                      const Message& message) {
    // HASH(1) proves either; which of the two it was, and why neither, is told to nobody.
    auto payloads = open_informational(keys, last_phase1_block, message);
    const bool longer_than_read = !payloads && payloads.error().code == Errc::limit;
    return payloads || longer_than_read ? std::move(payloads) : open_informational(keys, {}, message);
}

std::uint32_t new_message_id(RandomSource& random) {
    std::uint32_t id = 0;
    while (id == 0) {
        id = random.u32();
    }
    return id;
}

namespace {

// Odd, so that all 2^32 numbers come before one comes again; large, so that neighbours do not look alike. The
// same for everybody: two sequences with different steps would cross, these meet only if they begin close.
constexpr std::uint32_t id_step = 0x9e3779b9;

/// By Newton's method: each round doubles the bits that are right, and of an odd number three are.
constexpr std::uint32_t inverse(std::uint32_t odd) {
    std::uint32_t inverse = odd;
    for (int round = 0; round < 4; ++round) {
        inverse *= 2 - odd * inverse;
    }
    return inverse;
}
static_assert(id_step * inverse(id_step) == 1);

}  // namespace

std::uint32_t MessageIds::next() {
    std::uint32_t id = 0;
    while (id == 0) {
        id = first_ + id_step * given_++;
    }
    return id;
}

std::optional<std::uint32_t> MessageIds::ordinal(std::uint32_t id) const {
    const std::uint32_t ordinal = (id - first_) * inverse(id_step);
    return ordinal < given_ ? std::optional(ordinal) : std::nullopt;
}

}  // namespace causeway::ike::v1
