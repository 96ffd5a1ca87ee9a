#include "dataplane/fallback.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "host/event_loop.hpp"
#include "host/ike_ports.hpp"

namespace causeway::dataplane {
namespace {

constexpr Duration bound = std::chrono::seconds(20);

/// What a plane was told, and by whom it was outlived.
struct Told {
    std::vector<Policy> policies;
    std::vector<sa::SaId> installed;
    std::vector<IpAddress> hosts;
    std::vector<IpAddress> peers;
    std::string note;
    bool attached = false;
    bool gone = false;
};

class FakePlane final : public DataPlane {
 public:
    explicit FakePlane(Told& told, std::string kind) : told_(told), kind_(std::move(kind)) {}
    ~FakePlane() override { told_.gone = true; }

    Result<void> set_policies(std::span<const Policy> policies) override {
        told_.policies.assign(policies.begin(), policies.end());
        return {};
    }
    Result<void> install(std::shared_ptr<const sa::SaPair> pair, bool /*outbound*/) override {
        if (refusal) {
            return fail(*refusal);
        }
        told_.installed.push_back(pair->id);
        return {};
    }
    void activate_outbound(sa::SaId /*id*/) override {}
    void doubt(sa::SaId /*id*/, bool /*doubted*/) override {}
    void remove(sa::SaId id) override { std::erase(told_.installed, id); }
    void move(sa::SaId /*id*/, const Endpoint& /*local*/, const Endpoint& /*remote*/,
              sa::Encapsulation /*encapsulation*/) override {}
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId /*id*/) const override { return std::nullopt; }
    void attach(host::EventLoop& /*loop*/, host::IkePorts& /*ports*/) override { told_.attached = true; }
    void network_changed() override {}
    [[nodiscard]] bool alive() const override { return true; }
    void keep_reachable(std::vector<IpAddress> hosts) override { told_.hosts = std::move(hosts); }
    void set_peers(std::vector<IpAddress> peers) override { told_.peers = std::move(peers); }
    void give_way(const IpAddress& /*caller*/) override {}
    [[nodiscard]] std::string not_carried(const Ipv4Net& /*remote*/) const override { return {}; }
    [[nodiscard]] Facts facts() override { return {kind_, {}, 0, told_.note, {}, {}}; }

    std::optional<Error> refusal;

 private:
    Told& told_;
    std::string kind_;
};

std::shared_ptr<sa::SaPair> pair(std::uint64_t id) {
    auto made = std::make_shared<sa::SaPair>();
    made->id = sa::SaId{id};
    return made;
}

class Fallback : public ::testing::Test {
 protected:
    void SetUp() override {
        auto ports = host::IkePorts::open({0, 0});
        ASSERT_TRUE(ports.has_value());
        ports_ = std::move(*ports);
        auto first = std::make_unique<FakePlane>(first_, "kernel");
        kernel_ = first.get();
        plane_ = std::make_unique<FallbackPlane>(
            std::move(first), [this](std::string note) -> Result<std::unique_ptr<DataPlane>> {
                EXPECT_TRUE(first_.gone) << "two planes at a time";
                if (no_spare_) {
                    return fail(Errc::system, "there is no TUN device");
                }
                second_.note = std::move(note);
                return std::make_unique<FakePlane>(second_, "userspace");
            });
        plane_->on_event = [this](const sa::Event& event) { events_.push_back(event); };
        plane_->on_report = [this](const Event& event) { reports_.push_back(event.code); };
        const Policy policy{7, "home", {}, {}, true};
        ASSERT_TRUE(plane_->set_policies({&policy, 1}).has_value());
        plane_->set_peers({IpAddress::v4(1)});
        plane_->keep_reachable({IpAddress::v4(2)});
        plane_->attach(loop_, *ports_);
    }

    bool changes_over() {
        return loop_.run_until([this] { return first_.gone; }, bound);
    }
    /// All that was due has been done.
    void settle() {
        bool settled = false;
        auto after = loop_.timer([&] { settled = true; });
        after.arm(host::now());
        EXPECT_TRUE(loop_.run_until([&] { return settled; }, bound));
    }
    [[nodiscard]] std::vector<sa::SaId> forgotten() const {
        std::vector<sa::SaId> ids;
        for (const sa::Event& event : events_) {
            if (const auto* one = std::get_if<sa::Forgotten>(&event)) {
                ids.push_back(one->id);
            }
        }
        return ids;
    }

