#include "ike/engine/remarks.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ike/limits.hpp"

namespace causeway::ike {

Remarks::News Remarks::see(const Finding& what, Instant now) {
    const auto same = std::ranges::find(remarks_, what.id, [](const Remark& one) { return one.what.id; });
    const bool stands = same != remarks_.end() && same->last + limits::remark_stays > now;
    const bool reads_otherwise = stands && same->what != what;
    return add(what, now) == News::yes || reads_otherwise ? News::yes : News::no;
}

Remarks::News Remarks::measure(const Finding& what, Instant now) {
    return add(what, now);
}

Remarks::News Remarks::add(const Finding& what, Instant now) {
    Remark remark{what, now, now};
    auto news = News::yes;
    const auto same = std::ranges::find(remarks_, what.id, [](const Remark& one) { return one.what.id; });
    if (same != remarks_.end()) {
        if (same->last + limits::remark_stays > now) {
            remark.since = same->since;
            remark.times = same->times + 1;
            news = News::no;
        }
        remarks_.erase(same);
    }
    remarks_.push_back(std::move(remark));
    if (remarks_.size() > limits::remarks) {
        remarks_.erase(remarks_.begin());
    }
    return news;
}

std::optional<Finding> Remarks::over(FindingId id) {
    const auto found = std::ranges::find(remarks_, id, [](const Remark& one) { return one.what.id; });
    if (found == remarks_.end()) {
        return std::nullopt;
    }
    Finding was = std::move(found->what);
    remarks_.erase(found);
    return was;
}

std::optional<Instant> Remarks::since(FindingId id) const {
    const auto found = std::ranges::find(remarks_, id, [](const Remark& one) { return one.what.id; });
    return found != remarks_.end() ? std::optional(found->since) : std::nullopt;
}

std::vector<Remarks::Remark> Remarks::standing(Instant now) const {
    std::vector<Remark> standing;
    std::ranges::copy_if(remarks_, std::back_inserter(standing),
                         [&](const Remark& one) { return one.last + limits::remark_stays > now; });
    return standing;
}

const Finding* Remarks::newest_error(Instant now) const {
    const auto found = std::find_if(remarks_.rbegin(), remarks_.rend(), [&](const Remark& one) {
        return one.what.severity == Severity::error && one.last + limits::remark_stays > now;
    });
    return found != remarks_.rend() ? &found->what : nullptr;
}

}  // namespace causeway::ike
