#include "config/swanctl/secrets.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>
#include <variant>

#include "base/findings.hpp"
#include "config/identity_text.hpp"
#include "config/key_strength.hpp"
#include "config/key_text.hpp"
#include "config/swanctl/keys.hpp"
#include "config/words.hpp"

namespace causeway::config::swanctl {
namespace {

/// The kinds of load_creds.c, in its order: the first that the name begins with.
constexpr std::string_view kinds[] = {"eap", "xauth", "ntlm",  "ike",   "ppk",    "private",
                                      "rsa", "ecdsa", "bliss", "pkcs8", "pkcs12", "token"};

std::string_view kind_of(std::string_view name) {
    const auto* const found =
        std::ranges::find_if(kinds, [&](std::string_view kind) { return name.starts_with(kind); });
    return found != std::end(kinds) ? *found : std::string_view();
}

/// Identities that are the same have the same text.
std::string key_of(const Identity& identity) {
    auto text = identity.text_with_type();
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    while (text.ends_with('.')) {
        text.pop_back();
    }
    return text;
}

/// Of more secrets for one identity only the last ones are tried: charon takes the last of those that fit equally well.
constexpr std::size_t max_loose = 64;

/// How well an owner fits, as charon's id_match_t orders it.
enum class Match { none, any, pattern, perfect };

std::vector<Identity> addresses_of(const Peer& peer) {
    std::vector<Identity> addresses;
    for (const auto& address : peer.addresses) {
        if (const auto* const ip = std::get_if<IpAddress>(&address.value)) {
            addresses.push_back(Identity::of_address(*ip));
        }
    }
    return addresses;
}

}  // namespace

Secrets::Secrets(const Settings& settings, Report& report) {
    const auto section = settings.section("secrets");
    if (!section) {
        return;
    }
    views_ = section->sections();
    for (const auto& view : views_) {
        const auto kind = kind_of(view.name());
        if (kind == "ike") {
            read(view, report);
        } else if (kind.empty()) {
            report.dropped(finding<FindingId::secret_kind_unknown>(
                view.place(), field<"section">(printable(view.name(), 60))));
        }
    }
    if (loose_.size() > max_loose) {
        loose_.erase(loose_.begin(), loose_.end() - max_loose);
    }
}

void Secrets::read(const View& section, Report& report) {
    Owned secret{fmt::format("secret '{}'", printable(section.name(), 60)), section.place(),
                 section.find("secret")};
    static_cast<void>(check_keys(section, In::secret, secret.title, report));
    std::size_t written = 0;
    for (const auto* const setting : section.settings()) {
        if (!setting->name.starts_with("id")) {
            continue;
        }
        ++written;
        // One that is no identity here, as a distinguished name, is nobody's who is in the model.
        if (const auto owner = read_identity(setting->value.text)) {
            if (owner->identity) {
                secret.owners.push_back(*owner->identity);
            }
            secret.anybodys = secret.anybodys || !owner->identity;
        }
    }
    secret.anybodys = secret.anybodys || written == 0;
    if (secret.key == nullptr || secret.key->value.text.empty()) {
        secret.key = nullptr;
        report.dropped(finding<FindingId::secret_missing>(secret.place, field<"secret">(secret.title)));
    } else {
        tell_of_lost_characters(secret, report);
    }
    const auto index = secrets_.size();
    bool loose = secret.anybodys;
    for (const auto& owner : secret.owners) {
        loose = loose || owner.pattern;
        of_owner_[key_of(owner)].push_back(index);
    }
    if (loose) {
        loose_.push_back(index);
    }
    secrets_.push_back(std::move(secret));
}

void Secrets::tell_of_lost_characters(const Owned& secret, Report& report) const {
    const auto& value = secret.key->value;
    const auto say = [&](std::string culprit) {
        report.say(finding<FindingId::secret_altered>(secret.key->place, field<"secret">(secret.title),
                                                      field<"culprit">(std::move(culprit)),
                                                      field<"read">(std::to_string(value.text.size()))));
    };
    if (value.cut_by_hash) {
        say("ends at a '#', which begins a comment");
    }
    if (value.blanks_changed) {
        say("has blanks or quotes inside, which are read as one blank");
    }
    if (value.backslash_lost) {
        say("has a '\\' in quotes, which is read as no character of its own");
    }
}

const Secrets::Owned* Secrets::best(const std::vector<Identity>& ours,
                                    const std::vector<Identity>& theirs) const {
    const auto match = [](const Owned& secret, const std::vector<Identity>& identities) {
        auto found = secret.anybodys && !identities.empty() ? Match::any : Match::none;
        for (const auto& owner : secret.owners) {
            for (const auto& identity : identities) {
                if (!owner.pattern && owner.same_as(identity)) {
                    return Match::perfect;
                }
                found = owner.pattern && owner.admits(identity) ? Match::pattern : found;
            }
        }
        return found;
    };
    std::vector<std::size_t> candidates = loose_;
    const auto add_last = [&](const std::vector<Identity>& identities, std::size_t most) {
        for (const auto& identity : identities) {
            if (const auto known = of_owner_.find(key_of(identity)); known != of_owner_.end()) {
                const auto& indices = known->second;
                const auto count = static_cast<std::ptrdiff_t>(std::min(most, indices.size()));
                candidates.insert(candidates.end(), indices.end() - count, indices.end());
            }
        }
    };
    add_last(theirs, max_loose);
    // A hub's own name stands in every secret. Of those that have it and not the peer's the last one counts.
    add_last(ours, 1);
    // mem_cred.c puts what is loaded later in front: of two that fit equally well that one is taken.
    std::ranges::sort(candidates, std::greater{});
    const Owned* best = nullptr;
    auto best_match = std::pair(Match::none, Match::none);
    for (const auto index : candidates) {
        const auto& secret = secrets_[index];
        // The other end counts before ours (credential_manager.c).
        const auto fits = std::pair(match(secret, theirs), match(secret, ours));
        if (fits > best_match) {
            best = &secret;
            best_match = fits;
        }
    }
    return best;
}

const Secrets::Owned* Secrets::of_unknown_address() const {
    const auto last = [&](const auto& fits) {
        const auto found = std::find_if(secrets_.rbegin(), secrets_.rend(), fits);
        return found != secrets_.rend() ? &*found : nullptr;
    };
    const auto* const anybodys = last([](const Owned& secret) { return secret.anybodys; });
    return anybodys != nullptr ? anybodys : last([](const Owned& secret) {
        return std::ranges::any_of(secret.owners, [](const Identity& owner) {
            return owner.type == isakmp::IdType::ipv4_addr || owner.type == isakmp::IdType::ipv6_addr;
        });
    });
}

bool Secrets::give_key(Peer& peer, const std::string& title, Report& report) const {
    auto theirs = addresses_of(peer);
    std::vector<Identity> ours;
    if (peer.local_address) {
        ours.push_back(Identity::of_address(peer.local_address->value));
    }
    // lookup_shared_key(): first for the identities; one that is not written is our address, or nobody's of the
    // peer. Then for the addresses.
    const auto* secret = best(peer.local_id ? std::vector{peer.local_id->value} : ours,
                              peer.remote_id ? std::vector{peer.remote_id->value} : std::vector<Identity>{});
    if (secret == nullptr) {
        secret = best(ours, theirs);
    }
    const bool addresses_known = !ours.empty() && theirs.size() == peer.addresses.size();
    if (secret == nullptr && !addresses_known) {
        secret = of_unknown_address();
    }
    if (secret == nullptr) {
        report.dropped(finding<FindingId::secret_not_found>(
            peer.place, field<"section">(title),
            field<"local">(peer.local_id ? peer.local_id->value.text() : "its own address"),
            field<"remote">(peer.remote_id ? peer.remote_id->value.text()
                                           : text(peer.addresses.front().value))));
        return false;
    }
    if (secret->key == nullptr) {
        return false;  // said of the secret
    }
    // Called in Main Mode, charon looks by identities only where its own one is written, else by addresses
    // (lookup_shared_key(), without a peer_cfg).
    if (!peer.local_id && peer.mode == ExchangeMode::main) {
        const auto* const for_addresses = best(ours, theirs);
        peer.no_key_when_called =
            for_addresses == nullptr && (addresses_known || of_unknown_address() == nullptr);
    }
    peer.pre_shared_key_place = secret->key->place;
    auto key = read_key(secret->key->text(), KeyChain::swanctl_value, secret->title, report);
    if (!key) {
        return false;
    }
    if (looks_like_placeholder(secret->key->value.text)) {
        report.say(finding<FindingId::key_of_template>(secret->key->place, field<"section">(title)));
    }
    peer.pre_shared_key = std::move(*key);
    warn_of_short_key(peer, title, report);
    return true;
}

}  // namespace causeway::config::swanctl
