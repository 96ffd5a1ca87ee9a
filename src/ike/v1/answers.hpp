// Requests that were answered: a repetition gets the same answer again, and changes nothing (RFC 2408 5.1).
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace causeway::ike::v1 {

/// Eight octets that tell datagrams apart.
Bytes digest_of(ByteView datagram);

class Answer {
 public:
    Answer(Bytes request_digest, Bytes reply)
        : request_digest_(std::move(request_digest)), reply_(std::move(reply)) {}

    [[nodiscard]] bool is_to(const Bytes& request_digest) const { return request_digest_ == request_digest; }
    [[nodiscard]] const Bytes& reply() const { return reply_; }

 private:
    Bytes request_digest_;
    Bytes reply_;
};

/// The last two of one exchange: a repetition of the request before may still be under way.
class LastAnswers {
 public:
    void add(Bytes request_digest, Bytes reply);
    /// Null: that was not answered, or is too long ago.
    [[nodiscard]] const Bytes* to(const Bytes& request_digest) const;
    /// Null: there is none yet.
    [[nodiscard]] const Bytes* latest() const;

 private:
    static constexpr std::size_t kept = 2;

    std::vector<Answer> answers_;
};

}  // namespace causeway::ike::v1
