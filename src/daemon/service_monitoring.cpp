// What those see who watch the daemon without being root: the group at the control socket, and the file of metrics.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/bytes.hpp"
#include "control/machine_options.hpp"
#include "control/metrics.hpp"
#include "daemon/service.hpp"

namespace causeway::daemon {

void Service::begin_monitoring() {
    const auto& options = configuration_.model->options;
    const auto group =
        options.control_group ? control::group_named(options.control_group->value) : std::nullopt;
    if (const auto admitted = control_.admit(options_.control_path, group); !admitted) {
        report({EventCode::socket_failed,
                {},
                {{"what", "the control socket cannot be opened for the group of option control_group"},
                 {"why", admitted.error().what},
                 {"next", "only root can use it"}}});
    }
    metrics_.on_report = [this](const Event& event) { report(event); };
    metrics_.put = [this](const std::string&, std::string_view text) {
        return parent_.save(FreshFile::Which::metrics, as_bytes(text));
    };
    if (options.metrics_file && parent_.name_metrics_file(options.metrics_file->value)) {
        metrics_.follow(options.metrics_file->value);
        metrics_timer_.arm(host::now());
    }
}

void Service::write_metrics() {
    if (stopping_ || !metrics_.wanted()) {
        return;
    }
    const Instant begun = host::now();
    metrics_.write(control::metrics_text(*status().status));
    // Of ten thousand tunnels it takes a while, in which nothing else is done.
    const Instant done = host::now();
    metrics_timer_.arm(done + std::max(metrics_every, 50 * (done - begun)));
}

}  // namespace causeway::daemon
