// What Main Mode and Aggressive Mode have in common: what both sides have said so far, Vendor IDs, NAT
// detection (RFC 3947), identities, and the result. Pure: values in, values out; the effects are what
// the engine must do.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/event.hpp"
#include "base/finding.hpp"
#include "base/place.hpp"
#include "base/random.hpp"
#include "codec/isakmp/payloads.hpp"
#include "codec/isakmp/vendor.hpp"
#include "config/model.hpp"
#include "crypto/dh.hpp"
#include "ike/v1/protection.hpp"
#include "ike/v1/step_rule.hpp"
#include "negotiation/encapsulation.hpp"
#include "negotiation/phase1.hpp"
#include "negotiation/reason.hpp"

namespace causeway::ike::v1 {

using negotiation::NatVariant;

/// What the peer's Vendor IDs say.
struct Features {
    NatVariant nat = NatVariant::none;
    bool dpd = false;
    std::vector<isakmp::Vendor> vendors;  ///< recognised ones, each once
};

/// Who sits behind a NAT (RFC 3947 3.2).
struct NatState {
    bool told = false;  ///< the peer has sent such payloads; without them nothing is known
    bool local = false;
    bool remote = false;
    [[nodiscard]] bool any() const { return local || remote; }
};

/// What stays true of a Phase 1.
struct Phase1Facts {
    bool initiator = false;
    config::ExchangeMode mode = config::ExchangeMode::main;
    const config::Peer* peer =
        nullptr;  ///< initiator: whom we call. Responder: whom the identity named, when it has
    isakmp::Cookie cky_i{};
    isakmp::Cookie cky_r{};
    std::optional<negotiation::Phase1Choice> choice;
    Features features;
    NatState nat;
};

/// What both sides have said so far. Copied from state to state: a message that fails changes nothing.
struct Progress : Phase1Facts {
    Bytes sai_b;  ///< the initiator's SA payload body, as it went over the wire (RFC 2409 5)
    Bytes ni_b;
    Bytes nr_b;
    Bytes gxi;
    Bytes gxr;
};

/// Phase 1 is done.
struct Established {
    Phase1Facts progress;
    SharedKeys keys;
    /// The last ciphertext block of Phase 1: every later exchange's IV comes from it (RFC 2409 App. B).
    Bytes last_block;
    config::Identity local_id;
    config::Identity remote_id;
    bool initial_contact = false;                        ///< the peer said so
    std::optional<config::Lifetime> responder_lifetime;  ///< the peer asked for this (RFC 2407 4.6.3.1)
};

/// A wish for Diffie-Hellman: a key pair, and the secret when `peer_public` is there.
struct DhWish {
    crypto::GroupId group{};
    std::shared_ptr<const crypto::DhKey> key;
    Bytes peer_public;
};
/// Its fulfilment.
struct DhResult {
    std::shared_ptr<const crypto::DhKey> key;
    std::shared_ptr<const Secret> shared;
};

/// What an arrow may use.
struct Context {
    RandomSource& random;
    Endpoint local{};
    Endpoint remote{};
    /// No other SA with this peer: say so in our last message (RFC 2407 4.6.3.3).
    bool initial_contact = false;
    std::size_t trial_allowance = 0;  ///< keys that may be derived to read one message
};

/// What an arrow leaves to be done, of Phase 1 and of Quick Mode.
struct Effects {
    Endpoint remote{};  ///< whom events are about

    Bytes reply{};  ///< send this; empty: nothing
    std::optional<DhWish> dh{};
    std::vector<Event> events{};
    /// Why the arrow fails, where it is more than an error's words.
    std::optional<Finding> finding{};
    /// What to complain about to the peer, when the arrow fails. In Phase 1 in clear unless `complaint_keys` is
    /// set.
    std::optional<isakmp::NotifyType> complaint{};
    SharedKeys complaint_keys{};
    Bytes complaint_iv_block{};
    Bytes complaint_spi{};  ///< which offer it is about: the SPI in it (RFC 2408 3.14)
    /// The failure is beyond doubt (authenticated): the attempt is over.
    bool fatal = false;
    /// The message has a Diffie-Hellman value that the group does not admit: nothing was computed with it.
    bool value_refused = false;
    std::size_t trials = 0;       ///< keys that were derived to read the message
    bool trials_refused = false;  ///< more would have been needed

    /// The keys of the two sides differ: the log says what shows it, and where ours stands.
    void report_wrong_key(const std::string& evidence, const causeway::Place& key, const config::Peer* peer);
    void report(EventCode code, std::vector<std::pair<std::string, std::string>> fields,
                const config::Peer* peer);
    /// What the peer proposes is not accepted: the log says why, and so does the error, for `status`. The
    /// peer hears nothing of it.
    [[nodiscard]] tl::unexpected<Error> refuse_in_silence(const negotiation::Reason& reason);
    /// The peer is told as well: in Phase 1 in clear, in Quick Mode under its keys.
    [[nodiscard]] tl::unexpected<Error> refuse(const negotiation::Reason& reason);
    /// The peer has proved that it has the key: it is told under it, and the attempt is over.
    [[nodiscard]] tl::unexpected<Error> refuse_for_good(const negotiation::Reason& reason, SharedKeys keys,
                                                        Bytes last_block);
};

/// Header of a Phase 1 message.
isakmp::Header phase1_header(const Phase1Facts& progress);

/// The Vendor IDs we send. The responder answers with the one NAT-T form it has chosen.
void add_vendor_ids(std::vector<isakmp::Payload>& payloads, const config::Peer& peer,
                    std::optional<NatVariant> chosen = {});
/// Takes the peer's Vendor IDs into account; payloads of other types are passed over.
void learn_vendor_ids(Features& features, std::span<const isakmp::Payload> payloads,
                      const config::Peer& peer);

/// NAT-D payloads: the receiver's address first, then ours (RFC 3947 3.2). Nothing when no NAT-T form is
/// agreed on.
void add_nat_d(std::vector<isakmp::Payload>& payloads, const Progress& progress, const Context& context,
               const config::Peer& peer);
/// Compares the peer's NAT-D payloads with the addresses on the packet. Without any payload nothing is
/// concluded.
NatState detect_nat(std::span<const isakmp::Payload> payloads, const Phase1Facts& progress,
                    const Context& context, const config::Peer& peer);

/// Derives all keys of the SA for one pre-shared key.
SharedKeys derive_keys(const Progress& progress, ByteView gxy, ByteView psk);
/// First IV of Phase 1.
Bytes first_iv(const Progress& progress);

/// INITIAL-CONTACT (RFC 2407 4.6.3.3).
isakmp::Payload initial_contact_payload(const Phase1Facts& progress);
/// INITIAL-CONTACT and RESPONDER-LIFETIME among the payloads of a protected Phase 1 message.
void learn_notifications(Established& established, std::span<const isakmp::Payload> payloads);

/// A KE payload holds a value that its group admits: judged before anything is computed, for anybody can send
/// one, and a value that is not there must not be taken for a job without one.
Result<void> check_public_value(crypto::GroupId group, ByteView value);
/// The same in Phase 1, with the log line.
Result<void> check_public_value(crypto::GroupId group, ByteView value, Effects& effects,
                                const config::Peer* peer);
/// RFC 2409 5: nonces are 8 to 256 octets.
Result<void> check_nonce(ByteView nonce);
/// 32 octets.
Bytes new_nonce(RandomSource& random);
isakmp::Cookie new_cookie(RandomSource& random);

}  // namespace causeway::ike::v1
