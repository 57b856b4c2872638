#include "sheet/number_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "sheet/number_format_scanner.h"

namespace kyso::sheet {
namespace {

// 0.d1d2d3… × 10^exponent, with the 15 digits that spreadsheet programs keep.
struct Decimal {
  std::string digits;
  int exponent = 0;
};

Decimal decimal_of(double magnitude) {
  const std::string text = fmt::format("{:.14e}", magnitude);  // d.dddddddddddddde±xx
  Decimal decimal;
  decimal.digits = text[0] + text.substr(2, 14);
  std::from_chars(text.data() + (text[17] == '+' ? 18 : 17), text.data() + text.size(), decimal.exponent);
  ++decimal.exponent;
  while (!decimal.digits.empty() && decimal.digits.back() == '0') decimal.digits.pop_back();
  if (decimal.digits.empty()) decimal.exponent = 0;
  return decimal;
}

// Rounded half away from zero to so many places behind the point.
void round_to(Decimal& decimal, int places) {
  const int keep = decimal.exponent + places;
  if (keep >= static_cast<int>(decimal.digits.size())) return;
  const bool up = keep >= 0 && decimal.digits[static_cast<std::size_t>(keep)] >= '5';
  decimal.digits.resize(static_cast<std::size_t>(std::max(keep, 0)));
  if (!up) return;
  for (std::size_t i = decimal.digits.size(); i-- > 0;) {
    if (decimal.digits[i] != '9') {
      ++decimal.digits[i];
      return;
    }
    decimal.digits.pop_back();
  }
  decimal.digits = "1";
  ++decimal.exponent;
}

struct Split {
  std::string whole, fraction;  // no leading zeros, no trailing zeros
};
Split split(const Decimal& decimal) {
  if (decimal.digits.empty()) return {};
  const auto point = static_cast<std::size_t>(std::max(decimal.exponent, 0));
  if (decimal.exponent <= 0)
    return {"", std::string(static_cast<std::size_t>(-decimal.exponent), '0') + decimal.digits};
  std::string whole = decimal.digits.substr(0, point);
  whole.resize(point, '0');
  std::string fraction = decimal.digits.size() > point ? decimal.digits.substr(point) : std::string();
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return {whole, fraction};
}

using Token = NumberFormat::Token;
using Tokens = std::vector<Token>;

// The digits of the whole part are dealt from the right; the leftmost place takes all that remain.
std::string lay_whole(const Tokens& tokens, std::size_t end, std::string digits) {
  std::size_t places = 0;
  for (std::size_t i = 0; i < end; ++i) places += tokens[i].kind == Token::Kind::digit ? 1 : 0;
  std::vector<std::string> pieces;
  for (std::size_t i = end; i-- > 0;) {
    if (tokens[i].kind != Token::Kind::digit) {
      pieces.push_back(tokens[i].text);
      continue;
    }
    if (--places == 0 && !digits.empty()) {
      pieces.push_back(std::exchange(digits, {}));
    } else if (!digits.empty()) {
      pieces.emplace_back(1, digits.back());
      digits.pop_back();
    } else if (tokens[i].text != "#") {
      pieces.emplace_back(tokens[i].text == "0" ? "0" : " ");
    }
  }
  std::string text;
  for (std::size_t i = pieces.size(); i-- > 0;) text += pieces[i];
  return digits.empty() ? text : text + digits;  // ".00": no place before the point
}

std::string lay_fraction(const Tokens& tokens, std::size_t begin, std::string_view digits) {
  std::string text;
  for (std::size_t i = begin; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::digit) {
      text += tokens[i].text;
    } else if (!digits.empty()) {
      text += digits.front();
      digits.remove_prefix(1);
    } else if (tokens[i].text != "#") {
      text += tokens[i].text == "0" ? '0' : ' ';
    }
  }
  return text;
}

std::string lay_digits(const NumberFormat::Section& section, double magnitude, bool& is_zero) {
  const Tokens& tokens = section.tokens;
  const auto count = [&](Token::Kind kind, auto from) {
    return static_cast<int>(std::count_if(from, tokens.end(), [&](const Token& t) { return t.kind == kind; }));
  };
  const auto point = std::ranges::find(tokens, Token::Kind::point, &Token::kind);
  Decimal decimal = decimal_of(magnitude);
  decimal.exponent += 2 * count(Token::Kind::percent, tokens.begin()) - 3 * section.thousands;
  round_to(decimal, count(Token::Kind::digit, point));
  const Split parts = split(decimal);
  is_zero = parts.whole.empty() && parts.fraction.empty();
  const auto at = static_cast<std::size_t>(point - tokens.begin());
  std::string text = lay_whole(tokens, at, parts.whole);
  if (point == tokens.end()) return text;
  const std::string fraction = lay_fraction(tokens, at + 1, parts.fraction);
  const bool has_digit = !fraction.empty() && fraction.front() >= '0' && fraction.front() <= '9';
  return text + (has_digit ? "." : "") + fraction;
}

bool holds(const NumberFormat::Condition& condition, double value) {
  if (condition.relation == "<") return value < condition.bound;
  if (condition.relation == "<=") return value <= condition.bound;
  if (condition.relation == ">") return value > condition.bound;
  if (condition.relation == ">=") return value >= condition.bound;
  if (condition.relation == "<>") return value != condition.bound;
  return value == condition.bound;
}

}  // namespace

