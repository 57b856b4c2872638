#include "decree30/sheet.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace kyso::decree30 {
namespace {

// A dense page has some 1,500 words. What a hostile page has beyond this is not looked at.
constexpr std::size_t kMostWords = 20'000;
constexpr std::size_t kPagesKept = 64;  // in memory at a time

bool is_dot(char32_t c) {
  return c == U'.' || c == U'…' || c == U'_' || c == U'‥';
}

// Times-like widths in 1/1000 em, good enough to cut a word into pieces.
double rough_width(char32_t c) {
  if (c == U'…') return 1000;
  if (c == U'.' || c == U',' || c == U'/' || c == U':') return 265;
  if (c == U'_') return 500;
  return c < 0x80 && (c >= U'A' && c <= U'Z') ? 690 : 480;
}

// "Số:......./UBND" → "Số:", the dots, "/UBND". A run of three dots and more, or of one "…", is a blank to be filled.
std::vector<SheetWord> split_leaders(const SheetWord& word) {
  const std::u32string text = to_utf32(word.text);
  std::vector<std::pair<std::size_t, std::size_t>> pieces;  // [begin, end)
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    const bool dots = is_dot(text[i]);
    while (end < text.size() && is_dot(text[end]) == dots) ++end;
    pieces.emplace_back(i, end);
    i = end;
  }
  const auto is_leader = [&](const auto& piece) {
    const auto [begin, end] = piece;
    return is_dot(text[begin]) && (end - begin >= 3 || text[begin] == U'…');
  };
  if (std::ranges::none_of(pieces, is_leader)) return {word};

  double total = 0;
  for (const char32_t c : text) total += rough_width(c);
  std::vector<SheetWord> out;
  double before = 0;
  for (const auto& piece : pieces) {
    double own = 0;
    for (std::size_t i = piece.first; i < piece.second; ++i) own += rough_width(text[i]);
    SheetWord part = word;
    part.is_leader = is_leader(piece);
    part.text =
        part.is_leader ? "" : to_utf8(std::u32string_view(text).substr(piece.first, piece.second - piece.first));
    part.box.x0 = word.box.x0 + word.box.width() * before / total;
    part.box.x1 = word.box.x0 + word.box.width() * (before + own) / total;
    before += own;
    out.push_back(std::move(part));
  }
  return out;
}

double middle(const pdf::Rect& box) {
  return (box.y0 + box.y1) / 2;
}

// Rows: words whose middles differ by less than half a line. The pages of letters have few hundred words.
std::vector<std::vector<SheetWord>> rows_of(std::vector<SheetWord> words) {
  std::ranges::sort(words, {}, [](const SheetWord& w) { return std::pair(-middle(w.box), w.box.x0); });
  std::vector<std::vector<SheetWord>> rows;
  double row_middle = 0;
  for (SheetWord& word : words) {
    const double tolerance = 0.3 * std::max(word.box.height(), 4.0);
    if (rows.empty() || row_middle - middle(word.box) > tolerance) {
      rows.emplace_back();
      row_middle = middle(word.box);
    }
    rows.back().push_back(std::move(word));
  }
  for (auto& row : rows) std::ranges::sort(row, {}, [](const SheetWord& w) { return w.box.x0; });
  return rows;
}

pdf::Rect united(const pdf::Rect& a, const pdf::Rect& b) {
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

void cut_into_segments(const std::vector<SheetWord>& row, std::vector<Segment>& out) {
  bool open = false;
  for (const SheetWord& word : row) {
    if (word.is_leader) {
      open = false;
      continue;
    }
    if (open && word.box.x0 - out.back().box.x1 < 1.6 * std::max(word.font_size, 6.0)) {
      out.back().box = united(out.back().box, word.box);
      out.back().words.push_back(word);
    } else {
      out.push_back({{word}, word.box});
    }
    open = true;
  }
}

}  // namespace

std::string Segment::text() const {
  std::string out;
  for (const SheetWord& word : words) out += (out.empty() ? "" : " ") + word.text;
  return out;
}

bool Segment::bold() const {
  std::size_t all = 0, heavy = 0;
  for (const SheetWord& word : words) {
    all += word.text.size();
    if (word.bold) heavy += word.text.size();
  }
  return 2 * heavy > all;
}

Sheet Sheet::of(pdf::Page page, const pdf::PageText& text) {
  Sheet sheet;
  sheet.width = page.visible_width();
  sheet.height = page.visible_height();
  sheet.has_unreadable_text = text.has_unreadable_text;
  const pdf::Matrix to_visible = page.user_to_visible();
  const double scale = page.user_unit;
  std::vector<SheetWord> words;
  for (const pdf::Line& line : text.lines) {
    for (const pdf::Word& word : line.words) {
      if (words.size() >= kMostWords) break;
      const pdf::Rect box = to_visible.apply(word.box);
      // Text outside of the visible page is not there for a person.
      if (!std::isfinite(box.x0 + box.y0 + box.x1 + box.y1) || box.intersection(sheet.bounds()).area() <= 0) continue;
      for (SheetWord& part :
           split_leaders({word.text, box, word.font_size * scale, word.bold, word.italic, false, word.descent_share}))
        words.push_back(std::move(part));
    }
  }
  sheet.rows = rows_of(std::move(words));
  for (const auto& row : sheet.rows) cut_into_segments(row, sheet.segments);
  for (const pdf::Mark& mark : text.marks) {
    if (sheet.marks.size() >= kMostWords) break;
    const pdf::Rect box = to_visible.apply(mark.box).intersection(sheet.bounds());
    const bool is_background = box.width() > 0.7 * sheet.width && box.height() > 0.7 * sheet.height;
    if (box.width() >= 0 && box.height() >= 0 && !is_background) sheet.marks.push_back(box);
  }
  sheet.page = std::move(page);
  return sheet;
}

