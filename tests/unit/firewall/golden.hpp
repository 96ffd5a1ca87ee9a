// Rendered text against files in tests/unit/firewall/golden; CAUSEWAY_ACCEPT=1 writes them anew. Whether nft and
// iptables take the text is seen by syntax.py.
#pragma once

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

namespace causeway::firewall {

inline void expect_golden(const std::string& name, const std::string& text) {
    const std::string path = std::string(CAUSEWAY_SOURCE_DIR) + "/tests/unit/firewall/golden/" + name;
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        std::ofstream(path) << text;
        return;
    }
    std::ifstream file(path);
    EXPECT_TRUE(file.good()) << name;
    std::stringstream before;
    before << file.rdbuf();
    EXPECT_EQ(text, before.str()) << name;
}

}  // namespace causeway::firewall
