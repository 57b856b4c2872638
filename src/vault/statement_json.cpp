#include "vault/statement_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kyso::vault {
namespace {

constexpr std::int64_t kLastInstant = 253'402'300'799;  // the end of the year 9999

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper_hex(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'F');
}
bool is_lower_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}
bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// U+0080 to U+009F and U+00AD; U+061C; U+200B to U+200F and U+2028 to U+202E; U+2060 to U+206F; U+FEFF.
bool is_hidden(std::string_view rest) {
  const auto at = [&](std::size_t i) { return i < rest.size() ? static_cast<std::uint8_t>(rest[i]) : 0U; };
  switch (at(0)) {
    case 0xC2:
      return at(1) < 0xA0 || at(1) == 0xAD;
    case 0xD8:
      return at(1) == 0x9C;
    case 0xE2:
      if (at(1) == 0x80) return (at(2) >= 0x8B && at(2) <= 0x8F) || (at(2) >= 0xA8 && at(2) <= 0xAE);
      return at(1) == 0x81 && at(2) >= 0xA0 && at(2) <= 0xAF;
    case 0xEF:
      return at(1) == 0xBB && at(2) == 0xBF;
    default:
      return false;
  }
}

}  // namespace

Error malformed(std::string_view member, std::string_view reason, std::source_location where) {
  return Error("vault.statement.malformed", fmt::format("{}: {}", member, reason), where)
      .with("member", member)
      .with("reason", reason);
}

void StatementWriter::separate() {
  if (m_out.empty()) return;
  const char last = m_out.back();
  if (last != '{' && last != '[' && last != ':') m_out += ',';
}
StatementWriter& StatementWriter::open(char bracket) {
  separate();
  m_out += bracket;
  return *this;
}
StatementWriter& StatementWriter::close(char bracket) {
  m_out += bracket;
  return *this;
}
StatementWriter& StatementWriter::name(std::string_view member) {
  separate();
  quote(member);
  m_out += ':';
  return *this;
}
StatementWriter& StatementWriter::text(std::string_view value) {
  separate();
  quote(value);
  return *this;
}
StatementWriter& StatementWriter::number(std::int64_t value) {
  separate();
  m_out += fmt::format_int(value).str();
  return *this;
}

void StatementWriter::quote(std::string_view value) {
  m_out += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto c = static_cast<unsigned char>(value[i]);
    if (c >= 0x20 && c != '"' && c != '\\') [[likely]]
      continue;
    m_out += value.substr(from, i - from);
    from = i + 1;
    constexpr std::string_view kShort = "\"\\\b\f\n\r\t", kLetter = "\"\\bfnrt";
    if (const std::size_t found = kShort.find(value[i]); found != std::string_view::npos) {
      m_out += '\\';
      m_out += kLetter[found];
    } else {
      m_out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    }
  }
  m_out += value.substr(from);
  m_out += '"';
}

Result<> check_text(std::string_view member, std::string_view text, TextRule rule) {
  if (text.size() < rule.min) return malformed(member, "\"\"");
  if (text.size() > rule.max) return malformed(member, fmt::format("> {}", rule.max));
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x7F) [[likely]]
      continue;
    const bool is_line = c == '\n' || c == '\r' || c == '\t';
    if (c < 0x80 ? !(is_line && rule.has_lines) : is_hidden(text.substr(i)))
      return malformed(member, fmt::format("character at {}", i));
  }
  return {};
}

Result<StatementReader> StatementReader::open(const json::Value& value, std::string_view what) {
  const auto* members = value.as_object();
  if (members == nullptr) return malformed(what, "{…}");
  return StatementReader(*members);
}

bool StatementReader::is_next(std::string_view member) const {
  return m_next < m_members->size() && (*m_members)[m_next].first == member;
}

Result<const json::Value*> StatementReader::take(std::string_view member) {
  if (is_next(member)) return &(*m_members)[m_next++].second;
  if (m_next == m_members->size()) return malformed(member, "missing");
  return malformed((*m_members)[m_next].first, fmt::format("expected: {}", member));
}

Result<std::string> StatementReader::text(std::string_view member, TextRule rule) {
  const auto value = KYSO_TRY(take(member))->as_string();
  if (!value) return malformed(member, "\"…\"");
  KYSO_TRY(check_text(member, *value, rule));
  return std::string(*value);
}

Result<std::optional<std::string>> StatementReader::optional_text(std::string_view member, TextRule rule) {
  if (!is_next(member)) return std::optional<std::string>();
  return std::optional(KYSO_TRY(text(member, rule)));
}

Result<std::int64_t> StatementReader::number(std::string_view member, std::int64_t min, std::int64_t max) {
  const auto value = KYSO_TRY(take(member))->as_integer();
  if (!value || *value < min || *value > max) return malformed(member, fmt::format("{} … {}", min, max));
  return *value;
}

Result<Instant> StatementReader::instant(std::string_view member) {
  return Instant(std::chrono::seconds(KYSO_TRY(number(member, 0, kLastInstant))));
}

Result<std::optional<Instant>> StatementReader::optional_instant(std::string_view member) {
  if (!is_next(member)) return std::optional<Instant>();
  return std::optional(KYSO_TRY(instant(member)));
}

Result<const std::vector<json::Value>*> StatementReader::array(std::string_view member, std::size_t min,
                                                               std::size_t max) {
  const auto* items = KYSO_TRY(take(member))->as_array();
  if (items == nullptr) return malformed(member, "[…]");
  if (items->size() < min || items->size() > max) return malformed(member, fmt::format("[{} … {}]", min, max));
  return items;
}

// nullptr when it isn't there.
Result<const std::vector<json::Value>*> StatementReader::array_if_next(std::string_view member, std::size_t min,
                                                                       std::size_t max) {
  if (!is_next(member)) return nullptr;
  return array(member, min, max);
}

Result<> StatementReader::finish() const {
  if (m_next != m_members->size()) return malformed((*m_members)[m_next].first, "unknown");
  return {};
}

// RFC 9562 section 4, in lower case.
bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !is_lower_hex(text[i])) return false;
  }
  return true;
}

bool is_plain_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && is_letter_or_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; });
}

// RFC 5280 section 4.1.2.2: at most 20 octets.
bool is_serial(std::string_view text) {
  return !text.empty() && text.size() <= 40 && text.size() % 2 == 0 && std::ranges::all_of(text, is_upper_hex) &&
         std::ranges::any_of(text, [](char c) { return c != '0'; });
}

}  // namespace kyso::vault
