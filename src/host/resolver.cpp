#include "host/resolver.hpp"

#include <algorithm>
#include <ares.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <sys/utsname.h>
#include <unistd.h>
#include <utility>

#include "base/sort.hpp"
#include "host/hosts_file.hpp"
#include "host/name_servers.hpp"
#include "host/outside.hpp"
#include "host/socket_address.hpp"

namespace causeway::host {
namespace {

// Names answered with dozens of addresses exist; a peer has a handful.
constexpr std::size_t max_addresses = 16;

std::string words_for(int status, const std::string& name) {
    switch (status) {
        case ARES_ENOTFOUND:
            return fmt::format("no server knows the name {}", name);
        case ARES_ENODATA:
            return fmt::format("{} has no address", name);
        case ARES_ETIMEOUT:
            return "no name server answers";
        case ARES_ECONNREFUSED:
            // Before 1.20 the library ended with this for servers that report a failure, too.
            return "no name server can be reached, or none is able to answer";
        case ARES_ESERVFAIL:
            return "the name server reports a failure of its own";
        case ARES_EREFUSED:
            return "the name server refuses to answer";
        case ARES_EBADNAME:
            return fmt::format("{} is not a valid name", name);
        default:
            return ares_strerror(status);
    }
}

int initialise_library() {
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    return status;
}

/// What resolv.conf(5) says now.
struct NameService {
    std::string servers;  ///< as ares_set_servers_ports_csv() takes them
    std::vector<std::string> domains;
};

std::string text_of(const Endpoint& server) {
    const std::string address = server.address.text();
    return server.address.is_v4() ? fmt::format("{}:{}", address, server.port)
                                  : fmt::format("[{}]:{}", address, server.port);
}

std::string content(const Descriptor& file, std::size_t limit) {
    std::string text;
    std::array<char, 4096> room{};
    while (text.size() < limit) {
        const ssize_t got = ::read(file.get(), room.data(), room.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        text.append(room.data(), static_cast<std::size_t>(got));
    }
    return text;
}

NameService name_service(const Resolver::Options& wanted) {
    constexpr std::size_t longest = 16384;
    constexpr std::uint16_t domain = 53;
    const std::string text =
        wanted.resolv_conf.empty()
            ? resolv_conf()
            : content(Descriptor(::open(wanted.resolv_conf.c_str(), O_RDONLY | O_CLOEXEC)), longest);
    std::vector<Endpoint> servers = wanted.servers;
    if (servers.empty()) {
        for (const IpAddress& address : name_servers_in(text)) {
            servers.push_back({address, domain});
        }
    }
    // resolv.conf(5): the one on this machine, when no other is named.
    NameService service{servers.empty() ? "127.0.0.1" : "", search_domains_in(text)};
    for (const Endpoint& server : servers) {
        service.servers += (service.servers.empty() ? "" : ",") + text_of(server);
    }
    utsname system{};
    if (service.domains.empty() && ::uname(&system) == 0) {
        const std::string_view host(static_cast<const char*>(system.nodename));
        if (const auto dot = host.find('.'); dot != std::string_view::npos && dot + 1 < host.size()) {
            service.domains.emplace_back(host.substr(dot + 1));
        }
    }
    return service;
}

/// Lists against advertisers have some megabytes.
constexpr std::size_t longest_hosts_file = std::size_t{16} << 20U;

std::vector<IpAddress> in_hosts(const std::string& name) {
    const auto file = open_file(SystemFile::hosts);
    return file ? addresses_in_hosts(content(*file, longest_hosts_file), name) : std::vector<IpAddress>{};
}

/// In the order that they are asked for. Search domains are for names without a dot.
std::vector<std::string> names_to_ask(const std::string& name, const std::vector<std::string>& domains) {
    std::vector<std::string> names;
    if (name.find('.') == std::string::npos && name.find(':') == std::string::npos) {
        for (const std::string& domain : domains) {
            names.push_back(fmt::format("{}.{}", name, domain));
        }
    }
    names.push_back(name);
    return names;
}

}  // namespace

/// c-ares with one channel for all look-ups, made at once: what it reads for itself (resolv.conf's options, randomness) it
/// reads then. Servers are named to it with each look-up.
class Resolver::Library {
 public:
    Library(EventLoop& loop, const Options& wanted)
        : loop_(loop), timer_(loop_.timer([this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); })) {
        status_ = open(wanted);
    }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
    ~Library() {
        abandoning_ = true;
        if (channel_ != nullptr) {
            ares_destroy(channel_);
        }
    }

