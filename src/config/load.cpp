#include "config/load.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "config/other_kind.hpp"
#include "config/uci/map.hpp"
#include "config/uci/options.hpp"
#include "config/uci/parse.hpp"
#include "config/uci/write.hpp"
#include "config/vpncfg/map.hpp"
#include "config/vpncfg/parse.hpp"
#include "config/vpncfg/write.hpp"

namespace causeway::config {
namespace {

/// Readers know lines; the name of the file is added here.
template <class T>
Result<T> in_file(Result<T> result, const std::shared_ptr<const std::string>& file) {
    if (!result) {
        result.error().place.file = file;
    }
    return result;
}

// The JSON library throws on text that is not UTF-8; keys and names may be Latin-1.
std::string dump(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

template <class At>
nlohmann::ordered_json with_place(nlohmann::ordered_json object, const At& at) {
    object["line"] = at.line;
    object["column"] = at.column;
    return object;
}

nlohmann::ordered_json json_of(const uci::Document& document) {
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

nlohmann::ordered_json json_of(const vpncfg::Block& block) {
    auto entries = nlohmann::ordered_json::array();
    for (const auto& entry : block.entries) {
        auto object = with_place({{"name", entry.name}}, entry.at);
        if (entry.blocks.empty()) {
            for (const auto& value : entry.values) {
                const bool is_string = value.kind == vpncfg::Scalar::Kind::string;
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

/// A value that goes on in the next line lost its quote, and what it swallowed is lost as well. libuci takes
/// it; no option that is used here has such a value.
Result<> one_line_each(const uci::Document& document) {
    for (const auto& section : document.sections) {
        const auto kind = uci::section_kind(section.type);
        for (const auto& option : section.options) {
            for (const auto& value : option.values) {
                if (value.text.find('\n') == std::string_view::npos) {
                    continue;
                }
                const auto breaks = std::ranges::count(value.text, '\n');
                const auto* rule = kind ? uci::find_rule(*kind, option.name) : nullptr;
                if (rule != nullptr && rule->standing == uci::Standing::used) {
                    return fail(Error{Errc::malformed,
                                      fmt::format("the value of '{}' goes on to line {}", option.name,
                                                  value.at.line + breaks),
                                      Place{nullptr, value.at.line, value.at.column},
                                      fmt::format("close its quote in line {}", value.at.line)});
                }
            }
        }
    }
    return {};
}

/// Nothing that can be used was found in a file that could be read.
Result<Model> nothing_usable(Result<Model> result) {
    if (!result && result.error().code == Errc::not_found) {
        result.error().code = Errc::unacceptable;
    }
    return result;
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

/// What the file is instead, where its text says so; else `error`.
Error judged(Error error, std::string_view text, const std::shared_ptr<const std::string>& file) {
    if (const auto kind = other_kind(text)) {
        return {Errc::unsupported, std::string(kind->what), Place{file, kind->line, 0},
                std::string(kind->remedy)};
    }
    return error;
}

tl::unexpected<Error> of_no_known_kind(const std::shared_ptr<const std::string>& file) {
    return fail(
        Error{Errc::unsupported, "neither a UCI file ('config remote ...') nor a vpncfg ('vpncfg { ...')",
              Place{file, 0, 0}, "name the file that describes the tunnels, or its kind with --format"});
}

Result<uci::Document> read_uci(std::string_view text, const std::shared_ptr<const std::string>& file,
                               std::optional<Format> format) {
    auto document = in_file(uci::parse(text), file);
    if (document || document.error().code == Errc::limit) {
        return document;
    }
    auto error = judged(std::move(document.error()), text, file);
    const bool unknown = !format && error.code != Errc::unsupported && !looks_like_uci(text);
    return unknown ? of_no_known_kind(file) : fail(std::move(error));
}

std::string_view base_name(std::string_view file) {
    return file.substr(file.rfind('/') + 1);
}

}  // namespace

Format recognise(std::string_view text) {
    if (vpncfg::is_export(text)) {
        return Format::vpncfg;
    }
    if (text.find("vpncfg") == std::string_view::npos) {
        return Format::uci;
    }
    // The first word that is no comment decides: UCI has no braces there.
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    for (;;) {
        const auto start = text.find_first_not_of(" \t\r\n\f\v");
        if (start == std::string_view::npos) {
            return Format::uci;
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
            return Format::vpncfg;
        }
        const auto end = text.find('\n');
        if (end == std::string_view::npos) {
            return Format::uci;
        }
        text.remove_prefix(end + 1);
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    }
}

Result<Model> load(std::string_view text, std::string_view file, std::optional<Format> format) {
    const auto name = std::make_shared<const std::string>(file);
    if (format.value_or(recognise(text)) == Format::vpncfg) {
        auto document = CAUSEWAY_TRY(in_file(vpncfg::parse(text), name));
        return nothing_usable(in_file(vpncfg::map(std::move(document), name), name));
    }
    auto document = read_uci(text, name, format);
    if (!document) {
        return fail(std::move(document.error()));
    }
    CAUSEWAY_CHECK(in_file(one_line_each(*document), name));
    auto model = nothing_usable(in_file(uci::map(*document, name), name));
    if (!model && !format && !document->sections.empty() &&
        std::ranges::none_of(document->sections, [](const uci::Section& section) {
            return uci::section_kind(section.type).has_value();
        })) {
        model.error().code = Errc::unsupported;
    }
    if (!model && document->sections.empty()) {
        return fail(judged(std::move(model.error()), text, name));
    }
    return model;
}

Result<std::string> show(std::string_view text, std::string_view file, std::optional<Format> format) {
    const auto name = std::make_shared<const std::string>(file);
    if (format.value_or(recognise(text)) == Format::vpncfg) {
        return vpncfg::write(CAUSEWAY_TRY(in_file(vpncfg::parse(text), name)));
    }
    return uci::write(CAUSEWAY_TRY(read_uci(text, name, format)), base_name(file));
}

Result<std::string> show_json(std::string_view text, std::string_view file, std::optional<Format> format) {
    const auto name = std::make_shared<const std::string>(file);
    nlohmann::ordered_json json{{"file", file}};
    if (format.value_or(recognise(text)) == Format::vpncfg) {
        json["format"] = "vpncfg";
        json["entries"] = json_of(CAUSEWAY_TRY(in_file(vpncfg::parse(text), name)));
    } else {
        json["format"] = "uci";
        json["package"] = base_name(file);
        json["sections"] = json_of(CAUSEWAY_TRY(read_uci(text, name, format)));
    }
    return dump(json);
}

}  // namespace causeway::config
