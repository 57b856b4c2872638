#include "pdf/syntax/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace kyso::pdf {

namespace {

constexpr std::uint64_t kMaxKeyword = 128;

enum class Class : std::uint8_t { regular, white, delimiter };

constexpr std::array<Class, 256> make_classes() {
  std::array<Class, 256> classes{};
  for (const unsigned char c : {0x00, 0x09, 0x0A, 0x0C, 0x0D, 0x20}) classes[c] = Class::white;
  for (const unsigned char c : {'(', ')', '<', '>', '[', ']', '{', '}', '/', '%'}) classes[c] = Class::delimiter;
  return classes;
}
constexpr std::array<Class, 256> kClasses = make_classes();

bool is_white(int c) {
  return c >= 0 && kClasses[static_cast<std::size_t>(c)] == Class::white;
}
bool is_regular(int c) {
  return c >= 0 && kClasses[static_cast<std::size_t>(c)] == Class::regular;
}
bool is_digit(int c) {
  return c >= '0' && c <= '9';
}
bool is_number_start(int c) {
  return is_digit(c) || c == '+' || c == '-' || c == '.';
}

constexpr std::array<std::int8_t, 256> make_hex_values() {
  std::array<std::int8_t, 256> values{};
  for (int c = 0; c < 256; ++c) {
    const bool is_upper = c >= 'A' && c <= 'F', is_lower = c >= 'a' && c <= 'f', is_number = c >= '0' && c <= '9';
    values[static_cast<std::size_t>(c)] = static_cast<std::int8_t>(is_number  ? c - '0'
                                                                   : is_upper ? c - 'A' + 10
                                                                   : is_lower ? c - 'a' + 10
                                                                              : -1);
  }
  return values;
}
constexpr std::array<std::int8_t, 256> kHexValues = make_hex_values();

int hex_value(int c) {
  return c < 0 ? -1 : kHexValues[static_cast<std::size_t>(c)];
}

}  // namespace

int Lexer::at(std::uint64_t position) {
  if (position < m_bytes.size()) return m_bytes[position];
  m_reached_end = true;
  return -1;
}

void Lexer::skip_white_space() {
  for (;; ++m_position) {
    int c = at(m_position);
    if (c == '%') {
      while (c >= 0 && c != '\r' && c != '\n') c = at(++m_position);
    }
    if (!is_white(c)) return;
  }
}

Token Lexer::next() {
  skip_white_space();
  const std::uint64_t start = m_position;
  Token token;
  const int c = at(start);
  if (c < 0) {
    m_position = std::max<std::uint64_t>(start, m_bytes.size());
  } else if (is_number_start(c)) {
    token = number();
  } else if (is_regular(c)) {
    token = keyword();
  } else {
    ++m_position;
    switch (c) {
      case '/':
        token = name();
        break;
      case '(':
        token = literal_string();
        break;
      case '[':
        token.kind = Token::Kind::array_begin;
        break;
      case ']':
        token.kind = Token::Kind::array_end;
        break;
      case '{':
      case '}':
        token.kind = Token::Kind::keyword;
        token.text = static_cast<char>(c);
        break;
      case '<':
        if (at(m_position) == '<') {
          ++m_position;
          token.kind = Token::Kind::dict_begin;
        } else {
          token = hex_string();
        }
        break;
      case '>':
        token.kind = Token::Kind::invalid;
        if (at(m_position) == '>') {
          ++m_position;
          token.kind = Token::Kind::dict_end;
        }
        break;
      default:
        token.kind = Token::Kind::invalid;  // a lone ")"
    }
  }
  token.offset = start;
  token.end = m_position;
  return token;
}

Token Lexer::peek() {
  const std::uint64_t position = m_position;
  Token token = next();
  m_position = position;
  return token;
}

// The value of "123.45" or "1e-5": correctly rounded, so that what is written is read as the same number.
double Lexer::real_value(std::uint64_t begin, std::uint64_t end) const {
  constexpr std::array kPowers = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const std::string_view text = as_chars(m_bytes.subspan(begin, end - begin));
  if (text.size() <= 16 && text.find_first_of("eE") == std::string_view::npos) {  // both numbers are exact doubles
    std::uint64_t digits = 0;
    std::size_t decimals = 0;
    bool is_fraction = false;
    for (const char c : text) {
      if (c == '.') {
        is_fraction = true;
        continue;
      }
      digits = digits * 10 + static_cast<std::uint64_t>(c - '0');
      decimals += is_fraction ? 1 : 0;
    }
    if (digits < (1ULL << 53U) && decimals < kPowers.size()) return static_cast<double>(digits) / kPowers[decimals];
  }
  double value = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && std::isfinite(value) ? value : 0;
}

// ISO 32000-2 section 7.3.3, with the leniency that the declaration describes.
Token Lexer::number() {
  bool is_negative = false, is_real = false;
  int c = at(m_position);
  for (; c == '+' || c == '-'; c = at(++m_position)) is_negative = is_negative || c == '-';
  const std::uint64_t begin = m_position;
  std::uint64_t integer = 0;
  bool fits = true;
  for (; is_digit(c); c = at(++m_position)) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    fits = fits && integer <= (static_cast<std::uint64_t>(INT64_MAX) - digit) / 10;
    if (fits) integer = integer * 10 + digit;
  }
  if (c == '.') {
    is_real = true;
    for (c = at(++m_position); is_digit(c);) c = at(++m_position);
  }
  if (c == 'e' || c == 'E') {
    const int sign = at(m_position + 1);
    const std::uint64_t exponent = m_position + (sign == '+' || sign == '-' ? 2 : 1);
    if (is_digit(at(exponent))) {
      m_position = exponent;
      for (c = at(m_position); is_digit(c);) c = at(++m_position);
      is_real = true;
    }
  }
  const std::uint64_t end = m_position;
  while (is_number_start(c)) c = at(++m_position);  // "1.2.3", "5-3": the first number counts
  Token token;
  if (is_real || !fits) {
    token.kind = Token::Kind::real;
    token.real = real_value(begin, end);
    if (is_negative) token.real = -token.real;
  } else {
    token.kind = Token::Kind::integer;
    token.integer = is_negative ? -static_cast<std::int64_t>(integer) : static_cast<std::int64_t>(integer);
    token.real = static_cast<double>(token.integer);
  }
  return token;
}

