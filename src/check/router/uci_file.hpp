// One of the router's UCI files as the checks read it: sections by type, words of options, places with the file's name.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_name.hpp"
#include "base/place.hpp"
#include "base/result.hpp"
#include "config/load.hpp"
#include "config/uci/document.hpp"

namespace causeway::check {

class UciFile {
 public:
    /// An error has the file's name in its place.
    static Result<UciFile> read(const config::NamedText& file);

    [[nodiscard]] const config::uci::Document& document() const { return document_; }
    [[nodiscard]] Place place(config::uci::Position at) const { return {name_, at.line, at.column}; }
    /// Of the option's first value; of the section when it has none.
    [[nodiscard]] Place place(const config::uci::Section& section, std::string_view option) const;

    /// The value, of a list the first; empty: there is none.
    [[nodiscard]] static std::string text(const config::uci::Section& section, std::string_view option);
    /// Items of a list and the words of a value alike, as both firewalls take them.
    [[nodiscard]] std::vector<Sourced<std::string>> words(const config::uci::Section& section,
                                                          std::string_view option) const;
    /// What OpenWrt's parsers take for yes and no; `otherwise` where it is neither or missing.
    [[nodiscard]] static bool flag(const config::uci::Section& section, std::string_view option,
                                   bool otherwise);

 private:
    UciFile(FileName name, config::uci::Document document) : name_(name), document_(std::move(document)) {}

    FileName name_;
    config::uci::Document document_;
};

}  // namespace causeway::check
