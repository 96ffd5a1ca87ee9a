// A data plane that carries packets between gateways of one process: it keeps SAs, counts packets and tells
// of them as every plane does, and encrypts nothing. Time is passed in. It is held to the same tests as those
// of src/dataplane (tests/unit/dataplane/contract_test.cpp), so that what stands on it stands on the
// interface.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataplane/dataplane.hpp"

namespace causeway::world {

struct Installed {
    std::shared_ptr<const sa::SaPair> pair;
    bool outbound = false;
    Endpoint remote{};
    std::uint64_t order = 0;  ///< of becoming outbound: the latest one sends
    bool doubted = false;
};

class Plane : public dataplane::DataPlane {
 public:
    std::vector<dataplane::Policy> policies;
    std::map<sa::SaId, Installed> installed;
    std::map<sa::SaId, sa::Usage> usages;
    std::map<sa::ReqId, Instant> unanswered_since;  ///< first packet out after the last one in

    /// The pair that a tunnel's packets leave on; null without one.
    [[nodiscard]] const Installed* sending(sa::ReqId reqid = 1) const;
    /// The pair that receives on an SPI; null without one.
    [[nodiscard]] const Installed* receiving(std::uint32_t spi) const;
    /// One packet from inside for a tunnel. Without an SA it is a reason for sa::Acquire.
    void leaves(sa::ReqId reqid, Instant now);
    /// One packet of the peer's, authentic and newest in its window.
    void arrives(std::uint32_t spi, const Endpoint& source, Instant now);
    /// Nothing of what it carried is left: a reboot.
    void forget();

    Result<void> set_policies(std::span<const dataplane::Policy> wanted) override;
    Result<void> install(std::shared_ptr<const sa::SaPair> pair, bool outbound) override;
    void activate_outbound(sa::SaId id) override;
    void doubt(sa::SaId id, bool doubted) override;
    void remove(sa::SaId id) override;
    void move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
              sa::Encapsulation encapsulation) override;
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId id) const override;
    // There is nothing to wait on, and no machine around it.
    void attach(host::EventLoop&, host::IkePorts&) override {}
    void network_changed() override {}
    [[nodiscard]] bool alive() const override { return true; }
    void keep_reachable(std::vector<IpAddress>) override {}
    void set_peers(std::vector<IpAddress>) override {}
    void give_way(const IpAddress&) override {}
    [[nodiscard]] std::string not_carried(const Ipv4Net&) const override { return {}; }
    [[nodiscard]] dataplane::Facts facts() override { return {"world", {}, 0, {}}; }

 private:
    /// Now, unless it was less than `interval` ago.
    static bool due(std::map<sa::ReqId, Instant>& last, sa::ReqId reqid, Instant now, Duration interval);
    void tell(const sa::Event& event) const;

    std::map<sa::ReqId, Instant> acquired_;
    std::map<sa::ReqId, Instant> unanswered_told_;
    std::uint64_t order_ = 0;
};

}  // namespace causeway::world
