// Errors as values, for everything that comes off the wire, from users or from the system.
// Assertions are for our own invariants; nothing hostile may reach one.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "base/place.hpp"

namespace causeway {

enum class Errc {
    malformed,       ///< does not follow its grammar or wire format
    unsupported,     ///< well-formed, but not something causeway does
    unacceptable,    ///< well-formed and known, but policy says no
    authentication,  ///< a hash, an ICV or a key did not verify
    not_found,       ///< a name, a file, an SA that is not there
    exists,          ///< already there, already running
    limit,           ///< one of our own bounds was reached
    permission,      ///< the system refused for lack of rights
    system,          ///< any other failure of the system; the text has errno's words
    crypto,          ///< the cryptographic library failed
    cancelled,       ///< the asker withdrew, or time ran out
};

/// What went wrong, in words for a person, with the place where it came from a file, and the change that
/// mends it.
struct Error {
    Errc code = Errc::malformed;
    std::string what;
    Place place{};
    std::string remedy{};

    /// "PLACE: WHAT; REMEDY", the parts that are known.
    [[nodiscard]] std::string text() const;
};

template <class T = void>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string what) {
    return tl::unexpected<Error>(Error{code, std::move(what), {}, {}});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace causeway

// CAUSEWAY_TRY(expr): the value of a Result, or return its error from the enclosing function.
// CAUSEWAY_CHECK(expr): the same for Result<void>.
#define CAUSEWAY_TRY(expression)                                             \
    __extension__({                                                          \
        auto causeway_try_result = (expression);                             \
        if (!causeway_try_result) {                                          \
            return ::causeway::fail(std::move(causeway_try_result.error())); \
        }                                                                    \
        std::move(*causeway_try_result);                                     \
    })
#define CAUSEWAY_CHECK(expression)                                           \
    do {                                                                     \
        auto causeway_try_result = (expression);                             \
        if (!causeway_try_result) {                                          \
            return ::causeway::fail(std::move(causeway_try_result.error())); \
        }                                                                    \
    } while (false)
