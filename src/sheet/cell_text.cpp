#include "sheet/cell_text.h"

#include <algorithm>

#include "base/text.h"

namespace kyso::sheet {
namespace {

// Zero-width space, joiners and marks, byte order mark, soft hyphen: pasted from web pages, never seen.
constexpr std::string_view kInvisible[] = {"\u200B", "\u200C", "\u200D", "\u200E",
                                           "\u200F", "\u2060", "\uFEFF", "\u00AD"};

std::string_view trim_all(std::string_view text) {
  for (;;) {
    const std::size_t size = text.size();
    text = trim(text);
    for (const auto mark : kInvisible) {
      if (text.starts_with(mark)) text.remove_prefix(mark.size());
      if (text.ends_with(mark)) text.remove_suffix(mark.size());
    }
    if (text.size() == size) return text;
  }
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
}

std::string unify_controls(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\r') {
      if (i + 1 >= text.size() || text[i + 1] != '\n') result += '\n';
    } else if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7F) {
      result += "\uFFFD";
    } else {
      result += text[i];
    }
  }
  return result;
}

// The value of "_x000D_" at this place, or -1.
int escape_at(std::string_view text, std::size_t at) {
  if (text.size() - at < 7 || text[at] != '_' || text[at + 1] != 'x' || text[at + 6] != '_') return -1;
  int value = 0;
  for (const char c : text.substr(at + 2, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace

std::string clean_text(std::string_view text) {
  if (is_plain(text)) return std::string(trim(text));
  const std::string unified = unify_controls(text);
  return to_nfc(trim_all(unified));
}

std::string decode_escapes(std::string_view text) {
  if (text.find("_x") == std::string_view::npos) return std::string(text);
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const int unit = escape_at(text, at);
    if (unit < 0) {
      result += text[at++];
      continue;
    }
    at += 7;
    auto code_point = static_cast<char32_t>(unit);
    const int low = unit >= 0xD800 && unit < 0xDC00 && at < text.size() ? escape_at(text, at) : -1;
    if (low >= 0xDC00 && low < 0xE000) {
      code_point = 0x10000 + ((code_point - 0xD800) << 10U) + (static_cast<char32_t>(low) - 0xDC00);
      at += 7;
    } else if (unit >= 0xD800 && unit < 0xE000) {
      code_point = U'\uFFFD';
    }
    append_utf8(result, code_point);
  }
  return result;
}

bool is_escape(std::string_view text) {
  return escape_at(text, 0) >= 0;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](unsigned char c) { return (c & 0xC0U) != 0x80U; }));
}

}  // namespace kyso::sheet
