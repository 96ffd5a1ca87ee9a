#include "control/lines.hpp"

namespace causeway::control {

bool LineSplitter::feed(std::string_view octets) {
    if (overflowed_) {
        return false;
    }
    // What was handed out is dropped here and not in next(), which would move the rest once a line.
    buffer_.erase(0, taken_);
    line_at_ -= taken_;
    taken_ = 0;
    while (!octets.empty()) {
        const std::size_t newline = octets.find('\n');
        const std::size_t length = newline == std::string_view::npos ? octets.size() : newline;
        if (buffer_.size() - line_at_ + length > limit_) {
            buffer_.resize(line_at_);
            overflowed_ = true;
            return false;
        }
        buffer_.append(octets.substr(0, length));
        if (newline == std::string_view::npos) {
            break;
        }
        buffer_ += '\n';
        line_at_ = buffer_.size();
        octets.remove_prefix(newline + 1);
    }
    return true;
}

std::optional<std::string> LineSplitter::next() {
    if (taken_ == line_at_) {
        return {};
    }
    const std::size_t newline = buffer_.find('\n', taken_);
    std::string line = buffer_.substr(taken_, newline - taken_);
    taken_ = newline + 1;
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    return line;
}

std::size_t LineSplitter::unfinished() const {
    return buffer_.size() - line_at_;
}

}  // namespace causeway::control
