// The kernel as the judge of trains: what the merger makes is written to a TUN device and forwarded to another,
// where it comes out as the packets that went in; and the splitter makes the same of what the kernel leaves unsplit.
#include <array>
#include <cstdint>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <memory>
#include <poll.h>
#include <span>
#include <string>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

#include "base/bytes.hpp"
#include "codec/vnet/header.hpp"
#include "esp/merger.hpp"
#include "esp/splitter.hpp"
#include "unit/dataplane/namespaces.hpp"
#include "unit/esp/packets.hpp"
#include "unit/esp/segments.hpp"

namespace causeway {
namespace {

using test::Fields;

constexpr unsigned uso = 0x60;  // TUN_F_USO4 and TUN_F_USO6, which go together; Linux 6.2
constexpr int wait_milliseconds = 10000;

/// A TUN device of the test's own, with the header of offloads or without.
class Device {
 public:
    Device(const std::string& name, bool offloads) : offloads_(offloads) {
        fd_ = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
        ifreq request{};
        name.copy(request.ifr_name, sizeof request.ifr_name - 1);
        request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | (offloads ? IFF_VNET_HDR : 0));
        made_ = fd_ >= 0 && ::ioctl(fd_, TUNSETIFF, &request) == 0;
        takes_tcp_ = offloads && ::ioctl(fd_, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) == 0;
        takes_udp_ = offloads && ::ioctl(fd_, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | uso) == 0;
    }
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device() { ::close(fd_); }

    [[nodiscard]] bool made() const { return made_ && (takes_tcp_ || !offloads_); }
    [[nodiscard]] bool takes_udp() const { return takes_udp_; }

    void write(const esp::Merger::Run& run) const {
        std::array<std::uint8_t, vnet::header_octets> header{};
        vnet::encode(run.header, header);
        std::vector<iovec> parts{{header.data(), header.size()}};
        std::size_t octets = header.size();
        for (const ByteView piece : run.pieces) {
            parts.push_back({const_cast<std::uint8_t*>(piece.data()), piece.size()});
            octets += piece.size();
        }
        ASSERT_EQ(::writev(fd_, parts.data(), static_cast<int>(parts.size())), static_cast<ssize_t>(octets));
    }

    /// The next frame of IPv4, its header first where there is one; empty when none came.
    [[nodiscard]] Bytes read() const {
        const std::size_t before = offloads_ ? vnet::header_octets : 0;
        Bytes frame(70000);
        pollfd waiting{fd_, POLLIN, 0};
        while (::poll(&waiting, 1, wait_milliseconds) == 1) {
            const ssize_t got = ::read(fd_, frame.data(), frame.size());
            if (got > static_cast<ssize_t>(before) && frame[before] >> 4 == 4) {
                frame.resize(static_cast<std::size_t>(got));
                return frame;
            }
        }
        return {};
    }

 private:
    int fd_ = -1;
    bool offloads_;
    bool made_ = false;
    bool takes_tcp_ = false;
    bool takes_udp_ = false;
};

class OffloadTest : public ::testing::Test {
 protected:
    void SetUp() override {
        if (const std::string why = test::no_namespaces(); !why.empty()) {
            GTEST_SKIP() << why;
        }
        ns_ = std::make_unique<test::Namespace>(test::Namespace::make());
        within_ = std::make_unique<test::Within>(*ns_);
        in_ = std::make_unique<Device>("in0", true);
        out_ = std::make_unique<Device>("out0", true);
        plain_ = std::make_unique<Device>("plain0", false);
        ASSERT_TRUE(in_->made() && out_->made() && plain_->made());
        ASSERT_TRUE(
            test::shell("sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 && "
                        "ip addr add 10.1.0.1/24 dev in0 && ip addr add 10.2.0.1/24 dev out0 && "
                        "ip addr add 10.3.0.1/24 dev plain0 && ip link set in0 up && ip link set out0 up && "
                        "ip link set plain0 up"));
    }

