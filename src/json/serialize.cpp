#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "json/json.h"

namespace kyso::json {
namespace {

class Writer {
 public:
  explicit Writer(Style style) : m_style(style) {}

  void value(const Value& value) {
    if (const auto* items = value.as_array()) return array(*items);
    if (const auto* members = value.as_object()) return object(*members);
    if (const auto text = value.as_string()) return string(*text);
    if (const auto boolean = value.as_bool()) return add(*boolean ? "true" : "false");
    if (const auto integer = value.as_integer()) return add(fmt::format("{}", *integer));
    if (const auto number = value.as_number()) return real(*number);
    add("null");
  }
  std::string take() { return std::move(m_out); }

 private:
  void add(std::string_view text) { m_out += text; }

  void line_break() {
    if (m_style == Style::compact) return;
    m_out += '\n';
    m_out.append(m_depth * 2, ' ');
  }
  // Calls `item` for each of `items`, between `brackets`.
  void sequence(std::string_view brackets, const auto& items, auto item) {
    m_out += brackets[0];
    ++m_depth;
    bool first = true;
    for (const auto& i : items) {
      if (!first) m_out += ',';
      first = false;
      line_break();
      item(i);
    }
    --m_depth;
    if (!items.empty()) line_break();
    m_out += brackets[1];
  }
  void array(const std::vector<Value>& items) {
    sequence("[]", items, [this](const Value& item) { value(item); });
  }
  void object(const std::vector<std::pair<std::string, Value>>& members) {
    sequence("{}", members, [this](const auto& member) {
      string(member.first);
      add(m_style == Style::compact ? ":" : ": ");
      value(member.second);
    });
  }

  // The shortest digits that give the same number again, and a mark that it is not an integer.
  void real(double number) {
    if (!std::isfinite(number)) return add("null");
    const std::string digits = fmt::format("{}", number);
    add(digits);
    if (digits.find_first_of(".e") == std::string::npos) add(".0");
  }

  void string(std::string_view text) {
    m_out += '"';
    for (const char c : to_valid_utf8(text)) character(c);
    m_out += '"';
  }
  void character(char c) {
    switch (c) {
      case '"':
        return add("\\\"");
      case '\\':
        return add("\\\\");
      case '\n':
        return add("\\n");
      case '\r':
        return add("\\r");
      case '\t':
        return add("\\t");
      default:
        break;
    }
    if (static_cast<unsigned char>(c) < 0x20) return add(fmt::format("\\u{:04x}", static_cast<unsigned>(c)));
    m_out += c;
  }

  Style m_style;
  std::string m_out;
  std::size_t m_depth = 0;
};

}  // namespace

std::string serialize(const Value& value, Style style) {
  Writer writer(style);
  writer.value(value);
  return writer.take();
}

}  // namespace kyso::json
