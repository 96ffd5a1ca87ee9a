// The rules that choose a packet's routing table.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/packet_mark.hpp"
#include "host/routes.hpp"
#include "host/rtnetlink.hpp"

namespace causeway::host {

namespace {

// A rule with our protocol; nothing for the others.
std::optional<Rule> read_rule(const nlmsghdr* message) {
    const auto* family = static_cast<const fib_rule_hdr*>(mnl_nlmsg_get_payload(message));
    Rule rule;
    rule.table = family->table;
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint8_t protocol = 0;
    each_attribute(message, sizeof(fib_rule_hdr), [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case FRA_TABLE:
                rule.table = u32_of(attribute);
                break;
            case FRA_PRIORITY:
                rule.priority = u32_of(attribute);
                break;
            case FRA_SRC:
                from = u32_or_v4(attribute);
                break;
            case FRA_DST:
                to = u32_or_v4(attribute);
                break;
            case FRA_FWMASK:
                rule.unmarked_only = u32_of(attribute) == packet_mark;
                break;
            case FRA_PROTOCOL:
                protocol = mnl_attr_get_u8(attribute);
                break;
            default:
                break;
        }
    });
    if (family->family != AF_INET || protocol != route_protocol) {
        return std::nullopt;
    }
    if (family->src_len != 0) {
        rule.from = Ipv4Net{from, family->src_len};
    }
    if (family->dst_len != 0) {
        rule.to = Ipv4Net{to, family->dst_len};
    }
    return rule;
}

void put_rule(Request& request, const Rule& rule) {
    auto* family = request.family<fib_rule_hdr>();
    family->family = AF_INET;
    family->table = static_cast<std::uint8_t>(rule.table);
    family->action = FR_ACT_TO_TBL;
    if (rule.from) {
        family->src_len = rule.from->prefix;
        request.address(FRA_SRC, IpAddress::v4(rule.from->network));
    }
    if (rule.to) {
        family->dst_len = rule.to->prefix;
        request.address(FRA_DST, IpAddress::v4(rule.to->network));
    }
    mnl_attr_put_u32(request.get(), FRA_PRIORITY, rule.priority);
    if (rule.unmarked_only) {
        mnl_attr_put_u32(request.get(), FRA_FWMARK, 0);
        mnl_attr_put_u32(request.get(), FRA_FWMASK, packet_mark);
    }
    mnl_attr_put_u8(request.get(), FRA_PROTOCOL, route_protocol);
}

/// Priority and table of the three that the system has.
constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 3> usual_rules{
    {{0, RT_TABLE_LOCAL}, {32766, RT_TABLE_MAIN}, {32767, RT_TABLE_DEFAULT}}};

/// Which of the three, as the system made it: with nothing that selects. Nothing: another rule.
std::optional<std::size_t> usual_rule(const nlmsghdr* message) {
    const auto* family = static_cast<const fib_rule_hdr*>(mnl_nlmsg_get_payload(message));
    std::pair<std::uint32_t, std::uint32_t> found{0, family->table};
    bool selects = family->src_len != 0 || family->dst_len != 0 || family->tos != 0 ||
                   family->action != FR_ACT_TO_TBL || (family->flags & FIB_RULE_INVERT) != 0;
    each_attribute(message, sizeof(fib_rule_hdr), [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case FRA_TABLE:
                found.second = u32_of(attribute);
                break;
            case FRA_PRIORITY:
                found.first = u32_of(attribute);
                break;
            case FRA_SUPPRESS_PREFIXLEN:
            case FRA_SUPPRESS_IFGROUP:
                selects = selects || u32_of(attribute) != ~std::uint32_t{0};
                break;
            case FRA_PROTOCOL:
                break;
            default:
                selects = true;
        }
    });
    const auto* const at = std::ranges::find(usual_rules, found);
    if (selects || at == usual_rules.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(at - usual_rules.begin());
}

}  // namespace

std::string Rule::text() const {
    std::string text = fmt::format("from {}", from ? from->text() : "all");
    if (to) {
        text += " to " + to->text();
    }
    return fmt::format("{} lookup {}", text, table);
}

Result<void> Routes::put(const Rule& rule) {
    Request request(RTM_NEWRULE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
    put_rule(request, rule);
    auto done = change(request.get(), "rule", [&] { return rule.text(); });
    if (!done && done.error().code == Errc::exists) {
        return {};
    }
    return done;
}

Result<void> Routes::remove(const Rule& rule) {
    Request request(RTM_DELRULE, NLM_F_ACK);
    put_rule(request, rule);
    auto done = change(request.get(), "rule", [&] { return rule.text(); });
    if (!done && done.error().code == Errc::not_found) {
        return {};
    }
    return done;
}

Result<std::vector<Rule>> Routes::rules() {
    Request request(RTM_GETRULE, NLM_F_DUMP);
    request.family<fib_rule_hdr>()->family = AF_INET;
    std::vector<Rule> rules;
    CAUSEWAY_CHECK(ask(request.get(), [&](const nlmsghdr* message) {
        if (auto rule = read_rule(message)) {
            rules.push_back(*rule);
        }
    }));
    return rules;
}

Result<bool> Routes::rules_are_usual() {
    Request request(RTM_GETRULE, NLM_F_DUMP);
    request.family<fib_rule_hdr>()->family = AF_INET;
    bool others = false;
    std::array<bool, usual_rules.size()> there{};
    CAUSEWAY_CHECK(ask(request.get(), [&](const nlmsghdr* message) {
        const auto* family = static_cast<const fib_rule_hdr*>(mnl_nlmsg_get_payload(message));
        if (family->family != AF_INET) {
            return;
        }
        if (const auto at = usual_rule(message)) {
            there.at(*at) = true;
        } else {
            others = true;
        }
    }));
    return !others && std::ranges::all_of(there, std::identity{});
}

Result<bool> Routes::more_is_local() {
    Request request(RTM_GETROUTE, NLM_F_DUMP);
    request.family<rtmsg>()->rtm_family = AF_INET;
    bool found = false;
    CAUSEWAY_CHECK(ask(request.get(), [&](const nlmsghdr* message) {
        const auto* route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
        // The kernel has made those of the machine's addresses.
        if (route->rtm_table != RT_TABLE_LOCAL ||
            (route->rtm_dst_len == 32 && route->rtm_protocol == RTPROT_KERNEL)) {
            return;
        }
        bool loopback = false;
        each_attribute(message, sizeof(rtmsg), [&](const nlattr* attribute) {
            loopback =
                loopback || (mnl_attr_get_type(attribute) == RTA_DST && u32_or_v4(attribute) >> 24U == 127);
        });
        found = found || !loopback;
    }));
    return found;
}

}  // namespace causeway::host
