#include "dataplane/fallback.hpp"

#include <fmt/format.h>
#include <span>
#include <utility>
#include <variant>

#include "host/ike_ports.hpp"

namespace causeway::dataplane {

namespace {

/// When the second plane cannot be had and the first one is gone: nothing passes, and whoever asks is told so.
class NoPlane final : public DataPlane {
 public:
    Result<void> set_policies(std::span<const Policy> /*policies*/) override { return none(); }
    Result<void> install(std::shared_ptr<const sa::SaPair> /*pair*/, bool /*outbound*/) override {
        return none();
    }
    void activate_outbound(sa::SaId /*id*/) override {}
    void doubt(sa::SaId /*id*/, bool /*doubted*/) override {}
    void remove(sa::SaId /*id*/) override {}
    void move(sa::SaId /*id*/, const Endpoint& /*local*/, const Endpoint& /*remote*/,
              sa::Encapsulation /*encapsulation*/) override {}
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId /*id*/) const override { return std::nullopt; }
    void attach(host::EventLoop& /*loop*/, host::IkePorts& /*ports*/) override {}
    void network_changed() override {}
    [[nodiscard]] bool alive() const override { return false; }
    void keep_reachable(std::vector<IpAddress> /*hosts*/) override {}
    void set_peers(std::vector<IpAddress> /*peers*/) override {}
    void give_way(const IpAddress& /*caller*/) override {}
    [[nodiscard]] std::string not_carried(const Ipv4Net& /*remote*/) const override { return {}; }
    [[nodiscard]] Facts facts() override { return {"none", {}, 0, "no data plane could be opened", {}, {}}; }

 private:
    static Result<void> none() { return fail(Errc::system, "no data plane could be opened"); }
};

}  // namespace

FallbackPlane::FallbackPlane(std::unique_ptr<DataPlane> kernel, Spare spare)
    : plane_(std::move(kernel)), spare_(std::move(spare)) {
    listen_to_plane();
}

void FallbackPlane::listen_to_plane() {
    plane_->on_report = [this](Event event) {
        if (on_report) {
            on_report(std::move(event));
        }
    };
    plane_->on_event = [this](const sa::Event& event) { hear(event); };
}

void FallbackPlane::hear(const sa::Event& event) {
    if (spare_ && std::holds_alternative<sa::FirstInbound>(event)) {
        trust();
    }
    if (on_event) {
        on_event(event);
    }
}

void FallbackPlane::trust() {
    spare_ = nullptr;
    policies_ = {};
    hosts_ = {};
    peers_ = {};
    pairs_.clear();
}

Result<void> FallbackPlane::set_policies(std::span<const Policy> policies) {
    if (spare_) {
        policies_.assign(policies.begin(), policies.end());
    }
    return plane_->set_policies(policies);
}

Result<void> FallbackPlane::install(std::shared_ptr<const sa::SaPair> pair, bool outbound) {
    const sa::SaId id = pair->id;
    auto installed = plane_->install(std::move(pair), outbound);
    if (spare_ && (installed || installed.error().code != Errc::exists)) {
        pairs_.insert(id);
        if (!installed) {
            change_over(installed.error().text());
        }
    }
    return installed;
}

void FallbackPlane::remove(sa::SaId id) {
    pairs_.erase(id);
    plane_->remove(id);
}

void FallbackPlane::nothing_comes_back(const std::string& peer) {
    if (spare_) {
        change_over(fmt::format(
            "packets to {} went into its IPsec and none has come out of it, though the peer answers", peer));
    }
}

void FallbackPlane::attach(host::EventLoop& loop, host::IkePorts& ports) {
    loop_ = &loop;
    ports_ = &ports;
    timer_ = loop.timer([this] { change_over_now(); });
    plane_->attach(loop, ports);
}

void FallbackPlane::keep_reachable(std::vector<IpAddress> hosts) {
    if (spare_) {
        hosts_ = hosts;
    }
    plane_->keep_reachable(std::move(hosts));
}

void FallbackPlane::set_peers(std::vector<IpAddress> peers) {
    if (spare_) {
        peers_ = peers;
    }
    plane_->set_peers(std::move(peers));
}

void FallbackPlane::change_over(std::string why) {
    if (loop_ != nullptr && why_.empty()) {
        why_ = std::move(why);
        timer_.arm(host::now());
    }
}

// The first plane leaves closed what it had closed, and the second one takes it over.
void FallbackPlane::change_over_now() {
    if (!spare_) {
        return;  // a packet has come after all
    }
    const Spare spare = std::exchange(spare_, nullptr);
    const std::set<sa::SaId> forgotten = std::exchange(pairs_, {});
    plane_ = std::make_unique<NoPlane>();
    auto opened = spare(fmt::format("the kernel did not carry: {}", why_));
    if (opened) {
        plane_ = std::move(*opened);
    }
    listen_to_plane();
    if (on_report) {
        on_report({EventCode::kernel_plane_given_up, "", {{"why", why_}}});
        if (!opened) {
            on_report({EventCode::data_plane, "", {{"what", opened.error().text()}}});
        }
    }
    ports_->take_esp_from_kernel();
    plane_->attach(*loop_, *ports_);
    plane_->set_peers(std::exchange(peers_, {}));
    plane_->keep_reachable(std::exchange(hosts_, {}));
    if (auto placed = plane_->set_policies(std::exchange(policies_, {})); !placed && on_report) {
        on_report({EventCode::data_plane, "", {{"what", placed.error().text()}}});
    }
    for (const sa::SaId id : forgotten) {
        if (on_event) {
            on_event(sa::Forgotten{id});
        }
    }
}

}  // namespace causeway::dataplane
