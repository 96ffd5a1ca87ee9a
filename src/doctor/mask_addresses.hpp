// Other addresses in place of those of a text that is to be published. An address has one mask wherever it occurs; a
// network keeps its length, and what lay inside it lies at the same place inside the mask. Pure, and a function of the
// texts alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace causeway::doctor {

/// An address as it stands in a text, with "/24" if that follows.
struct AddressToken {
    IpAddress address;
    std::optional<unsigned> prefix;
    std::size_t length = 0;  ///< octets of the text
};
/// The one that begins at `at`; nothing: none does.
std::optional<AddressToken> address_at(std::string_view text, std::size_t at);

class AddressMask {
 public:
    /// Of all the texts in which masks are wanted.
    explicit AddressMask(const std::vector<std::string>& texts);

    /// "10.1.0.0/24" for "192.168.178.0/24". 0.0.0.0, ::, 127.0.0.0/8 and networks of less than 5 bits stay.
    [[nodiscard]] std::string masked(const AddressToken& token) const;

 private:
    struct Pair {
        Ipv4Net from;
        Ipv4Net to;
    };

    void collect(const AddressToken& token);
    void assign_networks();
    void assign_hosts();
    /// What overlaps it: a network of the texts, or a mask.
    [[nodiscard]] std::optional<Ipv4Net> taken(const Ipv4Net& net) const;
    /// The first one in steps of `step` that nothing overlaps.
    [[nodiscard]] std::optional<Ipv4Net> free_net(std::uint32_t from, std::uint32_t to, std::uint32_t step,
                                                  std::uint8_t prefix) const;

    std::vector<Ipv4Net> networks_;  ///< as they occur; addresses by themselves have 32 bits
    std::vector<IpAddress> v6_;
    std::vector<Pair> pairs_;  ///< networks, the larger ones first, then addresses
    std::map<IpAddress, std::string> v6_masks_;
};

}  // namespace causeway::doctor
