#include "config/vpncfg/format.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "config/places_json.hpp"
#include "config/vpncfg/map.hpp"
#include "config/vpncfg/parse.hpp"
#include "config/vpncfg/write.hpp"

namespace causeway::config::vpncfg {
namespace {

nlohmann::ordered_json json_of(const Block& block) {
    auto entries = nlohmann::ordered_json::array();
    for (const auto& entry : block.entries) {
        auto object = with_place({{"name", entry.name}}, entry.at);
        if (entry.blocks.empty()) {
            for (const auto& value : entry.values) {
                const bool is_string = value.kind == Scalar::Kind::string;
                object["values"].push_back(
                    with_place({{"value", value.text}, {"quoted", is_string}}, value.at));
            }
        }
        for (const auto& inner : entry.blocks) {
            object["blocks"].push_back(json_of(inner));
        }
        entries.push_back(std::move(object));
    }
    return entries;
}

}  // namespace

/// `vpncfg {`, or a settings export with that section.
bool recognise(std::string_view text) {
    if (is_export(text)) {
        return true;
    }
    if (text.find("vpncfg") == std::string_view::npos) {
        return false;
    }
    // The first word that is no comment decides: UCI has no braces there.
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    for (;;) {
        const auto start = text.find_first_not_of(" \t\r\n\f\v");
        if (start == std::string_view::npos) {
            return false;
        }
        text.remove_prefix(start);
        if (text.starts_with("//")) {
            text.remove_prefix(std::min(text.find('\n'), text.size()));
        } else if (text.starts_with("/*")) {
            const auto end = text.find("*/", 2);
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        } else {
            break;
        }
    }
    // Also behind prose, so that the reader of the right kind says what is wrong with it: no line of UCI
    // starts with this word.
    for (;;) {
        if (text.starts_with("vpncfg") && text.substr(6, 1).find_first_not_of(" \t\r\n{") == text.npos) {
            return true;
        }
        const auto end = text.find('\n');
        if (end == std::string_view::npos) {
            return false;
        }
        text.remove_prefix(end + 1);
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    }
}

Result<Model> load(const Source& source) {
    auto document = CAUSEWAY_TRY(in_file(parse(source.text), source.file));
    return nothing_usable(in_file(map(std::move(document), source.file), source.file));
}

Result<std::string> show(const Source& source) {
    return write(CAUSEWAY_TRY(in_file(parse(source.text), source.file)));
}

Result<> show_json(const Source& source, nlohmann::ordered_json& json) {
    json["entries"] = json_of(CAUSEWAY_TRY(in_file(parse(source.text), source.file)));
    return {};
}

}  // namespace causeway::config::vpncfg
