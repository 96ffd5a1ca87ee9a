#include "base/result.hpp"

namespace causeway {

std::string Error::text() const {
    std::string all;
    if (place.known()) {
        all = place.text() + ": ";
    } else if (place.file) {
        all = *place.file + ": ";  // of the file as a whole
    }
    all += what;
    if (!remedy.empty()) {
        all += "; " + remedy;
    }
    return all;
}

}  // namespace causeway
