#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/text.h"
#include "registry/checks/checks.h"
#include "registry/checks/digits.h"

namespace kyso::registry {
namespace {

constexpr int kOldest = 120, kYoungest = 15;  // years; nobody is employed below

struct Numbers {
  std::array<int, 3> value{};
  std::array<std::size_t, 3> digits{};
  char separator = 0;
};

std::optional<Numbers> three_numbers(std::string_view text) {
  Numbers out;
  for (std::size_t i = 0; i < 3; ++i) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    if (count == 0 || count > 4) return std::nullopt;
    std::from_chars(text.data(), text.data() + count, out.value[i]);
    out.digits[i] = count;
    text.remove_prefix(count);
    if (i == 2) break;
    if (text.empty() || (i == 1 && text[0] != out.separator)) return std::nullopt;
    out.separator = text[0];
    text.remove_prefix(1);
  }
  return text.empty() ? std::optional(out) : std::nullopt;
}

}  // namespace

std::optional<Day> parse_day(std::string_view text) {
  const auto numbers = three_numbers(trim(text));
  if (!numbers) return std::nullopt;
  const auto& [value, digits, separator] = *numbers;
  const bool is_iso = digits[0] == 4 && digits[1] <= 2 && digits[2] <= 2 && separator == '-';
  const bool is_usual =
      digits[0] <= 2 && digits[1] <= 2 && digits[2] == 4 && (separator == '/' || separator == '.' || separator == '-');
  if (!is_iso && !is_usual) return std::nullopt;
  const Day day = std::chrono::year(is_iso ? value[0] : value[2]) /
                  std::chrono::month(static_cast<unsigned>(value[1])) /
                  std::chrono::day(static_cast<unsigned>(is_iso ? value[2] : value[0]));
  if (!day.ok() || day.year() < std::chrono::year(1800)) return std::nullopt;
  return day;
}

std::string iso_day(const Day& day) {
  return fmt::format("{:04}-{:02}-{:02}", int{day.year()}, unsigned{day.month()}, unsigned{day.day()});
}

std::string display_day(const Day& day) {
  return fmt::format("{:02}/{:02}/{:04}", unsigned{day.day()}, unsigned{day.month()}, int{day.year()});
}

Day vietnam_day(Instant instant) {
  return std::chrono::floor<std::chrono::days>(instant + kVietNamOffset);
}

Instant start_of(const Day& day) {
  return Instant(std::chrono::sys_days(day)) - kVietNamOffset;
}

CheckFindings check_birth(std::string_view text, const Day& today) {
  const auto day = parse_day(text);
  if (!day) return {{"registry.check.day.unreadable"}};
  if (*day > today) return {{"registry.check.birth.future"}};
  const int age =
      int{today.year()} - int{day->year()} - (today.month() / today.day() < day->month() / day->day() ? 1 : 0);
  if (age > kOldest || age < kYoungest)
    return {CheckFinding{"registry.check.birth.age", CheckLevel::warn, {}}.with("age", std::to_string(age))};
  return {};
}

CheckFindings check_issue_day(std::string_view text, const std::optional<Day>& birth, const Day& today) {
  const auto day = parse_day(text);
  if (!day) return {{"registry.check.day.unreadable"}};
  if (*day > today) return {{"registry.check.issue.future", CheckLevel::warn, {}}};
  if (birth && *day <= *birth) return {{"registry.check.issue.birth", CheckLevel::warn, {}}};
  return {};
}

}  // namespace kyso::registry
