#include "ike/engine/offered_groups.hpp"

namespace causeway::ike {

bool OfferedGroups::failed(Answer answer, std::size_t count) {
    if (count < 2 || (answer == Answer::silence && agreed_)) {
        return false;
    }
    agreed_ = false;
    turn_ = (turn_ + 1) % count;
    if (answer == Answer::silence) {
        return false;
    }
    refused_ = (refused_ + 1) % count;
    return refused_ != 0;
}

void OfferedGroups::agreed(std::size_t group) {
    turn_ = group;
    agreed_ = true;
    refused_ = 0;
}

}  // namespace causeway::ike
