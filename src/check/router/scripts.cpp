#include "check/router/scripts.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "check/router/shell.hpp"

namespace causeway::check {
namespace {

constexpr std::string_view init_folder = "/etc/init.d/";

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

/// Scripts that OpenWrt's images have, or that tunnels' scripts may well restart.
bool is_of_the_system(std::string_view name) {
    constexpr std::array<std::string_view, 24> known{
        "boot",   "cron",       "ddns",    "dnsmasq", "done",   "dropbear", "firewall",     "gpio_switch",
        "led",    "log",        "mwan3",   "network", "odhcpd", "qos",      "rpcd",         "sqm",
        "sysctl", "sysfixtime", "sysntpd", "system",  "uhttpd", "umount",   "urandom_seed", "wpad"};
    return std::ranges::find(known, name) != known.end();
}

/// The init scripts of OpenWrt's packages for IPsec: strongswan (ipsec, swanctl), libreswan (ipsec), causeway.
bool is_of_ipsec(std::string_view name) {
    return name == "ipsec" || name == "causeway" || name == "strongswan" || name == "swanctl";
}

/// A word that DEVICE is compared with.
struct DeviceTest {
    ShellWord device{};
    bool ends_the_script = false;  ///< `[ ... ] || exit 0`
};

class Hotplug {
 public:
    Hotplug(const config::NamedText& script, const config::NamedText* init, const Network* network,
            Context& context)
        : script_(script),
          init_(init),
          network_(network),
          context_(context),
          commands_(shell_commands(script)) {}

    void run() {
        device();
        calls();
        order();
    }

 private:
    void device() {
        const auto tests = device_tests();
        if (tests.empty()) {
            return;
        }
        if (const auto down = tested_without_device(tests)) {
            context_.findings.push_back(finding<FindingId::device_on_ifdown>(down->place));
            return;
        }
        // One that fits is enough: scripts compare with several.
        if (std::ranges::any_of(tests, [&](const DeviceTest& test) { return fits(test.device.text); })) {
            return;
        }
        const auto& test = tests.front().device;
        if (network_ == nullptr) {
            context_.findings.push_back(
                finding<FindingId::device_may_not_match>(test.place, field<"device">(test.text)));
            return;
        }
        with_network(test);
    }

    void with_network(const ShellWord& test) {
        for (const auto& one : network_->interfaces) {
            const auto l3 = one.l3_device();
            if (std::ranges::find(one.devices, test.text) != one.devices.end() && l3 != test.text) {
                context_.findings.push_back(finding<FindingId::device_below_interface>(
                    std::vector{test.place, one.protocol_place}, field<"device">(test.text),
                    field<"interface">(one.name), field<"protocol">(one.protocol),
                    field<"passed">(l3 ? "'" + *l3 + "'" : std::string("another one"))));
                return;
            }
        }
        if (std::ranges::all_of(network_->interfaces,
                                [](const Interface& one) { return one.l3_device().has_value(); })) {
            context_.findings.push_back(
                finding<FindingId::device_of_no_interface>(test.place, field<"device">(test.text)));
        }
    }

    /// It is what netifd passes for some interface, by its kind or by the network file.
    [[nodiscard]] bool fits(std::string_view device) const {
        if (device.find_first_of("$*?[") != std::string_view::npos || device.empty()) {
            return true;
        }
        if (network_ == nullptr) {
            return std::ranges::any_of(
                std::initializer_list<std::string_view>{"ppp", "wwan", "br-", "tun", "wg"},
                [&](std::string_view start) { return device.starts_with(start); });
        }
        return std::ranges::any_of(network_->interfaces,
                                   [&](const Interface& one) { return one.l3_device() == device; });
    }

    /// Behind the command stands `OPERATOR exit`.
    [[nodiscard]] bool exits(std::size_t command, std::string_view joined_by) const {
        return command + 1 < commands_.size() && commands_[command + 1].joined_by == joined_by &&
               commands_[command + 1].has("exit");
    }

    /// `[ "$DEVICE" = X ]`, `[ $DEVICE != X ] && exit`, `case $DEVICE in X|Y) ...`.
    [[nodiscard]] std::vector<DeviceTest> device_tests() const {
        std::vector<DeviceTest> out;
        for (std::size_t i = 0; i < commands_.size(); ++i) {
            const auto& words = commands_[i].words;
            for (std::size_t at = 0; at + 2 < words.size(); ++at) {
                const auto& compared = words[at + 1].text;
                if (words[at + 2].text == "$DEVICE" && (compared == "=" || compared == "==")) {
                    out.push_back({words[at], exits(i, "||")});
                } else if (words[at].text == "$DEVICE" && (compared == "=" || compared == "==")) {
                    out.push_back({words[at + 2], exits(i, "||")});
                } else if (words[at].text == "$DEVICE" && compared == "!=" && exits(i, "&&")) {
                    out.push_back({words[at + 2], true});
                } else if (words[at].text == "case" && compared == "$DEVICE") {
                    patterns(i, at + 3, out);
                }
            }
        }
        return out;
    }

