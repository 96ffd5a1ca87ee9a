// Every bound of the IKE engine, each with its reason. Counts unless the name says otherwise.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace causeway::ike::limits {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Phase 1 exchanges begun by others and not finished: places for so many from one source, and in all. What
/// is full makes room by forgetting its oldest one. A source is a prefix (IPv4 /24, IPv6 /56), or an address
/// at which a configured peer is known, which has places apart from strangers'. Each costs 3 kB with
/// a usual offer, all of them 1.5 MB; with the longest offer that is read each costs 2 kB more. Where more
/// peers are configured than the known have places of a kind, there are as many of that kind as peers.
struct HalfOpen {
    std::size_t each;
    std::size_t all;
};
/// Main Mode, message 1 answered: anybody can write that with anybody's address. A peer that is 200 ms away
/// needs its place for so long, and 100 forged ones a second take 20 others meanwhile.
inline constexpr HalfOpen half_open_strangers{96, 192};
inline constexpr HalfOpen half_open_known{96, 128};
/// Main Mode, after message 3, which nobody can write who does not get what we send: several peers behind one
/// NAT need a few.
inline constexpr HalfOpen half_open_proved{16, 64};
/// Aggressive Mode, of strangers and again of the known.
inline constexpr HalfOpen half_open_aggressive{8, 32};
inline constexpr std::size_t half_open_total =
    half_open_strangers.all + half_open_known.all + 2 * half_open_proved.all + 2 * half_open_aggressive.all;
/// The longest first message that is read: its SA payload is kept for the hashes. The longest offers seen
/// have 2 kB.
inline constexpr std::size_t first_message_octets = 2400;

/// What is given away again and again: so many at once, then one more after each such time.
struct Rate {
    std::uint32_t burst;
    Duration each;
};
/// Diffie-Hellman computed for exchanges that others begin: 1 to 10 ms each on a router, on a thread of its
/// own, where real handshakes queue. Of Main Mode after message 3, of one source and of all strangers; an
/// address at which a peer is known has its own.
inline constexpr Rate main_computations{16, milliseconds(500)};
inline constexpr Rate main_computations_of_strangers{64, milliseconds(125)};
/// Of Aggressive Mode at message 1, which anybody can write with anybody's address; of strangers and of the
/// known apart.
inline constexpr Rate aggressive_computations{8, seconds(1)};
inline constexpr Rate aggressive_computations_of_all{64, milliseconds(125)};
/// Keys derived to read a message 5 that the likeliest ones do not open: about 15 us each, on the thread that
/// carries ESP. Of one source, and of all strangers: a hundredth of the time.
inline constexpr Rate key_trials{1024, milliseconds(8)};
inline constexpr Rate key_trials_of_strangers{2048, milliseconds(2)};
/// Of one exchange such a message is looked at once in this time: its initiator repeats it after a second or
/// later.
inline constexpr Duration key_trials_again = milliseconds(900);
/// Sources whose rates are remembered; beyond, the one that has used least is forgotten.
inline constexpr std::size_t rated_sources = 256;
/// The likeliest keys are derived once in an exchange, so that a message 5 behind any number of forged ones
/// is still read.
inline constexpr std::size_t likely_keys = 2;
/// Values of Diffie-Hellman that a group does not admit, in messages 3 of one exchange; then it ends.
inline constexpr unsigned refused_values = 3;

/// A responder forgets an unfinished exchange after this: the initiators seen retransmit for about 25 s to
/// 165 s, but send message 3 at once.
inline constexpr Duration half_open_time = seconds(30);

/// Different pre-shared keys tried on one message 5 (RFC 2409 5.4 names the key by address only): about ten
/// HMACs each, all together the time of a few Diffie-Hellman exchanges. A gateway whose peers come from
/// anywhere needs one for each of them.
inline constexpr std::size_t psk_trials = 256;

/// Retransmission of what we started: 1, 2, 4, 8, 8 s after the message before; then the attempt has failed.
inline constexpr Duration retransmit_first = seconds(1);
inline constexpr Duration retransmit_max = seconds(8);
inline constexpr unsigned retransmit_tries = 5;

/// A peer that calls us is let finish first, this long at most after it began: a peer whose NAT lets nothing
/// in on port 4500 never gets further.
inline constexpr Duration let_peer_call = seconds(3);
/// And this long until its message 3: anybody can write message 1 in its name.
inline constexpr Duration let_peer_show = seconds(1);
/// Whoever has begun Phase 1 has a tunnel in mind and begins Quick Mode at once: beginning too would make two.
inline constexpr Duration let_peer_begin = seconds(3);

