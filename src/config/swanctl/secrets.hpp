// The pre-shared keys of a swanctl.conf, and which of them charon takes for a connection: load_creds.c of swanctl,
// vici_cred.c, mem_cred.c, credential_manager.c and lookup_shared_key() of sa/ikev1/phase1.c of 5.9.8.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "config/identity.hpp"
#include "config/model.hpp"
#include "config/report.hpp"
#include "config/swanctl/settings.hpp"

namespace causeway::config::swanctl {

class Secrets {
 public:
    /// Says what is wrong with each, whoever needs it. `settings` must outlive it.
    Secrets(const Settings& settings, Report& report);

    /// Into `peer`: the key for its identities and addresses. False, and said, where there is none that can be
    /// used. `title` is what messages call the connection.
    bool give_key(Peer& peer, const std::string& title, Report& report) const;

 private:
    struct Owned {
        std::string title;  ///< "secret 'ike-office'"
        Place place{};
        const Setting* key = nullptr;  ///< may be missing, which is said
        std::vector<Identity> owners{};
        bool anybodys = false;
    };

    void read(const View& section, Report& report);
    void tell_of_lost_characters(const Owned& secret, Report& report) const;
    [[nodiscard]] const Owned* best(const std::vector<Identity>& ours,
                                    const std::vector<Identity>& theirs) const;
    /// Where the address of an end is not known, which counts: everybody's key, or one of an address, which may be
    /// this one.
    [[nodiscard]] const Owned* of_unknown_address() const;

    std::vector<Owned> secrets_;
    std::map<std::string, std::vector<std::size_t>> of_owner_;  ///< those with the owner of that text
    std::vector<std::size_t> loose_;                            ///< those that more than one identity matches
    std::vector<View> views_;                                   ///< hold the settings that `key` points to
};

}  // namespace causeway::config::swanctl
