#pragma once
#include <expected>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace kyso {

// Result<T>: a value, or the Error that says why there is none. Never ignored silently.
template <typename T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  Result(Error error) : std::expected<T, Error>(std::unexpect, std::move(error)) {}

  // and_then: f(value) -> Result<U>.
  template <typename Self, typename F>
  auto and_then(this Self&& self, F&& f) {
    if constexpr (std::is_void_v<T>) {
      using R = std::invoke_result_t<F>;
      return self ? std::forward<F>(f)() : R(std::forward<Self>(self).error());
    } else {
      using R = std::invoke_result_t<F, decltype(*std::forward<Self>(self))>;
      return self ? std::forward<F>(f)(*std::forward<Self>(self)) : R(std::forward<Self>(self).error());
    }
  }

  // transform: f(value) -> U.
  template <typename Self, typename F>
  auto transform(this Self&& self, F&& f) {
    using U = std::invoke_result_t<F, decltype(*std::forward<Self>(self))>;
    return self ? Result<U>(std::forward<F>(f)(*std::forward<Self>(self)))
                : Result<U>(std::forward<Self>(self).error());
  }
};

namespace detail {
// A format string that remembers where it was written.
template <typename... Args>
struct LocatedFormat {
  fmt::format_string<Args...> text;
  std::source_location where;
  template <typename S>
  consteval LocatedFormat(const S& s, std::source_location location = std::source_location::current())
      : text(s), where(location) {}
};
}  // namespace detail

// fail: an Error with a formatted technical detail. `return fail("pdf.page.missing", "page {} of {}", n, count);`
inline Error fail(std::string_view code, std::source_location where = std::source_location::current()) {
  return Error(code, {}, where);
}
template <typename... Args>
Error fail(std::string_view code, detail::LocatedFormat<std::type_identity_t<Args>...> text, Args&&... args) {
  return Error(code, fmt::format(text.text, std::forward<Args>(args)...), text.where);
}

}  // namespace kyso

// KYSO_TRY: the value of a Result, or return its Error from the current function. May be nested (hence the numbering).
#define KYSO_TRY(expression) KYSO_TRY_NUMBERED(expression, __COUNTER__)
#define KYSO_TRY_NUMBERED(expression, n) KYSO_TRY_NAMED(expression, n)
#define KYSO_TRY_NAMED(expression, n)                \
  __extension__({                                    \
    auto kyso_try_##n = (expression);                \
    if (!kyso_try_##n) [[unlikely]]                  \
      return std::move(kyso_try_##n).error();        \
    ::kyso::detail::unwrap(std::move(kyso_try_##n)); \
  })

namespace kyso::detail {
template <typename T>
T unwrap(Result<T>&& result) {
  return *std::move(result);
}
inline void unwrap(Result<void>&&) {}
}  // namespace kyso::detail
