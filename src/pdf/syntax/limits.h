#pragma once
#include <cstddef>
#include <cstdint>

namespace kyso::pdf {

// What hostile input may cost. Exceeding one is pdf.limit with {limit}. Numbers: ISO 32000-1 Annex C and files seen.
struct Limits {
  std::size_t nesting = 128;  // arrays and dictionaries
  std::size_t xref_sections = 20'000;
  std::size_t objects = 8'388'607;
  std::size_t values = 1'000'000;           // in one indirect object
  std::size_t object_syntax = 64U << 20U;   // bytes of one indirect object without its stream data
  std::size_t decoded_stream = 80U << 20U;  // one stream, decoded
  std::size_t decoded_total = 192U << 20U;  // all streams of one view; or 64 times the file when that is more
  std::size_t filters = 8;                  // in one chain
  std::size_t pages = 1'000'000;
  std::size_t tree_depth = 64;  // page and field trees
  std::size_t fields = 100'000;
};

}  // namespace kyso::pdf
