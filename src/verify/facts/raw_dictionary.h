#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pdf/syntax/lexer.h"

// A dictionary as its bytes stand in the file: positions, duplicate keys and damage that the object parser drops.
// Private to the module.
namespace kyso::verify {

struct RawEntry {
  std::string key;               // #xx decoded
  std::uint64_t key_offset = 0;  // absolute, as all offsets here
  pdf::Extent value;             // from its first byte to after its last
  pdf::Token::Kind kind{};       // of its first token
  bool is_reference = false;     // "12 0 R"
};

struct RawDictionary {
  pdf::Extent extent;  // "<<" to after ">>"
  std::vector<RawEntry> entries;
  const RawEntry* find(std::string_view key) const;  // the last one, as the parser has it
};

// `offset`: white space, then "<<". Nothing when there is no complete dictionary or it is larger than the limits.
std::optional<RawDictionary> read_raw_dictionary(const pdf::Source& source, std::uint64_t offset,
                                                 const pdf::Limits& limits);
// Where the value of "n g obj" at `offset` begins.
std::optional<std::uint64_t> value_of_object_at(const pdf::Source& source, std::uint64_t offset);

// The elements of an array at `value` as they are written, the first `most` of them, and how many there are.
struct RawNumber {
  std::optional<std::int64_t> integer;  // nothing: something else than an integer that fits
  bool is_reference = false;
};
struct RawNumbers {
  std::vector<RawNumber> first;
  std::size_t count = 0;
};
RawNumbers read_raw_numbers(const pdf::Source& source, pdf::Extent value, std::size_t most);

}  // namespace kyso::verify
