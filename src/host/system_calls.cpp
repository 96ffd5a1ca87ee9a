#include "host/system_calls.hpp"

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace causeway::host {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

// The numbers of calls mean what they mean for one of these only.
#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__i386__)
constexpr std::uint32_t architecture = AUDIT_ARCH_I386;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#elif defined(__arm__)
constexpr std::uint32_t architecture = AUDIT_ARCH_ARM;
#elif defined(__mips64) && defined(__MIPSEL__)
constexpr std::uint32_t architecture = AUDIT_ARCH_MIPSEL64;
#elif defined(__mips64)
constexpr std::uint32_t architecture = AUDIT_ARCH_MIPS64;
#elif defined(__mips__) && defined(__MIPSEL__)
constexpr std::uint32_t architecture = AUDIT_ARCH_MIPSEL;
#elif defined(__mips__)
constexpr std::uint32_t architecture = AUDIT_ARCH_MIPS;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr std::uint32_t architecture = AUDIT_ARCH_PPC64LE;
#elif defined(__powerpc64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_PPC64;
#elif defined(__powerpc__)
constexpr std::uint32_t architecture = AUDIT_ARCH_PPC;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t architecture = AUDIT_ARCH_RISCV64;
#elif defined(__s390x__)
constexpr std::uint32_t architecture = AUDIT_ARCH_S390X;
#elif defined(__loongarch64)
constexpr std::uint32_t architecture = AUDIT_ARCH_LOONGARCH64;
#else
constexpr std::uint32_t architecture = 0;
#endif

// Every packet asks for some of these, so they come first: Linux before 5.11 goes through the filter each time.
constexpr std::array hot{
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_recvmsg,
    SYS_sendmsg,
    SYS_sendmmsg,
#ifdef SYS_recvmmsg
    SYS_recvmmsg,
#endif
#ifdef SYS_recvmmsg_time64
    SYS_recvmmsg_time64,
#endif
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
    SYS_epoll_pwait,
#ifdef SYS_epoll_pwait2
    SYS_epoll_pwait2,
#endif
};

// Descriptors that are there, time, memory, threads: nothing here names a file, a program or another process. Where the processor
// has 64-bit numbers or no longer has the old calls, some of the names are missing.
constexpr std::array steady{
    // Sockets and the TUN, which are open; connect() is c-ares'.
    SYS_recvfrom,
    SYS_sendto,
    SYS_connect,
    SYS_accept4,
    SYS_shutdown,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_getsockname,
    SYS_getpeername,
    // Descriptors.
    SYS_close,
    SYS_fcntl,
#ifdef SYS_fcntl64
    SYS_fcntl64,
#endif
#ifdef SYS_fstat
    SYS_fstat,
#endif
#ifdef SYS_fstat64
    SYS_fstat64,
#endif
    SYS_pread64,
    SYS_lseek,
#ifdef SYS__llseek
    SYS__llseek,
#endif
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_ppoll,
#ifdef SYS_ppoll_time64
    SYS_ppoll_time64,
#endif
    SYS_epoll_ctl,
    SYS_timerfd_settime,
#ifdef SYS_timerfd_settime64
    SYS_timerfd_settime64,
#endif
    // Time.
    SYS_clock_gettime,
#ifdef SYS_clock_gettime64
    SYS_clock_gettime64,
#endif
    SYS_clock_nanosleep,
#ifdef SYS_clock_nanosleep_time64
    SYS_clock_nanosleep_time64,
#endif
    SYS_nanosleep,
    SYS_gettimeofday,
#ifdef SYS_time
    SYS_time,
#endif
    // Memory; mmap() and mprotect() stand below.
    SYS_brk,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    // Threads and signals of this process.
    SYS_futex,
#ifdef SYS_futex_time64
    SYS_futex_time64,
#endif
    SYS_set_robust_list,
#ifdef SYS_rseq
    SYS_rseq,
#endif
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
#ifdef SYS_sigreturn
    SYS_sigreturn,
#endif
    SYS_sigaltstack,
    SYS_restart_syscall,
    SYS_getpid,
    SYS_gettid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    // Randomness, the host's name for c-ares, and the end.
    SYS_getrandom,
    SYS_uname,
    SYS_exit,
    SYS_exit_group,
};

/// One of a call's arguments: the low 32 bits, which are all that the kernel takes of an int.
struct Check {
    unsigned argument;
    std::uint32_t mask;
    std::uint32_t value;
};

constexpr std::uint32_t whole = 0xffffffff;
constexpr std::uint32_t refused = SECCOMP_RET_ERRNO | EPERM;

class Filter {
 public:
    Filter() {
        load(offsetof(seccomp_data, arch));
        // Numbers of another instruction set would mean other calls: nobody here makes them by mistake.
        put(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
        put(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
        load(offsetof(seccomp_data, nr));
    }

    void answer(long call, std::uint32_t action) {
        put(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1);
        put(BPF_RET | BPF_K, action);
    }

    /// Admits the call where every check holds.
    void admit(long call, std::initializer_list<Check> checks) {
        constexpr std::size_t of_a_check = 3;
        std::size_t left = checks.size() * of_a_check + 2;
        put(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, left);
        for (const Check& check : checks) {
            left -= of_a_check;
            load(argument(check.argument));
            put(BPF_ALU | BPF_AND | BPF_K, check.mask);
            put(BPF_JMP | BPF_JEQ | BPF_K, check.value, 0, left - 1);
        }
        put(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        load(offsetof(seccomp_data, nr));
    }

    std::vector<sock_filter> finish() && {
        put(BPF_RET | BPF_K, refused);
        return std::move(code_);
    }

 private:
    static constexpr std::size_t argument(unsigned number) {
        const std::size_t low = std::endian::native == std::endian::big ? 4 : 0;
        return offsetof(seccomp_data, args) + 8 * std::size_t{number} + low;
    }
    void load(std::size_t at) { put(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(at)); }
    void put(unsigned code, std::uint32_t value, std::size_t if_so = 0, std::size_t if_not = 0) {
        code_.push_back({static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(if_so),
                         static_cast<std::uint8_t>(if_not), value});
    }

    std::vector<sock_filter> code_;
};

void admit_memory(Filter& filter) {
    const Check not_executable{2, PROT_EXEC, 0};
#ifdef SYS_mmap
    filter.admit(SYS_mmap, {not_executable});
#endif
#ifdef SYS_mmap2
    filter.admit(SYS_mmap2, {not_executable});
#endif
    filter.admit(SYS_mprotect, {not_executable});
}

void admit_threads(Filter& filter) {
    // clone3() has its flags in memory, where no filter can look: the C library falls back to clone().
#ifdef SYS_clone3
    filter.answer(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
#endif
    constexpr std::uint32_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
    constexpr std::uint32_t never = CLONE_PTRACE | CLONE_PARENT | CLONE_NEWNS | CLONE_NEWCGROUP |
                                    CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    // The one processor that takes the stack first and the flags second.
#ifdef __s390x__
    constexpr unsigned flags = 1;
#else
    constexpr unsigned flags = 0;
#endif
    filter.admit(SYS_clone, {{flags, thread | never, thread}});
    // Only itself: abort() ends so.
    filter.admit(SYS_tgkill, {{0, whole, static_cast<std::uint32_t>(::getpid())}});
}

void admit_sockets(Filter& filter) {
    // Name servers are asked by UDP, and by TCP where an answer is long. Nothing raw, no packet socket, no netlink, no path.
    constexpr std::uint32_t type = ~static_cast<std::uint32_t>(SOCK_CLOEXEC | SOCK_NONBLOCK);
    for (const int family : {AF_INET, AF_INET6}) {
        for (const std::uint32_t kind : {SOCK_DGRAM, SOCK_STREAM}) {
            filter.admit(SYS_socket,
                         {{0, whole, static_cast<std::uint32_t>(family)}, {1, type, kind}, {2, whole, 0}});
        }
    }
    // The last ones make the TUN device that may have to take the place of the kernel's IPsec. Its file was opened before.
    for (const std::uint32_t request :
         {std::uint32_t{FIONBIO}, std::uint32_t{SIOCGIFINDEX}, std::uint32_t{SIOCGIFNAME},
          static_cast<std::uint32_t>(TUNSETOFFLOAD), static_cast<std::uint32_t>(TUNSETIFF),
          std::uint32_t{SIOCSIFMTU}, std::uint32_t{SIOCSIFTXQLEN}, std::uint32_t{SIOCSIFFLAGS}}) {
        filter.admit(SYS_ioctl, {{1, whole, request}});
    }
#ifdef SYS_newfstatat
    // fstat(), as the C library makes it: AT_EMPTY_PATH. A path that is given all the same is looked at, never opened.
    filter.admit(SYS_newfstatat, {{3, whole, 0x1000}});
#endif
#ifdef SYS_statx
    filter.admit(SYS_statx, {{2, 0x1000, 0x1000}});
#endif
}

std::vector<sock_filter> compile() {
    Filter filter;
    for (const long call : hot) {
        filter.answer(call, SECCOMP_RET_ALLOW);
    }
    for (const long call : steady) {
        filter.answer(call, SECCOMP_RET_ALLOW);
    }
    admit_memory(filter);
    admit_threads(filter);
    admit_sockets(filter);
    return std::move(filter).finish();
}

std::string refusal(int error) {
    return std::string("the filter of system calls: ") + std::strerror(error);
}

}  // namespace

bool built_with_sanitizer() {
    return sanitized;
}

std::string confine_system_calls() {
    if (architecture == 0) {
        return "the filter of system calls: none is known for this processor";
    }
    std::vector<sock_filter> code = compile();
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
#ifdef SYS_seccomp
    const long outcome = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    if (outcome == 0) {
        return {};
    }
    if (outcome > 0) {
        return "the filter of system calls: a thread is confined otherwise";
    }
#endif
    // Linux before 3.17 has only this, and so has a program whose own filter admits no seccomp(): for this thread and those that
    // it makes, which is all as long as there is no other yet.
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0) {
        return {};
    }
    return refusal(errno);
}

}  // namespace causeway::host
