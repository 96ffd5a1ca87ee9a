// The network device of kind "xfrm": a packet that is routed into it leaves by the states and policies of its interface
// id or not at all, and what those states open comes out of it. Called by dataplane/kernel. The device outlives the
// program; whoever finds one of his name and id takes it over.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "host/netlink_socket.hpp"

namespace causeway::host {

class XfrmDevice {
 public:
    /// Makes it, up and without IPv6, or takes it over. Errors: unsupported (this kernel has no such devices), exists (a
    /// device of this name is another, or the id is another one's), permission, system.
    static Result<XfrmDevice> open(const std::string& name, std::uint32_t if_id, unsigned mtu);
    /// Removes it where it is one of this id; that there is none is no error.
    static Result<void> remove(const std::string& name, std::uint32_t if_id);
    /// The same of this one, by the socket that it was made with: a confined process opens no other.
    Result<void> remove();

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] unsigned index() const { return index_; }

 private:
    XfrmDevice(NetlinkSocket socket, std::string name, std::uint32_t if_id, unsigned index);

    NetlinkSocket socket_;
    std::string name_;
    std::uint32_t if_id_;
    unsigned index_;
};

}  // namespace causeway::host
