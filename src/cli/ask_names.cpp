#include "cli/ask_names.hpp"

#include <algorithm>
#include <cstdint>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <span>
#include <sys/socket.h>

namespace causeway::cli {
namespace {

std::optional<IpAddress> address_of(const addrinfo& found) {
    if (found.ai_family == AF_INET) {
        const auto* in = reinterpret_cast<const sockaddr_in*>(found.ai_addr);
        return IpAddress::v4(ntohl(in->sin_addr.s_addr));
    }
    if (found.ai_family == AF_INET6) {
        const auto* in = reinterpret_cast<const sockaddr_in6*>(found.ai_addr);
        return IpAddress::from_octets(std::span<const std::uint8_t>(in->sin6_addr.s6_addr));
    }
    return std::nullopt;
}

check::NameAnswer ask(const std::string& name) {
    check::NameAnswer answer;
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &list); error != 0) {
        answer.error = ::gai_strerror(error);
        return answer;
    }
    for (const auto* one = list; one != nullptr; one = one->ai_next) {
        const auto address = address_of(*one);
        if (address && std::ranges::find(answer.addresses, *address) == answer.addresses.end()) {
            answer.addresses.push_back(*address);
        }
    }
    ::freeaddrinfo(list);
    return answer;
}

}  // namespace

check::NameAnswers ask_names(const std::vector<std::string>& names) {
    check::NameAnswers answers;
    for (const auto& name : names) {
        answers.emplace(name, ask(name));
    }
    return answers;
}

}  // namespace causeway::cli
