#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "pdf/syntax/doc_encoding.h"
#include "pdf/syntax/object.h"

namespace kyso::pdf {

namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

// ISO 32000-2 section 7.3.3: reals have no exponent.
void serialize_real(double value, std::string& out) {
  if (!std::isfinite(value) || std::abs(value) < 1e-12) value = 0;
  int decimals = std::abs(value) < 0.1 ? 6 : 5;
  for (double size = std::abs(value); size > 0 && size < 0.1; size *= 10) ++decimals;
  std::string digits = fmt::format("{:.{}f}", value, decimals);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  out += digits == "-0" ? "0" : digits;
}

// ISO 32000-2 section 7.3.5: everything but regular printable characters is written as #xx.
void serialize_name(std::string_view name, std::string& out) {
  out += '/';
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        byte > 0x20 && byte < 0x7F && std::string_view("()<>[]{}/%#").find(c) == std::string_view::npos;
    if (is_plain) {
      out += c;
    } else {
      out += '#';
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    }
  }
}

void serialize_string(const String& string, std::string& out) {
  const bool is_text = std::ranges::all_of(
      string.bytes, [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t'; });
  if (string.hexadecimal || !is_text) {
    out += '<';
    for (const char c : string.bytes) {
      out += kHexDigits[static_cast<unsigned char>(c) >> 4];
      out += kHexDigits[static_cast<unsigned char>(c) & 15];
    }
    out += '>';
    return;
  }
  out += '(';
  for (const char c : string.bytes) {
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '(':
      case ')':
      case '\\':
        out += '\\';
        [[fallthrough]];
      default:
        out += c;
    }
  }
  out += ')';
}

void serialize_dictionary(const Dictionary& dictionary, std::string& out) {
  out += "<<";
  for (const auto& [key, value] : dictionary) {
    out += ' ';
    serialize_name(key, out);
    out += ' ';
    serialize(value, out);
  }
  out += " >>";
}

}  // namespace

void serialize(const Object& object, std::string& out) {
  if (const auto boolean = object.as_bool()) {
    out += *boolean ? "true" : "false";
  } else if (const auto integer = object.as_integer()) {
    fmt::format_to(std::back_inserter(out), "{}", *integer);
  } else if (const auto number = object.as_number()) {
    serialize_real(*number, out);
  } else if (const std::string* name = object.as_name()) {
    serialize_name(*name, out);
  } else if (const String* string = object.as_string()) {
    serialize_string(*string, out);
  } else if (const auto reference = object.as_reference()) {
    fmt::format_to(std::back_inserter(out), "{} {} R", reference->number, reference->generation);
  } else if (const Array* array = object.as_array()) {
    out += '[';
    for (const Object& item : *array) {
      if (&item != &array->front()) out += ' ';
      serialize(item, out);
    }
    out += ']';
  } else if (const Dictionary* dictionary = object.as_dictionary()) {
    serialize_dictionary(*dictionary, out);
  } else {
    out += "null";
  }
}

std::string serialize(const Object& object) {
  std::string out;
  serialize(object, out);
  return out;
}

namespace {

// ISO 32000-2 section 7.9.2.2.2: a language may be named between two U+001B; it is not part of the text.
std::string without_language_escapes(std::string_view utf8) {
  if (utf8.find('\x1B') == std::string_view::npos) return std::string(utf8);
  std::string out;
  bool is_inside = false;
  for (const char c : utf8) {
    if (c == '\x1B') {
      is_inside = !is_inside;
    } else if (!is_inside) {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string text_of(const String& string) {
  const std::string_view bytes = string.bytes;
  if (bytes.starts_with("\xFE\xFF")) {
    return to_nfc(without_language_escapes(from_utf16be(as_bytes(bytes.substr(2)))));
  }
  if (bytes.starts_with("\xFF\xFE")) {  // not in the standard, but written by some and read by all
    std::string swapped(bytes.substr(2, (bytes.size() - 2) / 2 * 2));
    for (std::size_t i = 0; i < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
    return to_nfc(without_language_escapes(from_utf16be(as_bytes(swapped))));
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) {
    return to_nfc(to_utf8(to_utf32(without_language_escapes(bytes.substr(3)))));
  }
  std::string text;
  for (const char c : bytes) append_utf8(text, from_doc_encoding(static_cast<std::uint8_t>(c)));
  return to_nfc(text);
}

String text_string(std::string_view utf8) {
  if (std::ranges::all_of(utf8, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    return {std::string(utf8), false};
  }
  const Bytes utf16 = to_utf16be_bom(to_nfc(utf8));
  return {std::string(utf16.begin(), utf16.end()), true};
}

}  // namespace kyso::pdf
