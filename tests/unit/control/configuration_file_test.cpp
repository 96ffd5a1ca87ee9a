#include "control/configuration_file.hpp"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace causeway::control {
namespace {

// Where a size of the system's own has 32 bits, fstat() refuses such a file (EOVERFLOW), and one whose inode has a
// number beyond them.
TEST(ReadFile, SaysOfMoreThanTwoGibibytesThatItIsTooLong) {
    std::string path = "/tmp/causeway-large-XXXXXX";
    const int made = ::mkstemp(path.data());
    ASSERT_GE(made, 0);
    ::close(made);
    std::filesystem::resize_file(path, std::uintmax_t{3} << 30U);
    const auto text = read_file(path, std::size_t{1} << 20U);
    std::filesystem::remove(path);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, Errc::limit) << text.error().what;
}

}  // namespace
}  // namespace causeway::control