/// Between attempts to reach a peer: doubled each time, with a quarter of jitter.
inline constexpr Duration retry_first = seconds(1);
inline constexpr Duration retry_max = seconds(60);
/// The longest pause while packets wait for the tunnel: somebody would notice.
inline constexpr Duration retry_wanted = seconds(8);

/// After so many messages that had no answer the log says so; the exchange goes on.
inline constexpr unsigned told_of_silence_after = 3;

/// So many callers in Aggressive Mode, one after the other, do not go on until it is said that their key may differ.
inline constexpr unsigned unproved_until_doubted = 2;
/// A key that has worked is said to differ after so many attempts that fail one after the other.
inline constexpr unsigned key_doubted_after = 3;
/// Of one peer or tunnel, beside the reason why it is down; each goes when it was not seen for so long.
inline constexpr std::size_t remarks = 8;
inline constexpr Duration remark_stays = hours(1);
/// What was learned by asking for other PFS is asked again after this, while the tunnel is refused.
inline constexpr Duration pfs_trial_stays = minutes(10);
/// A Phase 1 that the peer has begun and ends so soon, without having begun anything under it.
inline constexpr Duration identity_disliked_within = seconds(2);
/// ICMP errors about our packets that are looked at: anybody can write them.
inline constexpr Duration unreachable_interval = milliseconds(20);
inline constexpr std::size_t unreachable_at_once = 64;
/// Packets that go into a tunnel whose peer answers, and for how long, before it is told that none comes back.
inline constexpr std::uint64_t one_way_packets = 20;
inline constexpr Duration one_way_after = seconds(30);
/// A tunnel that was up goes down so often within this time: it flaps.
inline constexpr std::size_t flaps = 3;
inline constexpr std::size_t flaps_remembered = 10;
inline constexpr Duration flaps_within = minutes(10);
/// Callers whom no peer fits and whom `status` names.
inline constexpr std::size_t strangers_told = 8;

/// A pair or an ISAKMP SA that ends sooner was no success: somebody who deletes what he has just made would
/// have it made without end. Longer than a peer takes to find that it cannot use it, shorter than the idle
/// times after which peers close what nobody uses (a minute and more).
inline constexpr Duration lasting = seconds(30);

/// A pause after such losses ends so long before the pair that carries meanwhile, if it is retry_wanted by
/// then.
inline constexpr Duration pause_before_end = seconds(15);

/// What a peer, which has proved who it is, may begin under its ISAKMP SAs or in Phase 1: all its tunnels at
/// once, again and again for some minutes; but in the long run no more than a router computes beside its
/// work.
inline constexpr Duration peers_quick_mode_interval = milliseconds(250);
inline constexpr std::size_t peers_quick_modes_at_once = 256;
inline constexpr Duration peers_phase1_interval = seconds(1);
inline constexpr std::size_t peers_phase1_at_once = 128;
/// That it does more is told so often.
inline constexpr Duration limit_told_interval = minutes(1);

/// After a change of our own address a peer that knows us by name refuses us, or is silent, until our name
/// has followed. For this long attempts are this far apart, whatever was answered.
inline constexpr Duration own_change_time = seconds(60);
inline constexpr Duration own_change_retry = seconds(2);

/// Names are looked up this often while a peer is silent; after `lookup_eager_time` the pause doubles up to
/// the lazy one.
inline constexpr Duration lookup_eager = seconds(2);
inline constexpr Duration lookup_eager_time = seconds(120);
inline constexpr Duration lookup_lazy = seconds(15);
/// A question that gets no answer at all (the host's resolver ends its own sooner, as a rule) does not stop
/// the asking.
inline constexpr Duration lookup_timeout = seconds(10);
/// A name of ours that is wrong for longer than this is so by intention, and looked up once a minute.
inline constexpr Duration own_name_hope = hours(1);
/// Peers whose names are looked up because somebody unknown called: an attacker must not make us ask for all.
inline constexpr std::size_t lookups_per_caller = 8;

/// A name with several addresses: the next one is called when the one before has been silent for this long,
/// so that a dead one costs two seconds and not its whole retransmission. Called at the same time, at most.
inline constexpr Duration next_address_after = seconds(2);
inline constexpr std::size_t addresses_at_once = 4;

