// What a process that somebody has taken over may send its parent. What is taken for a request is one byte for byte, and what the
// parent would make of it for nft, fw4 and iptables holds no octet that ends a word or a line where none should.
#include "daemon/requests.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "firewall/guard.hpp"

namespace {

using namespace causeway;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

/// The names that come from there stand between quotation marks: an odd number of them would be a name that ends early.
void judge(const firewall::Guard& guard) {
    if (guard.pairs.size() > 64 || guard.on_link.size() > 64) {
        return;
    }
    const std::string text = firewall::render_guard(guard);
    std::size_t marks = 0;
    for (const char c : text) {
        marks += c == '"' ? 1U : 0U;
        require(c == '\n' || (c >= ' ' && c < '\x7f'));
    }
    require(marks % 2 == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView octets(data, size);
    if (const auto request = daemon::parse_request(octets)) {
        require(daemon::encode(*request) == to_bytes(octets));
        if (const auto* guard = std::get_if<daemon::PlaceGuard>(&*request);
            guard != nullptr && guard->guard) {
            judge(*guard->guard);
        }
    }
    if (const auto answer = daemon::parse_answer(octets)) {
        require(daemon::encode(*answer) == to_bytes(octets));
    }
    return 0;
}
