#include "config/uci/identities.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/findings.hpp"
#include "config/identity_text.hpp"
#include "config/uci/schema.hpp"
#include "config/words.hpp"

namespace causeway::config::uci {
namespace {

class IdentitiesReader {
 public:
    IdentitiesReader(const Surroundings& around, const SectionView& remote, Peer& peer)
        : around_(around), remote_(remote), peer_(peer), report_(around.report) {}

    bool read() {
        local();
        if (remote_.text("remote_identifier")) {
            remote();
        } else {
            absent();
        }
        own_name();
        return !refused_;
    }

 private:
    void refuse(Finding finding) {
        report_.dropped(std::move(finding));
        refused_ = true;
    }

    /// Outer nothing: absent or refused.
    std::optional<Sourced<IdentityText>> identity(std::string_view option) {
        const auto text = remote_.text(option);
        if (!text) {
            return std::nullopt;
        }
        auto read = read_identity(text->value);
        if (!read) {
            refuse(finding<FindingId::identity_unusable>(
                text->place, field<"option">(std::string(option)), field<"section">(remote_.title()),
                field<"reason">(read.error().what), field<"remedy">(read.error().remedy)));
            return std::nullopt;
        }
        if (!read->remark.empty()) {
            report_.say(read->identity->type == isakmp::IdType::key_id
                            ? remark<FindingId::identity_is_key_id>(option, text->place, *read)
                            : remark<FindingId::identity_is_address>(option, text->place, *read));
        }
        return Sourced<IdentityText>{std::move(*read), text->place};
    }

    template <FindingId id>
    [[nodiscard]] Finding remark(std::string_view option, Place place, const IdentityText& read) const {
        return finding<id>(std::move(place), field<"option">(std::string(option)),
                           field<"section">(remote_.title()), field<"reading">(read.remark),
                           field<"remedy">(read.remedy));
    }

    void local() {
        const auto read = identity("local_identifier");
        if (!read || !read->value.identity) {
            return;  // any: our address
        }
        if (read->value.identity->pattern) {
            refuse(finding<FindingId::local_identity_is_pattern>(read->place,
                                                                 field<"section">(remote_.title())));
            return;
        }
        peer_.local_id = Sourced<Identity>{*read->value.identity, read->place};
    }

    void remote() {
        const auto read = identity("remote_identifier");
        if (!read) {
            return;
        }
        if (read->value.identity) {
            peer_.remote_id = Sourced<Identity>{*read->value.identity, read->place};
        } else {
            peer_.remote_id_any = true;
        }
    }

    /// What the script of the generation made of it. ipsec.conf(5): rightid "defaults to right", the text as
    /// it stands there; swanctl.conf(5): remote.id defaults to %any.
    void absent() {
        if (is_swanctl(around_.schema)) {
            peer_.remote_id_any = true;
            return;
        }
        if (peer_.addresses.size() != 1) {
            return;  // one right only had the old scripts: the address that the peer comes from
        }
        const auto& only = peer_.addresses.front();
        if (const auto* const address = std::get_if<IpAddress>(&only.value)) {
            peer_.remote_id = Sourced<Identity>{Identity::of_address(*address), only.place};
        } else if (const auto* const host = std::get_if<HostName>(&only.value)) {
            peer_.remote_id = Sourced<Identity>{Identity::fqdn(host->name), only.place};
        } else {
            peer_.remote_id_any = true;
        }
    }

    void own_name() {
        const auto name = remote_.text("own_name");
        if (!name) {
            return;
        }
        if (name->value == "none" || name->value == "0") {
            peer_.own_name = Sourced<std::string>{{}, name->place};
        } else if (is_host_name(name->value)) {
            peer_.own_name = name;
        } else {
            report_.dropped(
                finding<FindingId::own_name_unusable>(name->place, field<"section">(remote_.title())));
        }
    }

    const Surroundings& around_;
    const SectionView& remote_;
    Peer& peer_;
    Report& report_;
    bool refused_ = false;
};

}  // namespace

bool read_identities(const Surroundings& around, const SectionView& remote, Peer& peer) {
    return IdentitiesReader(around, remote, peer).read();
}

}  // namespace causeway::config::uci
