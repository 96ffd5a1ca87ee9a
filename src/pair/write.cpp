#include "pair/write.hpp"

#include <fmt/format.h>
#include <optional>
#include <utility>

#include "pair/losses.hpp"
#include "pair/write_ipsec_conf.hpp"
#include "pair/write_swanctl.hpp"
#include "pair/write_uci.hpp"
#include "pair/write_vpncfg.hpp"

namespace causeway::pair {
namespace {

/// Nothing: no peer is in it.
std::optional<Written> text_of(const config::Model& model, Losses& losses) {
    Written written;
    std::optional<std::string> text;
    switch (losses.form()) {
        case Form::uci_g0:
        case Form::uci_g1:
        case Form::uci_g2:
        case Form::uci_g3:
        case Form::uci_g4:
            text = write_uci(model, losses);
            break;
        case Form::vpncfg:
            text = write_vpncfg(model, losses);
            break;
        case Form::swanctl:
            text = write_swanctl(model, losses);
            break;
        case Form::ipsec_conf:
            if (auto both = write_ipsec_conf(model, losses)) {
                text = std::move(both->connections);
                written.secrets = std::move(both->secrets);
            }
            break;
    }
    if (!text) {
        return std::nullopt;
    }
    written.text = std::move(*text);
    return written;
}

}  // namespace

Result<Written> write(const config::Model& model, Form form) {
    Losses losses(form);
    auto written = text_of(model, losses);
    auto lost = losses.take();
    if (!written) {
        std::string why;
        for (const auto& one : lost) {
            why += one.severity == Severity::error ? "; " + one.sentence() : "";
        }
        return fail(Errc::unacceptable, fmt::format("{} has no peer that can be written as {}{}", model.file,
                                                    title_of(form), why));
    }
    written->lost = std::move(lost);
    return std::move(*written);
}

Form form_of(Kind kind, Form openwrt) {
    switch (kind) {
        case Kind::causeway:
            return openwrt;
        case Kind::fritzbox:
            return Form::vpncfg;
        case Kind::strongswan:
            return Form::swanctl;
    }
    return openwrt;
}

std::string_view title_of(Form form) {
    switch (form) {
        case Form::uci_g0:
            return "UCI schema G0";
        case Form::uci_g1:
            return "UCI schema G1";
        case Form::uci_g2:
            return "UCI schema G2";
        case Form::uci_g3:
            return "UCI schema G3";
        case Form::uci_g4:
            return "UCI schema G4";
        case Form::vpncfg:
            return "a vpncfg";
        case Form::swanctl:
            return "swanctl.conf";
        case Form::ipsec_conf:
            return "ipsec.conf";
    }
    return "";
}

std::string_view file_of(Form form) {
    switch (form) {
        case Form::uci_g0:
        case Form::uci_g1:
        case Form::uci_g2:
        case Form::uci_g3:
            return "/etc/config/ipsec";
        case Form::uci_g4:
            return "/etc/config/swanctl";
        case Form::vpncfg:
            return "vpn.cfg";
        case Form::swanctl:
            return "/etc/swanctl/swanctl.conf";
        case Form::ipsec_conf:
            return "/etc/ipsec.conf";
    }
    return "";
}

}  // namespace causeway::pair
