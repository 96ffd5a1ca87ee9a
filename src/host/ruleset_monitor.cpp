#include "host/ruleset_monitor.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <utility>

#include "host/netlink_messages.hpp"
#include "host/nft_chains.hpp"

namespace causeway::host {

namespace {

// Of Linux 6.3 and later; the headers may be older.
constexpr int destroy_table = 26;
constexpr int destroy_chain = 27;
constexpr int destroy_rule = 28;

/// NFTA_TABLE_NAME, NFTA_CHAIN_TABLE and NFTA_RULE_TABLE are the same number.
constexpr std::uint16_t table_attribute = NFTA_TABLE_NAME;
static_assert(table_attribute == NFTA_CHAIN_TABLE && table_attribute == NFTA_RULE_TABLE);

std::string table_of(const nlmsghdr* message) {
    std::string name;
    mnl_attr_parse(
        message, sizeof(nfgenmsg),
        [](const nlattr* attribute, void* into) {
            if (mnl_attr_get_type(attribute) == table_attribute) {
                const char* text = mnl_attr_get_str(attribute);
                *static_cast<std::string*>(into) = {text,
                                                    ::strnlen(text, mnl_attr_get_payload_len(attribute))};
                return MNL_CB_STOP;
            }
            return MNL_CB_OK;
        },
        &name);
    return name;
}

}  // namespace

Result<std::unique_ptr<RulesetMonitor>> RulesetMonitor::open(EventLoop& loop) {
    std::unique_ptr<RulesetMonitor> made(new RulesetMonitor(loop));
    made->socket_ = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (made->socket_ == nullptr ||
        mnl_socket_bind(made->socket_, 1U << (NFNLGRP_NFTABLES - 1), MNL_SOCKET_AUTOPID) < 0) {
        return fail(Errc::system, fmt::format("watching nftables: {}", std::strerror(errno)));
    }
    made->watch_ = loop.watch(mnl_socket_get_fd(made->socket_), [self = made.get()] { self->receive(); });
    return made;
}

RulesetMonitor::RulesetMonitor(EventLoop& loop)
    : quiet_(loop.timer([this] {
          const Change change = std::exchange(change_, {});
          burst_ = false;
          if (on_change) {
              on_change(change);
          }
      })) {}

RulesetMonitor::~RulesetMonitor() {
    watch_.stop();
    if (socket_ != nullptr) {
        mnl_socket_close(socket_);
    }
}

void RulesetMonitor::receive() {
    const bool before = burst_;
    if (!read_messages(socket_, [this](const nlmsghdr* message) { look_at(message); })) {
        burst_ = change_.missed = true;
    }
    // From the first message on: somebody who changes something all the time does not put it off for ever.
    if (burst_ && !before) {
        quiet_.arm(now() + quiet_time);
    }
}

void RulesetMonitor::look_at(const nlmsghdr* message) {
    if (message->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
        message->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(nfgenmsg)) {
        return;
    }
    bool taken = false;
    switch (message->nlmsg_type & 0xff) {
        case NFT_MSG_DELTABLE:
        case NFT_MSG_DELCHAIN:
        case NFT_MSG_DELRULE:
        case destroy_table:
        case destroy_chain:
        case destroy_rule:
            taken = true;
            break;
        case NFT_MSG_NEWTABLE:
        case NFT_MSG_NEWCHAIN:
        case NFT_MSG_NEWRULE:
            break;
        default:
            return;
    }
    burst_ = true;
    const auto* head = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message));
    const std::pair table{nft_family_name(head->nfgen_family), table_of(message)};
    if (taken) {
        change_.reduced.insert(table);
    } else {
        change_.reduced.erase(table);
    }
}

}  // namespace causeway::host
