#include "daemon/service.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <set>
#include <unistd.h>
#include <utility>
#include <variant>

#include "config/verdict.hpp"
#include "control/metrics.hpp"
#include "crypto/preload.hpp"
#include "daemon/parent.hpp"
#include "daemon/process.hpp"
#include "dataplane/open.hpp"
#include "host/name_servers.hpp"
#include "host/nft_chains.hpp"
#include "host/privileges.hpp"
#include "host/system_calls.hpp"
#include "ike/engine/drive.hpp"
#include "ike/limits.hpp"

namespace causeway::daemon {

namespace {

// Whoever changes addresses and rules does it in several steps; a look at all of them takes milliseconds.
constexpr Duration look_after = std::chrono::seconds(1);
constexpr std::size_t answers_in_a_turn = 4;
constexpr std::size_t jobs_at_once = 32;
constexpr Duration answer_held = ike::limits::lookup_timeout / 4;

std::string addresses_text(const std::vector<IpAddress>& addresses) {
    std::string text;
    for (const auto& address : addresses) {
        text += (text.empty() ? "" : ", ") + address.text();
    }
    return text.empty() ? "none" : text;
}

/// The table of the guard, as the kernel has it. True also when it does not say.
bool guard_is_there() {
    const auto chains = host::nft_chains();
    return !chains || std::any_of(chains->begin(), chains->end(), [](const host::NftChain& chain) {
        return chain.family == "ip" && chain.table == guard_table;
    });
}

}  // namespace

Result<std::unique_ptr<Service>> Service::start(host::EventLoop& loop, host::Log& log, ControlServer& control,
                                                ParentLink& parent, const Options& options,
                                                Configuration configuration, std::string version) {
    std::unique_ptr<Service> service(
        new Service(loop, log, control, parent, options, std::move(configuration), std::move(version)));
    CAUSEWAY_CHECK(service->open());
    return service;
}

Service::Service(host::EventLoop& loop, host::Log& log, ControlServer& control, ParentLink& parent,
                 const Options& options, Configuration configuration, std::string version)
    : loop_(loop),
      log_(log),
      control_(control),
      parent_(parent),
      options_(options),
      configuration_(std::move(configuration)),
      version_(std::move(version)),
      process_(::getppid()),
      started_(host::now()),
      started_with_(configuration_.model->options),
      interfaces_(loop, host::find_ubus(), {}, parent.ubus()),
      resolver_(loop),
      engine_timer_(loop.timer([this] {
          engine_->handle_timeout(host::now());
          pump();
      })),
      log_timer_(loop.timer([this] { log_.handle_timeout(host::now()); })),
      firewall_(parent, options.tun, guard_table),
      look_timer_(loop.timer([this] {
          look_due_.reset();
          plane_->firewall_changed();
          firewall_.apply_again(*configuration_.model);
          look_at_firewall();
      })),
      history_(options.control_path + ".history"),
      history_timer_(loop.timer([this] { look_for_history(); })),
      metrics_timer_(loop.timer([this] { write_metrics(); })),
      tidy_timer_(loop.timer([this] {
          tidying_ = false;
          give_back_memory();
          tidy_later();
      })) {}

/// Addresses and routes; and, where the machine tells them, rulesets and what ICMP says.
Result<void> Service::watch_the_machine() {
    monitor_ = CAUSEWAY_TRY(host::NetworkMonitor::open(loop_, options_.tun));
    monitor_->on_change = [this](const auto& change) { network_changed(change); };
    if (auto rulesets = host::RulesetMonitor::open(loop_)) {
        rulesets_ = std::move(*rulesets);
        rulesets_->on_change = [this](const auto& change) { ruleset_changed(change); };
    }
    if (auto icmp = host::IcmpMonitor::open(loop_)) {
        icmp_ = std::move(*icmp);
        icmp_->on_unreachable = [this](const host::Unreachable& told) {
            input(ike::Unreachable{told.local, told.remote, told.reporter, told.code});
        };
    }
    return {};
}

Result<void> Service::open_ports() {
    ports_ = CAUSEWAY_TRY(
        host::IkePorts::open({}, {started_with_.offloads.udp_send, started_with_.offloads.udp_receive}));
    ports_->on_no_trains = [this](const IpAddress& remote, std::string_view why) {
        report({EventCode::offload_refused, {}, {{"remote", remote.text()}, {"why", std::string(why)}}});
    };
    if (!ports_->marked()) {
        report({EventCode::route_failed,
                {},
                {{"what", "our packets cannot be marked"},
                 {"why", "the system refuses SO_MARK"},
                 {"next",
                  "no peer whose address lies inside a remote network can be reached, and no tunnel "
                  "carries everything"}}});
    }
    return {};
}

/// All suites that a tunnel may come to; where the peer decides, those of the defaults stand in the model.
static std::vector<dataplane::EspSuite> suites_of(const config::Model& model) {
    std::set<dataplane::EspSuite> suites;
    for (const auto& peer : model.peers) {
        for (const auto& tunnel : peer.tunnels) {
            for (const auto& proposal : tunnel.proposals) {
                suites.insert({proposal.cipher, proposal.integrity});
            }
        }
    }
    return {suites.begin(), suites.end()};
}

Result<void> Service::open_plane() {
    const auto& model = *configuration_.model;
    dataplane::Options plane;
    plane.device = options_.tun;
    plane.guard_table = guard_table;
    if (model.options.tun_mtu != 0) {
        plane.mtu = model.options.tun_mtu;
    }
    plane.offload = started_with_.offloads.tun;
    plane.suites = suites_of(model);
    plane.clock = host::now;
    plane.place_guard = [this](const firewall::Guard* guard) { return parent_.place_guard(guard); };
    auto opened = CAUSEWAY_TRY(dataplane::open(started_with_.data_plane, std::move(plane)));
    plane_ = std::move(opened.plane);
    plane_->on_report = [this](const Event& event) { report(event); };
    plane_->on_event = [this](const sa::Event& event) { input(event); };
    if (opened.kernel_refused) {
        report({EventCode::kernel_plane_missing, {}, {{"why", opened.kernel_refused->text()}}});
    }
    return {};
}

// The last of what needs root, before the first datagram is read.
void Service::confine() {
    if (options_.daemonize) {
        let_the_terminal_go();
    }
    crypto::preload();
    if (host::built_with_sanitizer()) {
        return report({EventCode::data_plane,
                       {},
                       {{"what", "built with a sanitizer: the process that speaks IKE is not confined"}}});
    }
    if (const auto why = host::confine_system_calls(); !why.empty()) {
        report({EventCode::privileges_kept, {}, {{"what", why}}});
    }
}

Result<void> Service::open() {
    const auto& model = *configuration_.model;
    log_.set_level(host::level_for_debug(model.options.debug));
    history_.on_report = [this](const Event& event) { report(event); };
    history_.adopt(model);
    history_.read();
    for (const auto& event : events_about(configuration_)) {
        report(event);
    }
    history_.save = [this](ByteView octets) { return parent_.save(FreshFile::Which::history, octets); };
    begin_monitoring();  // while root may still give a file to a group
    CAUSEWAY_CHECK(open_ports());
    CAUSEWAY_CHECK(open_plane());
    for (const auto& what : host::give_up_privileges()) {
        report({EventCode::privileges_kept, {}, {{"what", what}}});
    }
    // Closed before anything else: from here on nothing for a remote network leaves in clear.
    peer_addresses_.adopt(model);
    keep_reachable();
    CAUSEWAY_CHECK(apply_policies());
    routes_ = std::make_unique<host::Routes>(CAUSEWAY_TRY(host::Routes::open()));
    CAUSEWAY_CHECK(watch_the_machine());
    firewall_.on_report = [this](const Event& event) { report(event); };
    interfaces_.on_report = [this](const Event& event) { report(event); };
    interfaces_.on_change = [this] { interfaces_answered(); };
    // Nowhere until ubus has told which devices are meant; it takes milliseconds.
    ports_->set_devices(host::DeviceFilter::only({}));
    follow_configured_devices();
    engine_ = std::make_unique<ike::Engine>(host::now(), configuration_.model, random_, *plane_);
    ports_->on_ike = [this](const Endpoint& local, const Endpoint& remote, ByteView message) {
        input(ike::Datagram{local, remote, to_bytes(message)});
    };
    plane_->attach(loop_, *ports_);
    ports_->attach(loop_);
    tell_missing_offloads();
    control_.on_request = [this](ConnectionId connection, const control::Request& asked) {
        request(connection, asked);
    };
    control_.on_closed = [this](ConnectionId connection) { forget(connection); };
    control_.attach(loop_);
    report({EventCode::started,
            {},
            {{"version", version_},
             {"what", fmt::format("our addresses: {}", addresses_text(monitor_->addresses()))}}});
    confine();
    look_for_history();
    if (interfaces_.settled()) {
        begin();
    }
    return {};
}

void Service::begin() {
    begun_ = true;
    input(ike::LocalAddressesChanged{monitor_->addresses()});
    // The first message is on its way meanwhile.
    loop_.post([this] { apply_firewall(); });
}

void Service::apply_firewall() {
    if (!stopping_) {
        firewall_.apply(*configuration_.model);
        look_timer_.arm(host::now() + look_after);
    }
}

void Service::look_at_firewall() {
    const Instant begun = host::now();
    firewall_.look(*configuration_.model, *routes_);
    // With thousands of somebody else's rules it takes a while, in which nothing else is done.
    look_again_at_ = host::now() + std::max(look_after, 20 * (host::now() - begun));
}

Result<void> Service::apply_policies() {
    std::vector<dataplane::Policy> policies;
    for (const auto& peer : configuration_.model->peers) {
        for (const auto& tunnel : peer.tunnels) {
            policies.push_back(
                {tunnel.reqid, tunnel.display_name, tunnel.local, tunnel.remote, tunnel.packets_may_raise()});
        }
    }
    return plane_->set_policies(policies);
}

void Service::input(ike::Input one) {
    // What happens while an output is performed is dealt with afterwards, in its order.
    if (!engine_ || stopping_) {
        return;
    }
    inputs_.push_back(std::move(one));
    pump();
}

void Service::pump() {
    if (pumping_) {
        return;
    }
    pumping_ = true;
    do {
        ike::perform_outputs(*engine_,
                             [this](auto&& one) { this->perform(std::forward<decltype(one)>(one)); });
        if (!inputs_.empty()) {
            ike::Input next = std::move(inputs_.front());
            inputs_.pop_front();
            engine_->handle(host::now(), std::move(next));
            continue;
        }
        break;
    } while (true);
    pumping_ = false;
    arm_engine_timer();
    take_answers();
}

// The answers of look-ups lead to calls. A few in each turn of the loop, so that what was begun goes on before thousands
// more begin: else their messages come again and again, or are lost where nobody has read them. And none while many wait
// for Diffie-Hellman: each that has begun takes memory, and is no sooner done. That has an end, for the engine takes an
// answer that is missing for none, and those who wait may be others' calls; and where our own end is now may be what a
// tunnel that stands waits for.
void Service::take_answers() {
    if (answers_.empty() || taking_answers_) {
        return;
    }
    if (jobs_ >= jobs_at_once && ways_waiting_ == 0 && host::now() - answers_.front().since < answer_held) {
        return;
    }
    taking_answers_ = true;
    loop_.post([this] {
        taking_answers_ = false;
        for (std::size_t i = 0; i < answers_in_a_turn && !answers_.empty(); ++i) {
            ways_waiting_ -= answers_.front().done.way_only ? 1 : 0;
            inputs_.emplace_back(std::move(answers_.front().done));
            answers_.pop_front();
        }
        if (!stopping_) {
            pump();
        }
    });
}

// Once in a turn of the loop: the engine goes through all its deadlines for it, and datagrams come in batches.
void Service::arm_engine_timer() {
    if (std::exchange(arming_, true)) {
        return;
    }
    loop_.post([this] {
        arming_ = false;
        if (const auto next = engine_->next_timeout()) {
            engine_timer_.arm(*next);
        } else {
            engine_timer_.cancel();
        }
    });
}

void Service::keep_reachable() {
    plane_->set_peers(peer_addresses_.all());
    plane_->keep_reachable(host::name_servers());
}

void Service::look_for_history() {
    const Instant now = host::now();
    history_.look(engine_->pulses(now), now);
    history_timer_.arm(history_.next_look());
}

void Service::report(const Event& event) {
    if (history_.note(event) && engine_) {
        history_timer_.arm(history_.next_look());
    }
    log_.write(host::now(), event);
    if (const auto next = log_.next_timeout()) {
        log_timer_.arm(*next);
    }
}

// The machine took away what the service cannot do without. Routes and guard stay: nothing leaves in clear
// until somebody (init, as a rule) starts the daemon again.
void Service::give_up(const Event& event) {
    report(event);
    input(ike::CommandShutdown{});
    history_.write();
    metrics_.write(control::metrics_text_of_none());
    stopping_ = true;
    exit_status_ = exit_code::machine;
    loop_.stop();
}

void Service::follow_configured_devices() {
    std::vector<std::string> names;
    for (const auto& interface : configuration_.model->options.listen_interfaces) {
        names.push_back(interface.value);
    }
    interfaces_.follow(std::move(names), !configuration_.model->options.listen_devices.empty());
    listen_on_configured_devices();
}

bool Service::listen_on_configured_devices() {
    if (!interfaces_.settled()) {
        return false;  // what holds stays until ubus has answered
    }
    std::vector<std::string> names = interfaces_.devices();
    for (const auto& device : configuration_.model->options.listen_devices) {
        names.push_back(device.value);
    }
    auto filter = interfaces_.known() ? host::DeviceFilter::only(std::move(names))
                                      : host::DeviceFilter(std::move(names));
    if (filter.same_as(ports_->devices())) {
        return false;
    }
    ports_->set_devices(std::move(filter));
    refresh_devices();
    return true;
}

bool Service::refresh_devices() {
    const auto change = ports_->devices().refresh();
    for (const auto& device : change.gone) {
        report({EventCode::listen_device_absent, {}, {{"device", device}}});
    }
    for (const auto& device : change.appeared) {
        report({EventCode::listen_device_there, {}, {{"device", device}}});
    }
    return !change.gone.empty() || !change.appeared.empty();
}

void Service::interfaces_answered() {
    const bool others = listen_on_configured_devices();
    if (!begun_) {
        begin();
    } else if (others) {
        input(ike::LocalAddressesChanged{monitor_->addresses()});
    }
}

void Service::network_changed(const host::NetworkMonitor::Change& change) {
    if (!plane_->alive()) {
        return give_up({EventCode::tun_gone, {}, {{"device", plane_->facts().device}}});
    }
    if (refresh_devices() || change.addresses || change.ways_out) {
        interfaces_.look_again();
    }
    plane_->network_changed();
    keep_reachable();
    look_timer_.arm(host::now() + look_after);
    if (change.addresses) {
        report({EventCode::local_address_changed, {}, {{"address", addresses_text(monitor_->addresses())}}});
    }
    if (begun_ && (change.addresses || change.ways_out)) {
        resolver_.ask_again();
        input(ike::LocalAddressesChanged{monitor_->addresses()});
    }
}

// Ours as well: the second look finds all as it was left.
void Service::ruleset_changed(const host::RulesetMonitor::Change& change) {
    if (stopping_) {
        return;
    }
    if (change.reduced.contains({"ip", guard_table}) || (change.missed && !guard_is_there())) {
        plane_->guard_taken();
    }
    // Never put off: somebody may change something all the time.
    if (!look_due_) {
        look_due_ = std::max(look_again_at_.value_or(Instant{}), host::now() + look_after);
        look_timer_.arm(*look_due_);
    }
}

control::Reply Service::reload() {
    const auto refuse = [this](const std::string& why, config::Verdict verdict) {
        const std::string text = fmt::format("{}; the old configuration stays in force", why);
        report({EventCode::configuration_refused, {}, {{"text", text}}});
        return control::Reply{static_cast<control::Exit>(verdict), text, {}, false, {}, {}};
    };
    auto fresh = load_configuration(options_, &parent_);
    if (!fresh) {
        return refuse(fresh.error().text(), config::verdict_on(fresh.error()));
    }
    // That every connection was switched off is a wish; that each of them is refused is a slip.
    const auto& findings = fresh->model->findings;
    const auto slip = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::error;
    });
    const bool errors = fresh->model->counts().errors > 0;
    if (fresh->model->peers.empty() && errors) {
        return refuse(slip != findings.end() ? slip->text() : config::closing_line(*fresh->model),
                      config::Verdict::errors);
    }
    fresh->model->keep_reqids(*configuration_.model);
    configuration_ = std::move(*fresh);
    const auto& model = *configuration_.model;
    log_.set_level(host::level_for_debug(model.options.debug));
    control::Reply reply{
        errors ? control::Exit::no : control::Exit::done,
        errors ? fmt::format("{} read again: {}", configuration_.file, config::text(model.counts()))
               : fmt::format("{} read again", configuration_.file),
        {},
        false,
        {},
        {}};
    for (const auto& event : events_about(configuration_)) {
        report(event);
        if (event.level() >= Level::warning) {
            reply.details.push_back(event.text());
        }
    }
    for (auto& text : tell_changed_at_start()) {
        reply.details.push_back(std::move(text));
    }
    follow_configured_devices();
    peer_addresses_.adopt(*configuration_.model);
    history_.adopt(*configuration_.model);
    keep_reachable();
    if (auto applied = apply_policies(); !applied) {
        reply.exit = control::Exit::no;
        reply.message = applied.error().text();
    }
    apply_firewall();
    input(ike::Reload{configuration_.model});
    return reply;
}

void Service::stop(const std::string& why, bool stay_closed) {
    if (stopping_) {
        return;
    }
    input(ike::CommandShutdown{});
    stopping_ = true;
    if (!stay_closed) {
        firewall_.remove();
    }
    // A clean stop opens what was closed: from now on the networks are none of ours.
    if (auto cleared = stay_closed ? Result<void>() : plane_->set_policies({}); !cleared) {
        report({EventCode::route_failed,
                {},
                {{"what", "removing our routes"}, {"why", cleared.error().text()}, {"next", "they stay"}}});
    }
    report({EventCode::stopped, {}, {{"why", why}}});
    history_.write();
    metrics_.write(control::metrics_text_of_none());
    loop_.stop();
}

}  // namespace causeway::daemon
