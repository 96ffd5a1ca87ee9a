// Errors that the peer notifies behind our message 2 or 3: it cannot read it, or cannot use what was agreed.
#include <fmt/format.h>
#include <string>
#include <variant>

#include "ike/engine/impl.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike {

using isakmp::NotifyType;
namespace quick = v1::quick_mode;

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

/// RFC 2408 3.14: the SPI says which one. Without it an error about a form is about one of our latest
/// messages 2 and 3, whose exchange a peer may have forgotten; message 1 needs no memory.
Engine::Impl::Confirmed Engine::Impl::confirmed_exchanges(IkeSa& sa,
                                                          const isakmp::Notification& notified) const {
    Confirmed found;
    const bool about_form = is_about_form(notified.type) && notified.spi.size() != 4;
    for (auto& exchange : sa.exchanges) {
        if (about_form && std::holds_alternative<quick::Replied>(exchange->state) && !exchange->finished &&
            exchange->retransmission &&
            exchange->retransmission->next - exchange->retransmission->interval + limits::message_3_judged >
                now_) {
            found.exchanges.push_back(exchange.get());
            continue;
        }
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
            return {{exchange.get()}, true};
        }
        if (*exchange->confirmed_at + limits::message_3_judged > now_) {
            found.exchanges.push_back(exchange.get());
        }
    }
    found.certain = !found.exchanges.empty() && about_form;
    return found;
}

/// The peer does not have one of these pairs. With one alone its Quick Mode has failed; of several each may
/// be good, and so may one whose message 3 was repeated: all stay and are made anew. What the peer has begun
/// ends in any case: it comes again if the peer wants it, and message 2 would go on to draw errors.
void Engine::Impl::confirmation_refused(IkeSa& sa, const Confirmed& confirmed, NotifyType type) {
    auto& peer = *sa.peer;
    const auto why =
        finding<FindingId::peer_says_to_last_message>(field<"notify">(std::string(name_of(type))));
    if (confirmed.exchanges.size() == 1 && !confirmed.exchanges.front()->in_doubt) {
        auto& exchange = *confirmed.exchanges.front();
        return quick_failed(sa, exchange, exchange.initiator ? why : refusal_of(peer, exchange, type),
                            Refused::confirmation);
    }
    for (auto* exchange : confirmed.exchanges) {
        if (!exchange->initiator) {
            quick_failed(sa, *exchange, refusal_of(peer, *exchange, type), Refused::confirmation);
        }
    }
    remember_error(peer, why);
    for (auto* exchange : confirmed.exchanges) {
        exchange->in_doubt = true;
        const auto found = exchange->initiator ? find_child(*exchange->made) : Found{};
        if (found.child == nullptr || !found.tunnel->sas.is_newest(*exchange->made) ||
            found.tunnel->retries.renewal_due() || has_exchange_for(peer, *found.tunnel)) {
            continue;  // there is a newer one, or will be
        }
        auto& tunnel = *found.tunnel;
        tunnel.sas.doubt_carrier();
        tunnel.retries.renew_at(now_ + jittered(limits::retry_first, retry_jitter_permille));
        tunnel.retries.count_setback(found.child->established, now_, random_);
        report(EventCode::phase2_refused, tunnel.config->display_name,
               {{"local", tunnel.config->local.text()},
                {"remote", sa.remote.text()},
                {"remote_net", tunnel.config->remote.text()},
                {"why", why.sentence() + ", of this tunnel or another"},
                {"next", "it is made anew"}});
    }
    pursue(peer);
}

}  // namespace causeway::ike
