#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pdf/text/page_text.h"

// A page as a person sees it: all coordinates in points from the lower left of the visible page, whatever its rotation,
// crop box and user unit. Every rule about places works here; results go back by to_user().
namespace kyso::decree30 {

// A word; a run of dots that marks a blank ("ngày.....tháng") is a word of its own without text.
struct SheetWord {
  std::string text;
  pdf::Rect box;
  double font_size = 0;
  bool bold = false, italic = false;
  bool is_leader = false;      // dots to be written over
  double descent_share = 0.2;  // of the box's height, below the baseline
};

// Words of one row without a wide gap: a line of a column.
struct Segment {
  std::vector<SheetWord> words;  // left to right
  pdf::Rect box;
  std::string text() const;
  bool bold() const;  // more than half of its letters
  double font_size() const { return words.front().font_size; }
  double centre() const { return (box.x0 + box.x1) / 2; }
};

struct Sheet {
  pdf::Page page;
  double width = 0, height = 0;
  std::vector<std::vector<SheetWord>> rows;  // top to bottom; each left to right
  std::vector<Segment> segments;             // in the order of the rows
  std::vector<pdf::Rect> marks;              // images and paths, but no background of half a page and more
  bool has_unreadable_text = false;

  static Sheet of(pdf::Page page, const pdf::PageText& text);
  bool is_scanned() const { return segments.empty(); }
  pdf::Rect bounds() const { return {0, 0, width, height}; }
  pdf::Rect to_visible(const pdf::Rect& user) const { return page.user_to_visible().apply(user); }
  pdf::Rect to_user(const pdf::Rect& visible) const { return page.visible_to_user().apply(visible); }

  // True when no word and no mark touches the box. Thin marks (rules, frames' lines) count as what they are.
  bool is_free(const pdf::Rect& box, double clearance = 0) const;
  bool covers_text(const pdf::Rect& box) const;
};

// The free box of the given size nearest to `wish` (lower left corner), inside `area`.
std::optional<pdf::Rect> find_free_box(const Sheet& sheet, double width, double height, std::pair<double, double> wish,
                                       const pdf::Rect& area, double clearance = 2);

// Reads pages when they are asked for and keeps the last 64: what it returns is good until that many others were read.
class SheetReader {
 public:
  explicit SheetReader(const pdf::Document& document) : m_document(document) {}
  Result<const Sheet*> sheet(std::size_t page);
  // The text as read, in user space, for find_text().
  Result<const pdf::PageText*> text(std::size_t page);
  std::size_t count() const { return m_document.pages().count(); }

 private:
  struct Entry {
    pdf::PageText text;
    Sheet sheet;
  };
  Result<const Entry*> entry(std::size_t page);
  const pdf::Document& m_document;
  std::map<std::size_t, Entry> m_entries;
  std::deque<std::size_t> m_order;
};

}  // namespace kyso::decree30
