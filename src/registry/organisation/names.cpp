#include "registry/organisation/names.h"

#include <algorithm>

#include "base/text.h"

namespace kyso::registry {
namespace {

// Grave, acute, tilde, hook above, dot below: the five tones of Vietnamese.
bool is_tone(char32_t c) {
  return c == 0x300 || c == 0x301 || c == 0x303 || c == 0x309 || c == 0x323;
}

}  // namespace

std::string name_key(std::string_view name) {
  std::u32string key, tones;
  for (const char32_t c : to_utf32(to_nfd(fold_case(name)))) {
    if (is_tone(c)) {
      tones += c;
      continue;
    }
    if (c == U' ') {
      key += tones;
      tones.clear();
    }
    key += c;
  }
  return to_utf8(key + tones);
}

std::string tidy_name(std::string_view name) {
  std::string out;
  bool has_gap = false;
  for (const char32_t c : to_utf32(to_nfc(trim(name)))) {
    if (c == U' ' || c == U'\t' || c == U'\n' || c == U'\r' || c == 0xA0) {
      has_gap = true;
      continue;
    }
    if (has_gap) out += ' ';
    has_gap = false;
    append_utf8(out, c);
  }
  return out;
}

std::vector<std::string> search_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto take = [&] {
    if (!word.empty() && std::ranges::find(words, word) == words.end()) words.push_back(word);
    word.clear();
  };
  for (const char c : fold_accents(text)) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (is_letter) {
      word += c;
    } else {
      take();
    }
  }
  take();
  return words;
}

}  // namespace kyso::registry
