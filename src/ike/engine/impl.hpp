// The engine's inside. Parts that own their state are told what happens and say what is to be done: of each peer
// Whereabouts, Attempts, IncomingCalls, Beside, Trouble, FarEnd and OfferedGroups, of each tunnel ChildSas, Wish, Retries,
// Outage, Flapping and OfferedGroups, of both Remarks, of each session SaLife, and OwnNames, OwnAddresses,
// Commands, ToldStrangers, Strangers, CallerBudgets. Of a session itself only the interface is known
// (ike/session.hpp), whatever version of IKE it speaks. The rest is one class, its functions spread over files by
// what they are about: services.cpp and registry.cpp (what all use), conversations.cpp (what sessions are told and
// ask), outcomes.cpp (what failure means), traffic.cpp (what stands and carries nothing), setbacks.cpp (lost at
// once), lifetimes.cpp, pairs.cpp (what ChildSas wants done), closing.cpp, calling.cpp, lookups.cpp (where a peer
// is), pursuit.cpp (what is wanted is begun), succession.cpp (a session takes over), deletions.cpp, liveness.cpp,
// children.cpp (as they are negotiated), phase1.cpp (until a session is established), ways.cpp (our own end),
// versions.cpp (another version than ours), admission.cpp (who may begin a session), peers.cpp (the configuration,
// and commands), timers.cpp, status.cpp, engine.cpp. A function calls those of files that stand before its own.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "ike/engine/backoff.hpp"
#include "ike/engine/caller_budgets.hpp"
#include "ike/engine/child_sas.hpp"
#include "ike/engine/commands.hpp"
#include "ike/engine/engine.hpp"
#include "ike/engine/loss.hpp"
#include "ike/engine/own_addresses.hpp"
#include "ike/engine/own_names.hpp"
#include "ike/engine/places.hpp"
#include "ike/engine/runtime.hpp"
#include "ike/engine/strangers.hpp"
#include "ike/engine/told_strangers.hpp"
#include "ike/engine/whereabouts.hpp"
#include "ike/limits.hpp"
#include "negotiation/candidates.hpp"

namespace causeway::ike {

class Engine::Impl {
 public:
    Impl(Instant now, std::shared_ptr<const config::Model> model, RandomSource& random,
         const sa::UsageSource& usage, const Protocol& protocol);

    void handle(Instant now, Input input);
    void handle_timeout(Instant now);
    std::optional<Output> poll();
    [[nodiscard]] std::optional<Instant> next_timeout() const;
    [[nodiscard]] status::Engine status(Instant now) const;
    [[nodiscard]] status::Pulses pulses(Instant now) const;

 private:
    using Tell = ChildSas::Tell;
    using Fields = std::vector<std::pair<std::string, std::string>>;

    // engine.cpp: inputs
    struct Addressee {
        IkeSa* sa = nullptr;
        bool ours = false;  ///< nobody's: a message of ours that has come back
    };
    [[nodiscard]] Addressee addressee(const Datagram& datagram, const isakmp::Header& header) const;
    void unclaimed(const Datagram& datagram, const isakmp::Header& header, unclaimed::Malformed&& one);
    void unclaimed(const Datagram& datagram, const isakmp::Header& header, unclaimed::Unknown&& unknown);
    void unclaimed(const Datagram& datagram, const isakmp::Header& header, unclaimed::Notices&& notices);
    void unclaimed(const Datagram& datagram, const isakmp::Header& header, unclaimed::Opening&& opening);
    void answer_unknown_session(const Datagram& datagram, const isakmp::Header& about);
    void on(Datagram&& datagram);
    void on(DhDone&& done);
    void on(LookupDone&& done);
    void on(NameDone&& done);
    void on(CommandUp&& command);
    void on(CommandDown&& command);
    void on(CommandShutdown&& command);
    void on(Reload&& reload);
    void on(LocalAddressesChanged&& changed);
    void on(Unreachable&& told);
    /// A template, which nothing converts to: an event without a function of its own must not compile.
    template <std::same_as<sa::Event> FromPlane>
    void on(FromPlane&& event) {
        std::visit([this](auto&& one) { this->on(std::forward<decltype(one)>(one)); },
                   std::forward<FromPlane>(event));
    }
    void on(sa::Acquire&& acquire);
    void on(sa::FirstInbound&& event);
    void on(sa::PeerMoved&& event);
    void on(sa::Exhausted&& event);
    void on(sa::Forgotten&& event);
    void on(sa::Unanswered&& event);
    void on(sa::UnknownSpi&& event);
    void on(sa::PathUnproven&& event);
    void on(sa::Unauthentic&& event);
    void on(sa::Misrouted&& event);
    std::vector<IkeSa*>& siblings(Peer* peer) { return peer != nullptr ? peer->sas : nobodys_; }

