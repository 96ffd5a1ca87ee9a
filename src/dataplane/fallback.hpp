// The kernel's plane, and the userspace plane in its place once the kernel has taken packets and given none back although
// their peer answers IKE, or has refused a pair. That happens once, and holds for the rest of the program's life; a kernel
// that has opened a single packet is trusted. No key passes from one to the other: the pairs are told as forgotten, and
// who is told negotiates others. Made by dataplane::open() where it is to choose.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "dataplane/dataplane.hpp"
#include "host/event_loop.hpp"

namespace causeway::dataplane {

class FallbackPlane final : public DataPlane {
 public:
    /// Opens the plane that comes second, when the first one is gone; the note is for its facts().
    using Spare = std::function<Result<std::unique_ptr<DataPlane>>(std::string note)>;

    FallbackPlane(std::unique_ptr<DataPlane> kernel, Spare spare);

    Result<void> set_policies(std::span<const Policy> policies) override;
    Result<void> install(std::shared_ptr<const sa::SaPair> pair, bool outbound) override;
    void activate_outbound(sa::SaId id) override { plane_->activate_outbound(id); }
    void doubt(sa::SaId id, bool doubted) override { plane_->doubt(id, doubted); }
    void remove(sa::SaId id) override;
    void move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
              sa::Encapsulation encapsulation) override {
        plane_->move(id, local, remote, encapsulation);
    }
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId id) const override { return plane_->usage(id); }
    void set_path_mtu(sa::SaId id, std::optional<std::size_t> octets) override {
        plane_->set_path_mtu(id, octets);
    }
    [[nodiscard]] std::optional<PathMtu> path_mtu(sa::SaId id) const override { return plane_->path_mtu(id); }
    void nothing_comes_back(const std::string& peer) override;
    void attach(host::EventLoop& loop, host::IkePorts& ports) override;
    void network_changed() override { plane_->network_changed(); }
    void firewall_changed() override { plane_->firewall_changed(); }
    void guard_taken() override { plane_->guard_taken(); }
    [[nodiscard]] bool alive() const override { return plane_->alive(); }
    void keep_reachable(std::vector<IpAddress> hosts) override;
    void set_peers(std::vector<IpAddress> peers) override;
    void give_way(const IpAddress& caller) override { plane_->give_way(caller); }
    [[nodiscard]] std::string not_carried(const Ipv4Net& remote) const override {
        return plane_->not_carried(remote);
    }
    [[nodiscard]] std::map<Ipv4Net, RouteState> route_states() override { return plane_->route_states(); }
    [[nodiscard]] Facts facts() override { return plane_->facts(); }

 private:
    void listen_to_plane();
    void hear(const sa::Event& event);
    void trust();
    /// In a turn of its own: what the first plane has called may be on the stack.
    void change_over(std::string why);
    void change_over_now();

    std::unique_ptr<DataPlane> plane_;
    Spare spare_;  ///< empty once it is known that it will not be needed, or was
    // What the second plane has to be told, while there may be one.
    std::vector<Policy> policies_;
    std::vector<IpAddress> hosts_;
    std::vector<IpAddress> peers_;
    std::set<sa::SaId> pairs_;
    host::EventLoop* loop_ = nullptr;
    host::IkePorts* ports_ = nullptr;
    host::EventLoop::Timer timer_;
    std::string why_;  ///< of the change that is due
};

}  // namespace causeway::dataplane
