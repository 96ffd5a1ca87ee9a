#include "codec/esp/header.hpp"

#include "codec/reader.hpp"

namespace causeway::esp {

Kind classify(ByteView datagram) {
    if (datagram.size() == 1 && datagram[0] == 0xff) {
        return Kind::keepalive;
    }
    if (datagram.size() < 4) {
        return Kind::runt;
    }
    return Reader(datagram).u32() == 0 ? Kind::ike : Kind::esp;
}

std::optional<Header> decode_header(ByteView packet) {
    Reader reader(packet);
    Header header;
    header.spi = reader.u32();
    header.sequence = reader.u32();
    return reader.failed() ? std::nullopt : std::optional(header);
}

}  // namespace causeway::esp
