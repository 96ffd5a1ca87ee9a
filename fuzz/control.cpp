// The control protocol on hostile lines: cut into lines, read as request and as reply; what can be read is
// written and read the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "control/lines.hpp"
#include "control/protocol.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace causeway::control;
    LineSplitter lines(max_request_octets);
    lines.feed({reinterpret_cast<const char*>(data), size});
    while (const auto line = lines.next()) {
        if (const auto request = parse_request(*line)) {
            const std::string written = encode(*request);
            const auto again = parse_request(std::string_view(written).substr(0, written.size() - 1));
            if (!again || !(*again == *request)) {
                std::abort();
            }
        }
        if (const auto reply = parse_reply(*line)) {
            static_cast<void>(encode(*reply));
        }
    }
    return 0;
}