    /// Those of the first branch: what follows is for the others.
    void patterns(std::size_t command, std::size_t from, std::vector<DeviceTest>& out) const {
        const auto& same = commands_[command].words;
        bool begun = false;
        for (auto at = from; at < same.size(); ++at) {
            out.push_back({same[at], false});
            begun = true;
        }
        for (auto i = command + 1; i < commands_.size(); ++i) {
            const bool more = begun ? commands_[i].joined_by == "|" : commands_[i].joined_by == "\n";
            if (!more) {
                return;
            }
            out.push_back({commands_[i].words.front(), false});
            begun = true;
        }
    }

    /// DEVICE is passed with ifup and ifupdate alone (netifd, interface-event.c). What a script does for ifdown before
    /// it comes to the test does not count.
    [[nodiscard]] std::optional<ShellWord> tested_without_device(const std::vector<DeviceTest>& tests) const {
        for (std::size_t i = 0; i < commands_.size(); ++i) {
            for (const auto& word : commands_[i].words) {
                if (word.text != "ifdown") {
                    continue;
                }
                for (const auto& test : tests) {
                    const auto line = test.device.place.line;
                    if (line == word.place.line ||
                        (test.ends_the_script && (line < word.place.line || exits(i, "||")))) {
                        return test.device;
                    }
                }
            }
        }
        return {};
    }

    void calls() {
        std::vector<std::string_view> said;
        for (const auto& command : commands_) {
            for (std::size_t i = 0; i < command.words.size(); ++i) {
                const auto& word = command.words[i];
                if (!word.text.starts_with(init_folder)) {
                    continue;
                }
                const auto name = std::string_view(word.text).substr(init_folder.size());
                const bool is_tested = i > 0 && command.words[i - 1].text.starts_with('-');
                if (is_tested) {
                    said.push_back(name);  // it knows that there may be none
                } else if (name.find('$') == std::string_view::npos && !is_there(name) &&
                           std::ranges::find(said, name) == said.end()) {
                    said.push_back(name);
                    missing(word, name);
                }
            }
        }
    }

    /// As it is called once it is installed: copies are kept as ipsec.init.
    [[nodiscard]] std::string_view init_name() const {
        const auto name = base_name(init_->name);
        return name.substr(0, name.rfind(".init"));
    }

    [[nodiscard]] bool is_there(std::string_view name) const {
        return is_of_the_system(name) || (init_ != nullptr ? init_name() == name : is_of_ipsec(name));
    }

    void missing(const ShellWord& word, std::string_view name) {
        if (init_ != nullptr) {
            context_.findings.push_back(finding<FindingId::script_is_other>(
                word.place, field<"name">(std::string(name)), field<"init">(std::string(init_name()))));
            return;
        }
        context_.findings.push_back(
            finding<FindingId::script_of_no_package>(word.place, field<"name">(std::string(name))));
    }

    /// hotplug-call runs them in the order of the shell's `*`. The file's place is its first line.
    void order() {
        constexpr std::string_view firewall = "20-firewall";
        const auto name = base_name(script_.name);
        const bool has_number = !name.empty() && name.front() >= '0' && name.front() <= '9';
        if (has_number && name < firewall && !commands_.empty()) {
            auto place = commands_.front().words.front().place;
            place.line = 1;
            place.column = 1;
            context_.findings.push_back(
                finding<FindingId::runs_before_firewall>(std::move(place), field<"name">(std::string(name))));
        }
    }

    const config::NamedText& script_;
    const config::NamedText* init_;
    const Network* network_;
    Context& context_;
    std::vector<ShellCommand> commands_;
};

bool has_word(const std::vector<ShellCommand>& commands, std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(commands, [&](const ShellCommand& command) {
        return std::ranges::any_of(command.words, [&](const ShellWord& word) {
            return std::ranges::find(names, base_name(word.text)) != names.end();
        });
    });
}

/// Some peer is known by a name.
bool has_names(const config::Model& model) {
    return std::ranges::any_of(model.peers, [](const config::Peer& peer) {
        return std::ranges::any_of(peer.addresses, [](const auto& one) {
            return std::holds_alternative<config::HostName>(one.value);
        });
    });
}

}  // namespace

void check_hotplug(const config::NamedText& hotplug, const config::NamedText* init, const Network* network,
                   Context& context) {
    Hotplug(hotplug, init, network, context).run();
}

void check_init(const config::NamedText& init, Context& context) {
    const auto commands = shell_commands(init);
    const bool resolves =
        has_word(commands, {"nslookup", "resolveip", "dig", "drill", "host", "getent", "ping"});
    if (resolves || !has_names(context.ours)) {
        return;
    }
    for (const auto& command : commands) {
        for (std::size_t i = 0; i + 3 < command.words.size(); ++i) {
            const auto& words = command.words;
            if (base_name(words[i].text) == "ip" &&
                (words[i + 1].text == "route" || words[i + 1].text == "r") && words[i + 2].text == "get" &&
                words[i + 3].text.starts_with('$')) {
                context.findings.push_back(finding<FindingId::route_to_name>(
                    words[i + 3].place, field<"variable">(words[i + 3].text)));
                return;
            }
        }
    }
}

}  // namespace causeway::check
