// Messages of another version of IKE than ours: the commonest slip is a peer that is set to IKEv2 where we speak
// IKEv1. It is told in its own framing, so that its log shows the reason, and ours does too.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>

#include "base/ports.hpp"
#include "codec/isakmp/version2.hpp"
#include "ike/engine/impl.hpp"

namespace causeway::ike {

namespace {

constexpr std::uint8_t icmp_port_unreachable = 3;

/// RFC 792, RFC 1812 5.2.7.1.
std::string unreachable_in_words(std::uint8_t code) {
    switch (code) {
        case 0:
        case 6:
            return "no route to its network";
        case 1:
        case 7:
            return "its host does not answer on its link";
        case 9:
        case 10:
        case 13:
            return "a filter prohibits it";
        default:
            return "ICMP code " + std::to_string(code);
    }
}

/// About a message that waits for its answer: from where it left, and nobody at that port has answered yet. About what
/// stands it may always be.
bool may_concern(const IkeSa& sa, const Unreachable& told) {
    if (sa.over() || sa.peer == nullptr || sa.local() != told.local || sa.remote() != told.remote) {
        return false;
    }
    return sa.established() ||
           (sa.initiator() && (!sa.session->was_answered() || told.remote.port == nat_t_port));
}

}  // namespace

namespace version2 = isakmp::version2;

void Engine::Impl::other_version(const Datagram& datagram, const isakmp::Header& header) {
    const unsigned major = header.version >> 4U;
    if (major != 2 || protocol_.major_version() != 1) {
        return report_ignored(datagram.remote, fmt::format("IKE version {}.{}", major, header.version & 15U));
    }
    // What carries a cookie of ours in this place is about us, and never answered.
    for (auto [at, end] = by_cookie_.equal_range(header.cky_i); at != end; ++at) {
        auto* sa = at->second;
        if (!sa->over() && sa->initiator()) {
            const bool awaited = sa->session->spi_r() == isakmp::Cookie{} && sa->peer != nullptr &&
                                 sa->remote().address == datagram.remote.address &&
                                 version2::says_invalid_major_version(header, datagram.payload);
            report_ignored(datagram.remote, "IKEv2 under our cookie");
            return awaited ? peer_refuses_ikev1(*sa) : void();
        }
    }
    if (!version2::is_request(header)) {
        return report_ignored(datagram.remote, "an answer of IKEv2");
    }
    caller_speaks_ikev2(datagram, header);
}

void Engine::Impl::caller_speaks_ikev2(const Datagram& datagram, const isakmp::Header& header) {
    ++messages_ignored_;
    resolve_possible_callers(datagram.remote.address);
    std::string subject;
    for (Peer* peer : places_.at(datagram.remote.address)) {
        if (is_known_at(*peer, datagram.remote.address)) {
            peer_speaks_ikev2(*peer, datagram.remote.address);
            subject = peer->name;
        }
    }
    if (subject.empty()) {
        strangers_.called(
            datagram.remote.address,
            finding<FindingId::caller_speaks_ikev2>(field<"caller">(datagram.remote.address.text())), now_);
    }
    if (told_strangers_.tell(ToldStrangers::Topic::ikev2, datagram.remote.address, now_)) {
        report(EventCode::caller_speaks_ikev2, subject, {{"remote", datagram.remote.text()}});
    }
    Bytes answer = version2::invalid_major_version(header);
    // To somebody who has proved nothing: once a minute and source, and never longer than what came.
    if (shutting_down_ || answer.size() > datagram.payload.size() ||
        !told_strangers_.tell(ToldStrangers::Topic::refusal, datagram.remote.address, now_)) {
        return;
    }
    transmit({datagram.local, datagram.remote, std::move(answer)});
}

/// Not proved either. What stands is asked for a sign of life; where nobody answers it is the reason.
void Engine::Impl::on(Unreachable&& told) {
    if (!unreachable_.left(now_, limits::unreachable_interval, limits::unreachable_at_once)) {
        return;
    }
    unreachable_.spend(now_, limits::unreachable_interval);
    const bool closed = told.code == icmp_port_unreachable;
    for (auto& sa : sas_) {
        if (!may_concern(*sa, told)) {
            continue;
        }
        stir(*sa);
        if (sa->established()) {
            hint(*sa);
            continue;
        }
        auto& peer = *sa->peer;
        const auto remote = field<"remote">(told.remote.address.text());
        const auto reporter = field<"reporter">(told.reporter.text());
        const auto why = closed ? finding<FindingId::port_closed>(
                                      remote, reporter, field<"port">(std::to_string(told.remote.port)))
                                : finding<FindingId::no_way_to_peer>(
                                      remote, reporter, field<"what">(unreachable_in_words(told.code)));
        const auto said = peer.trouble.unreachable(why);
        if (said == Trouble::Unreachable::none) {
            continue;
        }
        peer.trouble.erred(why, now_);
        explain_down(peer, why);
        if (said == Trouble::Unreachable::news) {
            report(EventCode::finding_seen, peer.name, {{"text", why.sentence()}});
            command_failed(peer, nullptr, why);
        }
    }
}

/// Not proved, like everything in clear: the attempt goes on, and this is its reason if it fails.
void Engine::Impl::peer_refuses_ikev1(IkeSa& sa) {
    const auto why = finding<FindingId::peer_speaks_ikev2>();
    sa.session->set_hint(why);
    static_cast<void>(sa.peer->trouble.refused(why));
    sa.peer->trouble.erred(why, now_);
    if (told_strangers_.tell(ToldStrangers::Topic::ikev2, sa.remote().address, now_)) {
        report(EventCode::peer_refuses_ikev1, sa.peer->name, {{"remote", sa.remote().text()}});
    }
}

}  // namespace causeway::ike
