#include "host/nft_chains.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <memory>
#include <utility>

#include "host/outside.hpp"

namespace causeway::host {

std::string nft_family_name(std::uint8_t family) {
    switch (family) {
        case NFPROTO_INET:
            return "inet";
        case NFPROTO_IPV4:
            return "ip";
        default:
            return "";
    }
}

namespace {

struct Closer {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};

NftHook hook_of(std::uint32_t number) {
    switch (number) {
        case NF_INET_PRE_ROUTING:
            return NftHook::prerouting;
        case NF_INET_LOCAL_IN:
            return NftHook::input;
        case NF_INET_FORWARD:
            return NftHook::forward;
        case NF_INET_LOCAL_OUT:
            return NftHook::output;
        case NF_INET_POST_ROUTING:
            return NftHook::postrouting;
        default:
            return NftHook::other;
    }
}

std::string text_of(const nlattr* attribute) {
    const char* text = mnl_attr_get_str(attribute);
    return {text, ::strnlen(text, mnl_attr_get_payload_len(attribute))};
}

int read_hook(const nlattr* attribute, void* chain) {
    if (mnl_attr_get_type(attribute) == NFTA_HOOK_HOOKNUM && mnl_attr_get_payload_len(attribute) >= 4) {
        static_cast<NftChain*>(chain)->hook = hook_of(ntohl(mnl_attr_get_u32(attribute)));
    }
    return MNL_CB_OK;
}

int read_attribute(const nlattr* attribute, void* data) {
    auto& chain = *static_cast<NftChain*>(data);
    switch (mnl_attr_get_type(attribute)) {
        case NFTA_CHAIN_TABLE:
            chain.table = text_of(attribute);
            break;
        case NFTA_CHAIN_NAME:
            chain.name = text_of(attribute);
            break;
        case NFTA_CHAIN_TYPE:
            chain.type = text_of(attribute);
            break;
        case NFTA_CHAIN_HOOK:
            mnl_attr_parse_nested(attribute, read_hook, &chain);
            break;
        default:
            break;
    }
    return MNL_CB_OK;
}

int read_chain(const nlmsghdr* message, void* chains) {
    const auto* head = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message));
    NftChain chain;
    chain.family = nft_family_name(head->nfgen_family);
    mnl_attr_parse(message, sizeof(nfgenmsg), read_attribute, &chain);
    static_cast<std::vector<NftChain>*>(chains)->push_back(std::move(chain));
    return MNL_CB_OK;
}

Error failed(const char* what) {
    return {Errc::system,
            fmt::format("asking nftables for its chains: {}: {}", what, std::strerror(errno)),
            {},
            {}};
}

}  // namespace

Result<std::vector<NftChain>> nft_chains() {
    if (outside().chains) {
        return outside().chains();
    }
    const std::unique_ptr<mnl_socket, Closer> socket(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC));
    if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
        return fail(failed("socket"));
    }
    std::vector<char> octets(static_cast<std::size_t>(MNL_SOCKET_BUFFER_SIZE));
    nlmsghdr* request = mnl_nlmsg_put_header(octets.data());
    request->nlmsg_type = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETCHAIN;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request->nlmsg_seq = 1;
    auto* head = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(nfgenmsg)));
    head->nfgen_family = NFPROTO_UNSPEC;
    head->version = NFNETLINK_V0;
    if (mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0) {
        return fail(failed("request"));
    }
    std::vector<NftChain> chains;
    while (true) {
        const ssize_t got = mnl_socket_recvfrom(socket.get(), octets.data(), octets.size());
        if (got < 0) {
            return fail(failed("answer"));
        }
        const int more = mnl_cb_run(octets.data(), static_cast<std::size_t>(got), 1,
                                    mnl_socket_get_portid(socket.get()), read_chain, &chains);
        if (more < 0) {
            return fail(failed("answer"));
        }
        if (more == MNL_CB_STOP) {
            return chains;
        }
    }
}

}  // namespace causeway::host
