#include "daemon/control_group.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <variant>

#include "base/bytes.hpp"

namespace causeway::daemon {

namespace {

constexpr mode_t owners = S_IRUSR | S_IWUSR;
constexpr mode_t groups = owners | S_IRGRP | S_IWGRP;

// Linux' form of a list (linux/posix_acl_xattr.h): a version, then a tag, rights and a number each, all of them little-endian.
constexpr std::uint32_t list_version = 2;
enum class Tag : std::uint16_t { owner = 0x01, owning_group = 0x04, group = 0x08, mask = 0x10, other = 0x20 };
constexpr std::uint16_t read_and_write = 6;
constexpr std::uint32_t no_number = 0xffffffff;

void put(Bytes& to, std::uint32_t value, unsigned octets) {
    for (unsigned i = 0; i < octets; ++i) {
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

Bytes list_for(gid_t group) {
    Bytes list;
    put(list, list_version, 4);
    const auto entry = [&list](Tag tag, std::uint16_t rights, std::uint32_t number) {
        put(list, static_cast<std::uint16_t>(tag), 2);
        put(list, rights, 2);
        put(list, number, 4);
    };
    entry(Tag::owner, read_and_write, no_number);
    entry(Tag::owning_group, 0, no_number);
    entry(Tag::group, read_and_write, group);
    entry(Tag::mask, read_and_write, no_number);
    entry(Tag::other, 0, no_number);
    return list;
}

}  // namespace

Result<void> let_group_use(const std::string& socket, std::optional<gid_t> group) {
    const auto failed = [] { return fail(Errc::system, std::strerror(errno)); };
    if (!group) {
        // Of a list that is there this is the mask: nothing in it counts any more.
        return ::chmod(socket.c_str(), owners) == 0 ? Result<void>() : failed();
    }
    if (::lchown(socket.c_str(), static_cast<uid_t>(-1), *group) == 0) {
        return ::chmod(socket.c_str(), groups) == 0 ? Result<void>() : failed();
    }
    if (errno != EPERM) {
        return failed();
    }
    const Bytes list = list_for(*group);
    return ::setxattr(socket.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) == 0
               ? Result<void>()
               : failed();
}

ControlRights rights_at(int connection, bool group) {
    ucred peer{};
    socklen_t length = sizeof peer;
    if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
        return ControlRights::none;
    }
    if (peer.uid == 0 || peer.uid == ::geteuid()) {
        return ControlRights::everything;
    }
    return group ? ControlRights::ask : ControlRights::none;
}

bool only_asks(const control::Request& request) {
    const auto* const firewall = std::get_if<control::AskFirewall>(&request);
    return std::holds_alternative<control::AskVersion>(request) ||
           std::holds_alternative<control::AskStatus>(request) ||
           std::holds_alternative<control::AskHistory>(request) ||
           (firewall != nullptr && firewall->action == control::AskFirewall::Action::show);
}

control::Reply not_permitted(const control::Request& request, ControlRights rights) {
    control::Reply reply;
    reply.exit = control::Exit::no;
    reply.message =
        rights == ControlRights::none
            ? "not permitted: only root, and the group of option control_group, may ask causewayd"
            : fmt::format(
                  "'{}' is not permitted: the group of option control_group may ask for status, history, "
                  "metrics and firewall rules; what changes something needs root",
                  control::name_of(request));
    return reply;
}

}  // namespace causeway::daemon
