// What a reader has to say while it maps a file: findings with places. Used by both mappers. Every finding is
// counted; each is kept once, and of a file that is not what it seems to be only as many as help.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/file_name.hpp"
#include "base/finding.hpp"
#include "config/model.hpp"

namespace causeway::config {

class Report {
 public:
    /// Findings go into `model`, which must outlive the report.
    Report(FileName file, Model& model) : file_(file), model_(model) {}

    [[nodiscard]] Place place(std::uint32_t line, std::uint32_t column) const {
        return {file_, line, column};
    }

    /// Once, and no more of a severity than help.
    void say(Finding finding);
    /// The same; what stands there is nowhere in the model.
    void dropped(Finding finding) {
        finding.dropped = true;
        say(std::move(finding));
    }

    /// No further finding of the severity is kept: whoever makes them by the thousand saves the words, and
    /// counts.
    [[nodiscard]] bool full(Severity severity) const { return kept_.at(severity) >= most(severity); }
    void count(Severity severity, std::size_t number = 1) { model_.left_out.of(severity) += number; }

    /// More help nobody. Errors are what a person came for, and are all kept until memory matters.
    static constexpr std::size_t max_errors = 100000;
    static constexpr std::size_t max_others = 500;

 private:
    struct Kept : FindingCounts {
        [[nodiscard]] std::size_t at(Severity severity) const {
            return severity == Severity::error ? errors : severity == Severity::warning ? warnings : notes;
        }
    };
    static constexpr std::size_t most(Severity severity) {
        return severity == Severity::error ? max_errors : max_others;
    }

    FileName file_;
    Model& model_;
    Kept kept_{};
    std::unordered_set<std::uint64_t> made_;  ///< hashes of the findings
};

}  // namespace causeway::config
