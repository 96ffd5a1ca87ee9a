#include "host/xfrm_messages.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <span>
#include <sys/socket.h>

#include "base/secret.hpp"
#include "host/netlink_messages.hpp"

namespace causeway::host {

namespace {

constexpr std::uint16_t no_ports = 0;
constexpr std::uint16_t one_port = 0xffff;
// linux/udp.h names it; glibc's netinet/udp.h as well, but not musl's.
constexpr std::uint16_t esp_in_udp = 2;
// XFRMA_MTIMER_THRESH since Linux 5.17; older kernels pass over it, and tell each packet.
constexpr std::uint16_t mapping_interval_attribute = 32;
constexpr std::uint32_t mapping_interval_seconds = 1;
// The bitmap of struct xfrm_usersa_info's own window; a longer one takes XFRMA_REPLAY_ESN_VAL.
constexpr unsigned short_window = 32;

std::uint16_t family_of(const IpAddress& address) {
    return address.is_v4() ? AF_INET : AF_INET6;
}

xfrm_address_t to_xfrm(const IpAddress& address) {
    xfrm_address_t made{};
    std::memcpy(&made, address.octets().data(), address.octets().size());
    return made;
}

IpAddress from_xfrm(const xfrm_address_t& address, std::uint16_t family) {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(&address);
    return IpAddress::from_octets({octets, std::size_t{family == AF_INET6 ? 16U : 4U}}).value_or(IpAddress{});
}

xfrm_selector to_xfrm(const XfrmSelector& selector) {
    xfrm_selector made{};
    made.family = AF_INET;
    made.saddr.a4 = htonl(selector.source.network);
    made.prefixlen_s = selector.source.prefix;
    made.daddr.a4 = htonl(selector.destination.network);
    made.prefixlen_d = selector.destination.prefix;
    made.proto = selector.protocol;
    made.sport = htons(selector.source_port);
    made.sport_mask = selector.source_port != 0 ? one_port : no_ports;
    made.dport = htons(selector.destination_port);
    made.dport_mask = selector.destination_port != 0 ? one_port : no_ports;
    return made;
}

std::optional<XfrmSelector> from_xfrm(const xfrm_selector& selector) {
    if (selector.family != AF_INET || selector.prefixlen_s > 32 || selector.prefixlen_d > 32) {
        return std::nullopt;
    }
    return XfrmSelector{{ntohl(selector.saddr.a4), selector.prefixlen_s},
                        {ntohl(selector.daddr.a4), selector.prefixlen_d},
                        selector.proto,
                        ntohs(selector.sport),
                        ntohs(selector.dport)};
}

xfrm_usersa_id to_xfrm(const XfrmId& id) {
    xfrm_usersa_id made{};
    made.daddr = to_xfrm(id.destination);
    made.spi = htonl(id.spi);
    made.family = family_of(id.destination);
    made.proto = IPPROTO_ESP;
    return made;
}

std::uint64_t bound(std::uint64_t limit) {
    return limit == 0 ? XFRM_INF : limit;
}

std::uint8_t number_of(XfrmDirection direction) {
    switch (direction) {
        case XfrmDirection::in:
            return XFRM_POLICY_IN;
        case XfrmDirection::out:
            return XFRM_POLICY_OUT;
        case XfrmDirection::forward:
            break;
    }
    return XFRM_POLICY_FWD;
}

template <class Body>
Body* begin(XfrmMessage& message, std::uint16_t type, std::uint16_t flags) {
    nlmsghdr* header = mnl_nlmsg_put_header(message.get());
    header->nlmsg_type = type;
    header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    return static_cast<Body*>(mnl_nlmsg_put_extra_header(header, sizeof(Body)));
}

// A structure with a key behind it: both are laid down at once, so that no copy of the key is left anywhere.
template <class Algorithm, class Fill>
void put_algorithm(nlmsghdr* header, std::uint16_t type, std::string_view name, ByteView key, Fill fill) {
    Algorithm made{};
    name.copy(made.alg_name, sizeof made.alg_name - 1);
    made.alg_key_len = static_cast<unsigned>(key.size() * 8);
    fill(made);
    auto* attribute = static_cast<nlattr*>(mnl_nlmsg_get_payload_tail(header));
    mnl_attr_put(header, type, sizeof made, &made);
    if (!key.empty()) {
        std::memcpy(mnl_nlmsg_get_payload_tail(header), key.data(), key.size());
    }
    attribute->nla_len = static_cast<std::uint16_t>(attribute->nla_len + key.size());
    header->nlmsg_len += static_cast<std::uint32_t>(MNL_ALIGN(key.size()));
}

void put_algorithms(nlmsghdr* header, const XfrmState& state) {
    if (state.aead_bits != 0) {
        put_algorithm<xfrm_algo_aead>(header, XFRMA_ALG_AEAD, state.cipher, state.cipher_key,
                                      [&](xfrm_algo_aead& made) { made.alg_icv_len = state.aead_bits; });
        return;
    }
    put_algorithm<xfrm_algo>(header, XFRMA_ALG_CRYPT, state.cipher, state.cipher_key, [](xfrm_algo&) {});
    // With the truncation named: the kernel's own for SHA2-256 is the 96 bits of an early draft.
    put_algorithm<xfrm_algo_auth>(header, XFRMA_ALG_AUTH_TRUNC, state.integrity, state.integrity_key,
                                  [&](xfrm_algo_auth& made) { made.alg_trunc_len = state.integrity_bits; });
}

// struct xfrm_replay_state_esn less the array that it ends with.
struct LongWindow {
    std::uint32_t words;
    std::uint32_t sent;
    std::uint32_t received;
    std::uint32_t sent_high;
    std::uint32_t received_high;
    std::uint32_t window;
};
static_assert(sizeof(LongWindow) == sizeof(xfrm_replay_state_esn));

void put_replay(nlmsghdr* header, const XfrmState& state) {
    const XfrmReplay none;
    const XfrmReplay& replay = state.replay ? *state.replay : none;
    if (state.replay_window <= short_window) {
        if (state.replay) {
            const xfrm_replay_state made{replay.sent, replay.received,
                                         replay.bitmap.empty() ? 0 : replay.bitmap.front()};
            mnl_attr_put(header, XFRMA_REPLAY_VAL, sizeof made, &made);
        }
        return;
    }
    const unsigned window = std::min(state.replay_window, xfrm_window_most);
    std::array<std::uint32_t, sizeof(LongWindow) / 4 + xfrm_window_most / 32> octets{};
    const LongWindow made{(window + 31) / 32, replay.sent, replay.received, 0, 0, window};
    std::memcpy(octets.data(), &made, sizeof made);
    const std::size_t words = std::min<std::size_t>(replay.bitmap.size(), made.words);
    std::copy_n(replay.bitmap.begin(), words, octets.begin() + sizeof made / 4);
    mnl_attr_put(header, XFRMA_REPLAY_ESN_VAL, sizeof made + std::size_t{made.words} * 4, octets.data());
}

std::uint32_t u32_of(const nlattr* attribute) {
    return mnl_attr_get_payload_len(attribute) >= 4 ? mnl_attr_get_u32(attribute) : 0;
}

// A copy of what an attribute, or a message, begins with; nothing when it is shorter.
template <class Value>
std::optional<Value> value_of(const nlattr* attribute) {
    if (mnl_attr_get_payload_len(attribute) < sizeof(Value)) {
        return std::nullopt;
    }
    Value value;
    std::memcpy(&value, mnl_attr_get_payload(attribute), sizeof value);
    return value;
}

template <class Body>
const Body* body_of(const nlmsghdr* message) {
    return mnl_nlmsg_get_payload_len(message) >= sizeof(Body)
               ? static_cast<const Body*>(mnl_nlmsg_get_payload(message))
               : nullptr;
}

void read_long_window(const nlattr* attribute, XfrmReplay& replay) {
    const auto value = value_of<LongWindow>(attribute);
    if (!value) {
        return;
    }
    replay.sent = value->sent;
    replay.received = value->received;
    const std::size_t room = (mnl_attr_get_payload_len(attribute) - sizeof *value) / 4;
    replay.bitmap.resize(std::min<std::size_t>(value->words, room));
    if (!replay.bitmap.empty()) {
        std::memcpy(replay.bitmap.data(),
                    static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)) + sizeof *value,
                    replay.bitmap.size() * 4);
    }
}

