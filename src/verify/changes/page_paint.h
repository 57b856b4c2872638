#pragma once
#include <functional>
#include <map>
#include <unordered_map>

#include "verify/changes/field_state.h"
#include "verify/changes/font_truth.h"
#include "verify/changes/likeness.h"
#include "verify/changes/paint_raster.h"

namespace kyso::verify {

// What the pages showed before a revision, and what is painted over it. Pictures of signatures are left out: a seal
// stands over a third of the leader's signature (Decree 30/2020/NĐ-CP, Appendix I).
class PagePaint {
 public:
  PagePaint(Work& work, std::size_t& operators) : m_work(work), m_operators(operators) {}

  struct Judgement {
    Covering covering = Covering::nothing;
    bool is_degenerate = false;  // its box is mapped onto the rectangle in a way that viewers get wrong
  };
  // `before` tells what was there, `after` what the appearance paints. `own`: the widget or annotation itself.
  Judgement judge(const pdf::ObjectView& before, const pdf::ObjectView& after, const pdf::Page& page,
                  const pdf::Object& appearance, const pdf::Rect& rect, std::uint32_t own);
  // An annotation that viewers draw themselves: opaque over its rectangle.
  Covering judge_covered(const pdf::ObjectView& before, const pdf::Page& page, const pdf::Rect& rect,
                         std::uint32_t own);
  // A page's annotations changed: they are read again when they are needed.
  void forget_annotations(std::size_t page);
  void forget_content() { m_pages.clear(); }

  // Signatures' appearances, to know an imitation.
  void remember(Likeness likeness, const std::string& field);
  struct Imitated {
    std::string field;  // whose signature looks the same
    Likeness::Match match = Likeness::Match::none;
  };
  // Not `field` itself.
  std::optional<Imitated> imitated(const Likeness& likeness, const std::string& field);
  Likeness likeness_of(const pdf::ObjectView& view, const pdf::Object& appearance);
  void forget_object(std::uint32_t number) {
    m_hashes.erase(number);
    m_opacity.forget(number);
  }
  bool is_exhausted() const { return m_operators == 0; }

 private:
  struct Item {
    pdf::Rect box;
    bool is_text = true;
    std::uint32_t owner = 0;  // annotation; 0: the page's content
  };
  struct Known {
    std::vector<Item> content, annotations;
    bool has_content = false, has_annotations = false;
  };
  const Known& known(const pdf::ObjectView& view, const pdf::Page& page);
  void read_annotations(const pdf::ObjectView& view, const pdf::Page& page, Known& known);
  bool is_over_anything(const pdf::ObjectView& before, const pdf::Page& page, const pdf::Rect& rect, std::uint32_t own);
  Covering covering(const PaintRaster& raster, const pdf::ObjectView& before, const pdf::Page& page, std::uint32_t own);
  void collect_pictures(const pdf::ObjectView& view, const pdf::Object& form, int depth,
                        std::vector<std::uint64_t>& out);
  std::optional<std::uint64_t> picture_hash(const pdf::ObjectView& view, const pdf::Stream& image);

  Work& m_work;
  OpacityCache m_opacity;
  std::size_t& m_operators;
  std::unordered_map<std::size_t, Known> m_pages;
  std::unordered_map<std::uint64_t, std::string> m_pictures;  // of signatures: the first field that showed it
  std::vector<std::pair<Likeness, std::string>> m_drawings;   // of those that draw or say something
  std::unordered_map<std::uint32_t, std::optional<std::uint64_t>> m_hashes;  // of images by object number
};

// Does the appearance of a text or choice field show exactly its value, and nothing that would read otherwise?
struct FontJudge {
  std::function<bool(std::uint32_t font)> is_known;
  std::function<FontTruth(std::uint32_t font)> truth;
};
enum class Shown : std::uint8_t { no, yes, by_unverified_font };
Shown shows_text(const pdf::ObjectView& view, const WidgetState& widget, const FieldState& field,
                 const FontJudge& fonts, std::size_t& operators);

}  // namespace kyso::verify
