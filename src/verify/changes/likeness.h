#pragma once
#include <bitset>
#include <string>
#include <vector>

#include "pdf/text/painted.h"
#include "verify/changes/seats.h"

namespace kyso::verify {

// What people know a signature's appearance by: its pictures, the strokes that are drawn, what it says.
struct Likeness {
  static constexpr std::size_t kColumns = 96, kRows = 48;
  using Grid = std::bitset<kColumns * kRows>;

  std::vector<std::uint64_t> pictures;  // hashes
  Grid strokes;                         // curves and slanted lines, scaled to the grid; empty when there are few
  std::string text;                     // without blanks and times; empty when it is short
  // How one imitates another.
  enum class Match : std::uint8_t { none, picture, strokes, text };
  Match match(const Likeness& other) const;
  bool is_empty() const { return pictures.empty() && strokes.none() && text.empty(); }
  friend bool operator==(const Likeness&, const Likeness&) = default;
};

// Strokes and text of an appearance; the pictures are the caller's.
Likeness drawn_likeness(const pdf::ObjectView& view, const pdf::Stream& form, Work& work, std::size_t& operators);

}  // namespace kyso::verify
