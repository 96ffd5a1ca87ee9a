// ipsec.secrets: the pre-shared keys and whose they are, as strongSwan reads them (5.9.8, stroke_cred.c and
// lexparser.c) and, where libreswan admits more, as libreswan does. Entries of other kinds are passed over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.hpp"
#include "config/identity.hpp"
#include "config/load.hpp"
#include "config/report.hpp"

namespace causeway::config::ipsecconf {

/// A key as it stands in the file.
struct SharedKey {
    Sourced<std::string> text;
    bool quoted = false;                            ///< text, whatever it starts with
    std::size_t written = 0;                        ///< octets, with what stands behind it and is lost
    std::vector<std::optional<Identity>> owners{};  ///< nothing: %any; none: everybody
};

/// One end of a connection, as far as it is known without asking the machine.
struct KeyOwner {
    std::optional<Identity> identity;  ///< nothing: any
    std::optional<IpAddress> address;  ///< nothing: known only when it speaks
};

class Secrets {
 public:
    /// Adds what stands in the text, and in what it includes. What cannot be read is reported.
    void read(const NamedText& file, const Companions& companions, Report& report);

    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    /// The key of the entry whose owners fit best, the peer counting more; of two that fit alike the first. By the
    /// identities, else by the addresses. Nothing when no entry fits.
    [[nodiscard]] const SharedKey* find(const KeyOwner& us, const KeyOwner& peer) const;
    /// It fits only if an end whose address the file does not have turns out to have one that stands there.
    [[nodiscard]] bool is_a_guess(const KeyOwner& us, const KeyOwner& peer) const;

 private:
    [[nodiscard]] const SharedKey* known(const KeyOwner& us, const KeyOwner& peer) const;
    struct Rank {
        int peer = 0;
        int us = 0;
        friend auto operator<=>(const Rank&, const Rank&) = default;
    };
    void add(SharedKey key);
    [[nodiscard]] const SharedKey* best(const std::optional<Identity>& us,
                                        const std::optional<Identity>& peer) const;
    [[nodiscard]] static int match(const SharedKey& key, const std::optional<Identity>& identity);

    std::vector<SharedKey> keys_;
    /// Where to look for an owner: numbers of the keys that name it.
    std::unordered_map<std::string, std::vector<std::size_t>> by_owner_;
    std::vector<std::size_t> wide_;          ///< the first keys with an owner that is a pattern or %any
    std::optional<std::size_t> by_address_;  ///< the first key with an address among its owners
};

}  // namespace causeway::config::ipsecconf
