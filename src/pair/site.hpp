// One end of a tunnel as a person describes it: its name, its network and what stands there, read from words and
// judged. Pure. Whoever asks a person judges with these, so that every way says the same of a slip.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/result.hpp"
#include "config/model.hpp"

namespace causeway::pair {

/// What does the tunnel's work at an end.
enum class Kind {
    causeway,    ///< or strongSwan, configured by UCI, on OpenWrt
    fritzbox,    ///< a FRITZ!Box, by an imported vpncfg
    strongswan,  ///< strongSwan on any Linux, by its own files
};

struct Site {
    std::string name;  ///< its DNS name, which is its identity as well: "office.example.org"
    Ipv4Net lan;
    /// Where the other end calls it. Nothing: at its name. "Anywhere": it cannot be called, and always dials
    /// itself.
    std::optional<config::PeerAddress> address{};
    Kind kind = Kind::causeway;
    std::string box{};  ///< of a FRITZ!Box: "7590", "7590@8.02", for people; empty: not said
};

/// A value from words. An error says what is wrong with them, and its remedy what to write.
Result<std::string> name_from(std::string_view text);
/// "192.168.1.0/24"; host bits are an error, so that a slip is seen.
Result<Ipv4Net> lan_from(std::string_view text);
/// "openwrt", also as "causeway"; "fritzbox", "strongswan".
Result<Kind> kind_from(std::string_view text);
/// A FRITZ!Box's model and its FRITZ!OS: "7590", "7590 AX@8.02", without the make in front, which may
/// stand there.
Result<std::string> box_from(std::string_view text);

/// The word that kind_from() reads.
std::string_view word_of(Kind kind);

/// The same DNS name, however it is written.
bool same_name(std::string_view a, std::string_view b);

/// Whether a site can be an end at all (`unacceptable`).
Result<> check_site(const Site& site);
/// Whether two can be the ends of one tunnel.
Result<> check_names_apart(std::string_view ours, std::string_view theirs);
Result<> check_lans_apart(const Ipv4Net& ours, const Ipv4Net& theirs);

}  // namespace causeway::pair