    [[nodiscard]] bool made() const { return channel_ != nullptr; }
    /// Of the last step.
    [[nodiscard]] int status() const { return status_; }
    /// What it has to say about the end of what is under way is no answer.
    [[nodiscard]] bool abandoning() const { return abandoning_; }
    [[nodiscard]] const std::string& servers() const { return servers_; }

    /// Nothing is under way any more, and sockets are made anew: with other ports, on the ways of today.
    void start_afresh(const std::string& servers) {
        abandoning_ = true;
        ares_cancel(channel_);
        abandoning_ = false;
        servers_ = servers;
        status_ = ares_set_servers_ports_csv(channel_, servers_.c_str());
    }

    void ask(const std::string& name, ares_addrinfo_callback answered, void* whom) {
        ares_addrinfo_hints hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_flags = ARES_AI_NOSORT;
        ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, answered, whom);
        arm();
    }

 private:
    int open(const Options& wanted) {
        if (const int status = initialise_library(); status != ARES_SUCCESS) {
            return status;
        }
        ares_options options{};
        // An empty list of domains: ares_getaddrinfo() of 1.18 heeds no NOSEARCH.
        int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                   ARES_OPT_SOCK_STATE_CB | ARES_OPT_DOMAINS;
        options.flags = ARES_FLAG_NOSEARCH;
        options.timeout =
            static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(wanted.timeout).count());
        options.tries = wanted.tries;
        char dns_only[] = "b";
        options.lookups = dns_only;
        options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
            static_cast<Library*>(self)->socket_wants(socket, readable != 0, writable != 0);
        };
        options.sock_state_cb_data = this;
#ifdef ARES_OPT_QUERY_CACHE
        // Whoever asks again does so because the last answer was of no use.
        options.qcache_max_ttl = 0;
        mask |= ARES_OPT_QUERY_CACHE;
#endif
        const int status = ares_init_options(&channel_, &options, mask);
        if (status != ARES_SUCCESS) {
            channel_ = nullptr;
        }
        return status;
    }

    void socket_wants(ares_socket_t socket, bool readable, bool writable) {
        if (!readable && !writable) {
            watches_.erase(socket);  // the library closes it right after this call
            return;
        }
        auto at = watches_.find(socket);
        if (at == watches_.end()) {
            at = watches_
                     .emplace(socket, loop_.watch(
                                          socket, [this, socket] { process(socket, ARES_SOCKET_BAD); },
                                          [this, socket] { process(ARES_SOCKET_BAD, socket); }))
                     .first;
        }
        at->second.want_write(writable);
    }

    void process(ares_socket_t readable, ares_socket_t writable) {
        ares_process_fd(channel_, readable, writable);
        arm();
    }

    void arm() {
        timeval room{};
        if (const timeval* left = ares_timeout(channel_, nullptr, &room); left != nullptr) {
            timer_.arm(now() + std::chrono::seconds(left->tv_sec) + std::chrono::microseconds(left->tv_usec) +
                       std::chrono::milliseconds(1));
        }
    }

    EventLoop& loop_;
    ares_channel channel_ = nullptr;
    int status_ = ARES_SUCCESS;
    bool abandoning_ = false;
    std::string servers_;
    std::map<ares_socket_t, EventLoop::Watch> watches_;
    EventLoop::Timer timer_;
};

/// One look-up: a name, and for one without a dot what it may stand for.
class Resolver::Question {
 public:
    Question(Resolver& owner, std::string name, Done done)
        : owner_(owner), name_(std::move(name)), done_(std::move(done)) {}
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;
    ~Question() = default;

    [[nodiscard]] bool finished() const { return finished_; }
    [[nodiscard]] bool asked() const { return asked_; }

    void begin(const std::vector<std::string>& domains) {
        asked_ = true;
        Resolution known;
        known.addresses = in_hosts(name_);
        if (!known.addresses.empty()) {
            sort_stably_by(known.addresses, [](const IpAddress& address) { return address.is_v6(); });
            return finish(std::move(known));
        }
        if (const int status = owner_.library_->status(); status != ARES_SUCCESS) {
            return finish({{}, {}, ares_strerror(status)});
        }
        names_ = names_to_ask(name_, domains);
        at_ = 0;
        ask();
    }

