// What leaves: each datagram is remembered, so that it is known when it comes back, and by the version's rules sent
// again.
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "ike/limits.hpp"
#include "ike/v1/session.hpp"

namespace causeway::ike::v1 {

void Session::transmit(Bytes datagram, const std::optional<Place>& place, bool dont_fragment) {
    if (const auto header = isakmp::decode_header(datagram);
        header && sent_.add(message_ids_, header->message_id, datagram) && established() &&
        sent_.size() == limits::worn_out(limits::remembered_datagrams, initiator())) {
        tell(session::WornOut{});
    }
    const Place& at = place ? *place : this->place();
    tell(Transmit{at.local, at.remote, std::move(datagram), dont_fragment});
}

/// One that has been sent before.
void Session::repeat(const Place& place, Bytes datagram) {
    tell(Transmit{place.local, place.remote, std::move(datagram)});
}

/// The message id of an exchange that the peer has begun: it counts once.
void Session::saw(std::uint32_t message_id) {
    if (seen_.add(message_id) && established() &&
        seen_.size() == limits::worn_out(limits::remembered_message_ids, initiator())) {
        tell(session::WornOut{});
    }
}

void Session::start_dh(std::uint64_t tag, DhWish wish) {
    tell(session::DhWanted{tag, wish.group, std::move(wish.key), std::move(wish.peer_public)});
}

void Session::send_informational(const std::vector<isakmp::Payload>& payloads,
                                 const std::optional<Place>& place) {
    if (done() == nullptr || owner_.over()) {
        return;
    }
    if (auto datagram = make_informational(*done()->keys, done()->last_block, spi_i(), spi_r(),
                                           message_ids_.next(), payloads)) {
        transmit(std::move(*datagram), place);
    }
}

void Session::send_notification(isakmp::NotifyType type, isakmp::Protocol protocol, Bytes spi, Bytes data,
                                const std::optional<Place>& place) {
    const isakmp::Notification notified{isakmp::doi_ipsec, protocol, std::move(spi), type, std::move(data)};
    send_informational({{isakmp::PayloadType::notification, isakmp::encode(notified)}}, place);
}

void Session::complain(const Place& place, const isakmp::Header& about, const Effects& effects) {
    if (!effects.complaint) {
        return;
    }
    isakmp::Notification notification;
    notification.type = *effects.complaint;
    const std::vector<isakmp::Payload> payloads{
        {isakmp::PayloadType::notification, isakmp::encode(notification)}};
    if (effects.complaint_keys) {
        if (auto datagram = make_informational(*effects.complaint_keys, effects.complaint_iv_block, spi_i(),
                                               spi_r(), message_ids_.next(), payloads)) {
            transmit(std::move(*datagram));
        }
        return;
    }
    // In clear and to somebody who has proved nothing: once a minute and source, never longer than what came.
    if (!owner_.may_refuse(place.remote.address)) {
        return;
    }
    isakmp::Header header;
    header.cky_i = about.cky_i;
    header.cky_r = about.cky_r;
    header.exchange = isakmp::ExchangeType::informational;
    header.message_id = new_message_id(owner_.random());
    transmit(isakmp::encode_message(header, payloads), place);
}

}  // namespace causeway::ike::v1
