// The conns of a document with what they take over: repeated sections of one name joined, `also=` followed,
// `conn %default` behind everything, in strongSwan's order (5.9.8, src/starter/parser/conf_parser.c). Used by the
// mapper only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/ipsecconf/document.hpp"
#include "config/report.hpp"

namespace causeway::config::ipsecconf {

struct Conn {
    std::string name;
    At at{};
    /// By its first name (ipsecconf/keys); of one that is set twice the later one.
    std::unordered_map<std::string, const Setting*> own{};
    std::vector<const Setting*> also{};
    std::vector<std::size_t> parents{};  ///< whose settings count where it has none, in this order
    bool taken_over = false;             ///< another one names it with `also=`
    bool broken = false;                 ///< it is left out, which has been said
};

class Conns {
 public:
    /// Says what is wrong with sections and keys on the way. The document must outlive it.
    Conns(const Document& document, Report& report);

    [[nodiscard]] const std::vector<Conn>& all() const { return conns_; }
    /// Nothing where neither the conn nor one of its parents has the key, or where the nearest has it without a value.
    [[nodiscard]] const Setting* find(const Conn& conn, std::string_view key) const;
    /// A key that strongSwan does not know is used: the file is libreswan's.
    [[nodiscard]] bool libreswan() const { return libreswan_; }

 private:
    void add(const Section& section);
    /// True: strongSwan leaves out what the section describes.
    bool check(const Section& section, const Setting& setting, std::string_view title);
    void resolve(std::size_t index, std::size_t depth);
    bool add_parent(std::size_t index, const Setting& also, std::size_t depth,
                    std::vector<std::size_t>& parents);

    const Document& document_;
    Report& report_;
    std::vector<Conn> conns_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::vector<unsigned char> state_;  ///< of each conn: 0 not looked at, 1 being resolved, 2 done
    bool libreswan_ = false;
};

/// "conn 'office'", as messages call it.
std::string title_of(std::string_view name);

}  // namespace causeway::config::ipsecconf
