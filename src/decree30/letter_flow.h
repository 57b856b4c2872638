#pragma once
#include <deque>

#include "decree30/letter_setting.h"

// Private to the module: items over pages.
namespace kyso::decree30 {

// Margins of Appendix I, I.2.b: 20–25 above and below, 30–35 left, 15–20 mm right.
inline constexpr double kMillimetre = 72 / 25.4;
inline constexpr double kShortSide = 210 * kMillimetre, kLongSide = 297 * kMillimetre;
inline constexpr double kMarginTop = 20 * kMillimetre, kMarginBottom = 20 * kMillimetre;
inline constexpr double kMarginLeft = 30 * kMillimetre, kMarginRight = 15 * kMillimetre;

// LetterFlow: puts items on pages from the top down, begins pages, repeats the heads of tables. Holds back the last
// lines, so that a block need not stand alone on a page.
class LetterFlow {
 public:
  explicit LetterFlow(pdf::TaggedPages& pages) : m_pages(pages) { new_page(); }

  double width() const { return (m_lying ? kLongSide : kShortSide) - kMarginLeft - kMarginRight; }
  double capacity() const { return (m_lying ? kShortSide : kLongSide) - kMarginTop - kMarginBottom; }

  void add(LetterItem item);
  // Together with up to two items before it.
  void add_with_company(LetterItem item);
  // Whatever follows begins on a page of its own.
  void break_page(bool lying);
  // Places what is held back and numbers the pages.
  void finish();

 private:
  void new_page();
  void flush(std::size_t keep_items);
  void place_group(std::size_t count);
  void place(const LetterItem& item);
  void draw(const LetterItem& item);

  pdf::TaggedPages& m_pages;
  std::deque<LetterItem> m_held;
  bool m_lying = false;
  bool m_at_top = true;
  double m_used = 0;  // of the page's capacity
};

}  // namespace kyso::decree30
