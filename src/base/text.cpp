#include "base/text.h"

#include <utf8proc.h>

#include <algorithm>

namespace kyso {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0U) == 0x80U;
}

// One code point from the front of `text`, which shrinks. An ill-formed sequence takes its longest well-formed
// beginning (Unicode 15 section 3.9, "maximal subpart"), and nothing is returned.
struct Decoded {
  char32_t code_point;
  bool well_formed;
};

// Table 3-7 of the Unicode standard: what may follow a lead byte.
struct Lead {
  int length;  // 0: not a lead byte
  unsigned char second_low = 0x80, second_high = 0xBF;
};
Lead classify(unsigned char byte) {
  if (byte < 0x80) return {1};
  if (byte < 0xC2) return {0};
  if (byte < 0xE0) return {2};
  if (byte < 0xF0)
    return {3, static_cast<unsigned char>(byte == 0xE0 ? 0xA0 : 0x80),
            byte == 0xED ? std::uint8_t{0x9F} : std::uint8_t{0xBF}};
  if (byte < 0xF5)
    return {4, static_cast<unsigned char>(byte == 0xF0 ? 0x90 : 0x80),
            byte == 0xF4 ? std::uint8_t{0x8F} : std::uint8_t{0xBF}};
  return {0};
}

Decoded take_code_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const Lead lead = classify(first);
  if (lead.length <= 1) {
    text.remove_prefix(1);
    return lead.length == 1 ? Decoded{first, true} : Decoded{kReplacement, false};
  }
  char32_t value = first & (0xFFU >> (lead.length + 1));
  for (int i = 1; i < lead.length; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const unsigned char byte = index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
    const bool fits = i == 1 ? byte >= lead.second_low && byte <= lead.second_high : is_continuation(byte);
    if (!fits) {
      text.remove_prefix(index);
      return {kReplacement, false};
    }
    value = value << 6U | (byte & 0x3FU);
  }
  text.remove_prefix(static_cast<std::size_t>(lead.length));
  return {value, true};
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  if (c == 0x85) return true;
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

using CodePoints = std::vector<utf8proc_int32_t>;

// A stable sort of code points by a one-byte key: key, position and code point fit in 8 + 32 + 21 bits.
void stable_sort_by(CodePoints::iterator first, CodePoints::iterator last, auto key_of) {
  std::vector<std::uint64_t> keys;
  keys.reserve(static_cast<std::size_t>(last - first));
  for (auto c = first; c != last; ++c) {
    const auto key = static_cast<std::uint64_t>(key_of(*c));
    keys.push_back(key << 56U | static_cast<std::uint64_t>(keys.size() & 0xFFFFFFFFU) << 21U |
                   static_cast<std::uint64_t>(*c));
  }
  std::ranges::sort(keys);
  for (const std::uint64_t key : keys) *first++ = static_cast<utf8proc_int32_t>(key & 0x1FFFFFU);
}

// Canonical decomposition. utf8proc_decompose() puts marks in order by exchanging neighbours, which is quadratic for a
// hostile run of marks: sort each run instead (Unicode section 3.11, D109).
void sort_marks(CodePoints& text) {
  const auto combining_class = [](utf8proc_int32_t c) { return utf8proc_get_property(c)->combining_class; };
  auto run = text.begin();
  while (run != text.end()) {
    run = std::find_if(run, text.end(), [&](auto c) { return combining_class(c) != 0; });
    const auto end = std::find_if(run, text.end(), [&](auto c) { return combining_class(c) == 0; });
    if (end - run > 1) stable_sort_by(run, end, combining_class);
    run = end;
  }
}

CodePoints decompose(std::u32string_view text) {
  CodePoints result;
  result.reserve(text.size() * 2);
  for (const char32_t c : text) {
    utf8proc_int32_t parts[32];
    int last_class = 0;
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts, std::size(parts),
                                               UTF8PROC_DECOMPOSE, &last_class);
    if (count <= 0 || count > static_cast<utf8proc_ssize_t>(std::size(parts))) {
      result.push_back(static_cast<utf8proc_int32_t>(kReplacement));
      continue;
    }
    result.insert(result.end(), parts, parts + count);
  }
  sort_marks(result);
  return result;
}

// `text` must be decomposed and in canonical order.
std::string compose(CodePoints text) {
  const auto length = utf8proc_normalize_utf32(text.data(), static_cast<utf8proc_ssize_t>(text.size()),
                                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  text.resize(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(length, 0)));
  std::string result;
  result.reserve(text.size() * 2);
  for (const auto c : text) append_utf8(result, static_cast<char32_t>(c));
  return result;
}

std::u32string one_blank_between_words(std::u32string_view text) {
  std::u32string result;
  result.reserve(text.size());
  bool gap = false;
  for (const char32_t c : text) {
    if (is_space(c)) {
      gap = !result.empty();
      continue;
    }
    if (gap) result += U' ';
    gap = false;
    result += c;
  }
  return result;
}