    // services.cpp: they use nothing of the rest
    void sweep();
    void strike(IkeSa& sa);
    /// It, or its peer, may have changed: what it waits for is asked again, and it is looked at with the next
    /// timeout. Whoever changes one in a function that is not handed it says so.
    void stir(IkeSa& sa);
    void stir(Peer& peer) { peer_agenda_.stir(peer); }
    void stir_all();
    /// Whoever may be there may have waited for a caller from there.
    void stir_those_at(const IpAddress& address);
    void list_places();
    void note_place(const IpAddress& address, Peer& peer);
    void assign(IkeSa& sa, Peer* peer);
    void call_over(Peer& peer);
    void await_call(Peer& peer);
    [[nodiscard]] std::vector<Peer*> take_not_called();
    void enlist(IkeSa& sa);
    void is_half_open(IkeSa& sa, const IpAddress& source);
    void not_half_open(IkeSa& sa);
    void report(EventCode code, std::string subject, Fields fields);
    void report_ignored(const Endpoint& remote, std::string why);
    void transmit(Transmit&& transmit);
    [[nodiscard]] std::uint32_t new_spi();
    [[nodiscard]] Duration jittered(Duration d, unsigned permille);
    void tell_limit(const Endpoint& remote, const std::string& what);
    /// Ignored; that it is longer than what is read (Errc::limit) is told, for somebody may mean it.
    void cannot_read(const Endpoint& remote, const Error& error);
    /// No message at all.
    void malformed(const Endpoint& remote, const Error& error);
    void on(IkeSa& sa, session::WornOut&&);

    // registry.cpp: what there is
    [[nodiscard]] static bool sends_on(const Peer& peer, std::uint32_t spi);
    [[nodiscard]] IkeSa* usable_sa(const Peer& peer) const;
    /// It is the one that serves; or the peer has it, and has shown nothing yet under those that are newer:
    /// they may be known to us alone.
    [[nodiscard]] bool serves(const IkeSa& sa) const;
    enum class Begun {
        by_us,
        by_either,  ///< also by somebody who may be the peer, and shows that in time
    };
    [[nodiscard]] bool phase1_pending(const Peer& peer, Begun begun) const;
    [[nodiscard]] Peer* find_peer(const std::string& name) const;
    [[nodiscard]] IkeSa* find_sa(unsigned number) const;
    [[nodiscard]] static Tunnel* tunnel_of(const Peer& peer, sa::ReqId reqid);
    [[nodiscard]] bool has_exchange_for(const Peer& peer, const Tunnel& tunnel) const;
    [[nodiscard]] static bool is_known_at(const Peer& peer, const IpAddress& remote);
    /// The older ones first.
    [[nodiscard]] std::vector<IkeSa*> established_with(const IpAddress& remote) const;
    [[nodiscard]] negotiation::Candidates candidates_for(const IpAddress& remote) const;
    [[nodiscard]] std::optional<IpAddress> local_in_use(const Peer& peer) const;
    [[nodiscard]] Whereabouts::Situation situation(const Peer& peer) const;
    /// Phase 1 is begun by us when this holds: nothing stands, or what stands shows no life.
    [[nodiscard]] bool needs_phase1(const Peer& peer) const {
        return peer.beside.wanted() || usable_sa(peer) == nullptr;
    }
    /// The peer is silent, and somebody wants it: its name is looked up again and again.
    [[nodiscard]] bool searching(const Peer& peer) const {
        return peer.whereabouts.searching(situation(peer));
    }
    [[nodiscard]] std::string remote_of(const Peer& peer) const;
    [[nodiscard]] std::string next_in_words(const Peer& peer, const Tunnel& tunnel, Instant now) const;
    struct Found {
        Peer* peer = nullptr;
        Tunnel* tunnel = nullptr;
        const ChildSa* child = nullptr;
    };
    [[nodiscard]] Found find_child(sa::SaId id) const;
    [[nodiscard]] Found find_tunnel(sa::ReqId reqid) const;

