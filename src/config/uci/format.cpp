#include "config/uci/format.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

#include "config/places_json.hpp"
#include "config/uci/map.hpp"
#include "config/uci/options.hpp"
#include "config/uci/parse.hpp"
#include "config/uci/write.hpp"

namespace causeway::config::uci {
namespace {

nlohmann::ordered_json json_of(const Document& document) {
    auto sections = nlohmann::ordered_json::array();
    for (const auto& section : document.sections) {
        auto options = nlohmann::ordered_json::array();
        for (const auto& option : section.options) {
            auto values = nlohmann::ordered_json::array();
            for (const auto& value : option.values) {
                values.push_back(with_place({{"value", value.text}}, value.at));
            }
            options.push_back(
                {{"name", option.name}, {"list", option.is_list}, {"values", std::move(values)}});
        }
        sections.push_back(with_place({{"type", section.type},
                                       {"name", section.name},
                                       {"anonymous", section.anonymous},
                                       {"options", std::move(options)}},
                                      section.at));
    }
    return sections;
}

/// A value that goes on in the next line lost its quote, and what it swallowed is lost as well. libuci takes
/// it; no option that is used here has such a value.
Result<> one_line_each(const Document& document) {
    for (const auto& section : document.sections) {
        const auto kind = section_kind(section.type);
        for (const auto& option : section.options) {
            for (const auto& value : option.values) {
                if (value.text.find('\n') == std::string_view::npos) {
                    continue;
                }
                const auto breaks = static_cast<std::uint32_t>(std::ranges::count(value.text, '\n'));
                const auto* rule = kind ? find_rule(*kind, option.name) : nullptr;
                if (rule != nullptr && rule->standing == Standing::used) {
                    return fail(Error{Errc::malformed,
                                      fmt::format("the value of '{}' goes on to line {}", option.name,
                                                  value.at.line + breaks),
                                      Place{{}, value.at.line, value.at.column},
                                      fmt::format("close its quote in line {}", value.at.line)});
                }
            }
        }
    }
    return {};
}

/// At least one line starts as UCI's do.
bool looks_like_uci(std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const auto words = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
        for (const std::string_view keyword : {"config", "package", "option", "list"}) {
            if (words.starts_with(keyword) &&
                words.substr(keyword.size(), 1).find_first_of(" \t") != std::string_view::npos) {
                return true;
            }
        }
    }
    return false;
}

Result<Document> read(const Source& source) {
    auto document = in_file(parse(source.text), source.file);
    if (document || document.error().code == Errc::limit) {
        return document;
    }
    auto error = judged(std::move(document.error()), source);
    const bool unknown = !source.named && error.code != Errc::unsupported && !looks_like_uci(source.text);
    return unknown ? of_no_known_kind(source) : fail(std::move(error));
}

std::string_view base_name(std::string_view file) {
    return file.substr(file.rfind('/') + 1);
}

}  // namespace

bool recognise(std::string_view /*text*/) {
    return true;  // what nobody else wants: its reader says what is wrong with it
}

Result<Model> load(const Source& source) {
    const auto document = read(source);
    if (!document) {
        return fail(document.error());
    }
    CAUSEWAY_CHECK(in_file(one_line_each(*document), source.file));
    auto model = nothing_usable(in_file(map(*document, source.file), source.file));
    if (!model && !source.named && !document->sections.empty() &&
        std::ranges::none_of(document->sections,
                             [](const Section& section) { return section_kind(section.type).has_value(); })) {
        model.error().code = Errc::unsupported;
    }
    if (!model && document->sections.empty()) {
        return fail(judged(std::move(model.error()), source));
    }
    return model;
}

Result<std::string> show(const Source& source) {
    return write(CAUSEWAY_TRY(read(source)), base_name(*source.file));
}

Result<> show_json(const Source& source, nlohmann::ordered_json& json) {
    json["package"] = base_name(*source.file);
    json["sections"] = json_of(CAUSEWAY_TRY(read(source)));
    return {};
}

}  // namespace causeway::config::uci
