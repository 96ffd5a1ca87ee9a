// Errors that the peer notifies behind our message 3: it cannot read it, or cannot use what was agreed.
#include "ike/engine/impl.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike {

using isakmp::NotifyType;

namespace {

/// Errors about a message that could not be read, not about what it says.
bool is_about_form(NotifyType type) {
    switch (type) {
        case NotifyType::no_proposal_chosen:
        case NotifyType::invalid_id_information:
        case NotifyType::invalid_key_information:
        case NotifyType::attributes_not_supported:
        case NotifyType::bad_proposal_syntax:
        case NotifyType::invalid_transform_id:
        case NotifyType::situation_not_supported:
            return false;
        default:
            return true;
    }
}

}  // namespace

/// RFC 2408 3.14: the SPI says which one. Without it an error about a form is about our latest message 3,
/// whose exchange a peer may have forgotten; message 1 needs no memory.
Engine::Impl::Confirmed Engine::Impl::confirmed_exchange(IkeSa& sa,
                                                         const isakmp::Notification& notified) const {
    Exchange* latest = nullptr;
    for (auto& exchange : sa.exchanges) {
        const auto made = exchange->made && exchange->confirmed_at ? find_child(*exchange->made) : Found{};
        if (made.child == nullptr) {
            continue;
        }
        const auto usage = usage_.usage(*exchange->made);
        if (usage && usage->packets_in != 0) {
            continue;  // the peer sends on it
        }
        if (notified.spi == negotiation::spi_octets(made.child->pair->inbound.spi) ||
            notified.spi == negotiation::spi_octets(made.child->pair->outbound.spi)) {
            return {exchange.get(), true};
        }
        if (*exchange->confirmed_at + limits::message_3_judged > now_ &&
            (latest == nullptr || *latest->confirmed_at < *exchange->confirmed_at)) {
            latest = exchange.get();
        }
    }
    return {latest, is_about_form(notified.type) && notified.spi.size() != 4};
}

}  // namespace causeway::ike
