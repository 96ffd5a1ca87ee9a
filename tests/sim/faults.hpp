// What goes wrong, when, and for how long: drawn from the run's dice, applied to gateways and lines. Some of
// it takes a tunnel down, and it must come back within its bound (faults_*.cpp); some of it must not even be
// felt (mischief.cpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/simulation.hpp"

namespace causeway::sim {

class Faults {
 public:
    explicit Faults(Simulation& simulation) : s_(simulation) {}
    void begin();

    /// IKE and ESP as they arrived, for who sends them again.
    void record(unsigned node, const Packet& packet);

    [[nodiscard]] bool busy(unsigned node) const { return busy_[node]; }
    void strike(unsigned node, Class cls);
    /// All its links are right again at `when`, or when their names can be looked up again.
    void heal(unsigned node, Instant when);

 private:
    using Act = void (Faults::*)();
    struct Kind {
        unsigned weight;
        Act act;
    };
    static const std::vector<Kind>& kinds();

    void next();
    [[nodiscard]] unsigned any_node() { return static_cast<unsigned>(s_.dice.below(s_.nodes.size())); }
    [[nodiscard]] Link& any_link() { return s_.links[s_.dice.below(s_.links.size())]; }
    [[nodiscard]] const std::string& name(unsigned node) const { return s_.nodes[node]->name(); }
    template <class Visit>
    void each_link_of(unsigned node, Visit&& visit) {
        for (auto& link : s_.links) {
            if (link.plan->first.node == node || link.plan->second.node == node) {
                visit(link);
            }
        }
    }
    void heal_link(Link& link, Instant when);

    // faults_lines.cpp: between the gateways
    void outage();
    void loss();
    void corruption();
    void address();
    void both_addresses();
    void nat_rebind();
    void nat_expiry();
    void addresses(bool both);
    void change_address(unsigned node, Duration gap, Instant dns_right);
    void change_outer_address(unsigned box);

    // faults_gateways.cpp: at a gateway
    void crash();
    void restart();
    void stop(bool clean);
    void clock();
    void sleep();
    void reload();
    void command();
    void early_delete();

    // mischief.cpp: must not be felt
    void names_fail();
    void line_disorder();
    void smaller_mtu();
    void reload_same();
    void exhausted();
    void forger();
    void flood();
    void window_drill();
    void forge(unsigned node, Link& link);

    Simulation& s_;
    std::vector<bool> busy_;               ///< gateways with a fault of their own that has not ended
    std::vector<Instant> names_right_at_;  ///< of each gateway's name
    unsigned next_address_ = 2;
    struct Recorded {
        Packet packet;
        bool usable = false;
    };
    std::vector<std::vector<Recorded>> recorded_;  ///< rings, for each gateway
    std::vector<std::size_t> recorded_at_;
};

}  // namespace causeway::sim
