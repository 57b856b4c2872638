#pragma once
#include <map>
#include <optional>
#include <vector>

#include "base/error_text.h"
#include "base/time.h"
#include "pdf/drawing/appearance.h"

// Private to the module: a PDF of A4 pages, written from the top down.
namespace kyso::verify {

// What a person reads as one style of the report.
struct TextLook {
  pdf::FontStyle style = pdf::FontStyle::regular;
  double size = 10.5;
  pdf::Colour colour{0.106, 0.141, 0.188};
};

// Book: pages that fill up; what does not fit goes to the next one. Letters that the shipped fonts lack are written as
// "[U+4E2D]": a report is never refused because of a name.
class Book {
 public:
  static constexpr double kWidth = 595.276, kHeight = 841.89;
  static constexpr double kLeft = 50, kRight = kWidth - 50, kTop = kHeight - 52, kBottom = 58;

  static Result<Book> create();

  // Lines of `text` in a column.
  struct Block {
    std::vector<std::string> lines;
    TextLook look;
    double spacing = 1.3;
    double line_height() const { return look.size * spacing; }
    double height() const { return static_cast<double>(lines.size()) * line_height(); }
  };
  Result<Block> block(std::string_view text, const TextLook& look, double width, double spacing = 1.3);

  // At the cursor, over as many pages as needed.
  Result<> paragraph(std::string_view text, const TextLook& look, double indent = 0, double spacing = 1.3);
  void space(double height);
  // Makes sure that this much fits on the current page; begins the next one otherwise.
  void need(double height);
  void new_page();

  // Drawing at a place of the current page; y is of the baseline or lower edge.
  double y() const { return m_y; }
  void move_down(double height) { m_y -= height; }
  void draw(const Block& block, double x, double top);
  void text(std::string_view text, const TextLook& look, double x, double y, pdf::Drawing::Align align);
  void fill(const pdf::Rect& box, pdf::Colour colour);
  void rule(double y, pdf::Colour colour);
  pdf::Drawing& page() { return m_pages.back(); }

  struct Information {
    std::string title, foot;
    Language language = Language::vietnamese;
    Instant time{};
  };
  // The file. Page numbers are added here.
  Result<Bytes> finish(const Information& information);

  std::string printable(std::string_view text);

 private:
  explicit Book(pdf::Font font) : m_font(std::move(font)) { new_page(); }
  bool has(char32_t letter);
  void number_pages(const Information& information);

  pdf::Font m_font;
  std::map<char32_t, bool> m_letters;
  std::vector<pdf::Drawing> m_pages;
  double m_y = kTop;
};

}  // namespace kyso::verify
