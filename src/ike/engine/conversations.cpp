// Between a session (ike/session.hpp) and the rest of the engine: what it tells comes in here, each event to the
// function that is about it, and what it asks is answered.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "ike/engine/impl.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike {

class Engine::Impl::Owner final : public SessionOwner {
 public:
    Owner(Impl& engine, IkeSa& sa) : engine_(engine), sa_(sa) {}

    void perform(SessionEvent&& event) override {
        std::visit([this](auto&& one) { engine_.on(sa_, std::forward<decltype(one)>(one)); },
                   std::move(event));
    }
    std::optional<sa::SaId> install(AgreedChild&& child) override {
        return engine_.install(sa_, std::move(child));
    }
    std::uint32_t new_spi() override { return engine_.new_spi(); }
    std::uint64_t next_step() override { return ++engine_.steps_; }
    RandomSource& random() override { return engine_.random_; }

    Instant now() const override { return engine_.now_; }
    bool over() const override { return sa_.over(); }
    bool stopping() const override { return engine_.shutting_down_; }
    const config::Peer* peer() const override { return sa_.peer != nullptr ? sa_.peer->config : nullptr; }
    const std::shared_ptr<const config::Model>& model() const override { return engine_.model_; }
    bool is_alone() const override { return engine_.is_alone(sa_); }
    bool serves() const override { return engine_.usable_sa(*sa_.peer) == &sa_; }

    bool may_compute(config::ExchangeMode mode) const override { return engine_.may_compute(sa_, mode); }
    void computes(config::ExchangeMode mode) override { engine_.computes(sa_, mode); }
    std::size_t trials_left() const override { return engine_.trials_left(sa_); }
    bool may_refuse(const IpAddress& remote) override {
        return engine_.told_strangers_.tell(ToldStrangers::Topic::refusal, remote, engine_.now_);
    }
    bool may_answer_child() override { return engine_.may_begin_another(sa_); }

    bool has_just_left(const Endpoint& remote) const override {
        return sa_.peer->whereabouts.has_just_left(remote, engine_.now_);
    }
    bool our_end_has_just_changed() const override {
        return sa_.peer != nullptr && sa_.peer->whereabouts.our_end_has_just_changed(engine_.now_);
    }
    bool another_group_left() const override {
        return sa_.peer != nullptr && Impl::another_group_left(*sa_.peer);
    }
    bool another_child_waits(sa::ReqId reqid) const override {
        return engine_.another_child_waits(sa_, reqid);
    }
    std::optional<InstalledChild> child(sa::SaId id) const override { return engine_.installed(id); }
    bool has_pair_with(ByteView spi) const override { return Impl::has_pair_with(*sa_.peer, spi); }

 private:
    Impl& engine_;
    IkeSa& sa_;
};

std::unique_ptr<IkeSa> Engine::Impl::new_sa(Role role, const Place& place, Caller::Standing standing,
                                            const SaLife& life) {
    auto sa = std::make_unique<IkeSa>(next_ike_number_, standing, life, ended_);
    sa->owner = std::make_unique<Owner>(*this, *sa);
    sa->session = protocol_.make(*sa->owner, role, place);
    return sa;
}

// ---- the log ------------------------------------------------------------------------------------------------------

/// What strangers can make us say again and again is said once a minute.
void Engine::Impl::on(IkeSa& sa, session::Said&& said) {
    if (said.event.code == EventCode::phase1_wrong_psk && sa.peer != nullptr && sa.initiator() &&
        key_has_worked(*sa.peer)) {
        return report_ignored(said.remote, "what our key does not open, although the key has worked");
    }
    if (said.event.code != EventCode::phase1_mode_mismatch ||
        told_strangers_.tell(ToldStrangers::Topic::mode, said.remote.address, now_)) {
        outputs_.push_back(Report{std::move(said.event)});
    }
}

void Engine::Impl::on(IkeSa&, session::Ignored&& ignored) {
    report_ignored(ignored.remote, std::move(ignored.why));
}

void Engine::Impl::on(IkeSa&, session::InClear&&) {
    ++messages_ignored_;
}

void Engine::Impl::on(IkeSa&, session::Malformed&& one) {
    malformed(one.remote, one.error);
}

void Engine::Impl::on(IkeSa&, session::Unreadable&& unreadable) {
    cannot_read(unreadable.remote, unreadable.error);
}