NumberFormat NumberFormat::parse(std::string_view code) {
  NumberFormat format;
  format.m_sections = scan_number_format(code);
  const Section& first = format.m_sections.front();
  // "m" is a month, unless a clock stands there and no other part of a date.
  const bool has_date = first.has_date || (first.has_month && !first.has_clock);
  if (has_date)
    format.m_kind = first.has_clock ? Kind::date_time : Kind::date;
  else if (first.has_clock)
    format.m_kind = Kind::time;
  return format;
}

NumberFormat NumberFormat::built_in(unsigned id) {
  switch (id) {
    case 1:
      return parse("0");
    case 2:
      return parse("0.00");
    case 3:
      return parse("#,##0");
    case 4:
      return parse("#,##0.00");
    case 9:
      return parse("0%");
    case 10:
      return parse("0.00%");
    case 14:
    case 15:
    case 16:
    case 17:
      return parse("dd/mm/yyyy");
    case 18:
    case 19:
    case 20:
    case 21:
      return parse("hh:mm:ss");
    case 22:
      return parse("dd/mm/yyyy hh:mm");
    case 37:
    case 38:
      return parse("#,##0;(#,##0)");
    case 39:
    case 40:
      return parse("#,##0.00;(#,##0.00)");
    case 45:
    case 46:
    case 47:
      return parse("[h]:mm:ss");
    default:
      // Of East Asian editions: dates, except these times.
      if (id == 32 || id == 33 || id == 34 || id == 35 || id == 55 || id == 56) return parse("hh:mm:ss");
      if ((id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return parse("dd/mm/yyyy");
      return parse("General");
  }
}

const NumberFormat::Section* NumberFormat::section_for(double value, bool& shows_sign) const {
  shows_sign = value < 0;
  if (std::ranges::any_of(m_sections, [](const Section& s) { return s.condition.has_value(); })) {
    for (const Section& section : m_sections)
      if (!section.condition || holds(*section.condition, value)) return &section;
    return nullptr;
  }
  if (m_sections.size() < 2 || value > 0) return &m_sections[0];
  if (value < 0) {
    shows_sign = false;
    return &m_sections[1];
  }
  return &m_sections[m_sections.size() > 2 ? 2 : 0];
}

std::string NumberFormat::show(double value) const {
  bool shows_sign = false;
  const Section* section = section_for(value, shows_sign);
  const auto has = [&](Token::Kind kind) {
    return section != nullptr && std::ranges::find(section->tokens, kind, &Token::kind) != section->tokens.end();
  };
  std::string text;
  if (has(Token::Kind::general)) {
    for (const Token& token : section->tokens)
      text += token.kind == Token::Kind::general ? show_general(std::fabs(value)) : token.text;
  } else if (section == nullptr || section->is_general || !has(Token::Kind::digit)) {
    return show_general(value);
  } else {
    bool is_zero = false;
    text = lay_digits(*section, std::fabs(value), is_zero);
    if (is_zero) shows_sign = false;
  }
  return (shows_sign ? "-" : "") + std::string(trim(text));
}

std::string show_general(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  const Decimal decimal = decimal_of(std::fabs(value));
  const std::string sign = value < 0 && !decimal.digits.empty() ? "-" : "";
  if (decimal.exponent > 21 || decimal.exponent < -8) {
    const std::string rest = decimal.digits.substr(1);
    return fmt::format("{}{}{}{}E{:+03}", sign, decimal.digits[0], rest.empty() ? "" : ".", rest, decimal.exponent - 1);
  }
  const Split parts = split(decimal);
  return sign + (parts.whole.empty() ? "0" : parts.whole) + (parts.fraction.empty() ? "" : "." + parts.fraction);
}

}  // namespace kyso::sheet
