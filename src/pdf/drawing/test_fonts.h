#pragma once
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"

namespace kyso::pdf::test {

// The program under test does not stand beside its data.
inline const bool kShareFolderIsSet = setenv("KYSO_SHARE", KYSO_SOURCE_DIR "/share", 1) == 0;

// The 134 accented Vietnamese letters, composed from their parts.
inline std::vector<std::string> vietnamese_letters() {
  std::vector<std::string> letters;
  for (const std::string_view vowel : {"a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"}) {
    for (const std::string_view tone : {"\u0300", "\u0309", "\u0303", "\u0301", "\u0323"}) {
      const std::string letter = to_nfc(std::string(vowel) + std::string(tone));
      letters.push_back(letter);
      letters.push_back(to_upper(letter));
    }
  }
  for (const std::string_view letter : {"ă", "â", "ê", "ô", "ơ", "ư", "đ"}) {
    letters.emplace_back(letter);
    letters.push_back(to_upper(letter));
  }
  return letters;
}

}  // namespace kyso::pdf::test
