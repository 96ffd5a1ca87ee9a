#include "host/udp_messages.hpp"

#include <algorithm>
#include <cstring>
#include <netinet/in.h>

namespace causeway::host {
namespace {

// The kernel's UDP_MAX_SEGMENTS before 6.9, and what a message's 65,535 octets of IP leave with room to spare.
constexpr std::size_t most_segments = 64;
constexpr std::size_t train_octets = 65000;

void put(msghdr& header, UdpControl& control, int level, int type, const void* value, std::size_t octets) {
    auto* at = reinterpret_cast<cmsghdr*>(control.octets.data() + header.msg_controllen);
    at->cmsg_level = level;
    at->cmsg_type = type;
    at->cmsg_len = static_cast<decltype(at->cmsg_len)>(CMSG_LEN(octets));
    std::memcpy(CMSG_DATA(at), value, octets);
    header.msg_controllen += CMSG_SPACE(octets);
}

void put_control(msghdr& header, UdpControl& control, const UdpOutgoing& datagram, std::size_t segments) {
    const bool v4 = datagram.remote.address.is_v4();
    const int tos = datagram.tos;
    if (!datagram.local.is_unspecified()) {
        if (v4) {
            in_pktinfo info{};
            info.ipi_spec_dst = to_in_addr(datagram.local);
            put(header, control, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
        } else {
            in6_pktinfo info{};
            info.ipi6_addr = to_in6_addr(datagram.local);
            put(header, control, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
        }
    }
    if (tos != 0) {
        put(header, control, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof tos);
    }
    if (segments > 1) {
        const auto octets = static_cast<std::uint16_t>(datagram.payload.size());
        put(header, control, IPPROTO_UDP, udp_segment_option, &octets, sizeof octets);
    }
    if (header.msg_controllen == 0) {
        header.msg_control = nullptr;
    }
}

bool same_way(const UdpOutgoing& a, const UdpOutgoing& b) {
    return a.remote == b.remote && a.local == b.local && a.tos == b.tos && !b.dont_fragment;
}

}  // namespace

bool UdpMessages::add(std::span<const UdpOutgoing> train) {
    if (count_ == most_messages || datagrams_ + train.size() > most_datagrams) {
        return false;
    }
    const UdpOutgoing& first = train.front();
    Envelope& envelope = envelopes_[count_];
    envelope.to = to_system(first.remote);
    iovec* const data = &data_[datagrams_];
    std::transform(train.begin(), train.end(), data, [](const UdpOutgoing& one) {
        return iovec{const_cast<std::uint8_t*>(one.payload.data()), one.payload.size()};
    });
    msghdr& header = headers_[count_].msg_hdr;
    header = {};
    header.msg_name = envelope.to.get();
    header.msg_namelen = envelope.to.length;
    header.msg_iov = data;
    header.msg_iovlen = static_cast<decltype(header.msg_iovlen)>(train.size());
    header.msg_control = envelope.control.octets.data();
    put_control(header, envelope.control, first, train.size());
    trains_[count_] = train;
    ++count_;
    datagrams_ += train.size();
    return true;
}

std::size_t train_length(std::span<const UdpOutgoing> batch) {
    const UdpOutgoing& first = batch.front();
    const std::size_t octets = first.payload.size();
    if (octets == 0 || first.dont_fragment) {
        return 1;
    }
    std::size_t length = 1;
    std::size_t whole = octets;
    const std::size_t most = std::min(batch.size(), most_segments);
    while (length < most) {
        const UdpOutgoing& next = batch[length];
        const std::size_t more = next.payload.size();
        if (more == 0 || more > octets || whole + more > train_octets || !same_way(first, next)) {
            break;
        }
        whole += more;
        ++length;
        if (more < octets) {
            break;
        }
    }
    return length;
}

std::size_t split_train(std::span<std::uint8_t> whole, std::size_t segment, const UdpDatagram& like,
                        std::vector<UdpDatagram>& out) {
    const std::size_t octets = segment == 0 ? whole.size() : std::min(segment, whole.size());
    std::size_t count = 0;
    do {
        UdpDatagram& datagram = out.emplace_back(like);
        datagram.payload = whole.first(std::min(octets, whole.size()));
        whole = whole.subspan(datagram.payload.size());
        ++count;
    } while (!whole.empty());
    return count;
}

}  // namespace causeway::host
