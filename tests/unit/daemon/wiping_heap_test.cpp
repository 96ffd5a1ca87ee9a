#include "daemon/wiping_heap.hpp"

#include <gtest/gtest.h>
#include <new>

namespace causeway::daemon {
namespace {

// A sanitizer ends the program where what was taken in one way is given back in another.
TEST(WipedHeap, TakesBackWhatWasAskedForWithoutExceptions) {
    const WipedHeap wiped;
    void* piece = ::operator new(32, std::nothrow);
    EXPECT_NE(piece, nullptr);
    ::operator delete(piece);
}

}  // namespace
}  // namespace causeway::daemon