    host::EventLoop loop_;
    std::unique_ptr<host::IkePorts> ports_;
    Told first_;
    Told second_;
    bool no_spare_ = false;
    std::vector<sa::Event> events_;
    std::vector<EventCode> reports_;
    FakePlane* kernel_ = nullptr;
    std::unique_ptr<FallbackPlane> plane_;
};

TEST_F(Fallback, TakesThePlaceOfAKernelThatGivesNothingBack) {
    ASSERT_TRUE(plane_->install(pair(1), true).has_value());
    ASSERT_TRUE(plane_->install(pair(2), true).has_value());
    ASSERT_TRUE(plane_->install(pair(3), true).has_value());
    plane_->remove(sa::SaId{2});
    EXPECT_EQ(plane_->facts().kind, "kernel");
    plane_->nothing_comes_back("192.0.2.1");
    EXPECT_FALSE(first_.gone) << "its caller may be the plane itself";
    ASSERT_TRUE(changes_over());
    EXPECT_EQ(plane_->facts().kind, "userspace");
    EXPECT_NE(plane_->facts().note.find("192.0.2.1"), std::string::npos);
    EXPECT_TRUE(second_.attached);
    EXPECT_EQ(second_.policies, first_.policies);
    EXPECT_EQ(second_.peers, first_.peers);
    EXPECT_EQ(second_.hosts, first_.hosts);
    EXPECT_TRUE(second_.installed.empty()) << "a key that the kernel has had";
    EXPECT_EQ(forgotten(), (std::vector{sa::SaId{1}, sa::SaId{3}}));
    EXPECT_EQ(reports_, std::vector{EventCode::kernel_plane_given_up});
    // The pairs that are negotiated then are the second plane's, and it is the last one.
    ASSERT_TRUE(plane_->install(pair(4), true).has_value());
    plane_->nothing_comes_back("192.0.2.1");
    settle();
    EXPECT_FALSE(second_.gone);
    EXPECT_EQ(second_.installed, std::vector{sa::SaId{4}});
}

TEST_F(Fallback, TrustsAKernelThatHasOpenedAPacket) {
    ASSERT_TRUE(plane_->install(pair(1), true).has_value());
    kernel_->on_event(sa::FirstInbound{sa::SaId{1}});
    plane_->nothing_comes_back("192.0.2.1");
    settle();
    EXPECT_FALSE(first_.gone);
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<sa::FirstInbound>(events_[0]));
}

TEST_F(Fallback, APacketInTheLastMomentIsInTime) {
    ASSERT_TRUE(plane_->install(pair(1), true).has_value());
    plane_->nothing_comes_back("192.0.2.1");
    kernel_->on_event(sa::FirstInbound{sa::SaId{1}});
    settle();
    EXPECT_FALSE(first_.gone);
    EXPECT_TRUE(forgotten().empty());
}

TEST_F(Fallback, TakesThePlaceOfAKernelThatRefusesAPair) {
    kernel_->refusal = Error{Errc::unsupported, "this kernel has no ESP (esp4)", {}, {}};
    EXPECT_FALSE(plane_->install(pair(1), true).has_value());
    ASSERT_TRUE(changes_over());
    EXPECT_NE(plane_->facts().note.find("no ESP"), std::string::npos);
    EXPECT_EQ(forgotten(), std::vector{sa::SaId{1}}) << "it stands at the peer, which is to make another";
}

TEST_F(Fallback, AnIdThatIsInUseIsNoRefusal) {
    kernel_->refusal = Error{Errc::exists, "the SA pair is installed already", {}, {}};
    EXPECT_FALSE(plane_->install(pair(1), true).has_value());
    settle();
    EXPECT_FALSE(first_.gone);
}

TEST_F(Fallback, WithoutASecondPlaneItIsNotAlive) {
    no_spare_ = true;
    ASSERT_TRUE(plane_->install(pair(1), true).has_value());
    plane_->nothing_comes_back("192.0.2.1");
    ASSERT_TRUE(changes_over());
    EXPECT_FALSE(plane_->alive());
    EXPECT_FALSE(plane_->install(pair(2), true).has_value());
    EXPECT_NE(std::find(reports_.begin(), reports_.end(), EventCode::data_plane), reports_.end());
}

}  // namespace
}  // namespace causeway::dataplane
