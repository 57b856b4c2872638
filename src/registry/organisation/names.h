#pragma once
#include <string>
#include <string_view>
#include <vector>

// Names of organisations as people write and look for them.
namespace kyso::registry {

// Equal for names that differ in case, composition, runs of blanks, and where the tone of a syllable is written
// ("Hoà Bình" and "Hòa Bình"); accents count.
std::string name_key(std::string_view name);
// The name as it is kept: NFC, one blank between words.
std::string tidy_name(std::string_view name);

// Words for searching: without diacritics, lower case, letters and digits only; each once.
std::vector<std::string> search_words(std::string_view text);

}  // namespace kyso::registry
