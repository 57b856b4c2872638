#include "base/toml_scalar.h"

namespace kyso {
namespace {

constexpr std::string_view kDecimal = "0123456789";

// Reads a text from its front.
class Front {
 public:
  explicit Front(std::string_view text) : m_rest(text) {}

  bool at_end() const { return m_rest.empty(); }
  bool is_at(std::string_view set) const { return !m_rest.empty() && set.find(m_rest[0]) != std::string_view::npos; }
  bool take(std::string_view set) {
    if (!is_at(set)) return false;
    m_rest.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    if (!m_rest.starts_with(word)) return false;
    m_rest.remove_prefix(word.size());
    return true;
  }
  // One or more; an underscore only between two digits.
  bool take_digits(std::string_view set) {
    do {
      if (!take(set)) return false;
      while (take(set)) {
      }
    } while (take("_"));
    return true;
  }
  bool take_exactly(int count) {
    for (int i = 0; i < count; ++i) {
      if (!take(kDecimal)) return false;
    }
    return true;
  }

 private:
  std::string_view m_rest;
};

bool is_prefixed_integer(std::string_view text) {
  Front front(text);
  const std::string_view digits = front.take_word("0x")   ? "0123456789abcdefABCDEF"
                                  : front.take_word("0o") ? "01234567"
                                  : front.take_word("0b") ? "01"
                                                          : "";
  return front.take_digits(digits) && front.at_end();
}

bool is_decimal_number(std::string_view text) {
  Front front(text);
  front.take("+-");
  if (front.take_word("inf") || front.take_word("nan")) return front.at_end();
  if (!front.take("0") && !front.take_digits(kDecimal)) return false;
  if (front.take(".") && !front.take_digits(kDecimal)) return false;
  if (front.take("eE")) {
    front.take("+-");
    if (!front.take_digits(kDecimal)) return false;
  }
  return front.at_end();
}

bool take_time(Front& front) {
  const bool is_whole =
      front.take_exactly(2) && front.take(":") && front.take_exactly(2) && front.take(":") && front.take_exactly(2);
  if (!is_whole || !front.take(".")) return is_whole;
  if (!front.take(kDecimal)) return false;
  while (front.take(kDecimal)) {
  }
  return true;
}

bool is_time(std::string_view text) {
  Front front(text);
  return take_time(front) && front.at_end();
}

bool is_date_or_date_time(std::string_view text) {
  Front front(text);
  const bool has_date =
      front.take_exactly(4) && front.take("-") && front.take_exactly(2) && front.take("-") && front.take_exactly(2);
  if (!has_date || front.at_end()) return has_date;
  if (!front.take("Tt ") || !take_time(front)) return false;
  if (front.at_end() || front.take("Zz")) return front.at_end();
  return front.take("+-") && front.take_exactly(2) && front.take(":") && front.take_exactly(2) && front.at_end();
}

}  // namespace

bool is_toml_scalar(std::string_view text) {
  return text == "true" || text == "false" || is_decimal_number(text) || is_prefixed_integer(text) || is_time(text) ||
         is_date_or_date_time(text);
}

}  // namespace kyso
