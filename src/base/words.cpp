#include "base/words.hpp"

namespace causeway {

std::string state_in_words(std::string_view state) {
    if (state.size() != 5 || state[2] != '-' || (state[3] != 'I' && state[3] != 'R') || state[4] < '1' ||
        state[4] > '3') {
        return std::string(state);
    }
    std::string out = state[0] == 'M' ? "Main" : state[0] == 'A' ? "Aggressive" : "Quick";
    out += " Mode message ";
    // The initiator sends 1, 3 and 5, the responder those between.
    out += static_cast<char>('0' + 2 * (state[4] - '0') - (state[3] == 'I' ? 1 : 0));
    return out;
}

}  // namespace causeway
