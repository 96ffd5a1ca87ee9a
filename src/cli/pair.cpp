#include "cli/pair.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "cli/companions.hpp"
#include "cli/private_file.hpp"
#include "cli/wrap.hpp"
#include "config/convert.hpp"
#include "config/verdict.hpp"
#include "config/words.hpp"
#include "control/configuration_file.hpp"
#include "crypto/random.hpp"
#include "pair/describe.hpp"
#include "pair/mirror.hpp"
#include "pair/readme.hpp"
#include "pair/write.hpp"

namespace causeway::cli {
namespace {

using pair::Description;
using pair::Form;
using pair::Site;

std::optional<Form> form_named(std::string_view name) {
    constexpr std::pair<std::string_view, Form> forms[] = {
        {"uci:g0", Form::uci_g0}, {"uci:g1", Form::uci_g1},        {"uci:g2", Form::uci_g2},
        {"uci:g3", Form::uci_g3}, {"uci:g4", Form::uci_g4},        {"uci", Form::uci_g4},
        {"vpncfg", Form::vpncfg}, {"swanctl.conf", Form::swanctl}, {"ipsec.conf", Form::ipsec_conf}};
    for (const auto& [word, form] : forms) {
        if (word == name) {
            return form;
        }
    }
    return std::nullopt;
}

std::optional<pair::Kind> kind_named(std::string_view name) {
    return name == "openwrt" || name == "causeway" ? std::optional(pair::Kind::causeway)
           : name == "fritzbox"                    ? std::optional(pair::Kind::fritzbox)
           : name == "strongswan"                  ? std::optional(pair::Kind::strongswan)
                                                   : std::nullopt;
}

/// "name=office.example.org,lan=192.168.1.0/24,kind=openwrt". `option`: as messages call it.
Outcome<Site> site_of(const std::string& text, std::string_view option) {
    Site site;
    bool has_lan = false;
    for (const auto word : config::split_words(text, ",")) {
        const auto equals = word.find('=');
        const auto key = word.substr(0, equals);
        const auto value = equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
        const auto wrong = [&](std::string_view expected) {
            return failure(Exit::unusable,
                           fmt::format("{}: {} is '{}', expected {}", option, key, value, expected));
        };
        if (key == "name" && config::is_host_name(value)) {
            site.name = value;
        } else if (key == "name") {
            return wrong("a name of the DNS");
        } else if (key == "lan") {
            const auto net = Ipv4Net::parse(value);
            if (!net) {
                return wrong("a network, as 192.168.1.0/24");
            }
            site.lan = *net;
            has_lan = true;
        } else if (key == "kind") {
            const auto kind = kind_named(value);
            if (!kind) {
                return wrong("openwrt, fritzbox or strongswan");
            }
            site.kind = *kind;
        } else {
            return failure(
                Exit::unusable,
                fmt::format("{}: '{}' is not understood, expected name=NAME,lan=NETWORK", option, word));
        }
    }
    if (site.name.empty() || !has_lan) {
        return failure(Exit::unusable, fmt::format("{} needs name=NAME,lan=NETWORK", option));
    }
    return site;
}

void tell(const std::vector<Finding>& lost) {
    for (const auto& one : lost) {
        const auto text = one.text() + "\n";
        const auto columns = terminal_columns(STDERR_FILENO);
        fmt::print(stderr, "{}", columns ? wrapped(text, *columns) : text);
    }
}

struct File {
    std::string name;  ///< below the folder
    std::string text;
};

/// One side's model in one form, as files below `folder`.
Outcome<> add(const config::Model& model, Form form, const std::string& folder, std::vector<File>& files) {
    auto written = pair::write(model, form);
    if (!written) {
        return failure(Exit::unusable, written.error().text());
    }
    tell(written->lost);
    const std::string_view path = pair::file_of(form);
    files.push_back({folder + std::string(path.substr(path.rfind('/') + 1)), std::move(written->text)});
    if (!written->secrets.empty()) {
        files.push_back({folder + "ipsec.secrets", std::move(written->secrets)});
    }
    return {};
}

Form form_of(const Site& site, Form openwrt) {
    return site.kind == pair::Kind::fritzbox     ? Form::vpncfg
           : site.kind == pair::Kind::strongswan ? Form::swanctl
                                                 : openwrt;
}

/// Everything that goes into the folder.
Outcome<std::vector<File>> files_of(const Description& description, Form openwrt) {
    std::vector<File> files;
    const auto ours = pair::model_of(description);
    const auto theirs = pair::model_of_other(description);
    if (!ours || !theirs) {
        return failure(Exit::unusable, (ours ? theirs.error() : ours.error()).text());
    }
    const std::pair<const config::Model*, const Site*> sides[] = {{&*ours, &description.ours},
                                                                  {&*theirs, &description.theirs}};
    for (const auto& [model, site] : sides) {
        const std::string folder = site == &description.ours ? "ours/" : "theirs/";
        const auto form = form_of(*site, openwrt);
        if (auto done = add(*model, form, folder, files); !done) {
            return tl::unexpected(done.error());
        }
        if (form != Form::swanctl && form != Form::vpncfg) {
            files.push_back({folder + "firewall.txt", pair::firewall_batch("vpn")});
        }
        if (form != Form::swanctl) {  // for strongSwan in its place
            if (auto done = add(*model, Form::swanctl, folder, files); !done) {
                return tl::unexpected(done.error());
            }
        }
    }
    files.push_back({"README.txt", pair::readme(description, form_of(description.ours, openwrt),
                                                form_of(description.theirs, openwrt))});
    return files;
}

Exit make_folder(const std::string& name) {
    if (::mkdir(name.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return complain(
            {Exit::unusable, fmt::format("cannot make the folder {}: {}", name, strerror(errno))});
    }
    return Exit::done;
}

/// Nothing is half done: what is in the way is found before the first file is written.
Exit write_all(const std::string& folder, const std::vector<File>& files, bool force) {
    for (const auto& file : files) {
        struct stat facts {};
        const auto name = folder + "/" + file.name;
        if (!force && ::lstat(name.c_str(), &facts) == 0) {
            return complain({Exit::unusable, fmt::format("{} exists; --force replaces it", name)});
        }
    }
    for (const auto* const sub : {"", "/ours", "/theirs"}) {
        if (const auto exit = make_folder(folder + sub); exit != Exit::done) {
            return exit;
        }
    }
    for (const auto& file : files) {
        if (const auto exit = write_private_file(folder + "/" + file.name, file.text, force);
            exit != Exit::done) {
            return exit;
        }
        fmt::print("{}/{}\n", folder, file.name);
    }
    return Exit::done;
}

Exit convert_to_newest(const std::string& text, const std::string& name, const Arguments& arguments) {
    const auto converted = config::convert_to_g4(text, name, arguments.format);
    if (!converted) {
        return complain({static_cast<Exit>(config::verdict_on(converted.error())), converted.error().text()});
    }
    for (const std::string& one : converted->lost) {
        const auto columns = terminal_columns(STDERR_FILENO);
        fmt::print(stderr, "{}\n", columns ? wrapped(one, *columns, name) : one);
    }
    if (!arguments.output.empty()) {
        return write_private_file(arguments.output, converted->text, arguments.force);
    }
    fmt::print("{}", converted->text);
    return Exit::done;
}

}  // namespace

Exit pair(const Arguments& arguments) {
    if (arguments.ours.empty() || arguments.theirs.empty() || arguments.output.empty()) {
        return complain({Exit::unusable,
                         "pair needs --ours, --theirs and --output: causeway pair --ours "
                         "name=office.example.org,lan=192.168.1.0/24 --theirs "
                         "name=home.example.org,lan=192.168.0.0/24 --box 7590 -o tunnel"});
    }
    auto ours = site_of(arguments.ours, "--ours");
    auto theirs = site_of(arguments.theirs, "--theirs");
    if (!ours || !theirs) {
        return complain(ours ? theirs.error() : ours.error());
    }
    if (!arguments.box.empty()) {
        theirs->kind = pair::Kind::fritzbox;
    }
    const auto openwrt = form_named("uci:" + (arguments.generation.empty() ? "g0" : arguments.generation));
    if (!openwrt) {
        return complain(
            {Exit::unusable, fmt::format("--generation is g0 to g4, not '{}'", arguments.generation)});
    }
    crypto::SystemRandom random;
    const Description description{std::move(*ours), std::move(*theirs), pair::make_key(random), {}, {}};
    const auto files = files_of(description, *openwrt);
    return files ? write_all(arguments.output, *files, arguments.force) : complain(files.error());
}

Exit convert(const Arguments& arguments) {
    const std::string name = arguments.word == "-" ? "stdin" : arguments.word;
    const auto text = control::read_file(arguments.word, config::max_text);
    if (!text) {
        return complain({Exit::unusable, text.error().text()});
    }
    const auto form = form_named(arguments.to.empty() ? "uci:g4" : arguments.to);
    if (form == Form::uci_g4 && !arguments.mirror) {
        return convert_to_newest(*text, name, arguments);
    }
    auto model = config::load(*text, name, arguments.format, companions());
    if (!model) {
        return complain({static_cast<Exit>(config::verdict_on(model.error())), model.error().text()});
    }
    if (arguments.mirror) {
        model = pair::mirror(*model);
        tell(model->findings);
    }
    const auto written = pair::write(*model, *form);
    if (!written) {
        return complain({Exit::unusable, written.error().text()});
    }
    tell(written->lost);
    if (arguments.output.empty()) {
        if (!written->secrets.empty()) {
            return complain({Exit::unusable,
                             "the keys of an ipsec.conf stand in a file of their own: name a file with "
                             "--output, and they go beside it"});
        }
        fmt::print("{}", written->text);
        return Exit::done;
    }
    const auto exit = write_private_file(arguments.output, written->text, arguments.force);
    return exit != Exit::done || written->secrets.empty()
               ? exit
               : write_private_file(arguments.output + ".secrets", written->secrets, arguments.force);
}

}  // namespace causeway::cli
