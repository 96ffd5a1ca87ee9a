// A call to be made once, later, perhaps by another thread. Unlike std::function it may own what cannot be
// copied, such as a secret on its way from the worker to the loop.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace causeway::host {

class Task {
 public:
    template <class F>
    requires(!std::is_same_v<std::decay_t<F>, Task>)
        Task(F&& call)  // NOLINT(google-explicit-constructor): a lambda is a task
        : call_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(call))) {}

    void operator()() { call_->run(); }

 private:
    struct Callable {
        Callable() = default;
        Callable(const Callable&) = delete;
        Callable& operator=(const Callable&) = delete;
        virtual ~Callable() = default;
        virtual void run() = 0;
    };
    template <class F>
    struct Holder final : Callable {
        explicit Holder(F&& f) : call(std::move(f)) {}
        explicit Holder(const F& f) : call(f) {}
        void run() override { call(); }
        F call;
    };

    std::unique_ptr<Callable> call_;
};

}  // namespace causeway::host
