// The swanctl.conf reader on hostile text: what it understands is written and understood the same; whatever can be
// mapped is described without a key.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace causeway;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto shown = config::show(text, "swanctl.conf", config::Format::swanctl);
    if (shown) {
        const auto again = config::show(*shown, "swanctl.conf", config::Format::swanctl);
        if (!again || *again != *shown) {
            std::abort();
        }
        if (!config::show_json(text, "swanctl.conf", config::Format::swanctl)) {
            std::abort();
        }
    }
    if (const auto model = config::load(text, "swanctl.conf", config::Format::swanctl)) {
        static_cast<void>(config::describe(*model));
        for (const auto& remark : model->findings) {
            static_cast<void>(remark.text());
        }
    }
    return 0;
}
