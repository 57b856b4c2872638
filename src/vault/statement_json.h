#pragma once
#include <string>
#include <string_view>

#include "base/time.h"
#include "json/json.h"

// Private to the module: the canonical JSON of statements. Members stand in a fixed order without white space, text is
// escaped only where JSON demands it: one statement has one text, that of JSON.stringify over the same members.
namespace kyso::vault {

class StatementWriter {
 public:
  StatementWriter& open(char bracket);  // '{' or '['
  StatementWriter& close(char bracket);
  StatementWriter& name(std::string_view member);
  StatementWriter& text(std::string_view value);  // of an array, or behind name()
  StatementWriter& number(std::int64_t value);
  StatementWriter& member(std::string_view key, std::string_view value) { return name(key).text(value); }
  StatementWriter& member(std::string_view key, std::int64_t value) { return name(key).number(value); }
  StatementWriter& member(std::string_view key, Instant value) { return member(key, value.time_since_epoch().count()); }
  std::string take() { return std::move(m_out); }

 private:
  void separate();
  void quote(std::string_view value);
  std::string m_out;
};

// vault.statement.malformed
Error malformed(std::string_view member, std::string_view reason,
                std::source_location where = std::source_location::current());

struct TextRule {
  std::size_t max = 0;  // octets
  std::size_t min = 0;
  bool has_lines = false;  // line ends and tabulators are allowed
};
// Refuses control characters, and those that hide or turn the text around them (Unicode's bidirectional controls,
// zero-width characters): what an officer reads is what he signs.
Result<> check_text(std::string_view member, std::string_view text, TextRule rule);

// Takes the members of an object one after the other, in the order in which they must stand.
class StatementReader {
 public:
  // `what` names the object in errors.
  static Result<StatementReader> open(const json::Value& value, std::string_view what);
  Result<std::string> text(std::string_view member, TextRule rule);
  Result<std::optional<std::string>> optional_text(std::string_view member, TextRule rule);
  Result<std::int64_t> number(std::string_view member, std::int64_t min, std::int64_t max);
  Result<Instant> instant(std::string_view member);
  Result<std::optional<Instant>> optional_instant(std::string_view member);
  Result<const std::vector<json::Value>*> array(std::string_view member, std::size_t min, std::size_t max);
  Result<const std::vector<json::Value>*> array_if_next(std::string_view member, std::size_t min, std::size_t max);
  Result<> finish() const;  // no member is left

 private:
  using Members = std::vector<std::pair<std::string, json::Value>>;
  explicit StatementReader(const Members& members) : m_members(&members) {}
  bool is_next(std::string_view member) const;
  Result<const json::Value*> take(std::string_view member);

  const Members* m_members;
  std::size_t m_next = 0;
};

bool is_uuid(std::string_view text);        // lower case
bool is_plain_name(std::string_view text);  // letters, digits, "_", "-", "."; 1 to 64, the first a letter or digit
bool is_serial(std::string_view text);      // hexadecimal, upper case, whole octets, at most 40 digits, not zero

}  // namespace kyso::vault
