// causewayd's command line, and that it goes before the file.
#include "daemon/options.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/data_plane.hpp"
#include "base/offload.hpp"
#include "daemon/configuration.hpp"

namespace causeway::daemon {
namespace {

ParsedOptions parsed(std::vector<std::string> words) {
    words.insert(words.begin(), "causewayd");
    std::vector<char*> pointers;
    for (std::string& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    return parse_options(static_cast<int>(words.size()), pointers.data(), "1");
}

TEST(Options, AnOffloadIsAutoOnOrOff) {
    const auto all = parsed({"--offload-tun=off", "--offload-udp-send", "on", "--offload-udp-receive=auto"});
    ASSERT_FALSE(all.exit);
    EXPECT_EQ(all.options.offload_tun, OffloadWish::off);
    EXPECT_EQ(all.options.offload_udp_send, OffloadWish::on);
    EXPECT_EQ(all.options.offload_udp_receive, OffloadWish::automatic);
    EXPECT_FALSE(parsed({}).options.offload_tun);
    for (const char* option : {"--offload-tun", "--offload-udp-send", "--offload-udp-receive"}) {
        ::testing::internal::CaptureStderr();
        EXPECT_EQ(parsed({option, "yes"}).exit, exit_code::usage);
        EXPECT_EQ(::testing::internal::GetCapturedStderr(),
                  "causewayd: " + std::string(option) +
                      " is auto, on or off, not 'yes'; --help lists the options\n");
    }
}

TEST(Options, TheDataPlaneIsAutoKernelOrUserspace) {
    EXPECT_FALSE(parsed({}).options.data_plane);
    EXPECT_EQ(parsed({"--dataplane", "kernel"}).options.data_plane, DataPlaneKind::kernel);
    EXPECT_EQ(parsed({"--dataplane=userspace"}).options.data_plane, DataPlaneKind::userspace);
    EXPECT_EQ(parsed({"--dataplane=auto"}).options.data_plane, DataPlaneKind::automatic);
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(parsed({"--dataplane", "xfrm"}).exit, exit_code::usage);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "causewayd: --dataplane is auto, kernel or userspace, not 'xfrm'; --help lists the options\n");
}

TEST(Options, OffloadsOfTheCommandLineGoBeforeTheFiles) {
    const std::string path = ::testing::TempDir() + "causeway-offloads-" + std::to_string(::getpid());
    std::ofstream(path) << "config ipsec\n option offload_tun off\n option offload_udp_send off\n"
                           "config remote a\n option enabled 1\n option gateway 192.0.2.1\n";
    Options options = parsed({"--config", path, "--offload-tun", "on"}).options;
    const auto loaded = load_configuration(options);
    ::unlink(path.c_str());
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_EQ(loaded->model->options.offloads,
              (OffloadWishes{OffloadWish::on, OffloadWish::off, OffloadWish::automatic}));
}

}  // namespace
}  // namespace causeway::daemon
