#include "config/ipsecconf/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/identity_text.hpp"
#include "config/limits.hpp"
#include "config/words.hpp"

namespace causeway::config::ipsecconf {
namespace {

/// stroke_cred.c, MAX_SECRETS_RECURSION.
constexpr std::size_t max_depth = 10;
constexpr std::size_t max_files = 1000;
/// Of one owner, and of patterns: more are a mistake, and each would be compared for each conn.
constexpr std::size_t max_alike = 100;

// As identification.h ranks them.
constexpr int perfect = 20;
constexpr int by_pattern = 19;
constexpr int by_any = 1;

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view without_blanks(std::string_view text) {
    const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(begin);
}

/// What identities that are the same have in common (config/identity, same_as).
std::string key_of(const Identity& identity) {
    std::string text(reinterpret_cast<const char*>(identity.data.data()), identity.data.size());
    if (identity.type == isakmp::IdType::fqdn || identity.type == isakmp::IdType::user_fqdn) {
        std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
        if (text.ends_with('.')) {
            text.pop_back();
        }
    }
    return fmt::format("{} {}", static_cast<int>(identity.type), text);
}

class Reader {
 public:
    Reader(std::function<void(SharedKey)> take, const Companions& companions, Report& report)
        : take_(std::move(take)), companions_(companions), report_(report) {}

    void read(const NamedText& file) {
        octets_ += file.text.size();
        if (octets_ > max_text || ++files_ > max_files) {
            return;
        }
        open_.push_back(file.name);
        const FileName name(file.name);
        std::string_view rest = file.text;
        for (std::uint32_t number = 1; !rest.empty(); ++number) {
            auto line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            if (line.ends_with('\r')) {
                line.remove_suffix(1);
            }
            start_ = line.data();
            place_ = {name, number, 1};
            if (!read_line(line, file.name)) {
                break;  // strongSwan reads no further either
            }
        }
        open_.pop_back();
    }

 private:
    [[nodiscard]] Place at(std::string_view part) const {
        auto place = place_;
        place.column = static_cast<std::uint32_t>(part.data() - start_) + 1;
        return place;
    }

    bool read_line(std::string_view line, const std::string& file) {
        line = without_blanks(line);
        if (line.empty() || line.starts_with('#')) {
            return true;
        }
        if (line.starts_with("include ") || line.starts_with("include\t")) {
            include(line, file);
            return true;
        }
        const auto colon = separator(line);
        if (!colon) {
            return stop(line, "there is no ' : ' between owners and key");
        }
        const auto owners = line.substr(0, *colon);
        const auto behind = without_blanks(line.substr(*colon + 1));
        const auto kind = behind.substr(0, std::min(behind.find_first_of(" \t"), behind.size()));
        if (kind.empty() || kind.size() == behind.size()) {
            return stop(behind.empty() ? line : behind, "there is nothing behind the kind of key");
        }
        constexpr std::array<std::string_view, 10> others{"RSA", "ECDSA", "BLISS", "PKCS8", "P12",
                                                          "PIN", "EAP",   "NTLM",  "XAUTH", "PPKS"};
        if (std::ranges::find(others, kind) != others.end()) {
            return true;
        }
        if (kind != "PSK") {
            return stop(kind, "a kind of key is expected here, PSK or another one");
        }
        const auto secret = without_blanks(behind.substr(kind.size()));
        return key(secret, owners);
    }

    /// Where the colon is. strongSwan wants a blank on both sides; libreswan only behind it.
    std::optional<std::size_t> separator(std::string_view line) {
        if (line.starts_with(": ") || line.starts_with(":\t")) {
            return 0;
        }
        if (const auto colon = line.find(" : "); colon != std::string_view::npos) {
            return colon + 1;
        }
        for (auto colon = line.find(':'); colon != std::string_view::npos;
             colon = line.find(':', colon + 1)) {
            const auto behind = line.substr(colon + 1);
            if (!behind.empty() && is_blank(behind.front()) && without_blanks(behind).starts_with("PSK")) {
                report_.say(finding<FindingId::ipsec_secret_without_blanks>(at(line.substr(colon))));
                return colon;
            }
        }
        return std::nullopt;
    }

    bool stop(std::string_view part, std::string reason) {
        report_.dropped(
            finding<FindingId::ipsec_secrets_end_here>(at(part), field<"reason">(std::move(reason))));
        return false;
    }

    bool key(std::string_view secret, std::string_view owners) {
        if (secret.empty()) {
            return stop(secret, "there is no key behind PSK");
        }
        SharedKey key;
        key.text.place = at(secret);
        const char quote = secret.front() == '"' || secret.front() == '\'' ? secret.front() : '\0';
        auto behind = secret;
        if (quote != '\0') {
            const auto end = secret.find(quote, 1);
            if (end == std::string_view::npos) {
                return stop(secret, "the quote of the key is not closed on its line");
            }
            key.quoted = true;
            key.text.value = secret.substr(1, end - 1);
            behind = secret.substr(end + 1);
        } else {
            const auto end = std::min(secret.find_first_of(" \t"), secret.size());
            key.text.value = secret.substr(0, end);
            behind = secret.substr(end);
        }
        key.written = key.text.value.size();
        // A comment behind the key is one only behind a blank.
        const auto more = without_blanks(behind);
        if (!more.empty() && (!more.starts_with('#') || more.size() == behind.size())) {
            const auto end = behind.find_last_not_of(" \t") + 1;
            // With the quote inside, and without the one that was meant to be the last.
            key.written += key.quoted ? 1 + end - (behind[end - 1] == quote ? 1 : 0) : end;
        }
        if (!read_owners(owners, key)) {
            return false;
        }
        take_(std::move(key));
        return true;
    }

