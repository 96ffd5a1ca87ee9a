// What goes wrong, when, and for how long: drawn from the run's dice, applied to its gateways and lines.
#pragma once

#include "sim/simulation.hpp"

namespace causeway::sim {

class Faults {
 public:
    explicit Faults(Simulation& simulation) : s_(simulation) {}
    void begin();

 private:
    void next();
    void strike_all(unsigned node, Class cls);
    void heal_all(unsigned node, Instant when);
    [[nodiscard]] bool busy(unsigned node) const { return busy_[node]; }

    void outage();
    void loss();
    void address(bool both);
    void crash(bool clean);
    void change_address(unsigned node, Duration gap, Instant dns_right);

    Simulation& s_;
    std::vector<bool> busy_;  ///< gateways with a fault of their own that has not ended
    unsigned next_address_ = 2;
};

}  // namespace causeway::sim
