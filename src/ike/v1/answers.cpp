#include "ike/v1/answers.hpp"

#include <algorithm>

#include "crypto/hash.hpp"

namespace causeway::ike::v1 {

Bytes digest_of(ByteView datagram) {
    Bytes digest = crypto::hash(crypto::HashId::sha1, {datagram});
    digest.resize(8);
    return digest;
}

void LastAnswers::add(Bytes request_digest, Bytes reply) {
    if (answers_.size() == kept) {
        answers_.erase(answers_.begin());
    }
    answers_.emplace_back(std::move(request_digest), std::move(reply));
}

const Bytes* LastAnswers::to(const Bytes& request_digest) const {
    const auto found =
        std::ranges::find_if(answers_, [&](const auto& answer) { return answer.is_to(request_digest); });
    return found == answers_.end() ? nullptr : &found->reply();
}

const Bytes* LastAnswers::latest() const {
    return answers_.empty() ? nullptr : &answers_.back().reply();
}

}  // namespace causeway::ike::v1
