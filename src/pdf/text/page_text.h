#pragma once
#include <string>
#include <vector>

#include "pdf/document/document.h"

// Finding text on a page, so that a signature can stand by the signer's name.
namespace kyso::pdf {

// A run of glyphs that a person reads as one word. Boxes are in default user space of the page (before /Rotate).
struct Word {
  std::string text;      // UTF-8 NFC
  Rect box;              // ascent to descent, advance widths
  double font_size = 0;  // in user space
  bool bold = false, italic = false;
  double descent_share = 0.2;  // of the box's height that lies below the baseline (reader's orientation)
};

struct Line {
  std::vector<Word> words;
  std::string text() const;  // words joined by one blank
  Rect box() const;
};

// Marks other than text: images and painted paths, as boxes. White fills are left out.
struct Mark {
  enum class Kind { image, path };
  Kind kind;
  Rect box;
};

struct PageText {
  std::vector<Line> lines;  // top to bottom as a person sees the page, then left to right
  std::vector<Mark> marks;
  bool has_unreadable_text = false;  // glyphs without a Unicode value were met
};

// Reads a page's content streams, form XObjects and the appearances of annotations. Unreadable parts are skipped, never
// an error; only a missing page or a limit is.
Result<PageText> read_page_text(const Document& document, std::size_t page_index);

struct TextMatch {
  std::size_t page = 0;
  Rect box;
  std::string text;   // as it stands there
  bool exact = true;  // false: only without accents
};

enum class MatchMode { exact_then_folded, exact, folded };
// All places of a text; may span words of one line and consecutive lines are not joined. NFC on both sides, white space
// folded; without accents only when nothing matches exactly (or as `mode` says). In reading order.
std::vector<TextMatch> find_text(const PageText& page, std::size_t page_index, std::string_view text,
                                 MatchMode mode = MatchMode::exact_then_folded);

}  // namespace kyso::pdf