    // outcomes.cpp
    /// Its tunnels that nothing carries are down for this.
    static void explain_down(Peer& peer, const Finding& why);
    enum class NextGroup { none, offered };  ///< another one has not been refused
    void attempt_failed(Peer& peer, const Finding& why, NextGroup next);
    /// Nothing: what is wanted stays as it was.
    void tunnel_lost(Peer& peer, Tunnel& tunnel, const Finding& why,
                     std::optional<config::LossAction> action);
    void settle_commands();
    /// Null: of all the peer's tunnels.
    void command_failed(Peer& peer, const Tunnel* tunnel, const Finding& why);
    [[nodiscard]] std::vector<Commands::TunnelState> tunnel_states(const Peer* concerned,
                                                                   const Tunnel* only) const;
    [[nodiscard]] std::vector<Found> find_named(const std::string& name) const;
    void peer_speaks_ikev2(Peer& peer, const IpAddress& caller);
    void found_at(Peer& peer, const IpAddress& remote);
    void silence_proved(Peer& peer);
    void caller_refused(const std::string& subject, const IpAddress& remote, Finding why);

    // closing.cpp
    void end_unfinished(IkeSa& sa, const Finding& why);
    static void still_due(const IkeSa& sa);
    void close_ike_sa(IkeSa& sa, const Finding& why, Tell tell);
    void lose_ike_sa(IkeSa& sa, const Loss& loss, Tell tell);
    enum class Pending { dropped, kept };  ///< negotiations that are under way
    void drop_peer_sas(Peer& peer, const Finding& why, Tell tell, Pending pending = Pending::dropped);

    // calling.cpp
    void start_phase1(Peer& peer, const Path& path, std::optional<unsigned> replaces);
    void start_beside(Peer& peer, const Path& path);
    void call_no_more(const Peer& peer);
    [[nodiscard]] bool calling(const Peer& peer, const IpAddress& remote) const;
    void suspect(IkeSa& standing);
    void tell_doubts(const Peer& peer);
    bool trust(Peer& peer);
    /// Somebody without keys says that something is wrong: asks, when it has not just been asked. True: it
    /// was.
    bool hint(IkeSa& sa);
    /// Something has changed that may end a silence: failures of before do not count.
    void reset_backoff(Peer& peer);
    void network_is_back(Peer& peer);

    // pursuit.cpp
    void start_child(IkeSa& sa, Tunnel& tunnel);
    void pursue(Peer& peer);
    /// It is to be negotiated, and its pauses are over.
    [[nodiscard]] bool is_due(const Tunnel& tunnel) const {
        return tunnel.retries.is_due(tunnel.missing(), now_);
    }

    // traffic.cpp
    void remark(Tunnel& tunnel, const Finding& what);
    void remark_over(Tunnel& tunnel, FindingId what);
    struct OneWay {
        Instant since{};      ///< packets have left, and none has come back
        Instant last_life{};  ///< of the peer
    };
    void notice_one_way(const Peer& peer, Tunnel& tunnel, const IkeSa& sa, const OneWay& traffic);
    void notice_flapping(Tunnel& tunnel, const Finding& why);

    // deletions.cpp
    void on(IkeSa& sa, session::SpiUnknown&& unknown);
    void on(IkeSa& sa, session::SessionsDeleted&& deleted);
    void notice_identity_disliked(const IkeSa& sa);
    void on(IkeSa& sa, session::ChildrenDeleted&& deleted);
    void drop_disclaimed(Peer& peer, Tunnel& tunnel, std::optional<std::uint32_t> spi);
    void named_unknown(Peer& peer, std::uint32_t spi);

    // phase1.cpp
    void on(IkeSa& sa, session::Dropped&&);
    void on(IkeSa& sa, session::Failed&& failed);
    void on(IkeSa& sa, session::GaveUp&& gave_up);
    void on(IkeSa& sa, session::FellSilent&& silent);
    void on(IkeSa& sa, session::StillRefused&& refused);
    void on(IkeSa& sa, session::CallsInVain&& vain);
    void on(IkeSa& sa, session::CallAnew&&);
    void on(IkeSa& sa, session::RefusedInClear&& refused);
    void on(IkeSa& sa, session::IdentityRefused&& refused);
    void on(IkeSa& sa, session::Established&& told);
    void on(IkeSa& sa, session::LifetimeAsked&& asked);
    void take_over(IkeSa& sa);
    void adopt_lifetimes(IkeSa& sa, const session::Established& told, bool nat_settled);
    void start_liveness(IkeSa& sa, const session::Established& told);
    void renew_children(const IkeSa& sa, bool was_suspected);
    void phase1_failed(IkeSa& sa, const Finding& why);
    void unproved(const IkeSa& sa);
    static NextGroup offer_next_group(Peer& peer, OfferedGroups::Answer answer);
    static void group_agreed(Peer& peer, crypto::GroupId group);
    [[nodiscard]] static bool another_group_left(const Peer& peer);

