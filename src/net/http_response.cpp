#include <algorithm>
#include <array>
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

std::optional<unsigned> month_number(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const found = std::ranges::find(kMonths, name);
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<unsigned>(found - kMonths.begin()) + 1;
}

}  // namespace

std::optional<Instant> parse_http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT": every part has its place.
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4));
  const auto month = month_number(text.substr(8, 3));
  const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)),
             second = number(text.substr(23, 2));
  if (!day || !year || !month || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

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
