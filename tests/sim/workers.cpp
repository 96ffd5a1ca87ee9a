#include "sim/workers.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace causeway::sim {

namespace {

struct Worker {
    pid_t pid = -1;
    int from = -1;
    std::vector<std::uint64_t> seeds;
    std::size_t at = 0;
    std::string unread;
};

void write_all(int to, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t wrote = write(to, text.data() + done, text.size() - done);
        if (wrote <= 0) {
            _exit(1);
        }
        done += static_cast<std::size_t>(wrote);
    }
}

void begin(Worker& worker, const std::function<Outcome(std::uint64_t)>& run) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe");
    }
    const pid_t parent = getpid();
    worker.pid = fork();
    if (worker.pid < 0) {
        throw std::runtime_error("no further process");
    }
    if (worker.pid == 0) {
        // Nobody works on for a parent that was killed.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(1);
        }
        for (std::size_t i = worker.at; i < worker.seeds.size(); ++i) {
            write_all(ends[1], as_line(run(worker.seeds[i])) + "\n");
        }
        _exit(0);
    }
    close(ends[1]);
    worker.from = ends[0];
    worker.unread.clear();
}

}  // namespace

Outcome run_all(const std::vector<std::uint64_t>& seeds, unsigned jobs,
                const std::function<Outcome(std::uint64_t)>& run,
                const std::function<void(const Outcome&)>& progress) {
    Outcome all;
    std::vector<Worker> workers(std::clamp<std::size_t>(jobs, 1, std::max<std::size_t>(seeds.size(), 1)));
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        workers[i % workers.size()].seeds.push_back(seeds[i]);
    }
    for (auto& worker : workers) {
        begin(worker, run);
    }
    for (;;) {
        std::vector<pollfd> waiting;
        for (const auto& worker : workers) {
            waiting.push_back({worker.from, POLLIN, 0});
        }
        if (std::all_of(waiting.begin(), waiting.end(), [](const pollfd& one) { return one.fd < 0; })) {
            return all;
        }
        if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
            throw std::runtime_error("poll fails");
        }
        for (std::size_t i = 0; i < workers.size(); ++i) {
            auto& worker = workers[i];
            if (worker.from < 0 || waiting[i].revents == 0) {
                continue;
            }
            char buffer[65536];
            const ssize_t got = read(worker.from, buffer, sizeof buffer);
            if (got > 0) {
                worker.unread.append(buffer, static_cast<std::size_t>(got));
                for (std::size_t end = 0; (end = worker.unread.find('\n')) != std::string::npos;) {
                    Outcome one;
                    if (from_line(worker.unread.substr(0, end), one)) {
                        all.add(std::move(one));
                        ++worker.at;
                        progress(all);
                    }
                    worker.unread.erase(0, end + 1);
                }
                continue;
            }
            close(worker.from);
            worker.from = -1;
            int status = 0;
            waitpid(worker.pid, &status, 0);
            if (worker.at < worker.seeds.size()) {
                Outcome died;
                died.seeds = 1;
                died.failures.push_back({worker.seeds[worker.at], "crash",
                                         WIFSIGNALED(status)
                                             ? fmt::format("the run died of {}", strsignal(WTERMSIG(status)))
                                             : fmt::format("the run ended with {}", WEXITSTATUS(status)),
                                         0});
                all.add(std::move(died));
                ++worker.at;
                begin(worker, run);
            }
        }
    }
}

}  // namespace causeway::sim