    // admission.cpp
    void know_callers();
    void make_room(const IkeSa& newcomer);
    [[nodiscard]] std::multimap<IpAddress, IkeSa*>& half_open_like(const IkeSa& sa) {
        return sa.standing == Caller::Standing::known ? half_open_known_ : half_open_strangers_;
    }
    void tell_of_call(const IpAddress& remote);
    void on(IkeSa& sa, session::ShownItself&&);
    void on(IkeSa& sa, session::KeysDerived&& derived);
    [[nodiscard]] bool may_compute(const IkeSa& sa, config::ExchangeMode mode) const;
    void computes(const IkeSa& sa, config::ExchangeMode mode);
    [[nodiscard]] std::size_t trials_left(const IkeSa& sa) const;

    // versions.cpp
    void other_version(const Datagram& datagram, const isakmp::Header& header);
    void caller_speaks_ikev2(const Datagram& datagram, const isakmp::Header& header);
    void peer_refuses_ikev1(IkeSa& sa);

    // succession.cpp
    void supersede(IkeSa& newer);
    void initial_contact(IkeSa& sa);
    void on(IkeSa& sa, session::InitialContact&&);
    static bool settle_nat(IkeSa& newer);
    static void ask_again(IkeSa& newest);
    static bool holds_up_a_tunnel(const IkeSa& sa);
    static ChildSas::Partner partner_of(const Peer& peer);
    static void bring_ike_sas(const IkeSa& sa);
    void move_children_to(IkeSa& sa);

    // lifetimes.cpp
    struct Life {
        Instant expires{};
        std::optional<Instant> rekey_at;
        std::optional<Instant> rest_until;  ///< it ends sooner, and nothing is begun by us before
    };
    [[nodiscard]] Life life_of(Instant begun, Instant since, Duration agreed, Duration own, Role role);
    void set_life(IkeSa& sa, Duration agreed);
    [[nodiscard]] Life life_of_pair(Tunnel& tunnel, const sa::SaPair& pair, Instant begun, Duration agreed,
                                    Role role);
    void used_up(Tunnel& tunnel, const ChildSa& child);
    void tell_short_life(const std::string& subject, const Endpoint& remote, const std::string& life);

    // children.cpp
    bool may_begin_another(IkeSa& sa);
    void on(IkeSa& sa, session::ChildAsked&&);
    void on(IkeSa& sa, session::ChildBegun&& begun);
    void on(IkeSa& sa, session::ChildConfirmed&& confirmed);
    void on(IkeSa& sa, session::ChildFinished&&);
    void on(IkeSa& sa, session::ChildLost&& lost);
    void on(IkeSa& sa, session::ChildFailed&& failed);
    void on(IkeSa& sa, session::ChildInDoubt&& doubted);
    void on(IkeSa& sa, session::ChildSilent&& silent);
    void on(IkeSa& sa, session::Idle&&);
    void on(IkeSa& sa, session::TrialEnded&& ended);
    void tell_of_failure(const IkeSa& sa, Tunnel& tunnel, const session::ChildFailed& failed,
                         const std::string& next);
    bool try_other_pfs(IkeSa& sa, Tunnel& tunnel);
    static NextGroup offer_next_group(Tunnel& tunnel, session::Refused refused);
    void doubt_phase1(IkeSa& sa, const Tunnel& tunnel);
    [[nodiscard]] bool another_child_waits(const IkeSa& sa, sa::ReqId reqid) const;

    // conversations.cpp
    class Owner;
    [[nodiscard]] std::unique_ptr<IkeSa> new_sa(Role role, const Place& place, Caller::Standing standing,
                                                const SaLife& life);
    void on(IkeSa& sa, session::Said&& said);
    void on(IkeSa& sa, session::Ignored&& ignored);
    void on(IkeSa& sa, session::InClear&&);
    void on(IkeSa& sa, session::Malformed&& one);
    void on(IkeSa& sa, session::Unreadable&& unreadable);
    void on(IkeSa& sa, session::OverLimit&& limit);
    void on(IkeSa& sa, session::Erred&& erred);
    void on(IkeSa& sa, session::CallerRefused&& refused);
    void on(IkeSa& sa, Transmit&& transmit);
    void on(IkeSa& sa, PathFound&& found);
    void on(IkeSa& sa, session::DhWanted&& wanted);
    void on(IkeSa& sa, session::PathProven&& proven);
    void on(IkeSa& sa, session::PathUnknown&& unknown);
    [[nodiscard]] bool is_alone(const IkeSa& sa) const;
    [[nodiscard]] std::optional<SessionOwner::InstalledChild> installed(sa::SaId id) const;
    [[nodiscard]] static bool has_pair_with(const Peer& peer, ByteView spi);

