#include "base/finding.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "base/words.hpp"

namespace causeway {
namespace {

struct CodeDescription {
    std::string_view name;  ///< with underscores
    std::string_view text;
};

constexpr std::array codes{
#define CAUSEWAY_CODE(name, text) CodeDescription{#name, text},
#include "base/findings/codes.def"
#undef CAUSEWAY_CODE
};

std::string rendered(std::string_view pattern, const Finding& finding) {
    std::string out;
    std::size_t at = 0;
    while (at < pattern.size()) {
        const auto open = pattern.find('{', at);
        out += pattern.substr(at, open - at);
        if (open == std::string_view::npos) {
            break;
        }
        const auto length = placeholder_at(pattern, open);
        if (length == 0) {
            out += '{';
            at = open + 1;
            continue;
        }
        for (const auto& [name, value] : finding.fields) {
            if (name == pattern.substr(open + 1, length - 2)) {
                out += name == "state" ? state_in_words(value) : value;
                break;
            }
        }
        at = open + length;
    }
    return out;
}

}  // namespace

std::string_view name_of(Severity severity) {
    static constexpr std::array<std::string_view, 3> names{"error", "warning", "note"};
    return names.at(static_cast<std::size_t>(severity));
}

std::string_view name_of(Certainty certainty) {
    static constexpr std::array<std::string_view, 3> names{"proved", "likely", "one-of"};
    return names.at(static_cast<std::size_t>(certainty));
}

std::string text(Code code) {
    std::string out(codes.at(static_cast<std::size_t>(code)).name);
    std::replace(out.begin(), out.end(), '_', '-');
    return out;
}

std::string_view explanation(Code code) {
    return codes.at(static_cast<std::size_t>(code)).text;
}

const std::vector<Code>& all_codes() {
    static const std::vector<Code> all = [] {
        std::vector<Code> made;
        for (std::size_t i = 0; i < codes.size(); ++i) {
            made.push_back(static_cast<Code>(i));
        }
        return made;
    }();
    return all;
}

std::optional<Code> code_named(std::string_view name) {
    const auto& all = all_codes();
    const auto found = std::find_if(all.begin(), all.end(), [&](Code code) { return text(code) == name; });
    return found != all.end() ? std::optional(*found) : std::nullopt;
}

Finding detail::put_together(FindingId id, std::vector<Place> places, const std::string_view* names,
                             std::string* values, std::size_t count) {
    Finding made;
    made.id = id;
    made.severity = describe(id).severity;
    made.certainty = describe(id).certainty;
    made.places = std::move(places);
    made.fields.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        made.fields.emplace_back(names[i], std::move(values[i]));
    }
    return made;
}

Finding detail::put_together(FindingId id, Place place, const std::string_view* names, std::string* values,
                             std::size_t count) {
    std::vector<Place> places;
    places.push_back(std::move(place));
    return put_together(id, std::move(places), names, values, count);
}

Code Finding::code() const {
    return describe(id).code;
}

const Place& Finding::place() const {
    static const Place unknown;
    return places.empty() ? unknown : places.front();
}

std::string Finding::message() const {
    auto message = rendered(describe(id).sentence, *this);
    for (const auto& [name, value] : fields) {
        if (name == since) {
            message += "; since then " + value;
        } else if (name == called_from) {
            message += "; the call comes from " + value + ", an address of no peer";
        }
    }
    return message;
}

std::string Finding::remedy() const {
    return rendered(describe(id).remedy, *this);
}

std::string Finding::sentence() const {
    const auto mended = remedy();
    return mended.empty() ? message() : message() + "; " + mended;
}

std::string Finding::text() const {
    std::string out;
    if (place().known()) {
        // The line says enough to a person; the column stays available to programs.
        out = Place{place().file, place().line, 0}.text() + ": ";
    } else if (place().file) {
        out = *place().file + ": ";
    }
    out += name_of(severity);
    return out + ": " + sentence();
}

}  // namespace causeway
