// The UCI reader on hostile text: what it understands is written and understood the same; whatever can be
// mapped is described without a key.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/load.hpp"
#include "config/uci/parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace causeway;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto shown = config::show(text, "ipsec", config::Format::uci);
    const auto document = config::uci::parse(text);
    // libuci writes a section's type without quotes, whatever is in it; such a file it cannot read back
    // either.
    const bool writable =
        document &&
        std::all_of(document->sections.begin(), document->sections.end(), [](const auto& section) {
            return section.type.find_first_of("#;'\"\\") == std::string::npos;
        });
    if (shown && writable) {
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
        for (const auto& remark : model->findings) {
            static_cast<void>(remark.text());
        }
    }
    return 0;
}