std::string name_in(const nlattr* attribute) {
    const auto* name = static_cast<const char*>(mnl_attr_get_payload(attribute));
    return {name, strnlen(name, std::min<std::size_t>(mnl_attr_get_payload_len(attribute), 64))};
}

void read_state_attribute(const nlattr* attribute, XfrmFacts& facts) {
    switch (mnl_attr_get_type(attribute)) {
        case XFRMA_IF_ID:
            facts.if_id = u32_of(attribute);
            break;
        case XFRMA_LASTUSED:
            facts.last_used = value_of<std::uint64_t>(attribute);
            break;
        case XFRMA_REPLAY_ESN_VAL:
            read_long_window(attribute, facts.replay);
            break;
        case XFRMA_REPLAY_VAL:
            if (const auto value = value_of<xfrm_replay_state>(attribute);
                value && facts.replay.bitmap.empty()) {
                facts.replay = {value->oseq, value->seq, {value->bitmap}};
            }
            break;
        case XFRMA_ENCAP:
            if (const auto value = value_of<xfrm_encap_tmpl>(attribute)) {
                facts.ports = XfrmPorts{ntohs(value->encap_sport), ntohs(value->encap_dport)};
            }
            break;
        case XFRMA_ALG_CRYPT:
        case XFRMA_ALG_AEAD:
            facts.cipher = name_in(attribute);
            break;
        case XFRMA_ALG_AUTH:
        case XFRMA_ALG_AUTH_TRUNC:
            facts.integrity = name_in(attribute);
            break;
        default:
            break;
    }
}

