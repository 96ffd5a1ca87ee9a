#include "daemon/requests.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/address.hpp"
#include "codec/reader.hpp"
#include "codec/writer.hpp"

namespace causeway::daemon {

namespace {

constexpr std::size_t longest_name = 128;

// Each kind of value has one function for both directions: with a Writer it puts the value down, with a Taker it reads it. What
// one direction forgets the other cannot know.
class Putter {
 public:
    static constexpr bool reads = false;
    void number(const std::uint8_t& value) { out_.u8(value); }
    void number(const std::uint32_t& value) { out_.u32(value); }
    void number(const std::uint64_t& value) {
        out_.u32(static_cast<std::uint32_t>(value >> 32)).u32(static_cast<std::uint32_t>(value));
    }
    void text(const std::string& value, std::size_t /*longest*/) {
        out_.u32(static_cast<std::uint32_t>(value.size())).octets(as_bytes(value));
    }
    void octets(ByteView view) { out_.octets(view); }
    Bytes finish() && { return std::move(out_).finish(); }

 private:
    Writer out_;
};

class Taker {
 public:
    static constexpr bool reads = true;
    explicit Taker(ByteView octets) : in_(octets) {}
    void number(std::uint8_t& value) { value = in_.u8(); }
    void number(std::uint32_t& value) { value = in_.u32(); }
    void number(std::uint64_t& value) {
        const std::uint64_t high = in_.u32();
        value = high << 32 | in_.u32();
    }
    void text(std::string& value, std::size_t longest) {
        const std::size_t length = in_.u32();
        if (length > longest) {
            refuse();
        }
        value = as_text(in_.take(failed() ? 0 : length));
    }
    ByteView take(std::size_t octets) { return in_.take(octets); }
    void refuse() { refused_ = true; }
    [[nodiscard]] bool failed() const { return refused_ || in_.failed(); }
    [[nodiscard]] bool whole() const { return !failed() && in_.left() == 0; }
    [[nodiscard]] std::size_t left() const { return in_.left(); }

