#include "cli/ask_names.hpp"

#include <algorithm>
#include <cstdint>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <span>
#include <string>
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

/// In words that do not depend on the C library.
std::string words_for(int error) {
    switch (error) {
        case EAI_AGAIN:
            return "no name server answers, or it reports a failure";
        case EAI_NONAME:
            return "no server knows it";
#ifdef EAI_NODATA
        case EAI_NODATA:
            return "it has no address";
#endif
        default:
            return ::gai_strerror(error);
    }
}

check::NameAnswer ask(const std::string& name) {
    check::NameAnswer answer;
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &list); error != 0) {
        answer.error = words_for(error);
        answer.asked = error != EAI_AGAIN;
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
        if (!answers.contains(name)) {
            answers.emplace(name, ask(name));
        }
    }
    return answers;
}

}  // namespace causeway::cli
