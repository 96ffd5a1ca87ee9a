#include "control/laid_out.hpp"

#include <utility>

namespace causeway::control {
namespace {

constexpr std::size_t max_depth = 16;

}  // namespace

void LaidOut::feed(std::string_view json) {
    for (std::size_t at = 0; at < json.size() && !unfit_;) {
        if (in_string_) {
            at = string(json, at);
        } else {
            structure(json[at++]);
        }
    }
}

/// Up to the quote that ends it: one behind a backslash does not.
std::size_t LaidOut::string(std::string_view json, std::size_t at) {
    const std::size_t begin = at;
    for (; at < json.size(); ++at) {
        const char c = json[at];
        unfit_ = unfit_ || static_cast<unsigned char>(c) < 0x20;
        if (std::exchange(escaped_, false)) {
            continue;
        }
        escaped_ = c == '\\';
        if (c == '"') {
            in_string_ = false;
            ++at;
            break;
        }
    }
    text_.append(json.substr(begin, at - begin));
    return at;
}

void LaidOut::structure(char c) {
    const bool closes = c == '}' || c == ']';
    const bool opened = std::exchange(just_opened_, false);
    unfit_ = unfit_ || static_cast<unsigned char>(c) < 0x20 || (began_ ? depth_ == 0 : c != '{');
    began_ = true;
    if (closes) {
        depth_ -= depth_ != 0 ? 1 : 0;
    }
    if (opened != closes) {
        line();
    }
    text_ += c;
    if (c == '{' || c == '[') {
        unfit_ = unfit_ || ++depth_ > max_depth;
        just_opened_ = true;
    } else if (c == '"') {
        in_string_ = true;
    } else if (c == ':') {
        text_ += ' ';
    } else if (c == ',') {
        line();
    }
}

void LaidOut::line() {
    text_ += '\n';
    text_.append(2 * depth_, ' ');
}

}  // namespace causeway::control
