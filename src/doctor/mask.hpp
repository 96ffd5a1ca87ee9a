// Masks what tells who somebody is in a text that is to be published: names of connections and hosts, identities, paths of
// files and addresses. What is equal has equal masks. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/mask_addresses.hpp"

namespace causeway::doctor {

class Mask {
 public:
    enum class Kind { connection, tunnel, host, identity, file };

    /// A name that is known, and what it names. The first kind that it comes with counts; a host's name is found in
    /// whatever case. Empty ones, "%any" and addresses are no names.
    void learn(std::string_view name, Kind kind);
    /// A text that will be masked: the addresses in it. To be called for each of them before the first one is.
    void read(std::string text) { texts_.push_back(std::move(text)); }
    /// Nothing is learned or read after that.
    void settle();

    /// Names that are known, whole words only; then whatever looks like a host's name, a mail address, a path of a file or
    /// an address.
    [[nodiscard]] std::string masked(std::string_view text);

 private:
    [[nodiscard]] const std::string* known_at(std::string_view text, std::size_t at,
                                              std::size_t& length) const;
    const std::string& mask_of(const std::string& name, Kind kind);
    [[nodiscard]] std::size_t take(std::string_view text, std::size_t at, std::string& out);

    std::map<std::string, Kind> kinds_;
    std::vector<std::string> known_;                ///< the longest first
    std::map<std::string, std::string> masks_;      ///< of what is known, and of what was found
    std::map<std::string_view, unsigned> numbers_;  ///< by what masks begin with
    std::vector<std::string> texts_;
    AddressMask addresses_{{}};
};

}  // namespace causeway::doctor
