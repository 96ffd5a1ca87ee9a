// A configuration file holds pre-shared keys, and reading it copies them: the text, its tokens, the document.
// Only the Secret in the model may outlive that. While a WipedHeap lives, every piece of memory that the
// program gives back is overwritten first, whoever had it; the rest of the time giving back costs nothing
// more. Replaces the global operators new and delete of causewayd.
#pragma once

namespace causeway::daemon {

class WipedHeap {
 public:
    WipedHeap();
    WipedHeap(const WipedHeap&) = delete;
    WipedHeap& operator=(const WipedHeap&) = delete;
    ~WipedHeap();
};

/// Overwrites what calls before this one have left below on the stack.
void wipe_stack_below();

}  // namespace causeway::daemon
