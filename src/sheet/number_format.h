#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kyso::sheet {

// NumberFormat: a format code (ISO/IEC 29500-1 section 18.8.31), as far as it decides what a number means and which
// digits, zeros and signs a person sees. The point is always ".", thousands are not grouped, colours are dropped; where
// a format would hide digits (scientific, fractions, ";;;") they are shown.
class NumberFormat {
 public:
  enum class Kind { number, date, date_time, time };

  static NumberFormat parse(std::string_view code);
  static NumberFormat built_in(unsigned id);  // section 18.8.30; General when there is none of that number
  Kind kind() const { return m_kind; }
  std::string show(double value) const;

  struct Token {
    enum class Kind { literal, digit, point, percent, general } kind;
    std::string text;  // of a digit: "0", "#" or "?"
  };
  struct Condition {
    std::string relation;
    double bound = 0;
  };
  struct Section {
    std::vector<Token> tokens;
    std::optional<Condition> condition;
    int thousands = 0;
    bool has_date = false, has_month = false, has_clock = false, is_general = false;
  };

 private:
  const Section* section_for(double value, bool& shows_sign) const;

  Kind m_kind = Kind::number;
  std::vector<Section> m_sections;
};

// Every digit that a program keeps of a number (15), without exponent where that is readable: "12345678910", "0.3".
std::string show_general(double value);

}  // namespace kyso::sheet
