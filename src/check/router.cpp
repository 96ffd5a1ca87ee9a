#include "check/router.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "check/router/context.hpp"
#include "check/router/exemption.hpp"
#include "check/router/firewall.hpp"
#include "check/router/forwarding.hpp"
#include "check/router/interfaces.hpp"
#include "check/router/nat_commands.hpp"
#include "check/router/network.hpp"
#include "check/router/ports.hpp"
#include "check/router/scripts.hpp"
#include "check/router/uci_file.hpp"

namespace causeway::check {
namespace {

/// A file of UCI syntax, or nothing and a finding about it.
std::optional<UciFile> read(const config::NamedText& file, Context& context) {
    auto read = UciFile::read(file);
    if (!read) {
        context.findings.push_back(finding<FindingId::file_unusable>(
            read.error().place, field<"what">(read.error().what), field<"remedy">(read.error().remedy)));
        return {};
    }
    return std::move(*read);
}

Place first_line(const config::NamedText& file) {
    return {FileName(file.name), 1, 1};
}

void check_firewall(const Firewall& firewall, const Network* network, Context& context) {
    if (firewall.zones.empty()) {
        return;
    }
    check_ports(firewall, context);
    check_exemptions(firewall, context);
    check_forwarding(firewall, network, context);
    check_includes(firewall, has_closed_port(firewall, context), context);
    check_flows(firewall, context);
}

}  // namespace

std::vector<Finding> check_router(const config::Model& ours, const config::Model* theirs,
                                  const RouterFiles& files, Plane plane) {
    std::vector<Finding> findings;
    Context context(ours, theirs, plane, findings);
    std::optional<Network> network;
    if (files.network) {
        if (const auto file = read(*files.network, context)) {
            network = Network::of(*file);
        }
    }
    const auto* const interfaces = network ? &*network : nullptr;
    std::optional<Firewall> firewall;
    if (files.firewall) {
        const auto uci = UciFile::read(*files.firewall);
        if ((!uci || uci->document().sections.empty()) && is_firewall_script(*files.firewall)) {
            check_exemptions(*files.firewall, context);
            if (files.firewall->name.ends_with("firewall.user")) {
                findings.push_back(finding<FindingId::script_for_fw3>(first_line(*files.firewall)));
            }
        } else if (const auto file = read(*files.firewall, context)) {
            firewall = Firewall::of(*file);
            check_firewall(*firewall, interfaces, context);
        }
    }
    if (network) {
        check_interfaces(*network, firewall ? &*firewall : nullptr, context);
    }
    if (files.hotplug) {
        check_hotplug(*files.hotplug, files.init ? &*files.init : nullptr, interfaces, context);
    }
    if (files.init) {
        check_init(*files.init, context);
    }
    return findings;
}

}  // namespace causeway::check
