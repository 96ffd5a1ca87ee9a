// Hostile capture files, as `causeway decode` reads them.
#include <cstdint>

#include "cli/decode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static_cast<void>(causeway::cli::decode_capture({data, size}));
    static_cast<void>(causeway::cli::decode_datagram({data, size}));
    static_cast<void>(causeway::cli::octets_of_hex({reinterpret_cast<const char*>(data), size}));
    return 0;
}