std::optional<XfrmAcquire> read_acquire(const nlmsghdr* message) {
    const auto* body = body_of<xfrm_user_acquire>(message);
    if (body == nullptr || body->id.proto != IPPROTO_ESP) {
        return std::nullopt;
    }
    XfrmAcquire acquire;
    acquire.id.spi = ntohl(body->id.spi);
    std::uint16_t family = AF_INET;
    each_attribute(message, sizeof *body, [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == XFRMA_IF_ID) {
            acquire.if_id = u32_of(attribute);
        } else if (mnl_attr_get_type(attribute) == XFRMA_TMPL) {
            if (const auto wanted = value_of<xfrm_user_tmpl>(attribute)) {
                acquire.reqid = wanted->reqid;
                family = wanted->family;
            }
        }
    });
    acquire.id.destination = from_xfrm(body->id.daddr, family);
    return acquire;
}

std::optional<XfrmExpire> read_expire(const nlmsghdr* message) {
    const auto* body = body_of<xfrm_user_expire>(message);
    if (body == nullptr || body->state.id.proto != IPPROTO_ESP) {
        return std::nullopt;
    }
    XfrmExpire expire{
        {from_xfrm(body->state.id.daddr, body->state.family), ntohl(body->state.id.spi)}, 0, body->hard != 0};
    each_attribute(message, sizeof *body, [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == XFRMA_IF_ID) {
            expire.if_id = u32_of(attribute);
        }
    });
    return expire;
}

std::optional<XfrmMapping> read_mapping(const nlmsghdr* message) {
    const auto* body = body_of<xfrm_user_mapping>(message);
    if (body == nullptr || body->id.proto != IPPROTO_ESP) {
        return std::nullopt;
    }
    return XfrmMapping{{from_xfrm(body->id.daddr, body->id.family), ntohl(body->id.spi)},
                       body->reqid,
                       {from_xfrm(body->new_saddr, body->id.family), ntohs(body->new_sport)}};
}

}  // namespace

XfrmMessage::XfrmMessage() = default;

XfrmMessage::~XfrmMessage() {
    wipe(octets_);
}

