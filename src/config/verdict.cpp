#include "config/verdict.hpp"

#include <cstddef>
#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace causeway::config {
namespace {

std::string count(std::size_t number, std::string_view one) {
    return number == 0 ? fmt::format("no {}s", one)
                       : fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

std::size_t tunnels_of(const Model& model) {
    std::size_t tunnels = 0;
    for (const auto& peer : model.peers) {
        tunnels += peer.tunnels.size();
    }
    return tunnels;
}

}  // namespace

Verdict verdict_on(const Model& model) {
    return model.usable() && model.counts().errors == 0 ? Verdict::usable : Verdict::errors;
}

Verdict verdict_on(const Error& refused) {
    return refused.code == Errc::malformed || refused.code == Errc::unacceptable ? Verdict::errors
                                                                                 : Verdict::unreadable;
}

std::vector<std::string> lines_about_left_out(const Model& model, Notes notes) {
    std::vector<std::string> lines;
    const auto add = [&](std::size_t number, std::string_view kind) {
        if (number > 0) {
            lines.push_back(
                fmt::format("{}: {} more {}{}", model.file, number, kind, number == 1 ? "" : "s"));
        }
    };
    add(model.left_out.errors, "error");
    add(model.left_out.warnings, "warning");
    add(notes == Notes::shown ? model.left_out.notes : 0, "note");
    return lines;
}

std::string text(const FindingCounts& counts) {
    return fmt::format("{}, {}, {}", count(counts.errors, "error"), count(counts.warnings, "warning"),
                       count(counts.notes, "note"));
}

std::string closing_line(const Model& model, std::size_t about_file) {
    auto counts = model.counts();
    counts.warnings += about_file;
    return fmt::format("{}: {}, {}; {}", model.file, count(model.peers.size(), "peer"),
                       count(tunnels_of(model), "tunnel"), text(counts));
}

std::vector<std::string> findings(const Model& model, std::span<const std::string> about_file, Notes notes) {
    std::vector<std::string> lines;
    const auto add = [&](Severity severity) {
        for (const auto& finding : model.findings) {
            if (finding.severity == severity) {
                lines.push_back(finding.text());
            }
        }
    };
    add(Severity::error);
    for (const auto& warning : about_file) {
        lines.push_back(fmt::format("warning: {}", warning));
    }
    add(Severity::warning);
    // Where nothing can be used, a note may be the reason.
    const bool notes_too = notes == Notes::shown || !model.usable();
    if (notes_too) {
        add(Severity::note);
    }
    for (auto& line : lines_about_left_out(model, notes_too ? Notes::shown : Notes::counted)) {
        lines.push_back(std::move(line));
    }
    const bool hidden = !notes_too && model.counts().notes > 0;
    lines.push_back(closing_line(model, about_file.size()) + (hidden ? " (shown with --verbose)" : ""));
    return lines;
}

std::vector<std::string> findings(const Error& refused) {
    std::vector<std::string> lines{refused.text()};
    if (verdict_on(refused) == Verdict::errors && refused.place.file) {
        lines.push_back(fmt::format("{}: refused; {}", *refused.place.file, text(FindingCounts{1, 0, 0})));
    }
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) {
        text += line;
        text += '\n';
    }
    return text;
}

}  // namespace causeway::config
