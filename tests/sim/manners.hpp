// How a gateway speaks when it is not causeway: its engine's messages are changed on the wire, by somebody
// who knows its keys, into what other peers are known to send. The engine at the other end must get along
// with it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "sim/plan.hpp"
#include "world/observer.hpp"

namespace causeway::sim {

class Manners {
 public:
    /// `played` is called with the name of each manner when it shows.
    Manners(world::Observer* observer, std::function<void(std::string_view)> played)
        : observer_(observer), played_(std::move(played)) {}

    /// A message that the observer has not seen yet: what can be changed without keys.
    static void before_leaving(const Peculiar& peculiar, Bytes& datagram);
    /// The same, when it has. False: this gateway would not have sent it.
    bool leaves(unsigned node, const Peculiar& peculiar, Bytes& datagram);
    /// The identities that a gateway takes in Quick Mode, when it compares them literally.
    void knows(unsigned node, const Ipv4Net& local, const Ipv4Net& remote);
    /// False: it takes no notice of a message that arrives.
    bool takes(unsigned node, const Peculiar& peculiar, ByteView datagram);
    /// A message for this gateway; changed to what its engine expects.
    void arrives(unsigned node, const Peculiar& peculiar, Bytes& datagram);
    /// What this gateway says to it although nobody has asked.
    std::optional<Bytes> adds(const Peculiar& peculiar, ByteView arrived);

 private:
    struct Questions {
        std::uint32_t message_id = 0;  ///< of the last one that came
        std::optional<Bytes> number;   ///< that all of ours have on the wire
        Bytes meant;                   ///< and the engine's own
    };
    /// Nothing is changed when the observer cannot do it: it has not seen Phase 1 whole.
    void change(Bytes& datagram, std::optional<Bytes> changed, std::string_view manner);
    Questions& questions(unsigned node, const isakmp::Header& header);

    world::Observer* observer_;
    std::function<void(std::string_view)> played_;
    std::map<Bytes, Questions> questions_;            ///< by gateway and cookies
    std::map<unsigned, std::set<Bytes>> identities_;  ///< both payloads of a Quick Mode, by gateway
};

}  // namespace causeway::sim
