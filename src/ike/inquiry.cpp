#include "ike/inquiry.hpp"

#include <algorithm>
#include <utility>

#include "ike/limits.hpp"

namespace causeway::ike {

void Inquiry::look_no_later_than(Instant latest) {
    if (next_) {
        next_ = std::min(*next_, latest);
    }
}

void Inquiry::heard(Instant now) {
    last_heard_ = now;
    proven_ = true;
    disowned_ = false;
    unheeded_ = false;
}

void Inquiry::answered() {
    unanswered_ = 0;
    ever_answered_ = true;
}

bool Inquiry::shows_life() {
    unanswered_ = 0;
    return std::exchange(eager_, false);
}

void Inquiry::ask(Instant now) {
    if (unanswered_ == 0) {
        asked_ = now;
    }
    ++unanswered_;
    next_ = now + (eager_ || unheeded_ ? limits::dpd_repeat_eager : limits::dpd_repeat);
}

bool Inquiry::under_way(Instant now) const {
    return unanswered_ == 1 && under_way_until() > now;
}

Instant Inquiry::under_way_until() const {
    return asked_ + limits::question_alone;
}

void Inquiry::rest(Instant next) {
    unanswered_ = 0;
    next_ = next;
}

bool Inquiry::take_hint(Instant now) {
    if (!next_ || unanswered_ != 0 || (last_hint_ && *last_hint_ + limits::hint_interval > now)) {
        return false;
    }
    last_hint_ = now;
    return true;
}

void Inquiry::calm() {
    eager_ = false;
    unanswered_ = 0;
}

}  // namespace causeway::ike
