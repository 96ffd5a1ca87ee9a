// What a seed decides before time begins: which gateways there are, where they stand, how they are configured
// and what travels between their networks.
#pragma once

#include <memory>
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
};

/// Long runs are mostly calm.
Plan make_plan(Dice& dice, Duration length);

std::string pre_shared_key(const LinkPlan& link);
/// The network behind a gateway that a link's tunnel leads to: 10.NODE.TUNNEL*16.0/20.
Ipv4Net network_behind(unsigned node, unsigned tunnel);
/// The configuration of one gateway.
std::shared_ptr<config::Model> model_of(const Plan& plan, unsigned node);

}  // namespace causeway::sim
