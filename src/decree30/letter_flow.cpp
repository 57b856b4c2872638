#include "decree30/letter_flow.h"

#include <algorithm>

namespace kyso::decree30 {
namespace {

constexpr std::size_t kCompany = 2;
constexpr LetterType kPageNumber{FontStyle::regular, 13, 1.2};

}  // namespace

void LetterFlow::new_page() {
  m_pages.add_page(m_lying ? kLongSide : kShortSide, m_lying ? kShortSide : kLongSide);
  m_used = 0;
  m_at_top = true;
}

void LetterFlow::add(LetterItem item) {
  m_held.push_back(std::move(item));
  flush(kCompany);
}

void LetterFlow::add_with_company(LetterItem item) {
  for (std::size_t i = m_held.size() - std::min(kCompany, m_held.size()); i < m_held.size(); ++i) {
    m_held[i].keep_with_next = true;
  }
  m_held.push_back(std::move(item));
  flush(0);
}

void LetterFlow::break_page(bool lying) {
  flush(0);
  m_lying = lying;
  new_page();
}

// Whole groups from the front, as long as so many items stay.
void LetterFlow::flush(std::size_t keep_items) {
  for (;;) {
    std::size_t count = 0;
    while (count < m_held.size() && m_held[count].keep_with_next) ++count;
    count = std::min(count + 1, m_held.size());
    const bool is_open = count > 0 && m_held[count - 1].keep_with_next;
    if (count == 0 || (is_open && keep_items > 0) || m_held.size() - count < keep_items) return;
    place_group(count);
    m_held.erase(m_held.begin(), m_held.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

void LetterFlow::place_group(std::size_t count) {
  double height = 0;
  for (std::size_t i = 0; i < count; ++i) {
    height += m_held[i].height + (i == 0 && m_at_top ? 0 : m_held[i].above);
  }
  const double head = m_held.front().head ? m_held.front().head->height : 0;
  const double on_fresh_page = height - (m_at_top ? 0 : m_held.front().above) + head;
  if (!m_at_top && m_used + height > capacity() && on_fresh_page <= capacity()) new_page();
  for (std::size_t i = 0; i < count; ++i) place(m_held[i]);
}

void LetterFlow::place(const LetterItem& item) {
  if (!m_at_top && m_used + item.above + item.height > capacity() + 0.01) new_page();
  if (m_at_top && item.head) {
    draw(*item.head);
    m_used += item.head->height;
  } else if (!m_at_top) {
    m_used += item.above;
  }
  draw(item);
  m_used += item.height;
  m_at_top = false;
}

void LetterFlow::draw(const LetterItem& item) {
  const double top = kMarginTop + m_used;
  const double page_height = m_lying ? kShortSide : kLongSide;
  for (const LetterItem::Text& text : item.texts) {
    m_pages.belong_to(text.element);
    m_pages.text(text.style, text.size, text.letters, kMarginLeft + text.x, page_height - top - text.y,
                 text.more_blank);
  }
  std::vector<std::array<double, 4>> strokes = item.strokes;
  for (auto& [x0, y0, x1, y1] : strokes) {
    x0 += kMarginLeft;
    x1 += kMarginLeft;
    y0 = page_height - top - y0;
    y1 = page_height - top - y1;
  }
  m_pages.lines(strokes, item.stroke_width);
}

// Appendix I, I.7: Arabic, in the middle of the upper margin, from the second page.
void LetterFlow::finish() {
  flush(0);
  pdf::Typeface& face = m_pages.typeface(kPageNumber.style);
  for (std::size_t i = 1; i < m_pages.count(); ++i) {
    m_pages.use_page(i);
    const std::u32string number = face.drawable(std::to_string(i + 1));
    const auto [width, height] = m_pages.size_of(i);
    m_pages.belong_to(pdf::TaggedPages::kArtifact);
    m_pages.text(kPageNumber.style, kPageNumber.size, number, (width - face.width(number, kPageNumber.size)) / 2,
                 height - kMarginTop / 2 - kPageNumber.size * 0.33);
  }
}

}  // namespace kyso::decree30
