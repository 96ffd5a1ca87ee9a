// The UCI reader on hostile text: what it understands is written and understood the same; whatever can be
// mapped is described without a key.
#include <cstdlib>

#include "config/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace causeway;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto shown = config::show(text, "ipsec", config::Format::uci);
    if (shown) {
        const auto again = config::show(*shown, "ipsec", config::Format::uci);
        if (!again || *again != *shown) {
            std::abort();
        }
        if (!config::show_json(text, "ipsec", config::Format::uci)) {
            std::abort();
        }
    }
    if (const auto model = config::load(text, "ipsec", config::Format::uci)) {
        static_cast<void>(config::describe(*model));
        for (const auto& remark : model->remarks) {
            static_cast<void>(remark.text());
        }
    }
    return 0;
}