/// Quick Modes that one peer has under way, and under each ISAKMP SA those of its that are over and
/// remembered. Peers with many subnets begin all their Quick Modes at once.
inline constexpr std::size_t exchanges_per_sa = 64;
/// Our own Quick Modes at a time under one ISAKMP SA with another causeway. With others it is one: charon
/// keeps what belongs to the latest three message ids only, finished ones and Informationals included, and
/// cannot read message 3 of what it has forgotten.
inline constexpr std::size_t own_quick_modes_per_sa = 3;
/// So many messages of a Quick Mode go unanswered before something else is begun beside it with such a peer:
/// liveness must not wait for what may be ignored.
inline constexpr unsigned quick_mode_alone_tries = 2;
/// And so many before it makes room for another tunnel that waits.
inline constexpr unsigned quick_mode_makes_room_tries = 2;
/// Quick Mode begins so long after a liveness question with such a peer, or when that is answered.
inline constexpr Duration question_alone = seconds(1);
/// Informationals that waited for Quick Mode leave so far apart, while nothing else begins.
inline constexpr Duration deferred_pause = milliseconds(50);
/// So many wait; DELETEs of all tunnels' older pairs, as a rule.
inline constexpr std::size_t deferred_per_sa = 64;
/// An error that does not say which Quick Mode it is about means the one whose message 2 or 3 left less than
/// this ago: a round trip, and the time in which the peer tries to install what was agreed.
inline constexpr Duration message_3_judged = seconds(10);
/// Quick Modes for one tunnel that the peer has begun and not finished: repetitions of one who lost our
/// answer. Another one takes the place of the oldest.
inline constexpr std::size_t unfinished_per_tunnel = 3;
/// A finished Quick Mode is remembered so that a repeated message 2 is answered with message 3 again
/// (RFC 2409 5.5).
inline constexpr Duration finished_exchange_time = seconds(60);
/// ISAKMP SAs with one peer: both ends may begin at the same moment, again and again.
inline constexpr std::size_t ike_sas_per_peer = 8;
/// SA pairs of one tunnel: the one in use, its successor, and what is left of collisions.
inline constexpr std::size_t child_sas_per_tunnel = 6;

/// A peer that is silent is asked so much later at most, so that many are asked together; three times that by who was
/// called. Of short times that it may be silent it is a hundredth.
inline constexpr Duration liveness_slot = milliseconds(100);
/// R-U-THERE again after this, same sequence number.
inline constexpr Duration dpd_repeat = seconds(2);
/// The same while our packets go unanswered.
inline constexpr Duration dpd_repeat_eager = seconds(1);
/// So many of those go unanswered before Phase 1 is begun beside the SA that stands.
inline constexpr unsigned dpd_suspect_after = 2;
/// After the last unanswered question what carries the tunnels stays for so long: Phase 1 is begun beside it,
/// and its first message may be lost once.
inline constexpr Duration suspected_grace = seconds(4);
/// A peer that did not announce DPD cannot be asked: after so much unanswered traffic Phase 1 is begun at
/// once.
inline constexpr Duration unanswered_without_dpd = seconds(10);
/// A tunnel whose traffic nobody answers, though the peer is there, is renewed: three messages, for a peer
/// that has lost the pair and does not say so. Traffic in one direction looks the same, so this waits until
/// the peer has been asked a few times, and twice as long each time.
inline constexpr Duration unanswered_renewal_max = seconds(300);
constexpr Duration unanswered_renewal(Duration idle) {
    return std::max(idle, std::min<Duration>(4 * idle, unanswered_renewal_max));
}
/// A clear-text hint (INVALID-SPI and the like) may cause one liveness check in this time.
inline constexpr Duration hint_interval = seconds(10);
/// A message from where the peer was before was sent before it moved, for so long after it did.
inline constexpr Duration overtaken_time = seconds(5);
/// Phase 1 in which nothing was said of NAT although there ought to be one is made anew after this, once.
inline constexpr Duration nat_doubted = seconds(5);
/// Quick Modes under one ISAKMP SA that make room for each other, and go unanswered for so long: the peer may
/// have forgotten that SA.
inline constexpr Duration deaf_at_last = seconds(15);
/// So many messages of a Quick Mode of ours go unanswered before the peer is asked whether it still knows the
/// ISAKMP SA.
inline constexpr unsigned quick_asks_after = 2;
/// The way's MTU is found out within this, or another time.
inline constexpr Duration path_time = seconds(60);
/// Sizes that are tried below the device's, largest first: PPPoE, tunnels over IP, usual settings, and what
/// every way carries (RFC 8200 5).
inline constexpr std::array<std::size_t, 8> path_sizes{1492, 1480, 1460, 1440, 1400, 1360, 1320, 1280};
/// A size is given up after this, or three round trips; the second try of the first one has a little longer.
inline constexpr Duration path_wait = milliseconds(300);
inline constexpr Duration path_second_wait = milliseconds(500);
/// The questions without padding before and after.
inline constexpr Duration path_alive_wait = seconds(1);
inline constexpr unsigned path_alive_tries = 2;
/// NAT keepalive (RFC 3948 4: default 20 s).
inline constexpr Duration nat_keepalive = seconds(20);

