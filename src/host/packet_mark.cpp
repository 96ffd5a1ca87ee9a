#include "host/packet_mark.hpp"

#include <sys/socket.h>

namespace causeway::host {

bool mark_packets(int socket) {
    return ::setsockopt(socket, SOL_SOCKET, SO_MARK, &packet_mark, sizeof packet_mark) == 0;
}

}  // namespace causeway::host
