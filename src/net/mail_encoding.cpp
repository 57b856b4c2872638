#include "net/mail_encoding.h"

#include <algorithm>

#include "base/text.h"

namespace kyso::net {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";
constexpr std::size_t kMaxLine = 76;
// "=?UTF-8?B?" and "?="; a word has at most 75 characters (RFC 2047 section 2).
constexpr std::size_t kWordFrame = 12, kMaxWord = 75;
constexpr std::size_t kMaxQuoted = 60, kMaxSection = 54;

// The longest beginning of at most `limit` bytes that ends with a whole character; one character at least.
std::size_t whole_characters(std::string_view utf8, std::size_t limit) {
  if (utf8.size() <= limit) return utf8.size();
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(utf8[at]) & 0xC0U) == 0x80; };
  std::size_t size = limit;
  while (size > 0 && continues(size)) --size;
  if (size != 0) return size;
  size = 1;
  while (size < utf8.size() && continues(size)) ++size;
  return size;
}

void append_hex(std::string& out, char mark, char byte) {
  const auto value = static_cast<unsigned char>(byte);
  out += mark;
  out += kHex[value >> 4U];
  out += kHex[value & 0x0FU];
}

// One line of text without its end.
void quote_line(std::string& out, std::string_view line) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool is_last = i + 1 == line.size();
    bool is_plain = c >= '!' && c <= '~' && c != '=';
    if ((c == ' ' || c == '\t') && !is_last) is_plain = true;  // blanks at the end are lost on the way
    // Some programs still write ">From " (mbox); a lone dot ends a message of SMTP.
    if (i == 0 && (c == '.' || line.starts_with("From "))) is_plain = false;
    const std::size_t width = is_plain ? 1 : 3;
    if (used + width > kMaxLine - (is_last ? 0 : 1)) {
      out += "=\r\n";
      used = 0;
    }
    if (is_plain) {
      out += c;
    } else {
      append_hex(out, '=', c);
    }
    used += width;
  }
}

// RFC 5987's attr-char: what RFC 2231 lets stand, and no more.
bool is_attribute_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$&+-.^_`|~").find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_attribute_char(c)) {
      out += c;
    } else {
      append_hex(out, '%', c);
    }
  }
  return out;
}

bool is_quotable(std::string_view value) {
  return value.size() <= kMaxQuoted && value.find("=?") == std::string_view::npos &&
         std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

}  // namespace

std::string encoded_words(std::string_view utf8, std::size_t used) {
  std::string out;
  std::size_t line = used;
  do {
    const std::size_t room = std::min(kMaxWord, kMaxLine - std::min(line, kMaxLine - kWordFrame));
    const std::size_t bytes = (room - kWordFrame) / 4 * 3;
    const std::size_t size = whole_characters(utf8, std::max<std::size_t>(bytes, 4));
    out += fmt::format("=?UTF-8?B?{}?=", to_base64(as_bytes(utf8.substr(0, size))));
    utf8.remove_prefix(size);
    if (!utf8.empty()) out += "\r\n ";
    line = 1;
  } while (!utf8.empty());
  return out;
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    quote_line(out, text.substr(0, end));
    out += "\r\n";
    text.remove_prefix(end);
    text.remove_prefix(text.starts_with("\r\n") ? 2 : std::min<std::size_t>(1, text.size()));
  }
  return out;
}

std::string base64_lines(ByteView bytes) {
  constexpr std::size_t kBytesPerLine = kMaxLine / 4 * 3;
  std::string out;
  out.reserve(bytes.size() / 3 * 4 + bytes.size() / kBytesPerLine * 2 + 8);
  while (!bytes.empty()) {
    const std::size_t size = std::min(kBytesPerLine, bytes.size());
    out += to_base64(bytes.first(size));
    out += "\r\n";
    bytes = bytes.subspan(size);
  }
  return out;
}

std::string parameter_lines(std::string_view name, std::string_view value) {
  if (is_quotable(value)) return fmt::format(";\r\n {}=\"{}\"", name, value);
  std::string encoded = percent_encoded(value);
  if (encoded.size() <= kMaxSection) return fmt::format(";\r\n {}*=UTF-8''{}", name, encoded);
  std::string out;
  for (std::size_t section = 0; !encoded.empty(); ++section) {
    std::size_t size = std::min(kMaxSection, encoded.size());
    const std::size_t percent = encoded.rfind('%', size - 1);  // "%E1" stays whole
    if (size < encoded.size() && percent != std::string::npos && percent + 3 > size) size = percent;
    out += fmt::format(";\r\n {}*{}*={}{}", name, section, section == 0 ? "UTF-8''" : "", encoded.substr(0, size));
    encoded.erase(0, size);
  }
  return out;
}

}  // namespace kyso::net
