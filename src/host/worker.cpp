#include "host/worker.hpp"

#include <optional>
#include <utility>

#include <asio/post.hpp>
#include <asio/thread_pool.hpp>

namespace causeway::host {

struct Worker::Impl {
    std::optional<asio::thread_pool> pool;
};

Worker::Worker() : impl_(std::make_unique<Impl>()) {}

Worker::~Worker() {
    if (impl_->pool) {
        impl_->pool->stop();
        impl_->pool->join();
    }
}

void Worker::run(Task job) {
    if (!impl_->pool) {
        impl_->pool.emplace(1);
    }
    asio::post(*impl_->pool, [job = std::move(job)]() mutable { job(); });
}

}  // namespace causeway::host
