#include <algorithm>
#include <charconv>

#include "net/http_client.h"

namespace kyso::net {
namespace {

// Digits only: no sign, no blank.
std::optional<int> number(std::string_view digits) {
  int value = 0;
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Instant> HttpResponse::expires(Instant now) const {
  std::string_view rest = header("cache-control");
  std::optional<Instant> end;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view directive = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    while (directive.starts_with(' ')) directive.remove_prefix(1);
    while (directive.ends_with(' ')) directive.remove_suffix(1);
    if (directive == "no-store" || directive == "no-cache") return now;
    constexpr std::string_view kMaxAge = "max-age=";
    if (!directive.starts_with(kMaxAge)) continue;
    if (const auto seconds = number(directive.substr(kMaxAge.size()))) end = now + std::chrono::seconds(*seconds);
  }
  return end ? end : parse_http_date(header("expires"));
}

std::string_view HttpResponse::header(std::string_view lower_case_name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& pair) { return pair.first == lower_case_name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace kyso::net