    /// Packets that become one frame, from behind in0 to the network of this number.
    static std::vector<Bytes> batch(Fields fields, unsigned network) {
        fields.ip.source = 0x0a010002;
        fields.ip.destination = 0x0a000002 + (network << 16);
        fields.ip.tos = 0xb8;
        std::vector<Bytes> packets;
        for (unsigned i = 0; i < 6; ++i) {
            const std::size_t size = i == 5 ? 333 : 1400;
            if (i == 5 && fields.tcp()) {
                fields.flags |= test::psh;
            }
            packets.push_back(test::segment(fields, test::pattern(size, i)));
            fields.sequence += static_cast<std::uint32_t>(size);
            ++fields.ip.id;
        }
        return packets;
    }

    static std::vector<Fields> kinds(bool udp) {
        Fields fields = udp ? test::udp_fields() : test::tcp_fields();
        fields.ip.id = 0xfffd;
        fields.sequence = 0xfffff000;
        Fields more = fields;
        more.ip.dont_fragment = true;
        if (!udp) {
            more.options = test::timestamps(0x01020304, 0x05060708);
        }
        return {fields, more};
    }

    void send(const std::vector<Bytes>& packets) {
        std::vector<Bytes> copies = packets;
        esp::Merger merger;
        for (Bytes& packet : copies) {
            merger.add(packet);
        }
        const auto runs = merger.finish();
        ASSERT_EQ(runs.size(), 1U);
        in_->write(runs[0]);
    }

    /// As a router passes it on.
    static Bytes forwarded(Bytes packet) {
        --packet[8];
        test::put16(packet, 10, 0);
        test::put16(packet, 10, ~test::ones_sum(ByteView(packet).first(20)) & 0xffff);
        return packet;
    }

    void merged_and_split_by_the_kernel(bool udp) {
        for (const Fields& fields : kinds(udp)) {
            const std::vector<Bytes> packets = batch(fields, 3);
            ASSERT_NO_FATAL_FAILURE(send(packets));
            for (const Bytes& packet : packets) {
                ASSERT_EQ(to_hex(plain_->read()), to_hex(forwarded(packet)));
            }
        }
    }

    void merged_and_left_for_the_splitter(bool udp) {
        for (const Fields& fields : kinds(udp)) {
            const std::vector<Bytes> packets = batch(fields, 2);
            ASSERT_NO_FATAL_FAILURE(send(packets));
            Bytes frame = out_->read();
            const auto header = vnet::decode(frame);
            ASSERT_TRUE(header);
            ASSERT_NE(header->segmentation, vnet::Segmentation::none)
                << "the kernel should have left it whole";
            esp::Splitter splitter;
            ASSERT_TRUE(splitter.begin(std::span(frame).subspan(vnet::header_octets), *header));
            std::vector<ByteView> views;
            splitter.next(views);
            ASSERT_EQ(views.size(), packets.size());
            for (std::size_t i = 0; i < packets.size(); ++i) {
                ASSERT_EQ(to_hex(views[i]), to_hex(forwarded(packets[i])));
            }
        }
    }

    std::unique_ptr<test::Namespace> ns_;
    std::unique_ptr<test::Within> within_;
    std::unique_ptr<Device> in_;
    std::unique_ptr<Device> out_;
    std::unique_ptr<Device> plain_;
};

TEST_F(OffloadTest, TheKernelSplitsATrainOfTcpIntoItsSegments) {
    merged_and_split_by_the_kernel(false);
}

TEST_F(OffloadTest, TheKernelsTrainOfTcpIsSplitLikeItsOwn) {
    merged_and_left_for_the_splitter(false);
}

TEST_F(OffloadTest, TheKernelSplitsATrainOfUdpIntoItsDatagrams) {
    if (!in_->takes_udp()) {
        GTEST_SKIP() << "needs Linux 6.2: trains of UDP on a TUN device";
    }
    merged_and_split_by_the_kernel(true);
}

TEST_F(OffloadTest, TheKernelsTrainOfUdpIsSplitLikeItsOwn) {
    if (!in_->takes_udp()) {
        GTEST_SKIP() << "needs Linux 6.2: trains of UDP on a TUN device";
    }
    merged_and_left_for_the_splitter(true);
}

}  // namespace
}  // namespace causeway
