// Which kernels do an offload wrongly without saying so: all that can be known of it is the release. Pure, but
// for the last function.
#pragma once

#include <string>
#include <string_view>

namespace causeway::host {

/// What is wrong with UDP_SEGMENT in this kernel; empty: nothing known. `release` is uname -r's, with whatever
/// a distribution appends. Sent datagrams are corrupted from 7.0-rc1 on, repaired in 7.1.5.
std::string udp_send_defect(std::string_view release);
/// The same for datagrams that are written to a TUN device as one: before 6.8.5 they may be lost.
std::string tun_udp_defect(std::string_view release);

/// Of this machine; empty when the system does not say.
std::string kernel_release();

}  // namespace causeway::host