std::u32string full_case_fold(const CodePoints& text) {
  std::u32string result;
  result.reserve(text.size());
  for (const auto c : text) {
    utf8proc_int32_t parts[32];
    int last_class = 0;
    const auto count = utf8proc_decompose_char(c, parts, std::size(parts), UTF8PROC_CASEFOLD, &last_class);
    for (utf8proc_ssize_t i = 0; i < count && i < static_cast<utf8proc_ssize_t>(std::size(parts)); ++i) {
      result += static_cast<char32_t>(parts[i]);
    }
  }
  return result;
}

bool is_mark(utf8proc_int32_t c) {
  return utf8proc_category(c) == UTF8PROC_CATEGORY_MN;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    if (!take_code_point(text).well_formed) return false;
  }
  return true;
}

std::string to_valid_utf8(std::string_view text) {
  return is_valid_utf8(text) ? std::string(text) : to_utf8(to_utf32(text));
}

std::u32string to_utf32(std::string_view utf8) {
  std::u32string result;
  result.reserve(utf8.size());
  while (!utf8.empty()) result += take_code_point(utf8).code_point;
  return result;
}

std::string to_utf8(std::u32string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char32_t c : text) append_utf8(result, c);
  return result;
}

void append_utf8(std::string& out, char32_t code_point) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) code_point = kReplacement;
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += {static_cast<char>(0xC0U | code_point >> 6U), tail(0)};
  } else if (code_point < 0x10000) {
    out += {static_cast<char>(0xE0U | code_point >> 12U), tail(6), tail(0)};
  } else {
    out += {static_cast<char>(0xF0U | code_point >> 18U), tail(12), tail(6), tail(0)};
  }
}

std::string to_nfc(std::string_view utf8) {
  if (is_ascii(utf8)) return std::string(utf8);
  return compose(decompose(to_utf32(utf8)));
}

std::string to_nfd(std::string_view utf8) {
  if (is_ascii(utf8)) return std::string(utf8);
  std::string result;
  for (const auto c : decompose(to_utf32(utf8))) append_utf8(result, static_cast<char32_t>(c));
  return result;
}

std::string fold_accents(std::string_view utf8) {
  CodePoints letters = decompose(to_utf32(utf8));
  std::erase_if(letters, is_mark);
  std::u32string folded;
  folded.reserve(letters.size());
  for (const auto c : letters) {
    const auto lower = static_cast<char32_t>(utf8proc_tolower(c));
    folded += lower == U'đ' ? U'd' : lower;  // its stroke is part of the letter: no decomposition in Unicode
  }
  return compose(decompose(one_blank_between_words(folded)));
}

std::string fold_case(std::string_view utf8) {
  const std::u32string folded = full_case_fold(decompose(to_utf32(utf8)));
  return compose(decompose(one_blank_between_words(folded)));
}

std::string to_upper(std::string_view utf8) {
  std::u32string text = to_utf32(to_nfc(utf8));
  for (char32_t& c : text) c = static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
  return to_nfc(to_utf8(text));
}

std::string_view trim(std::string_view text) {
  while (!text.empty()) {
    std::string_view rest = text;
    if (!is_space(take_code_point(rest).code_point)) break;
    text = rest;
  }
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && is_continuation(static_cast<unsigned char>(text[start]))) --start;
    std::string_view last = text.substr(start);
    const Decoded decoded = take_code_point(last);
    if (!last.empty() || !is_space(decoded.code_point)) break;
    text = text.substr(0, start);
  }
  return text;
}

Bytes to_utf16be_bom(std::string_view utf8) {
  Bytes result{0xFE, 0xFF};
  result.reserve(2 + utf8.size() * 2);
  const auto unit = [&](std::uint32_t value) {
    result.push_back(static_cast<std::uint8_t>(value >> 8U));
    result.push_back(static_cast<std::uint8_t>(value));
  };
  while (!utf8.empty()) {
    const auto c = static_cast<std::uint32_t>(take_code_point(utf8).code_point);
    if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xD800U + ((c - 0x10000U) >> 10U));
      unit(0xDC00U + ((c - 0x10000U) & 0x3FFU));
    }
  }
  return result;
}

std::string from_utf16be(ByteView bytes) {
  std::string result;
  result.reserve(bytes.size());
  const auto unit = [&](std::size_t i) { return static_cast<char32_t>(bytes[i] << 8U | bytes[i + 1]); };
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    char32_t c = unit(i);
    const bool has_pair = c >= 0xD800 && c < 0xDC00 && i + 3 < bytes.size() && (unit(i + 2) & 0xFC00U) == 0xDC00U;
    if (has_pair) {
      c = 0x10000 + ((c - 0xD800) << 10U) + (unit(i + 2) - 0xDC00);
      i += 2;
    }
    append_utf8(result, c);  // a lone surrogate becomes U+FFFD there
  }
  if (i < bytes.size()) append_utf8(result, kReplacement);
  return result;
}

}  // namespace kyso
