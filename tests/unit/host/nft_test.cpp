// nft on this machine; what its scripts say is tested in tests/unit/firewall.
#include "host/nft.hpp"

#include <gtest/gtest.h>
#include <string>

namespace causeway::host {
namespace {

TEST(Nft, ANftThatIsNotThereIsAnError) {
    const auto done = run_nft("/nonexistent/nft", "");
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().what.find("/nonexistent/nft"), std::string::npos);
}

TEST(Nft, WhatNftSaysIsPassedOn) {
    const auto nft = find_nft();
    if (!nft) {
        GTEST_SKIP() << "nft is not installed";
    }
    const auto done = run_nft(*nft, "this is no rule\n");
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().what.find("syntax error"), std::string::npos) << done.error().what;
}

}  // namespace
}  // namespace causeway::host
