#include "host/resolver.hpp"

#include <algorithm>
#include <ares.h>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "base/sort.hpp"
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

}  // namespace

// One look-up with a channel of its own, so that it sees the files as they are now.
class Resolver::Question {
 public:
    Question(Resolver& owner, std::string name, Done done)
        : owner_(owner), name_(std::move(name)), done_(std::move(done)) {
        timer_ = owner_.loop_.timer([this] {
            if (channel_ != nullptr) {
                ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
            }
            arm();
        });
    }
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;
    [[nodiscard]] bool finished() const { return finished_; }
    ~Question() {
        done_ = nullptr;
        if (channel_ != nullptr) {
            ares_destroy(std::exchange(channel_, nullptr));
        }
    }

    void begin() {
        if (channel_ != nullptr) {
            // What it has to say about its end is not the answer.
            abandoned_ = true;
            ares_destroy(std::exchange(channel_, nullptr));
            abandoned_ = false;
            watches_.clear();
        }
        if (const int status = open_channel(); status != ARES_SUCCESS) {
            return finish({{}, {}, ares_strerror(status)});
        }
        ares_addrinfo_hints hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_flags = ARES_AI_NOSORT;
        ares_getaddrinfo(
            channel_, name_.c_str(), nullptr, &hints,
            [](void* self, int status, int /*timeouts*/, ares_addrinfo* result) {
                if (auto* question = static_cast<Question*>(self); !question->abandoned_) {
                    question->answered(status, result);
                }
            },
            this);
        arm();
    }

 private:
    int open_channel() {
        if (const int status = initialise_library(); status != ARES_SUCCESS) {
            return status;
        }
        const Options& wanted = owner_.options_;
        ares_options options{};
        int mask =
            ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
        if (name_.find('.') != std::string::npos) {
            options.flags = ARES_FLAG_NOSEARCH;
            mask |= ARES_OPT_DOMAINS;  // an empty list: ares_getaddrinfo() of 1.18 heeds no NOSEARCH
        }
        options.timeout =
            static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(wanted.timeout).count());
        options.tries = wanted.tries;
        char files_then_dns[] = "fb";
        options.lookups = files_then_dns;
        options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
            static_cast<Question*>(self)->socket_wants(socket, readable != 0, writable != 0);
        };
        options.sock_state_cb_data = this;
        std::string resolv_conf = wanted.resolv_conf;
        if (!resolv_conf.empty()) {
            options.resolvconf_path = resolv_conf.data();
            mask |= ARES_OPT_RESOLVCONF;
        }
        if (const int status = ares_init_options(&channel_, &options, mask); status != ARES_SUCCESS) {
            channel_ = nullptr;
            return status;
        }
        if (wanted.servers.empty()) {
            return ARES_SUCCESS;
        }
        std::string servers;
        for (const Endpoint& server : wanted.servers) {
            const std::string address = server.address.text();
            servers += (servers.empty() ? "" : ",") + (server.address.is_v4()
                                                           ? fmt::format("{}:{}", address, server.port)
                                                           : fmt::format("[{}]:{}", address, server.port));
        }
        return ares_set_servers_ports_csv(channel_, servers.c_str());
    }

    void socket_wants(ares_socket_t socket, bool readable, bool writable) {
        if (!readable && !writable) {
            watches_.erase(socket);  // the library closes it right after this call
            return;
        }
        auto at = watches_.find(socket);
        if (at == watches_.end()) {
            at = watches_
                     .emplace(socket, owner_.loop_.watch(
                                          socket, [this, socket] { process(socket, ARES_SOCKET_BAD); },
                                          [this, socket] { process(ARES_SOCKET_BAD, socket); }))
                     .first;
        }
        at->second.want_write(writable);
    }

    void process(ares_socket_t readable, ares_socket_t writable) {
        if (channel_ != nullptr) {
            ares_process_fd(channel_, readable, writable);
        }
        arm();
    }

    void arm() {
        if (finished_ || channel_ == nullptr) {
            return;
        }
        timeval room{};
        if (const timeval* left = ares_timeout(channel_, nullptr, &room); left != nullptr) {
            timer_.arm(now() + std::chrono::seconds(left->tv_sec) + std::chrono::microseconds(left->tv_usec) +
                       std::chrono::milliseconds(1));
        }
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

    // The library may call back from within ares_getaddrinfo() and ares_destroy(), and the channel must not
    // be destroyed from within a callback: what follows happens on the loop.
    void finish(Resolution resolution) {
        if (finished_ || !done_) {
            return;
        }
        finished_ = true;
        timer_.cancel();
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
    ares_channel channel_ = nullptr;
    std::map<ares_socket_t, EventLoop::Watch> watches_;
    EventLoop::Timer timer_;
    EventLoop::Timer deliver_;
    Resolution result_;
    bool finished_ = false;
    bool abandoned_ = false;
};

Resolver::Resolver(EventLoop& loop, Options options) : loop_(loop), options_(std::move(options)) {}
Resolver::~Resolver() = default;

void Resolver::resolve(const std::string& name, Done done) {
    questions_.push_back(std::make_unique<Question>(*this, name, std::move(done)));
    questions_.back()->begin();
}

void Resolver::ask_again() {
    // None of them ends within begin(): what it has to say comes later, by the loop.
    for (const auto& question : questions_) {
        if (!question->finished()) {
            question->begin();
        }
    }
}

std::size_t Resolver::pending() const {
    return questions_.size();
}

}  // namespace causeway::host
