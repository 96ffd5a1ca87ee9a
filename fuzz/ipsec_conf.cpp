// The ipsec.conf reader on hostile text, what lies beside it included: what it understands is written and understood
// the same; whatever can be mapped is described without a key. Behind the first NUL octet the ipsec.secrets begins,
// and both may include it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace causeway;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto text = all.substr(0, all.find('\0'));
    const std::string beside(all.substr(std::min(text.size() + 1, all.size())));
    const config::Companions companions = [&](std::string_view pattern,
                                              std::string_view) -> Result<std::vector<config::NamedText>> {
        return pattern.ends_with(".secrets") ? std::vector<config::NamedText>{{"ipsec.secrets", beside}}
                                             : std::vector<config::NamedText>{};
    };
    const auto shown = config::show(text, "ipsec.conf", config::Format::ipsec_conf);
    if (shown) {
        const auto again = config::show(*shown, "ipsec.conf", config::Format::ipsec_conf);
        if (!again || *again != *shown) {
            std::abort();
        }
        if (!config::show_json(text, "ipsec.conf", config::Format::ipsec_conf)) {
            std::abort();
        }
    }
    if (const auto model = config::load(text, "ipsec.conf", config::Format::ipsec_conf, companions)) {
        static_cast<void>(config::describe(*model));
        for (const auto& remark : model->findings) {
            static_cast<void>(remark.text());
        }
    }
    return 0;
}
