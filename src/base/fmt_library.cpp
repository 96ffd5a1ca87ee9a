// fmt's own functions, compiled once into this floor. Its shared library would bring the shared C++ library
// with it, larger than the daemon (docs/decisions/0004-the-daemon-brings-its-runtime.md); and made
// header-only, every object would carry a copy.

// Without it this file would need <locale>, for which nobody here asks.
#define FMT_STATIC_THOUSANDS_SEPARATOR ','

#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {

// Declared by <fmt/format.h> as made elsewhere: here.
template auto thousands_sep_impl<char>(locale_ref) -> thousands_sep_result<char>;
template auto thousands_sep_impl<wchar_t>(locale_ref) -> thousands_sep_result<wchar_t>;
template auto decimal_point_impl(locale_ref) -> char;
template auto decimal_point_impl(locale_ref) -> wchar_t;
template auto dragonbox::to_decimal(float) noexcept -> dragonbox::decimal_fp<float>;
template auto dragonbox::to_decimal(double) noexcept -> dragonbox::decimal_fp<double>;

}  // namespace detail
FMT_END_NAMESPACE
