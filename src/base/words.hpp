// What people read in place of the short names that scripts know: for the sentences of events and of findings. Pure.
#pragma once

#include <string>
#include <string_view>

namespace causeway {

/// "Main Mode message 3" for MM-I2, the state in which it has been sent and waits for an answer; whatever is no such
/// state stays as it is.
std::string state_in_words(std::string_view state);

}  // namespace causeway
