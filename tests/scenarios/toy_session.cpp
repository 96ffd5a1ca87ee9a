// A session of the toy protocol: what is under way on the wire, and whether the peer is there.
#include "scenarios/toy_session.hpp"

#include <algorithm>

#include "base/findings.hpp"
#include "ike/limits.hpp"
#include "negotiation/peer.hpp"

namespace causeway::toy {

namespace limits = ike::limits;
using ike::Role;
using ike::session::Refused;

namespace {

isakmp::Cookie new_spi(RandomSource& random) {
    isakmp::Cookie spi{};
    random.fill(spi);
    return spi;
}

}  // namespace

Session::Session(ike::SessionOwner& owner, Role role, const ike::Place& place)
    : ike::Session(role, place, owner.model()), owner_(owner) {}

void Session::ignore(const std::string& why) {
    tell(ike::session::Ignored{remote(), why});
}

// ---- the way in ---------------------------------------------------------------------------------------------------

void Session::call(crypto::GroupId /*group*/) {
    set_spis(new_spi(owner_.random()), {});
    tell(ike::session::Said{Event{EventCode::phase1_initiating,
                                  owner_.peer()->name,
                                  {{"mode", "the toy"}, {"remote", remote().text()}}},
                            remote()});
    ask(Kind::hello, {});
}

bool Session::answer(const ike::Datagram& datagram, const negotiation::Candidates& candidates) {
    auto message = decode(datagram.payload);
    if (!message) {
        tell(ike::session::Unreadable{datagram.remote, message.error()});
        return false;
    }
    candidates_ = candidates;
    set_spis(message->header.cky_i, new_spi(owner_.random()));
    first_ = std::move(*message);
    return true;
}

void Session::proceed() {
    expected_ = first_->header.message_id + 1;
    reply(*first_, Kind::welcome, {});
    first_.reset();
}

Session::Claim Session::claim(const ike::Datagram& datagram, const isakmp::Header& header) const {
    const auto message = decode(datagram.payload);
    if (!message || message->of_initiator() == initiator()) {
        return message ? Claim::ours : Claim::none;
    }
    const bool unanswered = initiator() && spi_r() == isakmp::Cookie{};
    const bool hello_again = !initiator() && header.cky_r == isakmp::Cookie{} &&
                             message->kind() == Kind::hello && remote().address == datagram.remote.address;
    return unanswered || hello_again || header.cky_r == spi_r() ? Claim::addressed : Claim::none;
}

void Session::handle(const ike::Datagram& datagram) {
    const auto message = decode(datagram.payload);
    if (!message) {
        return tell(ike::session::Malformed{datagram.remote, message.error()});
    }
    if (message->kind() == Kind::refused || message->kind() == Kind::unknown) {
        return on_notice(*message);
    }
    return message->is_answer() ? on_answer(*message) : on_request(*message);
}

void Session::dh_done(std::uint64_t /*tag*/, ike::DhDone&& /*done*/) {}  // none is ever asked for

/// From somebody who has no session with us: no more than a hint.
void Session::on_notice(const Message& message) {
    tell(ike::session::InClear{});
    if (established()) {
        if (message.kind() == Kind::unknown) {
            tell(ike::session::Disowned{});
        }
        return owner_.over() ? void() : tell(ike::session::Doubted{});
    }
    if (owner_.peer() != nullptr) {
        set_offer_refused();
        set_hint(finding<FindingId::peer_says>(field<"notify">(name_of(message.kind()))));
        tell(ike::session::RefusedInClear{*hint()});
    }
}

// ---- our requests -------------------------------------------------------------------------------------------------

void Session::transmit(Kind kind, bool answer, std::uint32_t id, const Words& words) {
    tell(ike::Transmit{local(), remote(), encode(spi_i(), spi_r(), kind, {answer, initiator()}, id, words)});
}

void Session::ask(Kind kind, Words words, std::uint64_t begun) {
    requests_.push_back({.kind = kind, .words = std::move(words), .begun = begun});
    next_request();
}

void Session::send(Request& request) {
    ++request.tries;
    request.next = now() + request.interval;
    request.interval = std::min<Duration>(request.interval * 2, limits::retransmit_max);
    transmit(request.kind, false, request.id, request.words);
}

void Session::next_request() {
    if (requests_.empty() || requests_.front().tries != 0 || owner_.over()) {
        return;
    }
    auto& next = requests_.front();
    next.id = next_id_++;
    next.interval = limits::retransmit_first;
    send(next);
}

void Session::repeat_now() {
    if (!requests_.empty()) {
        requests_.front().next = now();
    }
}

void Session::timeout_request() {
    if (requests_.empty() || requests_.front().next > now()) {
        return;
    }
    if (requests_.front().tries >= limits::retransmit_tries) {
        const Request lost = std::move(requests_.front());
        requests_.pop_front();
        return gave_up(lost);
    }
    const auto id = requests_.front().id;
    const auto* child = child_of(requests_.front().begun);
    if (child != nullptr && requests_.front().tries == limits::quick_asks_after) {
        tell(ike::session::ChildUnanswered{child->reqid, child->since});
    }
    if (!established() && hint()) {
        tell(ike::session::StillRefused{*hint()});
    }
    if (!owner_.over() && !requests_.empty() && requests_.front().id == id) {
        send(requests_.front());
    }
}

void Session::gave_up(const Request& lost) {
    if (!established()) {
        const auto why = finding<FindingId::phase1_unanswered>(field<"remote">(remote().text()),
                                                               field<"tries">(std::to_string(lost.tries)),
                                                               field<"state">(name_of(lost.kind)));
        return tell(
            ike::session::GaveUp{hint() ? *hint() : why, hint().has_value(), name_of(lost.kind), lost.tries});
    }
    if (const auto* child = child_of(lost.begun); child != nullptr) {
        const Instant since = child->since;
        child_failed(lost.begun, finding<FindingId::quick_mode_unanswered>(field<"remote">(remote().text())),
                     Refused::no);
        if (!owner_.over()) {
            tell(ike::session::Unheeded{since});
        }
    }
    next_request();
}

void Session::on_answer(const Message& message) {
    if (requests_.empty() || requests_.front().tries == 0 ||
        requests_.front().id != message.header.message_id) {
        return ignore("an answer that nobody waits for");
    }
    const Request request = std::move(requests_.front());
    requests_.pop_front();
    if (established()) {
        // Whatever is asked is a question about life as well, and every answer answers it.
        const bool asked = inquiry().unanswered() != 0;
        tell(ike::session::Heard{});
        inquiry().answered();
        if (asked && !owner_.over()) {
            tell(ike::session::QuestionAnswered{});
        }
    }
    if (owner_.over()) {
        return;
    }
    switch (request.kind) {
        case Kind::hello:
            welcomed(message);
            break;
        case Kind::prove:
            proved(message);
            break;
        case Kind::child:
            child_answered(message, request.begun);
            break;
        default:
            break;
    }
    next_request();
    if (established() && !owner_.over()) {
        tell(ike::session::Idle{});
    }
}

// ---- until it stands ----------------------------------------------------------------------------------------------

void Session::welcomed(const Message& message) {
    set_answered();
    set_spis(spi_i(), message.header.cky_r);
    const auto& peer = *owner_.peer();
    ask(Kind::prove, {{"id", negotiation::own_identity(peer, local().address).text()},
                      {"life", std::to_string(peer.lifetime.seconds)},
                      {"first", owner_.is_alone() ? "yes" : "no"}});
}

void Session::prove(const Message& message) {
    set_answered();
    set_round_trip();
    tell(ike::session::ShownItself{});
    if (owner_.over()) {
        return;
    }
    const auto identity = config::Identity::parse(message.word("id"));
    const auto* peer = !identity ? nullptr : candidates_.find([&](const config::Peer& one) {
        return negotiation::check_identity(one, *identity, remote().address).has_value();
    });
    if (peer == nullptr) {
        reply(message, Kind::no, {});
        return tell(ike::session::Failed{
            finding<FindingId::message_refused>(field<"what">("an identity that no peer has"))});
    }
    reply(message, Kind::proved,
          {{"id", negotiation::own_identity(*peer, local().address).text()},
           {"life", std::to_string(peer->lifetime.seconds)}});
    stand(*peer, message);
}

void Session::proved(const Message& message) {
    const auto& peer = *owner_.peer();
    if (message.kind() == Kind::no) {
        return tell(ike::session::Failed{finding<FindingId::our_identity_refused>(
            field<"notify">(name_of(Kind::no)),
            field<"identity">(negotiation::own_identity(peer, local().address).text()),
            field<"mode">(std::string("the toy's only mode")))});
    }
    stand(peer, message);
}

void Session::stand(const config::Peer& peer, const Message& message) {
    remote_id_ = message.word("id");
    set_established();
    ike::session::Established told;
    told.peer = peer.name;
    told.suite = "toy";
    told.own_lifetime = peer.lifetime;
    told.their_lifetimes = {{message.number("life"), 0}};
    told.liveness_wanted = peer.liveness.enabled;
    told.initial_contact = message.word("first") == "yes";
    tell(std::move(told));
}

// ---- the peer's requests ------------------------------------------------------------------------------------------

void Session::reply(const Message& request, Kind kind, const Words& words) {
    last_answer_ = encode(spi_i(), spi_r(), kind, {true, initiator()}, request.header.message_id, words);
    tell(ike::Transmit{local(), remote(), last_answer_});
}

void Session::on_request(const Message& message) {
    const auto id = message.header.message_id;
    if (id < expected_) {
        if (id + 1 != expected_ || last_answer_.empty()) {
            return ignore("a request that came too late");
        }
        for (auto& child : children_) {
            child.confirm_at = now() + confirm_after;
        }
        return tell(ike::Transmit{local(), remote(), last_answer_});
    }
    const auto kind = message.kind();
    if (kind == Kind::prove ? initiator() || established() : !established()) {
        return ignore(name_of(kind) + " at another time than its own");
    }
    if (kind == Kind::child && (owner_.stopping() || !owner_.may_answer_child())) {
        return;
    }
    expected_ = id + 1;
    last_answer_.clear();
    if (kind == Kind::prove) {
        return prove(message);
    }
    // Who asks for one thing at a time has our answer to what was before.
    std::vector<std::uint64_t> answered;
    for (const auto& child : children_) {
        if (child.role == Role::responder) {
            answered.push_back(child.begun);
        }
    }
    for (const auto begun : answered) {
        confirm(begun);
    }
    if (!owner_.over()) {
        kind == Kind::child ? tell(ike::session::ChildAsked{}) : tell(ike::session::Heard{});
    }
    if (owner_.over()) {
        return;
    }
    switch (kind) {
        case Kind::child:
            return child_asked(message);
        case Kind::alive:
            return reply(message, Kind::alive_ok, {});
        case Kind::remove:
            reply(message, Kind::removed, {});
            return tell(ike::session::ChildrenDeleted{{message.number("spi")}});
        case Kind::bye:
            return tell(ike::session::SessionsDeleted{{spis()}});
        default:
            return ignore(name_of(kind) + " is no request");
    }
}

// ---- once it stands -----------------------------------------------------------------------------------------------

/// One thing is asked at a time: what waits for an answer is the question.
void Session::ask_alive(Where /*where*/) {
    if (requests_.empty()) {
        ask(Kind::alive, {});
    } else if (const auto& under_way = requests_.front(); under_way.tries != 0) {
        transmit(under_way.kind, false, under_way.id, under_way.words);
    } else {
        next_request();
    }
    inquiry().ask(now());
}

void Session::probe_path(sa::SaId id, std::size_t /*device_mtu*/) {
    tell(ike::PathFound{id, std::nullopt});
}

void Session::delete_child(std::uint32_t spi_in) {
    ask(Kind::remove, {{"spi", std::to_string(spi_in)}});
}

/// Nobody will be there for an answer.
void Session::say_goodbye() {
    for (const auto& request : requests_) {
        if (request.tries == 0 && request.kind == Kind::remove) {
            transmit(request.kind, false, next_id_++, request.words);
        }
    }
    transmit(Kind::bye, false, next_id_++, {});
}

ike::NatFacts Session::nat() const {
    return nat_;
}

void Session::assume_nat(const ike::NatFacts& nat) {
    nat_ = nat;
}

void Session::describe(status::IsakmpSa& status) const {
    status.exchange_state = established() || requests_.empty() ? "" : name_of(requests_.front().kind);
    status.cky_i = to_hex(spi_i());
    status.cky_r = to_hex(spi_r());
    status.mode = "Toy";
    status.suite = "toy";
    status.dpd = true;
    if (established()) {
        status.remote_id = remote_id_;
    }
}

// ---- deadlines ----------------------------------------------------------------------------------------------------

void Session::add_timers(Timers& timers) const {
    if (!requests_.empty()) {
        timers.add(requests_.front().next);
    }
    for (const auto& child : children_) {
        if (child.role == Role::responder) {
            timers.add(child.confirm_at);
        }
    }
}

void Session::handle_timeout() {
    timeout_request();
    std::vector<std::uint64_t> due;
    for (const auto& child : children_) {
        if (child.role == Role::responder && child.confirm_at <= now()) {
            due.push_back(child.begun);
        }
    }
    for (const auto begun : due) {
        if (!owner_.over()) {
            confirm(begun);
        }
    }
}

}  // namespace causeway::toy
