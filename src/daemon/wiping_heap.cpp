#include "daemon/wiping_heap.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <malloc.h>
#include <memory>
#include <new>
#include <sys/mman.h>
#include <unistd.h>

#include "base/secret.hpp"

namespace causeway::daemon {

namespace {

/// Per thread: the worker's memory is none of the reader's.
thread_local unsigned wiped_heaps = 0;

/// Null: there is no more.
void* take(std::size_t octets) noexcept {
    return std::malloc(octets == 0 ? 1 : octets);
}

void give_back(void* piece) noexcept {
    if (piece != nullptr && wiped_heaps != 0) {
        wipe({static_cast<std::uint8_t*>(piece), ::malloc_usable_size(piece)});
    }
    std::free(piece);
}

}  // namespace

WipedHeap::WipedHeap() {
    ++wiped_heaps;
}
WipedHeap::~WipedHeap() {
    --wiped_heaps;
}

// Deep enough for what the readers use; they have no recursion without a bound. The pages go back: the daemon
// never needs so many of them again.
[[gnu::noinline]] void wipe_stack_below() {
    std::array<std::uint8_t, std::size_t{64} * 1024> below;  // NOLINT: what it holds is what is to go
    wipe(below);
    void* page = below.data();
    std::size_t room = below.size();
    const auto page_size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    if (std::align(page_size, page_size, page, room) != nullptr) {
        ::madvise(page, room / page_size * page_size, MADV_DONTNEED);
    }
}

}  // namespace causeway::daemon

// The array forms and those with a size end here as well ([new.delete]). So does the form that throws nothing, which the
// library's sorting uses; but a sanitizer answers that one itself, while what it gave would come back here.
void* operator new(std::size_t octets) {
    void* piece = causeway::daemon::take(octets);
    if (piece == nullptr) {
        throw std::bad_alloc();
    }
    return piece;
}
void* operator new(std::size_t octets, const std::nothrow_t& /*tag*/) noexcept {
    return causeway::daemon::take(octets);
}
void operator delete(void* piece) noexcept {
    causeway::daemon::give_back(piece);
}
void operator delete(void* piece, std::size_t) noexcept {
    causeway::daemon::give_back(piece);
}
