// The mark of the packets that carry the tunnels: IKE, keepalives and ESP of ours, sent by the ports, the data
// plane's raw sockets, and assumed by path lookups. The rules of the tunnels' own routing table (rules.hpp) and
// the guard pass over what has it: a tunnel never carries what carries it.
#pragma once

#include <cstdint>

namespace causeway::host {

/// One bit, so that it goes together with the marks of others: mwan3 has 0x3f00, pbr and tailscale 0xff0000,
/// Kubernetes 0xc000.
inline constexpr std::uint32_t packet_mark = 0x0200'0000;

/// What this socket sends has the mark from now on. False: refused, for want of CAP_NET_ADMIN.
bool mark_packets(int socket);

}  // namespace causeway::host