    /// Words between blanks, in quotes where they have some.
    bool read_owners(std::string_view owners, SharedKey& key) {
        for (owners = without_blanks(owners); !owners.empty(); owners = without_blanks(owners)) {
            const char quote = owners.front() == '"' || owners.front() == '\'' ? owners.front() : '\0';
            std::string_view word;
            if (quote != '\0') {
                const auto end = owners.find(quote, 1);
                if (end == std::string_view::npos) {
                    return stop(owners, "the quote of an owner is not closed");
                }
                word = owners.substr(1, end - 1);
                owners.remove_prefix(end + 1);
            } else {
                word = owners.substr(0, std::min(owners.find_first_of(" \t"), owners.size()));
                owners.remove_prefix(word.size());
            }
            if (word.empty()) {
                continue;
            }
            // What is no identity of ours, a distinguished name, is the owner of other connections.
            if (auto identity = read_identity(word)) {
                key.owners.push_back(std::move(identity->identity));
            } else {
                key.owners.push_back(Identity{isakmp::IdType::der_asn1_dn, to_bytes(as_bytes(word)), false});
            }
        }
        return true;
    }

    void include(std::string_view line, const std::string& file) {
        auto pattern = without_blanks(line.substr(std::string_view("include").size()));
        pattern = pattern.substr(0, std::min(pattern.find_first_of(" \t"), pattern.size()));
        const auto name = field<"file">(printable(pattern));
        if (pattern.empty() || !companions_) {
            report_.dropped(finding<FindingId::ipsec_include_not_read>(at(line), name));
            return;
        }
        auto found = companions_(pattern, file);
        if (!found) {
            report_.dropped(finding<FindingId::file_unusable>(at(line), field<"what">(found.error().what),
                                                              field<"remedy">(found.error().remedy)));
            return;
        }
        if (found->empty()) {
            report_.say(finding<FindingId::ipsec_include_finds_nothing>(at(line), name));
        }
        const auto here = place_;
        const auto* const start = start_;
        for (const auto& one : *found) {
            if (std::ranges::find(open_, one.name) != open_.end() || open_.size() > max_depth) {
                report_.dropped(finding<FindingId::ipsec_include_in_circle>(here, name));
                continue;
            }
            read(one);
        }
        place_ = here;
        start_ = start;
    }

    std::function<void(SharedKey)> take_;
    const Companions& companions_;
    Report& report_;
    std::vector<std::string> open_;
    std::size_t octets_ = 0;
    std::size_t files_ = 0;
    Place place_{};                ///< of the line
    const char* start_ = nullptr;  ///< where it begins
};

}  // namespace

void Secrets::read(const NamedText& file, const Companions& companions, Report& report) {
    Reader([&](SharedKey key) { add(std::move(key)); }, companions, report).read(file);
}

void Secrets::add(SharedKey key) {
    const auto number = keys_.size();
    bool wide = key.owners.empty();
    for (const auto& owner : key.owners) {
        if (!owner || owner->pattern) {
            wide = true;
            continue;
        }
        auto& alike = by_owner_[key_of(*owner)];
        if (alike.size() < max_alike) {
            alike.push_back(number);
        }
        if (owner->type == isakmp::IdType::ipv4_addr || owner->type == isakmp::IdType::ipv6_addr) {
            by_address_ = by_address_.value_or(number);
        }
    }
    if (wide && wide_.size() < max_alike) {
        wide_.push_back(number);
    }
    keys_.push_back(std::move(key));
}

int Secrets::match(const SharedKey& key, const std::optional<Identity>& identity) {
    int best = key.owners.empty() ? by_any : 0;
    for (const auto& owner : key.owners) {
        const int one = !owner                                       ? by_any
                        : !identity                                  ? 0
                        : owner->same_as(*identity)                  ? perfect
                        : owner->pattern && owner->admits(*identity) ? by_pattern
                                                                     : 0;
        best = std::max(best, one);
    }
    return best;
}

const SharedKey* Secrets::best(const std::optional<Identity>& us, const std::optional<Identity>& peer) const {
    std::vector<std::size_t> candidates = wide_;
    for (const auto& identity : {peer, us}) {
        if (!identity) {
            continue;
        }
        if (const auto found = by_owner_.find(key_of(*identity)); found != by_owner_.end()) {
            candidates.insert(candidates.end(), found->second.begin(), found->second.end());
        }
    }
    std::ranges::sort(candidates);
    const SharedKey* chosen = nullptr;
    Rank rank;
    for (const auto candidate : candidates) {
        const auto& key = keys_[candidate];
        const Rank own{match(key, peer), match(key, us)};
        if (own > rank) {
            rank = own;
            chosen = &key;
        }
    }
    return chosen;
}

const SharedKey* Secrets::known(const KeyOwner& us, const KeyOwner& peer) const {
    if (const auto* const key = best(us.identity, peer.identity)) {
        return key;
    }
    const auto of = [](const std::optional<IpAddress>& address) {
        return address ? std::optional(Identity::of_address(*address)) : std::nullopt;
    };
    return best(of(us.address), of(peer.address));
}

bool Secrets::is_a_guess(const KeyOwner& us, const KeyOwner& peer) const {
    return known(us, peer) == nullptr && find(us, peer) != nullptr;
}

const SharedKey* Secrets::find(const KeyOwner& us, const KeyOwner& peer) const {
    if (const auto* const key = known(us, peer)) {
        return key;
    }
    // An address that is known only when it speaks may be any of those that stand there.
    return (!us.address || !peer.address) && by_address_ ? &keys_[*by_address_] : nullptr;
}

}  // namespace causeway::config::ipsecconf