 private:
    Reader in_;
    bool refused_ = false;
};

template <class Direction, class Number>
void flag(Direction& way, Number&& value) {
    std::uint8_t octet = value ? 1 : 0;
    way.number(octet);
    if constexpr (Direction::reads) {
        value = octet == 1;
        if (octet > 1) {
            way.refuse();
        }
    }
}

template <class Direction, class Enum>
void choice(Direction& way, Enum&& value, std::remove_cvref_t<Enum> last) {
    auto octet = static_cast<std::uint8_t>(value);
    way.number(octet);
    if constexpr (Direction::reads) {
        if (octet > static_cast<std::uint8_t>(last)) {
            way.refuse();
        } else {
            value = static_cast<std::remove_cvref_t<Enum>>(octet);
        }
    }
}

/// `one` is called for each element; none takes less than an octet.
template <class Direction, class List, class One>
void list(Direction& way, List&& values, const One& one) {
    auto count = static_cast<std::uint32_t>(values.size());
    way.number(count);
    if constexpr (Direction::reads) {
        if (count > max_listed || count > way.left()) {
            way.refuse();
        }
        for (std::uint32_t i = 0; i < count && !way.failed(); ++i) {
            one(way, values.emplace_back());
        }
    } else {
        for (const auto& value : values) {
            one(way, value);
        }
    }
}

template <class Direction, class Net>
void network(Direction& way, Net&& net) {
    auto prefix = static_cast<std::uint8_t>(net.prefix);
    way.number(net.network);
    way.number(prefix);
    if constexpr (Direction::reads) {
        net.prefix = prefix;
        const std::uint32_t hosts = prefix >= 32 ? 0 : 0xffffffffU >> prefix;
        if (prefix > 32 || (net.network & hosts) != 0) {
            way.refuse();
        }
    }
}

template <class Direction, class Pair>
void pair_of(Direction& way, Pair&& pair) {
    auto&& [local, remote] = pair;
    network(way, local);
    network(way, remote);
}

template <class Direction, class Address>
void address(Direction& way, Address&& value) {
    if constexpr (Direction::reads) {
        std::uint8_t length = 0;
        way.number(length);
        const auto known = IpAddress::from_octets(way.take(length));
        if (known) {
            value = *known;
        } else {
            way.refuse();
        }
    } else {
        const auto length = static_cast<std::uint8_t>(value.octets().size());
        way.number(length);
        way.octets(value.octets());
    }
}

template <class Direction, class Link>
void link(Direction& way, Link&& value) {
    auto&& [device, net] = value;
    way.text(device, longest_name);
    network(way, net);
    if constexpr (Direction::reads) {
        if (!host::is_device_name(device)) {
            way.refuse();
        }
    }
}

// As many names as the structure has members: one more, and this does not compile.
template <class Direction, class Value>
void guard(Direction& way, Value&& value) {
    auto&& [table, device, pairs, on_link, mark, outer, exempt, kernel_encrypts] = value;
    list(way, pairs, [](auto& to, auto&& one) { pair_of(to, one); });
    list(way, on_link, [](auto& to, auto&& one) { link(to, one); });
    list(way, outer, [](auto& to, auto&& one) { pair_of(to, one); });
    flag(way, exempt);
    flag(way, kernel_encrypts);
    static_cast<void>(table);  // these three are the parent's own
    static_cast<void>(device);
    static_cast<void>(mark);
}

template <class Direction, class Value>
void openings_of(Direction& way, Value&& value) {
    auto&& [device, pairs, closed, peers, mss] = value;
    const auto two = [](auto& to, auto&& one) { pair_of(to, one); };
    list(way, pairs, two);
    list(way, closed, two);
    list(way, peers, [](auto& to, auto&& one) { address(to, one); });
    std::uint32_t segment = mss;
    way.number(segment);
    if constexpr (Direction::reads) {
        mss = segment;
    }
    static_cast<void>(device);
}

template <class Direction>
void plain_name(Direction& way, std::conditional_t<Direction::reads, std::string&, const std::string&> name,
                bool may_be_empty) {
    way.text(name, longest_name);
    if constexpr (Direction::reads) {
        if (!(may_be_empty && name.empty()) && !is_plain_name(name)) {
            way.refuse();
        }
    }
}

/// The members of each request, in one order for both directions.
template <class Direction, class One>
void members(Direction& way, One&& one) {
    using Kind = std::remove_cvref_t<One>;
    if constexpr (std::is_same_v<Kind, OpenConfiguration>) {
        way.number(one.which);
    } else if constexpr (std::is_same_v<Kind, OpenSystemFile>) {
        choice(way, one.file, host::last_system_file);
        way.text(one.device, longest_name);
        if constexpr (Direction::reads) {
            if (one.device.empty() == (one.file == host::SystemFile::rp_filter) ||
                (!one.device.empty() && !host::is_device_name(one.device))) {
                way.refuse();
            }
        }
    } else if constexpr (std::is_same_v<Kind, ListTable>) {
        flag(way, one.inet);
        plain_name(way, one.table, false);
    } else if constexpr (std::is_same_v<Kind, PlaceGuard>) {
        bool there = one.guard.has_value();
        flag(way, there);
        if constexpr (Direction::reads) {
            if (there) {
                guard(way, one.guard.emplace());
            }
        } else if (there) {
            guard(way, *one.guard);
        }
    } else if constexpr (std::is_same_v<Kind, PlaceOpenings>) {
        choice(way, one.kind, config::Firewall::off);
        openings_of(way, one.openings);
        plain_name(way, one.zone, true);
    } else if constexpr (std::is_same_v<Kind, EndUbus>) {
        flag(way, one.kill);
    } else if constexpr (std::is_same_v<Kind, FreshFile>) {
        choice(way, one.which, FreshFile::Which::metrics);
        choice(way, one.step, FreshFile::Step::drop);
    } else if constexpr (std::is_same_v<Kind, WriteLog>) {
        choice(way, one.level, Level::error);
        way.text(one.line, max_line_octets);
    } else if constexpr (std::is_same_v<Kind, Announce>) {
        choice(way, one.what, Announce::What::failed);
        way.text(one.text, max_line_octets);
    } else if constexpr (std::is_same_v<Kind, NameMetricsFile>) {
        way.text(one.path, max_line_octets);
        if constexpr (Direction::reads) {
            if (!one.path.starts_with('/') || one.path.find('\0') != std::string::npos) {
                way.refuse();
            }
        }
    }
}

template <class Direction, class Value>
void chain(Direction& way, Value&& value) {
    auto&& [family, table, name, type, hook] = value;
    way.text(family, longest_name);
    way.text(table, max_line_octets);
    way.text(name, max_line_octets);
    way.text(type, longest_name);
    choice(way, hook, host::NftHook::other);
}

template <class Direction, class Value>
void members_of_error(Direction& way, Value&& error) {
    choice(way, error.code, Errc::cancelled);
    way.text(error.what, max_answer_octets);
    way.text(error.remedy, max_answer_octets);
}

template <class Direction, class Value>
void members_of_answer(Direction& way, Value&& answer) {
    bool failed = answer.error.has_value();
    flag(way, failed);
    if constexpr (Direction::reads) {
        if (failed) {
            members_of_error(way, answer.error.emplace());
        }
    } else if (failed) {
        members_of_error(way, *answer.error);
    }
    way.number(answer.number);
    way.number(answer.second);
    way.text(answer.text, max_answer_octets);
    list(way, answer.chains, [](auto& to, auto&& one) { chain(to, one); });
}

/// The request of that number in the variant.
template <std::size_t At = 0>
std::optional<Request> of_kind(std::size_t kind, Taker& in) {
    if constexpr (At < std::variant_size_v<Request>) {
        if (kind != At) {
            return of_kind<At + 1>(kind, in);
        }
        std::variant_alternative_t<At, Request> one{};
        members(in, one);
        return Request(std::move(one));
    }
    return std::nullopt;
}

}  // namespace

bool is_plain_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && name.size() <= longest_name && letter(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; });
}

Bytes encode(const Request& request) {
    Putter out;
    out.number(static_cast<std::uint8_t>(request.index()));
    std::visit([&](const auto& one) { members(out, one); }, request);
    return std::move(out).finish();
}

Bytes encode(const Answer& answer) {
    Putter out;
    members_of_answer(out, answer);
    return std::move(out).finish();
}

Result<Request> parse_request(ByteView octets) {
    Taker in(octets);
    std::uint8_t kind = 0;
    in.number(kind);
    auto request = of_kind(kind, in);
    if (!request) {
        return fail(Errc::unacceptable, fmt::format("no request has the number {}", kind));
    }
    if (!in.whole()) {
        return fail(Errc::malformed, fmt::format("the request of number {} is none that may be made", kind));
    }
    return std::move(*request);
}

Result<Answer> parse_answer(ByteView octets) {
    Taker in(octets);
    Answer answer;
    members_of_answer(in, answer);
    if (!in.whole()) {
        return fail(Errc::malformed, "an answer that is none");
    }
    return answer;
}

}  // namespace causeway::daemon