namespace {

bool touch(const pdf::Rect& a, const pdf::Rect& b) {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

// A line of text has its ink well inside of ascent and descent; a quarter of the height is air.
pdf::Rect ink_box(const pdf::Rect& word) {
  return {word.x0, word.y0 + 0.05 * word.height(), word.x1, word.y1 - 0.12 * word.height()};
}

pdf::Rect grown(const pdf::Rect& box, double by) {
  return {box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by};
}

}  // namespace

bool Sheet::covers_text(const pdf::Rect& box) const {
  return std::ranges::any_of(rows, [&](const auto& row) {
    return std::ranges::any_of(row, [&](const SheetWord& word) { return touch(box, ink_box(word.box)); });
  });
}

bool Sheet::is_free(const pdf::Rect& box, double clearance) const {
  const pdf::Rect wide = grown(box, clearance);
  return !covers_text(wide) && std::ranges::none_of(marks, [&](const pdf::Rect& mark) {
    return touch(wide, grown(mark, 0.1));  // a hairline has no area
  });
}

std::optional<pdf::Rect> find_free_box(const Sheet& sheet, double width, double height, std::pair<double, double> wish,
                                       const pdf::Rect& area, double clearance) {
  if (width > area.width() || height > area.height()) return std::nullopt;
  std::vector<pdf::Rect> obstacles = sheet.marks;
  for (const auto& row : sheet.rows)
    for (const SheetWord& word : row) obstacles.push_back(ink_box(word.box));
  for (pdf::Rect& box : obstacles) box = grown(box, clearance);

  // A best place touches its wish, the area or an obstacle in each direction: only those coordinates need a look.
  std::vector<double> xs{wish.first, area.x0, area.x1 - width}, ys{wish.second, area.y0, area.y1 - height};
  for (const pdf::Rect& box : obstacles) {
    xs.insert(xs.end(), {box.x1, box.x0 - width});
    ys.insert(ys.end(), {box.y1, box.y0 - height});
  }
  const double work = 5e7 / static_cast<double>(obstacles.size() + 1);
  const auto most = static_cast<std::size_t>(std::clamp(std::sqrt(work), 20.0, 400.0));
  const auto tidy = [most](std::vector<double>& values, double low, double high, double wanted) {
    std::erase_if(values, [&](double v) { return v < low - 1e-6 || v > high + 1e-6; });
    std::ranges::sort(values, {}, [&](double v) { return std::abs(v - wanted); });
    // Steps of a point are fine enough, and bound the work on crowded pages.
    const auto same = [](double a, double b) { return std::abs(a - b) < 1; };
    values.erase(std::unique(values.begin(), values.end(), same), values.end());
    if (values.size() > most) values.resize(most);
  };
  tidy(xs, area.x0, area.x1 - width, wish.first);
  tidy(ys, area.y0, area.y1 - height, wish.second);

  std::optional<pdf::Rect> best;
  double best_distance = 0;
  for (const double y : ys) {
    const double dy = y - wish.second;
    if (best && dy * dy >= best_distance) break;
    std::vector<const pdf::Rect*> beside;  // obstacles level with this row
    for (const pdf::Rect& box : obstacles)
      if (box.y0 < y + height - 1e-6 && y + 1e-6 < box.y1) beside.push_back(&box);
    for (const double x : xs) {
      const double dx = x - wish.first;
      if (best && dx * dx + dy * dy >= best_distance) break;
      const auto hits = [&](const pdf::Rect* box) { return box->x0 < x + width - 1e-6 && x + 1e-6 < box->x1; };
      if (std::ranges::any_of(beside, hits)) continue;
      best = pdf::Rect{x, y, x + width, y + height};
      best_distance = dx * dx + dy * dy;
    }
  }
  return best;
}

Result<const SheetReader::Entry*> SheetReader::entry(std::size_t page) {
  if (const auto it = m_entries.find(page); it != m_entries.end()) return &it->second;
  pdf::Page found = KYSO_TRY(m_document.pages().page(page));
  pdf::PageText text = KYSO_TRY(pdf::read_page_text(m_document, page));
  Sheet sheet = Sheet::of(std::move(found), text);
  // A field keeps its place free for whoever it was prepared for.
  for (const pdf::Field& field : m_document.form().fields())
    for (const pdf::Widget& widget : field.widgets)
      if (widget.page == page && widget.rect.area() > 0) sheet.marks.push_back(sheet.to_visible(widget.rect));
  if (m_order.size() == kPagesKept) {
    m_entries.erase(m_order.front());
    m_order.pop_front();
  }
  m_order.push_back(page);
  return &m_entries.emplace(page, Entry{std::move(text), std::move(sheet)}).first->second;
}

Result<const Sheet*> SheetReader::sheet(std::size_t page) {
  return &KYSO_TRY(entry(page))->sheet;
}
Result<const pdf::PageText*> SheetReader::text(std::size_t page) {
  return &KYSO_TRY(entry(page))->text;
}

}  // namespace kyso::decree30
