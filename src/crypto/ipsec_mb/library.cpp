#include "crypto/ipsec_mb/library.hpp"

#include <atomic>
#include <cstdint>
#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <span>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

namespace causeway::crypto::ipsec_mb {
namespace {

constexpr unsigned major_of(unsigned version) {
    return version >> 16;
}
constexpr unsigned minor_of(unsigned version) {
    return version >> 8 & 0xff;
}

std::string file_name() {
    return fmt::format("libIPSec_MB.so.{}", major_of(IMB_VERSION_NUM));
}

enum class State { unasked, missing, other_version, loaded, unfit, at_work };
std::atomic<State> state{State::unasked};
std::atomic<unsigned> version{0};
std::atomic<IMB_ARCH> used{IMB_ARCH_NONE};

template <class Function>
bool find(void* handle, const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(::dlsym(handle, name));
    return function != nullptr;
}

/// Stays loaded: threads that end after the program's statics still give their managers back.
Library load() {
    void* handle = ::dlopen(file_name().c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    decltype(&::imb_get_version) version_of = nullptr;
    Library found;
    if (handle == nullptr || !find(handle, "imb_get_version", version_of) ||
        !find(handle, "alloc_mb_mgr", found.allocate) || !find(handle, "free_mb_mgr", found.release) ||
        !find(handle, "init_mb_mgr_auto", found.initialise)) {
        state = State::missing;
        return {};
    }
    version = version_of();
    if (version >> 8 != IMB_VERSION_NUM >> 8) {
        state = State::other_version;
        return {};
    }
    state = State::loaded;
    return found;
}

/// Only what is read from the file and never written to: those pages can be had again.
int forget_pages_of(dl_phdr_info* object, std::size_t /*size*/, void* name) {
    if (std::string_view(object->dlpi_name).find(*static_cast<const std::string*>(name)) ==
        std::string_view::npos) {
        return 0;
    }
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (const ElfW(Phdr) & part : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
        if (part.p_type == PT_LOAD && (part.p_flags & PF_W) == 0) {
            const std::uintptr_t begin = (object->dlpi_addr + part.p_vaddr) / page * page;
            const std::uintptr_t end = object->dlpi_addr + part.p_vaddr + part.p_memsz;
            // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how the loader tells addresses
            static_cast<void>(::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED));
        }
    }
    return 1;
}

const char* name_of(IMB_ARCH architecture) {
    switch (architecture) {
        case IMB_ARCH_AVX512:
            return "AVX512";
        case IMB_ARCH_AVX2:
            return "AVX2";
        default:
            return "SSE";
    }
}

}  // namespace

const Library* library() {
    static const Library once = load();
    return once.initialise != nullptr ? &once : nullptr;
}

void forget_pages() {
    std::string name = file_name();
    ::dl_iterate_phdr(forget_pages_of, &name);
}

void note_manager(IMB_ARCH architecture, bool works) {
    used = architecture;
    state = works ? State::at_work : State::unfit;
}

std::string facts() {
    const unsigned there = version;
    const std::string name = fmt::format("ipsec-mb {}.{}.{}", major_of(there), minor_of(there), there & 0xff);
    switch (state.load()) {
        case State::missing:
            return fmt::format("ipsec-mb: {} is not installed", file_name());
        case State::other_version:
            return fmt::format("{} is not used: this program was built with {}", name, IMB_VERSION_STR);
        case State::unfit:
            return fmt::format("{} is not used: it does not run on this processor", name);
        case State::at_work:
            return fmt::format("{}, {}", name, name_of(used));
        case State::unasked:
        case State::loaded:
            break;
    }
    return "ipsec-mb is not loaded: no large batch of packets has come";
}

}  // namespace causeway::crypto::ipsec_mb
