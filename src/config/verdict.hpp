// What a check of a configuration says and ends with: the same in `causeway config check`, in `causewayd
// --check-config` and when the daemon starts. Pure. Never shows a key.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/model.hpp"

namespace causeway::config {

/// The exit status of a check.
enum class Verdict : int {
    usable = 0,
    errors = 1,      ///< an error in what was read
    unreadable = 2,  ///< it cannot be opened, or is of no kind that is known
};

Verdict verdict_on(const Model& model);
/// `refused`: why the file cannot be read, or what load() answered.
Verdict verdict_on(const Error& refused);

/// Whether notes are lines of their own, or only in the closing line's count.
enum class Notes { shown, counted };

/// "FILE: 412 more warnings", a line for each kind of which there are too many.
std::vector<std::string> lines_about_left_out(const Model& model, Notes notes = Notes::shown);

/// "1 error, 12 warnings, no notes".
std::string text(const FindingCounts& counts);
/// "FILE: 2 peers, 3 tunnels; 1 error, 12 warnings, no notes", without the end of the line. `about_file`: how
/// many warnings there are besides the model's.
std::string closing_line(const Model& model, std::size_t about_file = 0);

/// Errors, warnings and notes, each in the order of the file; what was left out, and the closing line.
/// `about_file`: warnings about the file itself. Where nothing is usable notes are shown in any case: one of
/// them may be the reason.
std::vector<std::string> findings(const Model& model, std::span<const std::string> about_file = {},
                                  Notes notes = Notes::shown);
/// The same about a file that is refused as a whole.
std::vector<std::string> findings(const Error& refused);
/// One below the other.
std::string joined(const std::vector<std::string>& lines);

}  // namespace causeway::config
