// What a seed decides before time begins: which gateways there are, where they stand, how they are configured
// and what travels between their networks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "sa/sa.hpp"
#include "sim/dice.hpp"
#include "sim/network.hpp"

namespace causeway::sim {

/// How one end of a link knows the other.
enum class Knows { address, name, any };

/// What the networks behind a link say to each other.
enum class Traffic {
    question_answer,  ///< one end asks, the other answers
    both_ask,
    one_way,  ///< nothing ever comes back
    silent,   ///< only after faults, to see whether something would come through
};

struct EndPlan {
    unsigned node = 0;
    Knows knows = Knows::name;
    config::StartAction start = config::StartAction::start;
    std::uint32_t esp_seconds = 3600;
    std::uint32_t esp_kilobytes = 0;  ///< 0: no limit by volume
    std::uint32_t ike_seconds = 10800;
    std::vector<sa::ReqId> reqids;  ///< one for each tunnel
    bool one_more = false;          ///< it asks for a tunnel that the other end does not know
};

struct LinkPlan {
    EndPlan first;
    EndPlan second;
    unsigned tunnels = 1;
    config::ExchangeMode mode = config::ExchangeMode::main;
    std::string ike = "aes128-sha1-modp1024";
    std::string esp = "aes128-sha1-modp1024";
    Traffic traffic = Traffic::question_answer;
    Duration period = std::chrono::seconds(10);
};

/// What gateways are known to do on the wire that causeway does not (FRITZ!Box, Windows, isakmpd, Cisco, and
/// those that keep silent).
struct Peculiar {
    bool says_no_name = false;          ///< no Vendor ID of causeway's
    bool deletes_nothing = false;       ///< it never says that an SA is over
    bool deletes_what_is_none = false;  ///< Cisco: a wrong SPI in its deletes
    bool complains_of_nothing = false;  ///< silent about an SPI or a cookie that it does not know
    bool announces_no_dpd = false;
    bool answers_in_the_question = false;  ///< FRITZ!Box: R-U-THERE-ACK under the question's message id
    bool asks_with_one_number = false;     ///< isakmpd: the sequence number of R-U-THERE never changes
    bool compares_literally = false;       ///< FRITZ!Box, Cisco: identities of Quick Mode octet by octet
    bool commits = false;  ///< Windows: the Commit bit, and CONNECTED as a fourth message of Quick Mode

    [[nodiscard]] bool any() const {
        return says_no_name || deletes_nothing || deletes_what_is_none || complains_of_nothing ||
               announces_no_dpd || answers_in_the_question || asks_with_one_number || compares_literally ||
               commits;
    }
};

std::string text_of(const Peculiar& peculiar);

struct GatewayPlan {
    std::string name;
    std::string host;  ///< its name in DNS
    IpAddress address{};
    Line line{};
    std::optional<unsigned> nat;  ///< of Plan::nats
    config::Liveness liveness{};
    unsigned replay_window = 1024;
    Duration dns_ttl = std::chrono::seconds(60);
    Peculiar peculiar{};
};

/// What goes on for a whole run beside its faults: somebody without keys, or an end with a way of its own.
/// Drawn by dice of its own, so that a run without one is the same whether there are trials or not.
enum class Trial {
    none,
    first_messages,   ///< floods of them, from the peer's address or from anywhere
    reflections,      ///< what a gateway has sent comes back to it, however old
    recordings,       ///< what came to a gateway comes again, however old
    withheld,         ///< a message arrives for the first time, late, and from elsewhere
    short_lived,      ///< each SA is deleted as soon as it is made
    three_exchanges,  ///< charon: the state of the last three message ids is kept, and there are many tunnels
    phase1_lost,      ///< one end loses its ISAKMP SAs and does not say so
    unfinished,       ///< Quick Modes are begun and never finished
    starts_afresh,    ///< INITIAL-CONTACT under each new ISAKMP SA
    both_dial,        ///< both ends call at the same moment
};

struct Plan {
    std::vector<GatewayPlan> gateways;
    std::vector<NatBox> nats;
    std::vector<LinkPlan> links;
    /// How much happens. Dense runs find what falls together; a day of the others costs what an hour of those
    /// does, and finds what comes with age.
    enum class Pace { dense, calm, ageing };
    Pace pace = Pace::dense;
    bool observed = false;  ///< somebody who knows all keys reads along; slower, and never forgets
    Duration mean_pause = std::chrono::minutes(10);  ///< between faults
    Trial trial = Trial::none;
    unsigned stage = 0;      ///< the link that the trial is about
    bool odd_first = false;  ///< which of its ends is the odd one, or the victim
};

/// Long runs are mostly calm.
Plan make_plan(Dice& dice, Duration length);

/// Makes a plan the stage of a trial: of the one that is named, or of one that its own dice draw, or of none.
void set_stage(Plan& plan, Dice& own, Duration length, std::optional<Trial> wanted);
std::string_view name_of(Trial trial);
std::optional<Trial> trial_from_name(std::string_view name);
/// Somebody can begin with it: it is not behind a NAT that lets nothing in.
bool can_be_called(const Plan& plan, unsigned node);
/// Numbers of tunnels are each gateway's own.
void number_tunnels(Plan& plan);

std::string pre_shared_key(const LinkPlan& link);
/// The network behind a gateway that a link's tunnel leads to: 10.NODE.TUNNEL*16.0/20.
Ipv4Net network_behind(unsigned node, unsigned tunnel);
/// The configuration of one gateway.
std::shared_ptr<config::Model> model_of(const Plan& plan, unsigned node);

}  // namespace causeway::sim
