#include "dataplane/recording/plane.hpp"

#include <cstdint>
#include <span>
#include <utility>

namespace causeway::dataplane {

RecordingPlane::Installed* RecordingPlane::find(sa::SaId id) {
    return const_cast<Installed*>(std::as_const(*this).find(id));
}

const RecordingPlane::Installed* RecordingPlane::find(sa::SaId id) const {
    const auto at = std::find_if(installed.begin(), installed.end(),
                                 [&](const Installed& entry) { return entry.pair->id == id; });
    return at == installed.end() ? nullptr : &*at;
}

Result<void> RecordingPlane::set_policies(std::span<const Policy> wanted) {
    policies.assign(wanted.begin(), wanted.end());
    return {};
}

Result<void> RecordingPlane::install(std::shared_ptr<const sa::SaPair> pair, bool outbound) {
    if (next_error) {
        return fail(*std::exchange(next_error, std::nullopt));
    }
    Installed entry{nullptr, outbound, pair->local_outer, pair->remote_outer, pair->encapsulation};
    entry.pair = std::move(pair);
    installed.push_back(std::move(entry));
    return {};
}

void RecordingPlane::activate_outbound(sa::SaId id) {
    if (Installed* entry = find(id)) {
        entry->outbound = true;
    }
}

void RecordingPlane::remove(sa::SaId id) {
    if (std::erase_if(installed, [&](const Installed& entry) { return entry.pair->id == id; }) != 0) {
        removed.push_back(id);
    }
}

void RecordingPlane::move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
                          sa::Encapsulation encapsulation) {
    if (Installed* entry = find(id)) {
        entry->local = local;
        entry->remote = remote;
        entry->encapsulation = encapsulation;
    }
}

void RecordingPlane::esp_in_udp(const Endpoint& local, const Endpoint& remote,
                                std::span<std::uint8_t> datagram, std::uint8_t outer_tos) {
    datagrams.push_back({local, remote, to_bytes(datagram), outer_tos});
}

std::optional<sa::Usage> RecordingPlane::usage(sa::SaId id) const {
    if (const auto at = usages.find(id); at != usages.end()) {
        return at->second;
    }
    return find(id) != nullptr ? std::optional(sa::Usage{}) : std::nullopt;
}

}  // namespace causeway::dataplane