 private:
    void ask() {
        owner_.library_->ask(
            names_[at_],
            [](void* self, int status, int /*timeouts*/, ares_addrinfo* result) {
                static_cast<Question*>(self)->answered(status, result);
            },
            this);
    }

    void answered(int status, ares_addrinfo* result) {
        Resolution resolution;
        if (status == ARES_SUCCESS && result != nullptr) {
            read(*result, resolution);
            if (resolution.addresses.empty()) {
                status = ARES_ENODATA;
            }
        }
        if (result != nullptr) {
            ares_freeaddrinfo(result);
        }
        if (owner_.library_ == nullptr || owner_.library_->abandoning()) {
            return;
        }
        const bool nobody = status == ARES_ENOTFOUND || status == ARES_ENODATA;
        if (nobody && at_ + 1 < names_.size()) {
            ++at_;
            return ask();
        }
        if (resolution.addresses.empty()) {
            resolution.error = words_for(status, name_);
        }
        finish(std::move(resolution));
    }

    static void read(const ares_addrinfo& result, Resolution& resolution) {
        int ttl = -1;
        for (const auto* node = result.nodes; node != nullptr; node = node->ai_next) {
            const IpAddress address = from_system(node->ai_addr).address;
            const bool known = std::find(resolution.addresses.begin(), resolution.addresses.end(), address) !=
                               resolution.addresses.end();
            if (address.is_unspecified() || known || resolution.addresses.size() >= max_addresses) {
                continue;
            }
            resolution.addresses.push_back(address);
            ttl = ttl < 0 ? node->ai_ttl : std::min(ttl, node->ai_ttl);
        }
        for (const auto* alias = result.cnames; alias != nullptr; alias = alias->next) {
            ttl = ttl < 0 ? alias->ttl : std::min(ttl, alias->ttl);
        }
        sort_stably_by(resolution.addresses, [](const IpAddress& address) { return address.is_v6(); });
        resolution.ttl = std::chrono::seconds(std::max(ttl, 0));
    }

    // The library may call back from within ares_getaddrinfo(), and nobody is answered from within resolve(): what follows
    // happens on the loop.
    void finish(Resolution resolution) {
        finished_ = true;
        result_ = std::move(resolution);
        deliver_ = owner_.loop_.timer([this] { deliver(); });
        deliver_.arm(now());
    }

    void deliver() {
        Resolver& owner = owner_;
        const auto mine = std::find_if(owner.questions_.begin(), owner.questions_.end(),
                                       [this](const auto& one) { return one.get() == this; });
        const std::unique_ptr<Question> self = std::move(*mine);
        owner.questions_.erase(mine);
        const Done done = std::move(done_);
        done_ = nullptr;
        done(std::move(result_));
    }

    Resolver& owner_;
    std::string name_;
    Done done_;
    std::vector<std::string> names_;
    std::size_t at_ = 0;
    EventLoop::Timer deliver_;
    Resolution result_;
    bool asked_ = false;
    bool finished_ = false;
};

Resolver::Resolver(EventLoop& loop, Options options)
    : loop_(loop), options_(std::move(options)), library_(std::make_unique<Library>(loop_, options_)) {}
Resolver::~Resolver() = default;

void Resolver::resolve(const std::string& name, Done done) {
    questions_.push_back(std::make_unique<Question>(*this, name, std::move(done)));
    begin(false);
}

void Resolver::ask_again() {
    begin(true);
}

// The library takes other servers only while nothing is under way, and what is under way was asked of the old ones.
void Resolver::begin(bool afresh) {
    const bool under_way = std::any_of(questions_.begin(), questions_.end(), [](const auto& question) {
        return question->asked() && !question->finished();
    });
    const NameService service = name_service(options_);
    const bool all = afresh || !under_way || service.servers != library_->servers();
    if (all && library_->made()) {
        library_->start_afresh(service.servers);
    }
    // None of them ends within begin(): what it has to say comes later, by the loop.
    for (const auto& question : questions_) {
        if (!question->finished() && (all || !question->asked())) {
            question->begin(service.domains);
        }
    }
}

std::size_t Resolver::pending() const {
    return questions_.size();
}

}  // namespace causeway::host
