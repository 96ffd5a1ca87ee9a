// Plays one scenario file: a story about gateways "west" and "east", a line a step. The form is explained in
// tests/scenarios/README.md.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "world/world.hpp"

namespace causeway::scenarios {

/// What went wrong, with the line; empty when the story went as written.
class Runner {
 public:
    Runner();
    std::string run(std::istream& story);

 private:
    using Words = std::vector<std::string>;

    void step(const std::string& line);
    void before_begin(const Words& words, const std::string& line);
    void arrow(const std::string& line);
    void fate(world::Flight flight, const Words& words);
    void alter(world::Flight& flight, const Words& words);
    void act(const Words& words);
    void expect(const Words& words, const std::string& line);
    void forge(const Words& words);
    isakmp::Payload notify(const std::string& name, Bytes spi);
    world::Gateway& gateway(const std::string& name);
    world::Gateway& other(const world::Gateway& one);
    void need(bool condition, const std::string& otherwise);
    [[nodiscard]] std::string on_the_wire() const;

    std::unique_ptr<world::World> world_;
    std::map<std::string, world::Flight> held_;
    std::map<std::string, std::size_t> heard_;         ///< events already looked at, by gateway and code
    std::map<std::string, std::vector<Bytes>> asked_;  ///< R-U-THERE sequence numbers, by gateway, as sent
    isakmp::Header last_{};                            ///< of the last message on the wire
    isakmp::Header last_phase1_{};                     ///< the same, of Phase 1
    Bytes newest_phase1_;                              ///< the last message of one
    std::uint32_t said_ = 0x5a1d0000;                  ///< message ids of what a gateway is made to say
    bool begun_ = false;
};

}  // namespace causeway::scenarios
