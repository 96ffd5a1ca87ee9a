// The file of option metrics_file, which a collector of metrics reads: written anew again and again, mode 644. Never keeps the
// daemon from its work: a file that cannot be written is said once, until it can.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/event.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace causeway::daemon {

/// As a collector is asked by Prometheus, or more often.
inline constexpr Duration metrics_every = std::chrono::seconds(15);

/// Puts the text in place of the file. Errors: system, with its words. All that the metrics do outside this process.
Result<void> put_metrics_file(const std::string& path, std::string_view text);

class MetricsFile {
 public:
    /// Said when the file cannot be written.
    std::function<void(const Event&)> on_report;
    std::function<Result<void>(const std::string&, std::string_view)> put = put_metrics_file;

    /// As configured; nothing: none is written.
    void follow(std::optional<std::string> path);
    [[nodiscard]] bool wanted() const { return path_.has_value(); }
    void write(std::string_view text);

 private:
    std::optional<std::string> path_;
    bool unwritten_ = false;
};

}  // namespace causeway::daemon
