#include "host/netlink_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <utility>

#include "base/secret.hpp"
#include "host/privileges.hpp"

namespace causeway::host {

namespace {

// Answers of a dump come in messages of up to 32 KiB.
constexpr std::size_t answer_octets = 32768;

struct Room {
    alignas(nlmsghdr) std::array<char, answer_octets> octets{};
    std::size_t used = 0;

    Room() = default;
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;
    ~Room() { clear(); }
    void clear() {
        wipe({reinterpret_cast<std::uint8_t*>(octets.data()), used});
        used = 0;
    }
};

// The words follow the header of the request that is answered, or the whole request where NLM_F_CAPPED is not set.
std::string words_of(const nlmsghdr* message) {
    const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
    if ((message->nlmsg_flags & NLM_F_ACK_TLVS) == 0) {
        return {};
    }
    std::size_t skipped = sizeof *error;
    if ((message->nlmsg_flags & NLM_F_CAPPED) == 0) {
        skipped += error->msg.nlmsg_len - sizeof(nlmsghdr);
    }
    if (skipped >= mnl_nlmsg_get_payload_len(message)) {
        return {};
    }
    std::string words;
    const auto each = [](const nlattr* attribute, void* found) {
        if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG &&
            mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0) {
            *static_cast<std::string*>(found) = mnl_attr_get_str(attribute);
        }
        return MNL_CB_OK;
    };
    mnl_attr_parse(message, static_cast<unsigned>(skipped), each, &words);
    return words;
}

}  // namespace

std::string NetlinkOutcome::text() const {
    if (ok()) {
        return {};
    }
    return said.empty() ? std::strerror(error) : fmt::format("{} ({})", std::strerror(error), said);
}

Error NetlinkOutcome::as_error(std::string what) const {
    Error made{Errc::system, fmt::format("{}: {}", what, text()), {}, {}};
    switch (error) {
        case EPERM:
        case EACCES:
            made.code = Errc::permission;
            made.remedy = needs_capability("CAP_NET_ADMIN");
            break;
        case EEXIST:
            made.code = Errc::exists;
            break;
        case ESRCH:
        case ENOENT:
        case ENODEV:
            made.code = Errc::not_found;
            break;
        case EOPNOTSUPP:
        case EPROTONOSUPPORT:
        case ENOSYS:
            made.code = Errc::unsupported;
            break;
        default:
            break;
    }
    return made;
}

void NetlinkSocket::Closer::operator()(mnl_socket* socket) const {
    mnl_socket_close(socket);
}

Result<NetlinkSocket> NetlinkSocket::open(int protocol) {
    NetlinkSocket made;
    made.socket_.reset(mnl_socket_open2(protocol, SOCK_CLOEXEC));
    if (!made.socket_) {
        return fail(NetlinkOutcome{errno, {}}.as_error("cannot open a netlink socket"));
    }
    if (mnl_socket_bind(made.socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
        return fail(NetlinkOutcome{errno, {}}.as_error("cannot bind a netlink socket"));
    }
    // Since Linux 4.12; without it there are no words.
    int on = 1;
    mnl_socket_setsockopt(made.socket_.get(), NETLINK_EXT_ACK, &on, sizeof on);
    mnl_socket_setsockopt(made.socket_.get(), NETLINK_CAP_ACK, &on, sizeof on);
    return made;
}

NetlinkOutcome NetlinkSocket::ask(nlmsghdr* request, const std::function<void(const nlmsghdr*)>& on_message) {
    request->nlmsg_seq = ++sequence_;
    if (mnl_socket_sendto(socket_.get(), request, request->nlmsg_len) < 0) {
        return {errno, {}};
    }
    const unsigned port = mnl_socket_get_portid(socket_.get());
    // A request without ACK and DUMP is answered by one message, or by an error.
    const bool single = (request->nlmsg_flags & (NLM_F_ACK | NLM_F_DUMP)) == 0;
    Room room;
    for (;;) {
        const ssize_t got = mnl_socket_recvfrom(socket_.get(), room.octets.data(), room.octets.size());
        if (got < 0) {
            return {errno, {}};
        }
        room.used = static_cast<std::size_t>(got);
        auto left = static_cast<int>(got);
        for (const auto* message = reinterpret_cast<const nlmsghdr*>(room.octets.data());
             mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
            if (message->nlmsg_seq != sequence_ || message->nlmsg_pid != port) {
                continue;  // the answer to a request that was given up
            }
            if (message->nlmsg_type == NLMSG_DONE) {
                return {};
            }
            if (message->nlmsg_type == NLMSG_ERROR) {
                const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
                return error->error == 0 ? NetlinkOutcome{}
                                         : NetlinkOutcome{-error->error, words_of(message)};
            }
            if (on_message) {
                on_message(message);
            }
            if (single) {
                return {};
            }
        }
        room.clear();
    }
}

}  // namespace causeway::host
