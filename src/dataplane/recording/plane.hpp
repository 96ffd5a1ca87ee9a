// A data plane that only remembers what it was told: for tests of whoever drives one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dataplane/dataplane.hpp"

namespace causeway::dataplane {

class RecordingPlane final : public DataPlane {
 public:
    struct Installed {
        std::shared_ptr<const sa::SaPair> pair;
        bool outbound = false;
        Endpoint local{};
        Endpoint remote{};
        sa::Encapsulation encapsulation = sa::Encapsulation::none;
    };
    struct Datagram {
        Endpoint local{};
        Endpoint remote{};
        Bytes octets;
        std::uint8_t tos = 0;
    };

    std::vector<Policy> policies;
    std::vector<Installed> installed;      ///< in the order of installation
    std::vector<sa::SaId> removed;         ///< likewise
    std::vector<Datagram> datagrams;       ///< ESP-in-UDP that was handed over
    std::map<sa::SaId, sa::Usage> usages;  ///< what usage() answers, set by the test
    std::optional<Error> next_error;       ///< the next install() fails with it

    [[nodiscard]] Installed* find(sa::SaId id);
    [[nodiscard]] const Installed* find(sa::SaId id) const;

    Result<void> set_policies(std::span<const Policy> wanted) override;
    Result<void> install(std::shared_ptr<const sa::SaPair> pair, bool outbound) override;
    void activate_outbound(sa::SaId id) override;
    void remove(sa::SaId id) override;
    void move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
              sa::Encapsulation encapsulation) override;
    void esp_in_udp(const Endpoint& local, const Endpoint& remote, std::span<std::uint8_t> datagram,
                    std::uint8_t outer_tos) override;
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId id) const override;
};

}  // namespace causeway::dataplane