ByteView XfrmMessage::octets() const {
    return ByteView(octets_).first(get()->nlmsg_len);
}

void put_state(XfrmMessage& message, const XfrmState& state, XfrmPut how) {
    const bool add = how == XfrmPut::add;
    auto* body =
        begin<xfrm_usersa_info>(message, add ? XFRM_MSG_NEWSA : XFRM_MSG_UPDSA,
                                add ? NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL : NLM_F_ACK | NLM_F_REPLACE);
    body->sel = to_xfrm(state.selector);
    body->id.daddr = to_xfrm(state.id.destination);
    body->id.spi = htonl(state.id.spi);
    body->id.proto = IPPROTO_ESP;
    body->saddr = to_xfrm(state.source);
    body->family = family_of(state.id.destination);
    body->reqid = state.reqid;
    body->mode = XFRM_MODE_TUNNEL;
    // Without it the outer packet has the inner one's DF, and whoever forges ICMP shrinks the way.
    body->flags = XFRM_STATE_NOPMTUDISC;
    body->replay_window =
        state.replay_window <= short_window ? static_cast<std::uint8_t>(state.replay_window) : 0;
    const XfrmLimits& limits = state.limits;
    body->lft.soft_byte_limit = bound(limits.soft_bytes);
    body->lft.hard_byte_limit = bound(limits.hard_bytes);
    body->lft.soft_packet_limit = bound(limits.soft_packets);
    body->lft.hard_packet_limit = bound(limits.hard_packets);
    body->lft.soft_add_expires_seconds = limits.soft_seconds;  // here 0 is none
    body->lft.hard_add_expires_seconds = limits.hard_seconds;
    nlmsghdr* header = message.get();
    put_algorithms(header, state);
    put_replay(header, state);
    if (state.ports) {
        xfrm_encap_tmpl encapsulation{};
        encapsulation.encap_type = esp_in_udp;
        encapsulation.encap_sport = htons(state.ports->source);
        encapsulation.encap_dport = htons(state.ports->destination);
        mnl_attr_put(header, XFRMA_ENCAP, sizeof encapsulation, &encapsulation);
        mnl_attr_put_u32(header, mapping_interval_attribute, mapping_interval_seconds);
    }
    if (!state.copy_dscp) {
        mnl_attr_put_u32(header, XFRMA_SA_EXTRA_FLAGS, XFRM_SA_XFLAG_DONT_ENCAP_DSCP);
    }
    if (state.mark) {
        mnl_attr_put_u32(header, XFRMA_SET_MARK, *state.mark);
        mnl_attr_put_u32(header, XFRMA_SET_MARK_MASK, *state.mark);
    }
    mnl_attr_put_u32(header, XFRMA_IF_ID, state.if_id);
}

void put_state_removal(XfrmMessage& message, const XfrmId& id) {
    *begin<xfrm_usersa_id>(message, XFRM_MSG_DELSA, NLM_F_ACK) = to_xfrm(id);
}

void put_state_question(XfrmMessage& message, const XfrmId& id) {
    *begin<xfrm_usersa_id>(message, XFRM_MSG_GETSA, 0) = to_xfrm(id);
}

void put_states_question(XfrmMessage& message) {
    nlmsghdr* header = mnl_nlmsg_put_header(message.get());
    header->nlmsg_type = XFRM_MSG_GETSA;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
}

