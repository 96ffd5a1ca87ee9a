// A probe as a value without a socket: given the time, datagrams and randomness it says what to send next and when, and
// ends with a report. Called by `causeway probe`.
//
// Bounded and polite: at most `packets_max` datagrams in all, one every `packet_gap`, each question once and once more.
// What a peer holds half open for us is given up where it can be (parting()). Nothing is sent to anybody but the host that was
// named. Answers are a stranger's: what cannot be read, comes from elsewhere or belongs to no question is ignored.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "codec/isakmp/version2.hpp"
#include "crypto/algorithm.hpp"
#include "negotiation/encapsulation.hpp"
#include "negotiation/phase1.hpp"
#include "probe/messages.hpp"
#include "probe/report.hpp"
#include "probe/suites.hpp"

namespace causeway::probe {

inline constexpr unsigned packets_max = 24;
inline constexpr Duration packet_gap = std::chrono::milliseconds(250);
/// A slow router takes a second for Diffie-Hellman.
inline constexpr Duration answer_wait = std::chrono::seconds(2);
inline constexpr unsigned tries_max = 2;
/// After word that nothing listens there: the daemon may just be starting.
inline constexpr Duration unreachable_wait = std::chrono::milliseconds(500);
inline constexpr unsigned suite_rounds_max = 7;

/// Which of the two ports of the peer, each with a socket of its own.
enum class Port { ike, nat_t };

struct Settings {
    Endpoint remote;                      ///< port 500, or the one to ask in its place
    std::optional<Endpoint> nat_t;        ///< port 4500 of the same host; nothing: not asked
    Endpoint local;                       ///< what `remote` is asked from
    std::optional<Endpoint> local_nat_t;  ///< what `nat_t` is asked from
    Suites suites = common_suites();
    std::optional<isakmp::Identification> identity;  ///< ask for Aggressive Mode as well, with this one
    Duration time_max = std::chrono::seconds(20);
    unsigned packets = packets_max;  ///< no more than these
};

struct Outgoing {
    Port port = Port::ike;
    Bytes octets;
};

class Prober {
 public:
    /// A Diffie-Hellman public value of the group; its private half is not needed. May be slow.
    using PublicValue = std::function<Result<Bytes>(crypto::GroupId)>;

    /// `random` is kept, and outlives the prober.
    Prober(Settings settings, RandomSource& random, PublicValue public_value, Instant now);

    /// What is to be sent now; to be called until there is nothing.
    std::optional<Outgoing> next(Instant now);
    /// When to call again if nothing arrives; nothing: it is over.
    [[nodiscard]] std::optional<Instant> wake_at() const;
    void receive(Instant now, Port port, const Endpoint& from, ByteView octets);
    /// ICMP says that nothing listens on that port.
    void unreachable(Instant now, Port port);
    /// At any time.
    [[nodiscard]] Report report(Instant now) const;

 private:
    enum class Purpose { main, version2, suites, aggressive };
    struct Question {
        Purpose purpose = Purpose::main;
        Port port = Port::ike;
        Suites offered;
        Between between;
        Bytes message;
        unsigned tries = 0;
        Instant sent_at{};
        Instant due{};
        bool over = false;
        // Of Main Mode whose message 2 has come and whose message 3 is out.
        std::optional<crypto::HashId> chosen_hash;
        negotiation::NatVariant variant = negotiation::NatVariant::none;
    };

    [[nodiscard]] const Endpoint& remote(Port port) const;
    [[nodiscard]] AskedPort& asked(Port port) { return port == Port::ike ? report_.ike : report_.nat_t; }
    [[nodiscard]] Outgoing packet(Port port, Bytes message) const;
    [[nodiscard]] std::optional<ByteView> unwrapped(Port port, ByteView octets) const;

    // What is asked, and in which order.
    Question& ask(Purpose purpose, Port port, Suites offered = {});
    void ask_main(Purpose purpose, Port port, Suites offered);
    void ask_version2(Port port);
    void ask_aggressive(crypto::GroupId group);
    void plan();
    void plan_version2();
    [[nodiscard]] bool has_asked(Purpose purpose, Port port) const;
    void plan_suites();
    void plan_aggressive();
    [[nodiscard]] bool open(Purpose purpose) const;
    [[nodiscard]] Suites left() const;
    [[nodiscard]] std::optional<Drawn> drawn(crypto::GroupId group);

    // Time.
    void settle(Instant now);
    Question* due_question(Instant now);

    // Answers.
    void heard(Instant now, Question& question);
    // Of these: false, it cannot be read, or says nothing.
    bool answer_version1(Instant now, Question& question, const isakmp::Header& header, ByteView message);
    bool answer_version2(Instant now, Question& question, const isakmp::Header& header, ByteView message);
    void take_choice(Instant now, Question& question, const isakmp::Header& header,
                     const std::vector<isakmp::Payload>& payloads);
    void take_aggressive(Question& question, const isakmp::Header& header,
                         const std::vector<isakmp::Payload>& payloads);
    void take_key_exchange(Question& question, const std::vector<isakmp::Payload>& payloads);
    void go_on_to_message_3(Instant now, Question& question, const negotiation::Phase1Choice& choice);
    void learn_vendors(const std::vector<Bytes>& bodies);
    void accepted(const std::string& suite);
    void settled(Question& question, Outcome outcome, std::optional<std::uint16_t> notify = {},
                 std::string suite = {});
    void part(const Question& question);
    [[nodiscard]] Asked* place(const Question& question);

    Settings settings_;
    RandomSource& random_;
    PublicValue public_value_;
    Instant start_;
    std::optional<Instant> last_sent_;
    std::optional<Instant> ended_;
    std::deque<Question> questions_;  ///< a deque: what is asked next moves none of them
    std::deque<Outgoing> partings_;
    std::optional<Port> suites_at_;  ///< where the first suite was accepted
    unsigned suite_rounds_ = 0;
    unsigned aggressive_asked_ = 0;
    std::vector<isakmp::Vendor> vendors_;
    Report report_;
};

}  // namespace causeway::probe
