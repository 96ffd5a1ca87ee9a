// Somebody who watches the wire and knows the pre-shared keys and every Diffie-Hellman secret. Derives all
// keys on its own, from what travels, and so opens each protected message: scenarios can say what is inside,
// and fuzzing can change it. Knows nothing of the engines' states.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "codec/isakmp/message.hpp"
#include "crypto/ikev1_keys.hpp"

namespace causeway::world {

/// A message as it was sent.
struct Seen {
    isakmp::Header header{};
    bool readable = false;  ///< false: protected with keys that the observer could not derive
    std::vector<isakmp::Payload> payloads;
    bool repeated = false;  ///< the very same octets were on the wire before
};

class Observer {
 public:
    void knows_psk(ByteView psk);
    /// The secret that two public values share.
    void knows_secret(ByteView public_a, ByteView public_b, ByteView secret);

    /// To be called once for each datagram, in the order of sending.
    Seen watch(ByteView datagram);

    /// The datagram with other payloads under the same keys and IV, HASH(1) and HASH(2) of later exchanges
    /// and HASH_I and HASH_R made anew when wanted; nothing when it cannot be opened.
    enum class Hash { keep, renew };
    [[nodiscard]] std::optional<Bytes> rewritten(ByteView datagram,
                                                 const std::vector<isakmp::Payload>& payloads,
                                                 Hash hash) const;
    /// The first message of a Quick Mode or an Informational, HASH(1) in front, under the keys of the session
    /// that `like` belongs to: what a peer gone mad would send.
    /// `id_alone`: the IV is the hash of the message id, as libreswan 4.10 has it before Phase 1 has ended.
    enum class Iv { chained, id_alone };
    [[nodiscard]] std::optional<Bytes> composed(ByteView like, isakmp::ExchangeType exchange,
                                                std::uint32_t message_id,
                                                const std::vector<isakmp::Payload>& payloads,
                                                Iv chain = Iv::chained) const;

    /// "SA VID", "HASH ID", "N:INITIAL-CONTACT": payload names in order, repetitions of one name shown once.
    static std::string describe(const std::vector<isakmp::Payload>& payloads);

    /// What would come next in the exchange that `like` belongs to, under its chain of IVs (RFC 2409 Appendix
    /// B); no hash is made.
    [[nodiscard]] std::optional<Bytes> continued(ByteView like,
                                                 const std::vector<isakmp::Payload>& payloads) const;

 private:
    struct Session {
        isakmp::Cookie cky_i{};
        isakmp::Cookie cky_r{};
        Bytes ke_i, ke_r, nonce_i, nonce_r;
        Bytes sai_b, idii_b;  ///< as message 1 has them
        std::optional<crypto::CipherId> cipher;
        std::optional<crypto::HashId> hash;
        std::vector<crypto::Skeyids> skeyids;  ///< one for each known pre-shared key
        std::vector<Secret> keys;              ///< Ka, in the same order
        std::optional<std::size_t> psk;        ///< which of them opens the messages
        std::vector<Bytes> blocks;             ///< of Phase 1: first IV, then the last block of each message
        std::map<std::uint32_t, std::vector<Bytes>> chains;  ///< the same for later exchanges
        std::map<std::uint32_t, Bytes> nonces;               ///< Ni_b of Quick Modes
    };
    struct Opened {
        isakmp::Cookie cky_i{};
        std::size_t psk = 0;
        Bytes iv;
        std::vector<isakmp::Payload> payloads;
    };

    void learn(Session& session, const Seen& seen);
    void derive(Session& session) const;
    static Bytes phase1_hash(const Session& session, std::size_t psk, bool initiator, ByteView id_b);
    static void renew_phase1_hash(const Session& session, std::size_t psk, bool initiator,
                                  std::vector<isakmp::Payload>& payloads);
    static std::optional<Bytes> sealed(const Session& session, std::size_t psk, ByteView iv,
                                       isakmp::Header header, const std::vector<isakmp::Payload>& payloads);
    std::optional<Opened> open(Session& session, const isakmp::Header& header, ByteView body) const;
    static std::vector<Bytes> ivs(const Session& session, const isakmp::Header& header);

    std::vector<Bytes> psks_;
    std::map<std::pair<Bytes, Bytes>, Bytes> secrets_;
    mutable std::map<Bytes, Session> sessions_;  ///< keys are derived when they are first wanted
    std::map<Bytes, Seen> seen_;                 ///< by the whole datagram
    std::map<Bytes, Opened> opened_;             ///< protected ones, by the whole datagram
};

}  // namespace causeway::world
