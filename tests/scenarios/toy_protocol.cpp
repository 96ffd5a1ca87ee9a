#include "scenarios/toy_protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "scenarios/toy_session.hpp"

namespace causeway::toy {

namespace {

constexpr std::uint8_t version = major_version << 4U;
constexpr std::uint8_t flag_initiator = 0x08;
constexpr std::uint8_t flag_answer = 0x20;

constexpr std::array<std::string_view, 14> names{"HELLO",    "WELCOME", "PROVE",    "PROVED", "CHILD",
                                                 "CHILD_OK", "ALIVE",   "ALIVE_OK", "DELETE", "DELETED",
                                                 "BYE",      "NO",      "REFUSED",  "UNKNOWN"};
constexpr auto first = static_cast<unsigned>(Kind::hello);

/// Nothing: it is not written so.
Result<Words> words_in(std::string_view text) {
    Words words;
    while (!text.empty()) {
        const auto end = std::min(text.find(';'), text.size());
        const auto one = text.substr(0, end);
        const auto equals = one.find('=');
        if (equals == std::string_view::npos) {
            return fail(Errc::malformed, "words without '='");
        }
        words.emplace(one.substr(0, equals), one.substr(equals + 1));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

}  // namespace

std::string name_of(Kind kind) {
    return std::string(names.at(static_cast<unsigned>(kind) - first));
}

bool Message::is_answer() const {
    return (header.flags & flag_answer) != 0;
}

bool Message::of_initiator() const {
    return (header.flags & flag_initiator) != 0;
}

std::string Message::word(const std::string& name) const {
    const auto found = words.find(name);
    return found != words.end() ? found->second : std::string{};
}

std::uint32_t Message::number(const std::string& name) const {
    const std::string text = word(name);
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Bytes encode(const isakmp::Cookie& spi_i, const isakmp::Cookie& spi_r, Kind kind, Direction direction,
             std::uint32_t id, const Words& words) {
    isakmp::Header header;
    header.cky_i = spi_i;
    header.cky_r = spi_r;
    header.version = version;
    header.exchange = static_cast<isakmp::ExchangeType>(kind);
    header.flags = static_cast<std::uint8_t>((direction.answer ? flag_answer : 0U) |
                                             (direction.of_initiator ? flag_initiator : 0U));
    header.message_id = id;
    std::string text;
    for (const auto& [name, value] : words) {
        text += (text.empty() ? "" : ";") + name + "=" + value;
    }
    return isakmp::encode_message(header, as_bytes(text));
}

Result<Message> decode(ByteView datagram) {
    Message message;
    message.header = CAUSEWAY_TRY(isakmp::decode_header(datagram));
    const auto kind = static_cast<unsigned>(message.header.exchange);
    if (message.header.version != version || kind < first || kind - first >= names.size()) {
        return fail(Errc::malformed, "not a message of the toy's");
    }
    message.words =
        CAUSEWAY_TRY(words_in(as_text(datagram.first(message.header.length).subspan(isakmp::header_octets))));
    return message;
}

ike::Unclaimed Protocol::classify(const ike::Datagram& datagram) const {
    const auto message = decode(datagram.payload);
    if (!message) {
        return ike::unclaimed::Malformed{message.error()};
    }
    if (message->kind() == Kind::refused || message->kind() == Kind::unknown) {
        return ike::unclaimed::Notices{{{name_of(message->kind()), std::nullopt}}};
    }
    if (message->kind() == Kind::hello && message->header.cky_r == isakmp::Cookie{}) {
        return ike::unclaimed::Opening{};
    }
    // An answer is not answered, nor is the word of somebody who is gone.
    const bool waits = !message->is_answer() && message->kind() != Kind::bye;
    return ike::unclaimed::Unknown{name_of(message->kind()) + " of a session that is not ours", waits};
}

std::unique_ptr<ike::Session> Protocol::make(ike::SessionOwner& owner, ike::Role role,
                                             const ike::Place& place) const {
    return std::make_unique<Session>(owner, role, place);
}

Bytes Protocol::refusal(const isakmp::Header& about, const negotiation::Reason& /*reason*/,
                        RandomSource& /*random*/) const {
    return encode(about.cky_i, {}, Kind::refused, {true, (about.flags & flag_initiator) == 0},
                  about.message_id, {});
}

Bytes Protocol::session_unknown(const isakmp::Header& about, RandomSource& /*random*/) const {
    return encode(about.cky_i, about.cky_r, Kind::unknown, {true, (about.flags & flag_initiator) == 0},
                  about.message_id, {});
}

}  // namespace causeway::toy
