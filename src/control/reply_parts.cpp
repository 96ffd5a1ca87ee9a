#include "control/reply_parts.hpp"

#include <algorithm>
#include <utility>

#include "control/status_json.hpp"

namespace causeway::control {
namespace {

constexpr std::size_t part_octets = std::size_t{64} * 1024;
/// encode() names the status last, and in it the peers.
constexpr std::string_view after_peers = "]}}\n";
/// A quote within a string is never alone: nothing before it looks the same.
constexpr std::string_view status_key = ",\"status\":";

}  // namespace

ReplyParts::ReplyParts(Reply reply) : ended_(false) {
    if (reply.status) {
        peers_ = std::exchange(reply.status->engine.peers, {});
        taken_ = reply.status->taken;
    }
    head_ = encode(reply);
    if (!peers_.empty()) {
        head_.resize(head_.size() - after_peers.size());
    }
}

std::string ReplyParts::next() {
    std::string part = std::exchange(head_, {});
    while (told_ < peers_.size() && part.size() < part_octets) {
        part += told_ == 0 ? "" : ",";
        append_json(part, peers_[told_], taken_);
        const auto forgotten = std::exchange(peers_[told_], {});
        ++told_;
        if (told_ == peers_.size()) {
            part += after_peers;
        }
    }
    ended_ = told_ == peers_.size();
    if (ended_) {
        peers_ = {};
        told_ = 0;
    }
    return part;
}

StatusLine::State StatusLine::feed(std::string_view octets) {
    const std::size_t newline = octets.find('\n');
    const std::string_view ours = octets.substr(0, newline);
    if (octets_ + ours.size() > max_reply_octets) {
        return State::too_long;
    }
    octets_ += ours.size();
    passing_ ? pass(ours) : take(ours);
    return newline == std::string_view::npos ? State::growing : State::whole;
}

void StatusLine::take(std::string_view octets) {
    // The key may have come in two parts.
    const std::size_t looked_at = line_.size() - std::min(line_.size(), status_key.size());
    line_ += octets;
    const std::size_t at = line_.find(status_key, looked_at);
    if (at == std::string::npos) {
        return;
    }
    const auto reply = parse_reply(line_.substr(0, at) + '}');
    if (!reply || !reply->ok()) {
        return;
    }
    passing_ = true;
    pass(std::string_view(line_).substr(at + status_key.size()));
}

void StatusLine::pass(std::string_view octets) {
    if (octets.empty()) {
        return;
    }
    if (brace_) {
        status_.feed("}");
    }
    brace_ = octets.back() == '}';
    if (brace_) {
        octets.remove_suffix(1);
    }
    status_.feed(octets);
}

std::optional<std::string> StatusLine::take_text() {
    if (!passing_ || !status_.fit()) {
        return std::nullopt;
    }
    return status_.take();
}

}  // namespace causeway::control
