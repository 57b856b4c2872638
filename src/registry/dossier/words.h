#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

// Words for search: without diacritics, in lower case, letters and digits.
namespace kyso::registry {

inline constexpr std::size_t kMaxWord = 40;

// Each once, sorted.
inline std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) words.push_back(word.substr(0, kMaxWord));
    word.clear();
  };
  for (const char c : fold_accents(text)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_part = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte >= 0x80;
    if (is_part) {
      word += c;
    } else {
      end();
    }
  }
  end();
  std::ranges::sort(words);
  const auto doubled = std::ranges::unique(words);
  words.erase(doubled.begin(), doubled.end());
  return words;
}

// The first text behind all that begin with `prefix`. UTF-8 never holds the byte FF, and no word ends with U+10FFFF.
inline std::string behind(std::string_view prefix) {
  return std::string(prefix) + "\xf4\x8f\xbf\xbf";
}

}  // namespace kyso::registry
