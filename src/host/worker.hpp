// One thread for jobs too slow for the loop: Diffie-Hellman on a router takes longer than a packet may wait.
// Jobs run one after the other, in order. A job touches nothing that the loop's thread may touch; what it
// found out it posts to the loop. The thread begins with the first job: what the program has given up by then
// (host/privileges.hpp) it never had.
#pragma once

#include <memory>

#include "host/task.hpp"

namespace causeway::host {

class Worker {
 public:
    Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    /// Waits for the job that runs; jobs that have not begun are dropped.
    ~Worker();

    void run(Task job);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace causeway::host
