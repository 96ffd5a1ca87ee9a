#include "cli/pair_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <iterator>
#include <string_view>
#include <sys/stat.h>
#include <utility>

#include "cli/private_file.hpp"
#include "config/model.hpp"
#include "pair/readme.hpp"

namespace causeway::cli {
namespace {

using pair::Form;

/// One side's model in one form, as files below `folder`.
Outcome<> add(const config::Model& model, Form form, const std::string& folder, PairFiles& all) {
    auto written = pair::write(model, form);
    if (!written) {
        return failure(Exit::unusable, written.error().text());
    }
    std::ranges::move(written->lost, std::back_inserter(all.lost));
    const std::string_view path = pair::file_of(form);
    all.files.push_back({folder + std::string(path.substr(path.rfind('/') + 1)), std::move(written->text)});
    if (!written->secrets.empty()) {
        all.files.push_back({folder + "ipsec.secrets", std::move(written->secrets)});
    }
    return {};
}

/// All that one site needs.
Outcome<> add_site(const Result<config::Model>& model, pair::Kind kind, Form openwrt,
                   const std::string& folder, PairFiles& all) {
    if (!model) {
        return failure(Exit::unusable, model.error().text());
    }
    const auto form = pair::form_of(kind, openwrt);
    if (auto done = add(*model, form, folder, all); !done) {
        return done;
    }
    if (form != Form::swanctl && form != Form::vpncfg) {
        all.files.push_back({folder + "firewall.txt", pair::firewall_batch("vpn")});
    }
    // For strongSwan in its place.
    return form == Form::swanctl ? Outcome<>() : add(*model, Form::swanctl, folder, all);
}

Exit make_folder(const std::string& name) {
    if (::mkdir(name.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return complain(
            {Exit::unusable, fmt::format("cannot make the folder {}: {}", name, strerror(errno))});
    }
    return Exit::done;
}

}  // namespace

Outcome<PairFiles> files_of(const pair::Description& description, Form openwrt) {
    PairFiles all;
    const auto& [ours, theirs] = std::pair(description.ours.kind, description.theirs.kind);
    if (auto done = add_site(pair::model_of(description), ours, openwrt, "ours/", all); !done) {
        return tl::unexpected(done.error());
    }
    if (auto done = add_site(pair::model_of_other(description), theirs, openwrt, "theirs/", all); !done) {
        return tl::unexpected(done.error());
    }
    all.files.push_back({"README.txt", pair::readme(description, pair::form_of(ours, openwrt),
                                                    pair::form_of(theirs, openwrt))});
    return all;
}

Outcome<PairFiles> files_of(const pair::Star& star, Form openwrt) {
    PairFiles all;
    const auto& hub = star.hub;
    if (auto done = add_site(pair::model_of_hub(star), hub.site.kind, openwrt, hub.title + "/", all); !done) {
        return tl::unexpected(done.error());
    }
    for (std::size_t i = 0; i < star.spokes.size(); ++i) {
        const auto& spoke = star.spokes[i];
        if (auto done =
                add_site(pair::model_of_spoke(star, i), spoke.site.kind, openwrt, spoke.title + "/", all);
            !done) {
            return tl::unexpected(done.error());
        }
    }
    all.files.push_back({"README.txt", pair::readme(star, openwrt)});
    return all;
}

Exit write_all(const std::string& folder, const std::vector<PairFile>& files, bool force) {
    for (const auto& file : files) {
        struct stat facts {};
        const auto name = folder + "/" + file.name;
        if (!force && ::lstat(name.c_str(), &facts) == 0) {
            return complain({Exit::unusable, fmt::format("{} exists; --force replaces it", name)});
        }
    }
    if (const auto exit = make_folder(folder); exit != Exit::done) {
        return exit;
    }
    for (const auto& file : files) {
        const auto slash = file.name.find('/');
        if (slash != std::string::npos) {
            if (const auto exit = make_folder(folder + "/" + file.name.substr(0, slash));
                exit != Exit::done) {
                return exit;
            }
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

}  // namespace causeway::cli