void Engine::Impl::on(IkeSa&, session::OverLimit&& limit) {
    tell_limit(limit.remote, limit.what);
}

void Engine::Impl::on(IkeSa& sa, session::Erred&& erred) {
    if (sa.peer != nullptr) {
        sa.peer->trouble.erred(erred.why, now_);
        if (sa.established()) {
            static_cast<void>(sa.peer->remarks.see(erred.why, now_));
        }
    }
}

/// Whose call it was is not proved, so nothing follows but that it can be seen.
void Engine::Impl::on(IkeSa&, session::CallerRefused&& refused) {
    caller_refused(refused.subject, refused.remote.address, std::move(refused.why));
}

// ---- what leaves --------------------------------------------------------------------------------------------------

void Engine::Impl::on(IkeSa&, Transmit&& transmit) {
    this->transmit(std::move(transmit));
}

void Engine::Impl::on(IkeSa&, PathFound&& found) {
    outputs_.emplace_back(found);
}

void Engine::Impl::on(IkeSa& sa, session::DhWanted&& wanted) {
    const std::uint64_t job = next_job_++;
    dh_jobs_.emplace(job, DhTarget{sa.number, wanted.tag});
    outputs_.push_back(StartDh{job, wanted.group, std::move(wanted.key), std::move(wanted.peer_public)});
}

// ---- the way ------------------------------------------------------------------------------------------------------

void Engine::Impl::on(sa::PathUnproven&& event) {
    const auto found = find_child(event.id);
    if (found.peer == nullptr || shutting_down_) {
        return;
    }
    stir(*found.peer);
    if (auto* sa = usable_sa(*found.peer); sa != nullptr) {
        return sa->session->probe_path(event.id, event.outer_mtu);
    }
    outputs_.push_back(PathFound{event.id, std::nullopt});
}

void Engine::Impl::on(IkeSa& sa, session::PathProven&& proven) {
    if (proven.whole) {
        static_cast<void>(sa.peer->remarks.over(FindingId::path_swallows));
    } else {
        static_cast<void>(sa.peer->remarks.measure(
            finding<FindingId::path_swallows>(field<"octets">(std::to_string(proven.octets))), now_));
    }
    if (std::exchange(sa.peer->path_told, proven.octets) == proven.octets) {
        return;
    }
    report(proven.whole ? EventCode::path_proven : EventCode::path_reduced, sa.peer->name,
           {{"remote", sa.remote().text()},
            {"device", std::to_string(proven.device)},
            {"octets", std::to_string(proven.octets)}});
}

void Engine::Impl::on(IkeSa& sa, session::PathUnknown&& unknown) {
    report(EventCode::path_unknown, sa.peer->name,
           {{"remote", sa.remote().text()}, {"device", std::to_string(unknown.device)}});
}

// ---- questions ----------------------------------------------------------------------------------------------------

/// RFC 2407 4.6.3.3: there is really no other SA with this peer, begun or finished, by either side. A message 1 alone
/// is none: anybody can write that in its name.
bool Engine::Impl::is_alone(const IkeSa& sa) const {
    const bool others =
        std::ranges::any_of(sa.peer->sas,
                            [&](const IkeSa* other) { return !other->over() && other != &sa; }) ||
        std::ranges::any_of(nobodys_, [&](const IkeSa* other) {
            return !other->over() && other != &sa && other->session->round_trip() &&
                   other->remote().address == sa.remote().address;
        });
    return !others && std::ranges::all_of(sa.peer->tunnels,
                                          [](const auto& tunnel) { return tunnel->sas.all().empty(); });
}

std::optional<SessionOwner::InstalledChild> Engine::Impl::installed(sa::SaId id) const {
    const auto found = find_child(id);
    if (found.child == nullptr) {
        return std::nullopt;
    }
    const auto usage = usage_.usage(id);
    return SessionOwner::InstalledChild{found.child->pair->inbound.spi, found.child->pair->outbound.spi,
                                        usage && usage->packets_in != 0};
}

bool Engine::Impl::has_pair_with(const Peer& peer, ByteView spi) {
    const std::uint32_t number = negotiation::spi_number(spi);
    return number != 0 && std::ranges::any_of(peer.tunnels, [&](const auto& tunnel) {
               return tunnel->sas.with_spi(number) != nullptr;
           });
}

}  // namespace causeway::ike
