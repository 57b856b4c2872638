#include "verify/evidence/fetch_address.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace kyso::verify {

bool is_fetchable(std::string_view url) {
  constexpr std::size_t kLongest = 2048;
  if (url.size() > kLongest) return false;
  // Neither blanks nor control characters, which would begin further lines of the request; no backslash, which some
  // readers take for a slash.
  if (!std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F && c != '\\'; })) return false;
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return false;
  std::string scheme(url.substr(0, colon));
  std::ranges::transform(scheme, scheme.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  if (scheme != "http" && scheme != "https") return false;
  const std::string_view rest = url.substr(colon + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  return !authority.empty() && !authority.starts_with(':') && authority.find('@') == std::string_view::npos;
}

}  // namespace kyso::verify
