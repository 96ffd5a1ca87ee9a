// How people write identities: strongSwan's forms, declared once. The UCI reader, docs/configuration.md and
// the test that tries every row read the table. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/identity.hpp"

namespace causeway::config {

/// What such a text says.
struct IdentityText {
    std::optional<Identity> identity;  ///< may be a pattern; nothing: any
    std::string remark;                ///< where the meaning is not the obvious one, or not strongSwan's
    std::string remedy;
};

/// An error says why, and `remedy` what to write instead. Never reads a form that it does not know as "any".
Result<IdentityText> read_identity(std::string_view text);

enum class FormMeaning { identity, pattern, any, refused };

/// One row of the table.
struct IdentityForm {
    std::string_view written;  ///< the forms, in Markdown
    FormMeaning meaning;
    std::string_view says;      ///< what it becomes, or why it is refused
    std::string_view source;    ///< where strongSwan 5.9.8 says so
    std::string_view examples;  ///< one or several, between blanks; a test reads each
};

std::span<const IdentityForm> identity_forms();
/// The table as docs/configuration.md shows it (Markdown).
std::string identity_forms_text();

}  // namespace causeway::config
