// An optional whose value has memory of its own, taken while it is there: for what is large, seldom there and part of
// something that there are thousands of. Copies copy the value.
#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace causeway {

template <class T>
class Occasional {
 public:
    Occasional() = default;
    Occasional(std::nullopt_t) {}  // NOLINT(google-explicit-constructor)
    Occasional(T value)            // NOLINT(google-explicit-constructor)
        : value_(std::make_unique<T>(std::move(value))) {}
    Occasional(std::optional<T> value)  // NOLINT(google-explicit-constructor)
        : value_(value ? std::make_unique<T>(std::move(*value)) : nullptr) {}
    Occasional(const Occasional& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
    Occasional(Occasional&&) noexcept = default;
    Occasional& operator=(const Occasional& other) { return *this = Occasional(other); }
    Occasional& operator=(Occasional&&) noexcept = default;
    ~Occasional() = default;

    [[nodiscard]] bool has_value() const { return value_ != nullptr; }
    explicit operator bool() const { return has_value(); }
    const T& operator*() const { return *value_; }
    T& operator*() { return *value_; }
    const T* operator->() const { return value_.get(); }
    T* operator->() { return value_.get(); }

    template <class... From>
    T& emplace(From&&... from) {
        value_ = std::make_unique<T>(std::forward<From>(from)...);
        return *value_;
    }
    void reset() { value_.reset(); }
    /// It is not there any more.
    [[nodiscard]] std::optional<T> take() {
        const auto taken = std::move(value_);
        return taken ? std::optional<T>(std::move(*taken)) : std::nullopt;
    }

    friend bool operator==(const Occasional& one, const Occasional& other) {
        return one && other ? *one == *other : one.has_value() == other.has_value();
    }

 private:
    std::unique_ptr<T> value_;
};

}  // namespace causeway
