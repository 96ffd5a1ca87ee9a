#include "host/worker.hpp"

#include <asio/post.hpp>
#include <asio/thread_pool.hpp>

namespace causeway::host {

struct Worker::Impl {
    asio::thread_pool pool{1};
};

Worker::Worker() : impl_(std::make_unique<Impl>()) {}

Worker::~Worker() {
    impl_->pool.stop();
    impl_->pool.join();
}

void Worker::run(Task job) {
    asio::post(impl_->pool, [job = std::move(job)]() mutable { job(); });
}

}  // namespace causeway::host
