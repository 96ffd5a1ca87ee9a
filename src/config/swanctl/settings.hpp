// A swanctl.conf and what it includes as one tree of settings, read the way strongSwan reads it: repeated sections
// are one, of repeated settings the last one counts, and a section has what it refers to behind its own
// (strongswan.conf(5); libstrongswan/settings/settings.c of 5.9.8). Knows nothing of IPsec.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/place.hpp"
#include "base/result.hpp"
#include "config/formats.hpp"
#include "config/report.hpp"
#include "config/swanctl/document.hpp"

namespace causeway::config::swanctl {

/// A setting; `place` is that of its value.
struct Setting {
    std::string name;
    Value value;
    Place place{};
    Place name_place{};
    std::size_t inclusion = 0;  ///< of the file: it may be included more than once

    [[nodiscard]] Sourced<std::string> text() const { return {value.text, place}; }
    /// The parts between the commas, without blanks around them, each with its place; no empty ones.
    [[nodiscard]] std::vector<Sourced<std::string>> list() const;
};

/// One section of the joined tree.
struct Node {
    std::string name;
    Place place{};
    std::size_t inclusion = 0;  ///< as of a setting
    std::vector<Setting> settings{};
    std::vector<std::unique_ptr<Node>> sections{};
    std::vector<Sourced<std::string>> references{};
    // By name, where in the vectors.
    std::map<std::string, std::size_t, std::less<>> setting_of{};
    std::map<std::string, std::size_t, std::less<>> section_of{};

    [[nodiscard]] const Node* section(std::string_view wanted) const;
};

/// A section as strongSwan sees it: itself, then what it and the sections around it refer to.
class View {
 public:
    [[nodiscard]] const std::string& name() const { return nodes_.front()->name; }
    [[nodiscard]] const Place& place() const { return nodes_.front()->place; }
    /// Nothing when it is not written, or cleared.
    [[nodiscard]] const Setting* find(std::string_view name) const;
    /// Those that count, in strongSwan's order.
    [[nodiscard]] std::vector<const Setting*> settings() const;
    [[nodiscard]] std::vector<View> sections() const;
    /// Of the setting, else of the section.
    [[nodiscard]] Place place_of(std::string_view setting) const;

 private:
    friend class Settings;
    View(const Node& top, std::vector<const Node*> nodes);
    [[nodiscard]] View inside(std::string_view name) const;

    const Node* top_;
    std::vector<const Node*> nodes_;  ///< at least one
};

class Settings {
 public:
    /// Reads `source` and what it includes; what cannot be read is said in `report`. An error has its place and its
    /// file: the grammar of one of the files is broken, or there is too much of them.
    static Result<Settings> read(const Source& source, Report& report);

    /// Nothing when there is no such section at the top.
    [[nodiscard]] std::optional<View> section(std::string_view name) const;
    [[nodiscard]] const Node& top() const { return *top_; }
    /// Files that are included and could not be read.
    [[nodiscard]] std::size_t unread() const { return unread_; }
    /// Some section inherits from this one at the top, or from one inside it.
    [[nodiscard]] bool is_referred_to(std::string_view name) const { return referred_to_.contains(name); }

 private:
    Settings() = default;

    std::unique_ptr<Node> top_ = std::make_unique<Node>();
    std::map<std::string, bool, std::less<>> referred_to_;
    std::size_t unread_ = 0;
};

}  // namespace causeway::config::swanctl
