// What can be seen of IKE on the wire: every message of an exchange is sent in one form only, however often;
// and to somebody who knows all keys, in some of the runs, liveness questions count.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "world/observer.hpp"

namespace causeway::sim {

class Wire {
 public:
    /// `opens`: an observer derives all keys and opens every message; slower.
    explicit Wire(bool opens) : observer_(opens ? std::make_unique<world::Observer>() : nullptr) {}

    [[nodiscard]] world::Observer* observer() { return observer_.get(); }
    /// Something is wrong with a datagram that `sender` sends: the check and what.
    struct Wrong {
        std::string_view check;
        std::string what;
    };
    std::optional<Wrong> sent(unsigned sender, ByteView datagram);
    void arrived(unsigned receiver, ByteView datagram);

 private:
    struct Questions {
        std::optional<std::uint32_t> last;
        bool answered = false;
    };
    std::optional<Wrong> question(unsigned sender, const world::Seen& seen);

    std::unique_ptr<world::Observer> observer_;
    std::map<Bytes, std::set<std::uint64_t>> forms_;  ///< of the messages, by sender and exchange
    std::set<Bytes>
        to_itself_;  ///< of the same exchanges those that a gateway has with itself: both roles speak
    std::map<Bytes, Questions> questions_;  ///< by asker and cookies
};

}  // namespace causeway::sim
