// What people are told of what is chosen at the start and stays until the end: the offloads, the data plane, the file of the
// metrics and the group of the control socket.
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
        if (started_with_.offloads.*offload.wish == OffloadWish::on && !state.on) {
            report({EventCode::offload_missing, {}, {{"option", offload.option}, {"why", state.why}}});
        }
    }
}

std::vector<std::string> Service::tell_changed_at_start() {
    std::vector<std::string> texts;
    const auto tell = [&](std::string_view option, std::string_view wish) {
        const Event event{EventCode::option_at_next_start,
                          {},
                          {{"option", std::string(option)}, {"wish", std::string(wish)}}};
        report(event);
        texts.push_back(event.text());
    };
    const auto& now = configuration_.model->options;
    for (const Offload& offload : all_offloads) {
        const OffloadWish wish = now.offloads.*offload.wish;
        if (wish != started_with_.offloads.*offload.wish) {
            tell(offload.option, name_of(wish));
        }
    }
    if (now.data_plane != started_with_.data_plane) {
        tell("dataplane", name_of(now.data_plane));
    }
    const auto value = [](const auto& option) { return option ? option->value : std::string("off"); };
    if (value(now.metrics_file) != value(started_with_.metrics_file)) {
        tell("metrics_file", value(now.metrics_file));
    }
    const bool same_group = value(now.control_group) == value(started_with_.control_group);
    control_.keep_admitted(same_group);
    if (!same_group) {
        tell("control_group", value(now.control_group));
    }
    return texts;
}

}  // namespace causeway::daemon
