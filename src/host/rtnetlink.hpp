// What the parts of Routes share: requests to rtnetlink, and the attributes of its answers. Private to host/.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <optional>
#include <string>
#include <sys/types.h>

#include "base/address.hpp"
#include "base/result.hpp"
#include "host/privileges.hpp"
#include "host/routes.hpp"

namespace causeway::host {

inline constexpr std::size_t request_octets = 512;

inline Error netlink_error(int error, std::string what) {
    Error e{error == EPERM || error == EACCES ? Errc::permission : Errc::system,
            fmt::format("{}: {}", what, std::strerror(error)),
            {},
            {}};
    if (e.code == Errc::permission) {
        e.remedy = needs_capability("CAP_NET_ADMIN");
    } else if (error == EEXIST) {
        e.code = Errc::exists;
    } else if (error == ESRCH || error == ENOENT || error == ENODEV || error == ENETUNREACH ||
               error == EHOSTUNREACH) {
        e.code = Errc::not_found;
    }
    return e;
}

// A request on the stack: header, family header, attributes.
class Request {
 public:
    Request(std::uint16_t type, std::uint16_t flags) : header_(mnl_nlmsg_put_header(octets_.data())) {
        header_->nlmsg_type = type;
        header_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    }
    template <class Family>
    Family* family() {
        return static_cast<Family*>(mnl_nlmsg_put_extra_header(header_, sizeof(Family)));
    }
    void address(std::uint16_t type, const IpAddress& address) {
        mnl_attr_put(header_, type, address.octets().size(), address.octets().data());
    }
    nlmsghdr* get() { return header_; }

 private:
    alignas(nlmsghdr) std::array<char, request_octets> octets_{};
    nlmsghdr* header_;
};

inline std::optional<IpAddress> address_of(const nlattr* attribute) {
    const auto* octets = static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute));
    return IpAddress::from_octets({octets, mnl_attr_get_payload_len(attribute)});
}

// libmnl's loop macros are C; its callbacks carry a pointer to ours.
template <class OnAttribute>
int call(const nlattr* attribute, void* on_attribute) {
    (*static_cast<OnAttribute*>(on_attribute))(attribute);
    return MNL_CB_OK;
}

template <class OnAttribute>
void each_attribute(const nlmsghdr* message, std::size_t family_octets, OnAttribute on_attribute) {
    mnl_attr_parse(message, static_cast<unsigned>(family_octets), call<OnAttribute>, &on_attribute);
}

template <class OnAttribute>
void each_nested(const nlattr* nest, OnAttribute on_attribute) {
    mnl_attr_parse_nested(nest, call<OnAttribute>, &on_attribute);
}

inline std::uint32_t u32_of(const nlattr* attribute) {
    return mnl_attr_get_payload_len(attribute) >= 4 ? mnl_attr_get_u32(attribute) : 0;
}

inline std::uint32_t u32_or_v4(const nlattr* attribute) {
    const std::optional<IpAddress> address = address_of(attribute);
    return address && address->is_v4() ? address->v4_number() : 0;
}

inline std::uint32_t mask_of(unsigned prefix) {
    return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - std::min(prefix, 32U));
}

// Sends a request and hands every message of the answer to `on_message`; an error message becomes errno.
template <class OnMessage>
Result<void> Routes::ask(nlmsghdr* request, OnMessage on_message) {
    request->nlmsg_seq = ++sequence_;
    if (mnl_socket_sendto(socket_.get(), request, request->nlmsg_len) < 0) {
        return fail(netlink_error(errno, "rtnetlink request"));
    }
    alignas(nlmsghdr) std::array<char, 32768> octets;
    const unsigned port = mnl_socket_get_portid(socket_.get());
    const auto callback = [](const nlmsghdr* message, void* data) {
        (*static_cast<OnMessage*>(data))(message);
        return MNL_CB_OK;
    };
    // A request without ACK and DUMP is answered by exactly one message.
    const bool single = (request->nlmsg_flags & (NLM_F_ACK | NLM_F_DUMP)) == 0;
    for (;;) {
        const ssize_t got = mnl_socket_recvfrom(socket_.get(), octets.data(), octets.size());
        if (got < 0) {
            return fail(netlink_error(errno, "rtnetlink answer"));
        }
        const int state =
            mnl_cb_run(octets.data(), static_cast<std::size_t>(got), sequence_, port, callback, &on_message);
        if (state < 0) {
            return fail(netlink_error(errno, "rtnetlink"));
        }
        if (state == MNL_CB_STOP || single) {
            return {};
        }
    }
}

}  // namespace causeway::host
