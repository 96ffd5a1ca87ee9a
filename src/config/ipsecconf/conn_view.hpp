// One conn as its readers ask it: values with their places, and the findings that follow from a value by itself. Used
// by the readers of a conn only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "base/time.hpp"
#include "config/ipsecconf/conns.hpp"
#include "config/ipsecconf/document.hpp"
#include "config/report.hpp"

namespace causeway::config::ipsecconf {

class ConnView {
 public:
    ConnView(const Document& document, const Conns& conns, const Conn& conn, Report& report)
        : document_(document), conns_(conns), conn_(conn), report_(report), title_(title_of(conn.name)) {}

    [[nodiscard]] const Conn& conn() const { return conn_; }
    [[nodiscard]] bool libreswan() const { return conns_.libreswan(); }
    [[nodiscard]] Report& report() const { return report_; }
    /// "conn 'office'"
    [[nodiscard]] const std::string& title() const { return title_; }
    [[nodiscard]] Place place() const { return document_.place(conn_.at); }
    /// Of the value; of the conn where the key is not there.
    [[nodiscard]] Place place(std::string_view key) const;
    [[nodiscard]] Field<"conn"> of_this() const { return {title_}; }

    [[nodiscard]] std::optional<Sourced<std::string>> text(std::string_view key) const;
    /// What stands between the commas, without blanks around it.
    [[nodiscard]] std::vector<Sourced<std::string>> list(std::string_view key) const;

    // A value that is none of these refuses the conn, as strongSwan's starter refuses it (confread.c).

    std::optional<Sourced<bool>> boolean(std::string_view key);
    std::optional<Sourced<Duration>> duration(std::string_view key);
    /// The meaning of the word that stands there.
    template <class T>
    std::optional<Sourced<T>> one_of(std::string_view key,
                                     const std::vector<std::pair<std::string_view, T>>& words) {
        const auto written = text(key);
        if (!written) {
            return std::nullopt;
        }
        std::string wanted;
        for (const auto& [word, meaning] : words) {
            if (written->value == word) {
                return Sourced<T>{meaning, written->place};
            }
            wanted += wanted.empty() ? "" : ", ";
            wanted += word;
        }
        unreadable(*written, key, wanted);
        return std::nullopt;
    }
    void unreadable(const Sourced<std::string>& written, std::string_view key, std::string_view wanted);

    /// Says it; the conn is left out.
    void refuse(Finding finding) {
        report_.dropped(std::move(finding));
        refused_ = true;
    }
    [[nodiscard]] bool refused() const { return refused_; }

 private:
    const Document& document_;
    const Conns& conns_;
    const Conn& conn_;
    Report& report_;
    std::string title_;
    bool refused_ = false;
};

}  // namespace causeway::config::ipsecconf
