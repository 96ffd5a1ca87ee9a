// What Whereabouts wants done, in words that a test can compare.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "ike/engine/whereabouts.hpp"

namespace causeway::ike {

using Words = std::vector<std::string>;

struct Word {
    std::string operator()(const Lookup& one) const {
        return (one.way_only ? "way to " : "look up ") + config::text(one.address);
    }
    std::string operator()(const Event& one) const { return std::string(describe(one.code).name); }
    std::string operator()(const Whereabouts::FoundAt& one) const { return "found at " + one.remote.text(); }
    std::string operator()(const Whereabouts::ResolvedAgain&) const { return "resolved again"; }
    std::string operator()(const Whereabouts::AnswerChanged& one) const {
        return one.fresh ? "changed, fresh " + one.fresh->remote.text() : "changed";
    }
    std::string operator()(const Whereabouts::WaysKnown& one) const {
        std::string text = "ways";
        for (const auto& path : one.paths) {
            text += " " + path.remote.text();
        }
        return text;
    }
    std::string operator()(const Whereabouts::NotFound& one) const {
        return "not found: " + one.why.message();
    }
    std::string operator()(const Whereabouts::Answered&) const { return "answered"; }
    std::string operator()(const Whereabouts::AnotherAddressDue&) const { return "another address"; }
};

inline Words words(const Whereabouts::Changes& changes) {
    Words words;
    for (const auto& change : changes) {
        words.push_back(std::visit(Word{}, change));
    }
    return words;
}

/// The field of the first event that has one of this name.
inline std::string field_of(const Whereabouts::Changes& changes, const char* name) {
    for (const auto& change : changes) {
        if (const auto* event = std::get_if<Event>(&change);
            event != nullptr && !event->field(name).empty()) {
            return std::string(event->field(name));
        }
    }
    return {};
}

}  // namespace causeway::ike