/// NO-PROPOSAL-CHOSEN to an unknown source: once in this time, to so many of one prefix, else silence.
inline constexpr Duration refusal_interval = minutes(1);
inline constexpr std::size_t refusals_per_prefix = 4;
/// INVALID-COOKIE, the same: a peer that asks under a forgotten SA asks again after one or two seconds.
inline constexpr Duration invalid_cookie_interval = seconds(2);
inline constexpr std::size_t refusal_sources = 256;

/// An answer to somebody who has proved nothing is at most so many times as long as what was sent: a forged
/// source address must not make us a worthwhile amplifier (CERT VU#419128).
inline constexpr std::size_t answer_per_request = 3;

/// Renewal of an SA begins this share of its lifetime before the end (per mille), less up to the jitter; the
/// responder of the SA waits half of the margin longer.
inline constexpr unsigned rekey_margin_permille = 150;
inline constexpr Duration rekey_margin_max = minutes(9);
/// Of a short lifetime a greater share, a third at most: Quick Mode that gets no answer, the question whether
/// the peer knows the ISAKMP SA, and another Phase 1 take half of this.
inline constexpr Duration rekey_margin_min = seconds(20);
constexpr Duration rekey_margin(Duration whole) {
    return std::max(std::min<Duration>(whole * rekey_margin_permille / 1000, rekey_margin_max),
                    std::min<Duration>(whole / 3, rekey_margin_min));
}
inline constexpr unsigned rekey_jitter_permille = 300;
/// After message 3 the initiator of a renewal goes on sending on the pair before until packets come on the
/// new one, this long at most: message 3 may be behind them, or lost.
inline constexpr Duration activation_delay = seconds(1);
/// A replaced SA pair goes on receiving for this long before it is deleted.
inline constexpr Duration replaced_grace = seconds(30);
/// And for this long after the DELETE: the peer sends on it until that has arrived.
inline constexpr Duration deleted_linger = seconds(5);

/// Messages of ours that are remembered under one ISAKMP SA, to know them when they come back (a reflecting
/// attacker, a gateway that talks to itself), and message ids of the peer's, so that a recorded message is
/// never new again: four octets each. An idle tunnel whose ends ask each other every 15 s has at most 11,520
/// of each in a day; then they have 90 kB, in an hour 4 kB.
inline constexpr std::size_t remembered_datagrams = 16'384;
inline constexpr std::size_t remembered_message_ids = 16'384;
/// Later messages of Quick Modes, and what was said in clear: the latest few, since nothing can be made of
/// them.
inline constexpr std::size_t remembered_later_messages = 16;
/// The ISAKMP SA is renewed when so many are remembered; by its responder later, so that one end does it.
/// What is left is for renewals that fail.
constexpr std::size_t worn_out(std::size_t remembered, bool initiator) {
    return remembered / 16 * (initiator ? 14 : 15);
}

/// Renewals that somebody else causes come at most once in this time, in both phases: a lifetime that the
/// peer shortens to seconds, messages without number. Those of our own configuration come when it says so.
inline constexpr Duration renewal_interval = seconds(60);
/// What has less left to live is not renewed any more: another one could hardly be finished by then.
inline constexpr Duration renewal_too_late = seconds(2);
/// A pair that has carried so much may be renewed sooner when its kilobytes run out, whoever set them.
inline constexpr std::uint64_t renewal_octets = 1'000'000'000;

/// A message from elsewhere that is the peer's, but may have been held back, makes us ask there, so often at
/// most.
inline constexpr Duration ask_elsewhere = seconds(1);

/// A peer that says INITIAL-CONTACT from where it was before may have forgotten its SA pairs, or may say it
/// with every Phase 1: what carried goes on for so long beside what is made instead.
inline constexpr Duration disclaimed_grace = seconds(10);

}  // namespace causeway::ike::limits