// ISO 32000-2 section 7.3.5. m_position is after the "/".
Token Lexer::name() {
  Token token;
  token.kind = Token::Kind::name;
  for (int c = at(m_position); is_regular(c); c = at(++m_position)) {
    if (c == '#') {
      const int high = hex_value(at(m_position + 1));
      const int low = high < 0 ? -1 : hex_value(at(m_position + 2));
      if (low >= 0) {
        c = high * 16 + low;
        m_position += 2;
      }
    }
    token.text += static_cast<char>(c);
  }
  return token;
}

Token Lexer::keyword() {
  Token token;
  const std::uint64_t start = m_position;
  while (is_regular(at(m_position))) ++m_position;
  const std::uint64_t length = m_position - start;
  token.kind = length <= kMaxKeyword ? Token::Kind::keyword : Token::Kind::invalid;
  if (length <= kMaxKeyword) token.text = as_chars(m_bytes.subspan(start, length));
  return token;
}

// ISO 32000-2 section 7.3.4.2: a reverse solidus and what it stands for. m_position is after it.
void Lexer::escape(std::string& out) {
  const int c = at(m_position);
  if (c < 0) return;
  ++m_position;
  switch (c) {
    case 'n':
      out += '\n';
      return;
    case 'r':
      out += '\r';
      return;
    case 't':
      out += '\t';
      return;
    case 'b':
      out += '\b';
      return;
    case 'f':
      out += '\f';
      return;
    case '\n':
      return;
    case '\r':
      if (at(m_position) == '\n') ++m_position;
      return;
    default:
      break;
  }
  if (c < '0' || c > '7') {
    out += static_cast<char>(c);
    return;
  }
  int value = c - '0';
  for (int digits = 1; digits < 3; ++digits, ++m_position) {
    const int digit = at(m_position);
    if (digit < '0' || digit > '7') break;
    value = value * 8 + (digit - '0');
  }
  out += static_cast<char>(value & 0xFF);
}

// m_position is after the "(".
Token Lexer::literal_string() {
  Token token;
  token.kind = Token::Kind::string;
  std::uint64_t depth = 1;
  for (;;) {
    const int c = at(m_position);
    if (c < 0) {
      token.kind = Token::Kind::invalid;
      token.text.clear();
      return token;
    }
    ++m_position;
    if (c == '\\') {
      escape(token.text);
      continue;
    }
    if (c == ')' && --depth == 0) return token;
    if (c == '(') ++depth;
    if (c == '\r') {  // every end of line is read as one line feed
      if (at(m_position) == '\n') ++m_position;
      token.text += '\n';
    } else {
      token.text += static_cast<char>(c);
    }
  }
}

// ISO 32000-2 section 7.3.4.3. m_position is after the "<". Signatures make these long, hence the table.
Token Lexer::hex_string() {
  Token token;
  const ByteView rest = m_bytes.subspan(std::min<std::uint64_t>(m_position, m_bytes.size()));
  const auto close = std::ranges::find(rest, std::uint8_t{'>'});
  if (close == rest.end()) {
    m_reached_end = true;
    m_position = std::max<std::uint64_t>(m_position, m_bytes.size());
    token.kind = Token::Kind::invalid;
    return token;
  }
  const ByteView digits = rest.first(static_cast<std::size_t>(close - rest.begin()));
  token.kind = Token::Kind::hex_string;
  token.text.reserve(digits.size() / 2 + 1);
  int high = -1;
  for (const std::uint8_t c : digits) {
    const int value = kHexValues[c];
    if (value < 0) continue;
    if (high < 0) {
      high = value;
    } else {
      token.text += static_cast<char>(high * 16 + value);
      high = -1;
    }
  }
  m_position += digits.size() + 1;
  if (high >= 0) token.text += static_cast<char>(high * 16);
  return token;
}

std::optional<ObjectId> Lexer::try_reference(std::int64_t number) {
  if (number < 0 || number > UINT32_MAX) return std::nullopt;
  const std::uint64_t start = m_position;
  const auto give_up = [&]() -> std::optional<ObjectId> {
    m_position = start;
    return std::nullopt;
  };
  skip_white_space();
  std::uint32_t generation = 0;
  const std::uint64_t digits = m_position;
  int c = at(m_position);
  for (; is_digit(c) && m_position - digits < 5; c = at(++m_position)) {
    generation = generation * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (m_position == digits || generation > UINT16_MAX || is_regular(c)) return give_up();
  skip_white_space();
  if (at(m_position) != 'R' || is_regular(at(m_position + 1))) return give_up();
  ++m_position;
  return ObjectId{static_cast<std::uint32_t>(number), static_cast<std::uint16_t>(generation)};
}

}  // namespace kyso::pdf
