#pragma once
#include <algorithm>
#include <array>

namespace kyso {

// Characters that can't be seen, change the direction of others, or have no agreed meaning: names that look alike must
// be alike. The only blank is U+0020.
constexpr bool is_treacherous(char32_t c) {
  struct Range {
    char32_t first, last;
  };
  static constexpr std::array<Range, 27> kRanges{
      {{0x00, 0x1f},       {0x7f, 0xa0},        {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},
       {0x115f, 0x1160},   {0x1680, 0x1680},    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x2000, 0x200f},
       {0x2028, 0x202f},   {0x205f, 0x206f},    {0x2800, 0x2800},   {0x3000, 0x3000},   {0x3164, 0x3164},
       {0xd800, 0xdfff},   {0xe000, 0xf8ff},    {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
       {0xffa0, 0xffa0},   {0xfff0, 0xffff},    {0x1d173, 0x1d17a}, {0x1bca0, 0x1bca3}, {0xe0000, 0xe0fff},
       {0xf0000, 0xfffff}, {0x100000, 0x10ffff}}};
  return (c & 0xfffeU) == 0xfffeU ||
         std::ranges::any_of(kRanges, [&](const Range& range) { return c >= range.first && c <= range.last; });
}

}  // namespace kyso