    // pairs.cpp
    std::optional<sa::SaId> install(IkeSa& sa, AgreedChild&& child);
    void make_room(Peer& peer, Tunnel& tunnel, sa::SaId id);
    void perform(Peer& peer, Tunnel& tunnel, ChildSas::Changes changes);
    void on(Peer& peer, Tunnel& tunnel, InstallSa&& install);
    void on(Peer& peer, Tunnel& tunnel, RemoveSa&& remove);
    template <class Change>
    requires std::constructible_from<Output, Change>
    void on(Peer&, Tunnel&, Change&& change) { outputs_.push_back(std::forward<Change>(change)); }
    void on(Peer& peer, Tunnel&, child::TellPeer&& told);
    void on(Peer&, Tunnel& tunnel, child::Up&& up);
    void on(Peer&, Tunnel& tunnel, child::FellBack&& fell);
    void on(Peer&, Tunnel& tunnel, child::Down&& down);
    void on(Peer& peer, Tunnel& tunnel, child::CarrierLost&& lost);
    void on(Peer&, Tunnel& tunnel, child::RenewalDue&&);

    // setbacks.cpp
    void tell_of_setbacks(Peer& peer, const Loss& loss, const Endpoint& remote);
    void tell_of_limit(Peer& peer, const Finding& what, const std::string& next);
    bool calls_too_often(const IpAddress& remote);

    // liveness.cpp
    [[nodiscard]] Instant last_life(const IkeSa& sa) const;
    /// When a peer is asked that was heard last at `last`.
    [[nodiscard]] static Instant quiet_until(const IkeSa& sa, Instant last);
    void check_liveness(IkeSa& sa);
    bool fail_over(IkeSa& sa);
    [[nodiscard]] bool ends_soon(const Peer& peer) const;
    void distrust(IkeSa& sa, Instant since);
    void on(IkeSa& sa, session::ChildUnanswered&& child);
    void on(IkeSa& sa, session::Heard&&);
    void on(IkeSa& sa, session::QuestionAnswered&&);
    void on(IkeSa& sa, session::Doubted&&);
    void on(IkeSa& sa, session::Disowned&&);
    void on(IkeSa& sa, session::Unheeded&& unheeded);
    void on(IkeSa& sa, session::Moved&& moved);
    bool check_unheeded(IkeSa& sa);
    void heard(IkeSa& sa);
    void proved_alive(IkeSa& sa);
    void peer_silent(Peer& peer, const Endpoint& remote, unsigned tries);
    void renew_unasked(Peer& peer, Tunnel& tunnel, Instant since);
    void renew_unanswered(Peer& peer, Tunnel& tunnel, const IkeSa& sa, Instant since);

    // lookups.cpp
    void start_lookup(Peer& peer);
    void timeout_whereabouts(Peer& peer);
    void perform(Peer& peer, Whereabouts::Changes&& changes);
    void perform(Peer& peer, Lookup&& lookup);
    void perform(Peer& peer, Event&& event);
    void perform(Peer& peer, Whereabouts::FoundAt&& found);
    void perform(Peer& peer, Whereabouts::ResolvedAgain&& again);
    void perform(Peer& peer, Whereabouts::AnswerChanged&& changed);
    void perform(Peer& peer, Whereabouts::WaysKnown&& ways);
    void perform(Peer& peer, Whereabouts::NotFound&& failure);
    void perform(Peer& peer, Whereabouts::Answered&& answered);
    void perform(Peer& peer, Whereabouts::AnotherAddressDue&& due);
    void ask_where_it_stands(IkeSa& standing);
    void begin_attempt(Peer& peer);
    void resolve_possible_callers(const IpAddress& caller);
    void leave_lost_address(Peer& peer);
    void drop_calls_from_elsewhere(Peer& peer, const std::vector<Path>& ways);
    void begin_move(Peer& peer, const Path& way, const IpAddress& before);
    void leave_address(Peer& peer, const IpAddress& address);
    [[nodiscard]] static bool we_may_call(const Peer& peer, const Tunnel& tunnel);

