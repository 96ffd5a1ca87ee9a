// What people are told of the offloads that they wish for or not.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/data_plane.hpp"
#include "base/offload.hpp"
#include "daemon/service.hpp"

namespace causeway::daemon {

namespace {

struct Offload {
    const char* option;
    OffloadWish OffloadWishes::*wish;
    OffloadState OffloadStates::*state;
};

constexpr std::array<Offload, 3> all_offloads{
    {{"offload_tun", &OffloadWishes::tun, &OffloadStates::tun},
     {"offload_udp_send", &OffloadWishes::udp_send, &OffloadStates::udp_send},
     {"offload_udp_receive", &OffloadWishes::udp_receive, &OffloadStates::udp_receive}}};

}  // namespace

void Service::tell_missing_offloads() {
    const OffloadStates states = plane_->facts().offloads;
    for (const Offload& offload : all_offloads) {
        const OffloadState& state = states.*offload.state;
        if (offloads_.*offload.wish == OffloadWish::on && !state.on) {
            report({EventCode::offload_missing, {}, {{"option", offload.option}, {"why", state.why}}});
        }
    }
}

std::vector<std::string> Service::tell_changed_offloads() {
    std::vector<std::string> texts;
    for (const Offload& offload : all_offloads) {
        const OffloadWish wish = configuration_.model->options.offloads.*offload.wish;
        if (wish != offloads_.*offload.wish) {
            const Event event{EventCode::offload_at_next_start,
                              {},
                              {{"option", offload.option}, {"wish", std::string(name_of(wish))}}};
            report(event);
            texts.push_back(event.text());
        }
    }
    const DataPlaneKind plane = configuration_.model->options.data_plane;
    if (plane != data_plane_) {
        const Event event{EventCode::offload_at_next_start,
                          {},
                          {{"option", "dataplane"}, {"wish", std::string(name_of(plane))}}};
        report(event);
        texts.push_back(event.text());
    }
    return texts;
}

}  // namespace causeway::daemon
