#include "config/uci/line.hpp"

#include <algorithm>
#include <cstdint>

namespace causeway::config::uci {
namespace {

// libuci reads with fgets() into a buffer that starts small and doubles. The size shows when a line holds a
// NUL: what one read brings in behind it is lost.
constexpr std::size_t first_capacity = 32;
// Beyond every text that is read (max_text) the size no longer shows, and growth must end.
constexpr std::size_t last_capacity = std::size_t{1} << 27;

}  // namespace

bool LogicalLine::next() {
    if (rest_.empty()) {
        return false;
    }
    pos = 0;
    segments_.clear();
    read_at(0);
    return true;
}

std::string_view LogicalLine::string(std::size_t index) const {
    const auto from = std::string_view(buffer_).substr(std::min(index, buffer_.size()));
    return from.substr(0, from.find('\0'));
}

void LogicalLine::move_to(std::size_t& to, std::string_view ends) {
    // Not by string(): a line may be as long as the file, and have as many words.
    const auto rest = std::string_view(buffer_).substr(std::min(pos, buffer_.size()));
    std::size_t size = 0;
    while (size < rest.size() && rest[size] != '\0' && ends.find(rest[size]) == std::string_view::npos) {
        ++size;
    }
    std::copy_n(rest.data(), size, buffer_.data() + to);
    pos += size;
    to += size;
}

Position LogicalLine::position(std::size_t index) const {
    const auto after = std::ranges::upper_bound(segments_, index, {}, &Segment::start);
    if (after == segments_.begin()) {
        return next_at_;
    }
    const auto& segment = *(after - 1);
    return {segment.at.line, segment.at.column + static_cast<std::uint32_t>(index - segment.start)};
}

std::string_view LogicalLine::take(std::size_t limit) {
    const auto end = rest_.find('\n');
    const auto size = std::min(limit, end == std::string_view::npos ? rest_.size() : end + 1);
    const auto chunk = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (!chunk.empty() && chunk.back() == '\n') {
        next_at_ = {next_at_.line + 1, 1};
    } else {
        next_at_.column += static_cast<std::uint32_t>(size);
    }
    return chunk;
}

void LogicalLine::grow() {
    buffer_.resize(std::min(buffer_.size() * 2, last_capacity));
}

void LogicalLine::read_at(std::size_t offset) {
    if (buffer_.empty()) {
        buffer_.resize(first_capacity);
    }
    if (offset + 1 >= buffer_.size()) {
        grow();
    }
    while (!segments_.empty() && segments_.back().start >= offset) {
        segments_.pop_back();
    }
    for (std::size_t end = offset;; grow()) {
        buffer_[end] = '\0';
        const auto at = next_at_;
        const auto chunk = take(buffer_.size() - end - 1);
        if (chunk.empty()) {
            return;
        }
        chunk.copy(&buffer_[end], chunk.size());
        buffer_[end + chunk.size()] = '\0';
        const auto kept = std::min(chunk.find('\0'), chunk.size());
        if (kept < chunk.size()) {
            cut_by_nul_.push_back({at.line, at.column + static_cast<std::uint32_t>(kept)});
        }
        if (kept == 0) {
            return;
        }
        segments_.push_back({end, at});
        end += kept;
        filled_ = end;
        if (buffer_[end - 1] == '\n') {
            ++lines_read_;
            return;
        }
    }
}

}  // namespace causeway::config::uci