void put_policy(XfrmMessage& message, const XfrmPolicy& policy) {
    auto* body =
        begin<xfrm_userpolicy_info>(message, XFRM_MSG_UPDPOLICY, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
    body->sel = to_xfrm(policy.id.selector);
    body->lft = {XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF, 0, 0, 0, 0};
    body->priority = policy.priority;
    body->dir = number_of(policy.id.direction);
    body->action = policy.protected_by ? XFRM_POLICY_ALLOW : XFRM_POLICY_BLOCK;
    body->share = XFRM_SHARE_ANY;
    nlmsghdr* header = message.get();
    if (policy.protected_by) {
        const XfrmTemplate& wanted = *policy.protected_by;
        xfrm_user_tmpl made{};
        made.id.daddr = to_xfrm(wanted.destination);
        made.id.spi = htonl(wanted.spi);
        made.id.proto = IPPROTO_ESP;
        made.family = family_of(wanted.destination);
        made.saddr = to_xfrm(wanted.source);
        made.reqid = wanted.reqid;
        made.mode = XFRM_MODE_TUNNEL;
        made.share = XFRM_SHARE_ANY;
        made.aalgos = made.ealgos = made.calgos = ~0U;
        mnl_attr_put(header, XFRMA_TMPL, sizeof made, &made);
    }
    mnl_attr_put_u32(header, XFRMA_IF_ID, policy.if_id);
}

void put_policy_removal(XfrmMessage& message, const XfrmPolicyId& id, std::uint32_t if_id) {
    auto* body = begin<xfrm_userpolicy_id>(message, XFRM_MSG_DELPOLICY, NLM_F_ACK);
    body->sel = to_xfrm(id.selector);
    body->dir = number_of(id.direction);
    mnl_attr_put_u32(message.get(), XFRMA_IF_ID, if_id);
}

void put_policies_question(XfrmMessage& message) {
    nlmsghdr* header = mnl_nlmsg_put_header(message.get());
    header->nlmsg_type = XFRM_MSG_GETPOLICY;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
}

std::optional<XfrmFacts> read_state(const nlmsghdr* message) {
    const auto* body = body_of<xfrm_usersa_info>(message);
    if (message->nlmsg_type != XFRM_MSG_NEWSA || body == nullptr || body->id.proto != IPPROTO_ESP) {
        return std::nullopt;
    }
    XfrmFacts facts;
    facts.id = {from_xfrm(body->id.daddr, body->family), ntohl(body->id.spi)};
    facts.source = from_xfrm(body->saddr, body->family);
    facts.reqid = body->reqid;
    facts.bytes = body->curlft.bytes;
    facts.packets = body->curlft.packets;
    facts.dropped_replay = std::uint64_t{body->stats.replay_window} + body->stats.replay;
    facts.dropped_integrity = body->stats.integrity_failed;
    each_attribute(message, sizeof *body,
                   [&](const nlattr* attribute) { read_state_attribute(attribute, facts); });
    return facts;
}

std::optional<XfrmPolicy> read_policy(const nlmsghdr* message) {
    const auto* body = body_of<xfrm_userpolicy_info>(message);
    // Those of sockets have directions beyond these.
    if (message->nlmsg_type != XFRM_MSG_NEWPOLICY || body == nullptr || body->dir > XFRM_POLICY_FWD) {
        return std::nullopt;
    }
    const auto selector = from_xfrm(body->sel);
    if (!selector) {
        return std::nullopt;
    }
    XfrmPolicy policy;
    policy.id.selector = *selector;
    policy.id.direction = body->dir == XFRM_POLICY_IN    ? XfrmDirection::in
                          : body->dir == XFRM_POLICY_OUT ? XfrmDirection::out
                                                         : XfrmDirection::forward;
    policy.priority = body->priority;
    each_attribute(message, sizeof *body, [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == XFRMA_IF_ID) {
            policy.if_id = u32_of(attribute);
        } else if (mnl_attr_get_type(attribute) == XFRMA_TMPL) {
            if (const auto wanted = value_of<xfrm_user_tmpl>(attribute)) {
                policy.protected_by = XfrmTemplate{from_xfrm(wanted->saddr, wanted->family),
                                                   from_xfrm(wanted->id.daddr, wanted->family),
                                                   ntohl(wanted->id.spi), wanted->reqid};
            }
        }
    });
    return policy;
}

std::optional<XfrmEvent> read_event(const nlmsghdr* message) {
    switch (message->nlmsg_type) {
        case XFRM_MSG_ACQUIRE:
            return read_acquire(message);
        case XFRM_MSG_EXPIRE:
            return read_expire(message);
        case XFRM_MSG_MAPPING:
            return read_mapping(message);
        default:
            return std::nullopt;
    }
}

}  // namespace causeway::host
