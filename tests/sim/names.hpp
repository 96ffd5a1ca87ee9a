// Name servers as the gateways see them: a record changes at once or late, for each gateway in its own time,
// and may be wrong or missing for a while.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"

namespace causeway::sim {

class Names {
 public:
    enum class Trouble { none, nxdomain, servfail, silent, wrong };

    struct Answer {
        Trouble trouble = Trouble::none;
        std::optional<IpAddress> address;
        Duration ttl{};
    };

    void publish(const std::string& name, const IpAddress& address, Instant visible, Duration ttl);
    /// Until `until`, whoever asks for the name gets this.
    void trouble(const std::string& name, Trouble trouble, Instant until, const IpAddress& wrong);
    [[nodiscard]] Answer ask(const std::string& name, Instant now) const;

 private:
    struct Record {
        std::vector<std::pair<Instant, IpAddress>> addresses;  ///< from when on it is seen
        Duration ttl{};
        Trouble trouble = Trouble::none;
        Instant trouble_until{};
        IpAddress wrong{};
    };
    std::map<std::string, Record> records_;
};

}  // namespace causeway::sim
