#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decree30/letter.h"
#include "pdf/drawing/tagged_pages.h"

// Private to the module: lines of text, and what is put on a page as a whole.
namespace kyso::decree30 {

using pdf::FontStyle;
using Element = pdf::TaggedPages::Element;

struct LetterType {
  FontStyle style = FontStyle::regular;
  double size = 14;
  double leading = 1.2;  // baseline to baseline, of the size
  double line() const { return size * leading; }
  // Of the baseline below the top of its line: ink of Times New Roman in the middle of the line.
  double baseline() const { return size * ((leading - 1.107) / 2 + 0.891); }
};

struct LetterLine {
  std::u32string letters;
  double width = 0;
  std::size_t blanks = 0;      // between its words
  bool ends_text = false;      // the last line, or a line break follows: not stretched
  bool blank_follows = false;  // the next line begins another word
};
// Wraps at blanks and line breaks; a word that is longer than a line is broken behind "@", "/", "-", "_", "," or ";",
// then behind points, and inside only when such a piece is still too long. `first_indent` is what the first line lacks.
std::vector<LetterLine> break_lines(const pdf::Typeface& face, std::string_view text, double size, double width,
                                    double first_indent = 0);
// The width of the widest piece that break_lines would not like to break.
double widest_piece(const pdf::Typeface& face, std::string_view text, double size);

enum class LetterAlign : std::uint8_t { left, centre, right, justified };

// LetterItem: what stays together on a page: a line, a row of a table, a block. x runs from the left margin, y down
// from the item's top.
struct LetterItem {
  struct Text {
    FontStyle style;
    double size;
    std::u32string letters;
    double x, y;  // of the baseline
    double more_blank;
    Element element;
  };
  double height = 0;
  double above = 0;                        // left out at the top of a page
  bool keep_with_next = false;             // on one page with the item that follows
  std::shared_ptr<const LetterItem> head;  // repeated above it at the top of a page
  std::vector<Text> texts;
  std::vector<std::array<double, 4>> strokes;
  double stroke_width = 0.5;

  void add(LetterLine line, const LetterType& type, double x, double width, double top, LetterAlign align,
           Element element);
  // A solid line below a text, centred in the column.
  void add_rule(double centre, double length, double y);
};

}  // namespace kyso::decree30
