// The blocks inside a connection: who somebody is (localid, remoteid) and which network is meant
// (phase2localid, phase2remoteid). What is not understood is an error with its line: it never means "anybody"
// or "anything".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/finding.hpp"
#include "config/identity.hpp"
#include "config/report.hpp"
#include "config/vpncfg/document.hpp"

namespace causeway::config::vpncfg {

/// Encrypted by a box: `$$$$` and Base32. Opaque to everybody else.
bool is_encrypted(std::string_view text);

class PartReader {
 public:
    /// `title` is what remarks call the connection.
    PartReader(const std::string& title, Report& report) : title_(title), report_(report) {}

    /// `localid { fqdn = "..."; }`. Nothing when it was refused, and for ipaddr 0.0.0.0, which means "not
    /// set".
    std::optional<Sourced<Identity>> identity(const Entry& entry);
    /// `phase2localid { ipnet { ipaddr = A.B.C.D; mask = ...; } }` or `{ ipaddr = A.B.C.D; }`.
    std::optional<Sourced<Ipv4Net>> network(const Entry& entry);

    /// Whether any of them was refused.
    [[nodiscard]] bool refused() const { return refused_; }

 private:
    [[nodiscard]] Place place_of(Position at) const { return report_.place(at.line, at.column); }
    void refuse(Finding finding);
    const Block* only_block(const Entry& entry, const char* wanted);
    bool only_known(const Block& block, const std::string& where, std::span<const std::string_view> known,
                    const char* wanted);
    const Scalar* only_value(const Block& block, std::string_view key, const std::string& where,
                             const char* wanted);
    std::optional<Sourced<Identity>> identity_of(const std::string& kind, const Scalar& value,
                                                 const std::string& where);
    std::optional<Sourced<Ipv4Net>> masked(const std::string& where, const Scalar& address,
                                           const Scalar* mask);

    const std::string& title_;
    Report& report_;
    bool refused_ = false;
};

}  // namespace causeway::config::vpncfg
