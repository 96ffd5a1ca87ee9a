#include "host/xfrm_device.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <optional>
#include <string_view>
#include <utility>

#include "host/netlink_messages.hpp"
#include "host/netlink_socket.hpp"
#include "host/sysctl.hpp"

namespace causeway::host {

namespace {

constexpr const char* kind = "xfrm";

struct Request {
    alignas(nlmsghdr) char octets[512]{};
    nlmsghdr* header = mnl_nlmsg_put_header(octets);
    ifinfomsg* link = nullptr;

    Request(std::uint16_t type, std::uint16_t flags) {
        header->nlmsg_type = type;
        header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
        link = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(header, sizeof(ifinfomsg)));
    }
};

struct Found {
    unsigned index = 0;
    std::string kind;
    std::uint32_t if_id = 0;
};

void read_info(const nlattr* info, Found& found) {
    each_nested(info, [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND &&
            mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0) {
            found.kind = mnl_attr_get_str(attribute);
        } else if (mnl_attr_get_type(attribute) == IFLA_INFO_DATA) {
            each_nested(attribute, [&](const nlattr* own) {
                if (mnl_attr_get_type(own) == IFLA_XFRM_IF_ID && mnl_attr_get_payload_len(own) >= 4) {
                    found.if_id = mnl_attr_get_u32(own);
                }
            });
        }
    });
}

std::optional<Found> find(NetlinkSocket& socket, const std::string& name) {
    Request request(RTM_GETLINK, 0);
    mnl_attr_put_strz(request.header, IFLA_IFNAME, name.c_str());
    std::optional<Found> found;
    socket.ask(request.header, [&](const nlmsghdr* message) {
        const auto* link = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
        found = Found{static_cast<unsigned>(link->ifi_index), {}, 0};
        each_attribute(message, sizeof(ifinfomsg), [&](const nlattr* attribute) {
            if (mnl_attr_get_type(attribute) == IFLA_LINKINFO) {
                read_info(attribute, *found);
            }
        });
    });
    return found;
}

Result<void> make(NetlinkSocket& socket, const std::string& name, std::uint32_t if_id) {
    Request request(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
    mnl_attr_put_strz(request.header, IFLA_IFNAME, name.c_str());
    nlattr* info = mnl_attr_nest_start(request.header, IFLA_LINKINFO);
    mnl_attr_put_strz(request.header, IFLA_INFO_KIND, kind);
    // No IFLA_XFRM_LINK: with it all that leaves by the interface is bound to that device.
    nlattr* own = mnl_attr_nest_start(request.header, IFLA_INFO_DATA);
    mnl_attr_put_u32(request.header, IFLA_XFRM_IF_ID, if_id);
    mnl_attr_nest_end(request.header, own);
    mnl_attr_nest_end(request.header, info);
    const NetlinkOutcome outcome = socket.ask(request.header);
    if (outcome.ok()) {
        return {};
    }
    Error error = outcome.as_error(fmt::format("making the device {} of kind xfrm", name));
    if (outcome.error == EOPNOTSUPP) {
        error.what = "this kernel has no network devices of kind xfrm";
        error.remedy = "load the module: modprobe xfrm_interface (OpenWrt: install kmod-xfrm-interface)";
    } else if (outcome.error == EEXIST) {
        error.remedy = fmt::format("another device has the interface id {:#x}: remove it", if_id);
    }
    return fail(std::move(error));
}

Result<void> configure(NetlinkSocket& socket, const std::string& name, unsigned index, unsigned mtu) {
    Request request(RTM_NEWLINK, NLM_F_ACK);
    request.link->ifi_index = static_cast<int>(index);
    request.link->ifi_flags = IFF_UP;
    request.link->ifi_change = IFF_UP;
    mnl_attr_put_u32(request.header, IFLA_MTU, mtu);
    const NetlinkOutcome outcome = socket.ask(request.header);
    if (!outcome.ok()) {
        return fail(outcome.as_error(fmt::format("{}: cannot set it up", name)));
    }
    return {};
}

Result<void> take_away(NetlinkSocket& socket, const std::string& name, std::uint32_t if_id) {
    const auto found = find(socket, name);
    if (!found || found->kind != kind || found->if_id != if_id) {
        return {};
    }
    Request request(RTM_DELLINK, NLM_F_ACK);
    request.link->ifi_index = static_cast<int>(found->index);
    const NetlinkOutcome outcome = socket.ask(request.header);
    if (!outcome.ok() && outcome.error != ENODEV) {
        return fail(outcome.as_error(fmt::format("removing the device {}", name)));
    }
    return {};
}

}  // namespace

Result<XfrmDevice> XfrmDevice::open(const std::string& name, std::uint32_t if_id, unsigned mtu) {
    if (name.empty() || name.size() >= IFNAMSIZ) {
        return fail(Errc::malformed, fmt::format("'{}' is no name of a network device: 1 to {} characters",
                                                 name, IFNAMSIZ - 1));
    }
    NetlinkSocket socket = CAUSEWAY_TRY(NetlinkSocket::open(NETLINK_ROUTE));
    auto found = find(socket, name);
    if (found && (found->kind != kind || found->if_id != if_id)) {
        return fail(Errc::exists, fmt::format("a network device {} exists and is not ours: it is of kind {}",
                                              name, found->kind.empty() ? "physical" : found->kind));
    }
    if (!found) {
        CAUSEWAY_CHECK(make(socket, name, if_id));
        found = find(socket, name);
        if (!found) {
            return fail(Errc::system, fmt::format("the device {} went while it was made", name));
        }
    }
    write_sysctl(fmt::format("net/ipv6/conf/{}/disable_ipv6", name), "1");
    CAUSEWAY_CHECK(configure(socket, name, found->index, mtu));
    return XfrmDevice(std::move(socket), name, if_id, found->index);
}

XfrmDevice::XfrmDevice(NetlinkSocket socket, std::string name, std::uint32_t if_id, unsigned index)
    : socket_(std::move(socket)), name_(std::move(name)), if_id_(if_id), index_(index) {}

Result<void> XfrmDevice::remove(const std::string& name, std::uint32_t if_id) {
    NetlinkSocket socket = CAUSEWAY_TRY(NetlinkSocket::open(NETLINK_ROUTE));
    return take_away(socket, name, if_id);
}

Result<void> XfrmDevice::remove() {
    return take_away(socket_, name_, if_id_);
}

}  // namespace causeway::host