    // ways.cpp
    void watch_own_names();
    [[nodiscard]] OurEnds our_ends(const std::string& own_name) const;
    void compare_own_names();
    void perform(OwnNames::Changes&& changes);
    void perform(LookupName&& lookup) { outputs_.emplace_back(std::move(lookup)); }
    void perform(Event&& event) { outputs_.emplace_back(Report{std::move(event)}); }
    void perform(OwnNames::RecognisableAgain&& again);

    // peers.cpp
    void adopt_model(std::shared_ptr<const config::Model> model);
    void list_peers();

    // timers.cpp
    void timeout_sa(IkeSa& sa);
    void renew(IkeSa& sa);
    void timeout_peer(Peer& peer);
    void timeout_children(Peer& peer, Tunnel& tunnel);
    [[nodiscard]] Finding why_down(const Peer& peer, const Tunnel& tunnel) const;
    [[nodiscard]] status::Peer status_of(const Peer& peer, Instant now) const;
    [[nodiscard]] std::optional<bool> answers(const Peer& peer, Instant now) const;
    [[nodiscard]] status::Tunnel status_of(const Peer& peer, const Tunnel& tunnel, Instant now) const;
    [[nodiscard]] status::ChildSa status_of(const ChildSa& child) const;
    void add_timers(const IkeSa& sa, Session::Timers& timers) const;
    void add_timers(const Peer& peer, Session::Timers& timers) const;
    void add_timers(Session::Timers& timers) const;
    void settle_agendas();
    void check_agendas() const;
    void timeout_sas(const std::vector<Peer*>& peers, const std::vector<IkeSa*>& nobodys);

    struct DhTarget {
        unsigned sa = 0;
        std::uint64_t tag = 0;  ///< the session's own
    };

    Instant now_{};
    RandomSource& random_;
    const sa::UsageSource& usage_;
    const Protocol& protocol_;
    std::shared_ptr<const config::Model> model_;
    std::vector<std::unique_ptr<Peer>> peers_;
    std::vector<std::unique_ptr<IkeSa>> sas_;          ///< by number
    std::vector<IkeSa*> nobodys_;                      ///< those whose peer is not known yet
    std::vector<IkeSa*> ended_;                        ///< those that the next sweep removes
    std::multimap<isakmp::Cookie, IkeSa*> by_cookie_;  ///< the initiator's; of one the older first
    /// Begun by others and not established, by their sources (Caller::source()): of one the oldest first.
    std::multimap<IpAddress, IkeSa*> half_open_known_;
    std::multimap<IpAddress, IkeSa*> half_open_strangers_;
    std::vector<Peer*> by_name_;  ///< sorted; of one name the first of the configuration alone
    struct Numbered {
        sa::ReqId reqid = 0;
        Peer* peer = nullptr;
        Tunnel* tunnel = nullptr;
    };
    std::vector<Numbered> by_reqid_;  ///< sorted
    struct Installed {
        sa::SaId id{};
        std::uint32_t spi_in = 0;
        Peer* peer = nullptr;
        Tunnel* tunnel = nullptr;
    };
    std::vector<Installed> installed_;        ///< sorted
    std::unordered_set<std::uint32_t> spis_;  ///< inbound, of those
    Places places_;
    std::vector<Peer*>
        not_called_;  ///< those among them that no look-up has led to, and nobody has called since
    Agenda<Peer> peer_agenda_;
    Agenda<IkeSa> nobodys_agenda_;  ///< a peer's own sessions are the peer's
    std::deque<Output> outputs_;
    std::unordered_map<std::uint64_t, DhTarget> dh_jobs_;
    Commands commands_;
    ToldStrangers told_strangers_;
    Strangers strangers_;
    Allowance unreachable_;  ///< what ICMP says
    std::shared_ptr<const negotiation::Anywhere> anywhere_;
    CallerBudgets caller_budgets_;
    std::uint64_t key_trials_ = 0;
    OwnAddresses own_addresses_;
    OwnNames own_names_;
    bool shutting_down_ = false;
    unsigned next_ike_number_ = 1;
    unsigned next_child_number_ = 1;
    std::uint64_t next_sa_id_ = 1;
    std::uint64_t next_job_ = 1;
    std::uint64_t steps_ = 0;  ///< of children: which came first
    std::uint64_t messages_in_ = 0;
    std::uint64_t messages_out_ = 0;
    std::uint64_t messages_ignored_ = 0;
};

}  // namespace causeway::ike
