#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace kyso {

struct TomlFlaw {
  int line = 0;
  std::string problem;  // what stands there
};

// The first place where the text leaves the grammar of TOML 1.0; nullopt when it follows it to the end. Stands before
// toml++, which upholds its own assumptions (assertions that Release compiles to undefined behaviour) only for tokens
// of good form, and before its recursions and its lists that are searched from end to end. Linear in the text.
//
// Stricter than TOML: keys are bare, nothing but strings and comments holds non-ASCII characters, at most 32 levels of
// arrays and inline tables, 33 parts of a key, 4096 dots between parts, 16384 table headers, 64 characters of a
// number or date. Meaning (a key given twice, February 30, numbers out of range) is left to the parser.
std::optional<TomlFlaw> find_toml_flaw(std::string_view text);

}  // namespace kyso
