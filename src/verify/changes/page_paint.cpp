#include "verify/changes/page_paint.h"

#include <algorithm>
#include <cmath>

namespace kyso::verify {
namespace {

constexpr std::size_t kMostAnnotations = 20'000;  // of one page
constexpr double kOddScale = 50;                  // an honest appearance is drawn about as large as it is shown
constexpr std::size_t kMostPictures = 64;
constexpr std::size_t kMostDrawings = 1'000;  // different ones of signatures
constexpr std::uint64_t kLargestPicture = 8U << 20U;

std::uint64_t hash_of(ByteView bytes, std::uint64_t seed) {  // FNV-1a; equality of pictures, not security
  std::uint64_t hash = seed ^ 0xCBF29CE484222325ULL;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001B3ULL;
  return hash;
}

// Words and pictures of an annotation.
class BoxSink : public pdf::PaintSink {
 public:
  void fill(const pdf::PaintPath&, bool, const pdf::PaintStyle&, const pdf::Rect&) override {}
  void stroke(const pdf::PaintPath&, double, const pdf::PaintStyle&, const pdf::Rect&) override {}
  void glyph(const pdf::PaintGlyph&, const pdf::PaintStyle&, const pdf::Rect&) override {}
  void image(const pdf::PaintImage& image, const pdf::PaintStyle&, const pdf::Rect& clip) override {
    const pdf::Rect box = image.placement.apply(pdf::Rect{0, 0, 1, 1}).intersection(clip);
    if (box.area() > 0 && boxes.size() < kMostPictures) boxes.push_back(box);
  }
  void shading(const pdf::PaintStyle&, const pdf::Rect&) override {}
  std::vector<pdf::Rect> boxes;
};

bool is_odd(double scale) {
  return !(scale > 1 / kOddScale && scale < kOddScale);
}

}  // namespace

const PagePaint::Known& PagePaint::known(const pdf::ObjectView& view, const pdf::Page& page) {
  Known& known = m_pages[page.index];
  if (!known.has_content) {
    known.has_content = true;
    if (const auto content = pdf::read_page_content(view, page, m_operators)) {
      for (const pdf::Line& line : content->lines) {
        for (const pdf::Word& word : line.words) known.content.push_back({word.box, true, 0});
      }
      for (const pdf::Mark& mark : content->marks) known.content.push_back({mark.box, false, 0});
    } else {  // too much to be read: everything on it counts as marked
      known.content.push_back({page.crop_box, false, 0});
      m_operators = 0;
    }
    (void)m_work.spend(known.content.size());
  }
  if (!known.has_annotations) {
    known.has_annotations = true;
    known.annotations.clear();
    read_annotations(view, page, known);
  }
  return known;
}

void PagePaint::read_annotations(const pdf::ObjectView& view, const pdf::Page& page, Known& known) {
  const pdf::Object list = resolved(view, page.dictionary, "Annots");
  if (list.as_array() == nullptr) return;
  const std::size_t count = std::min(list.as_array()->size(), kMostAnnotations);
  if (!m_work.spend(count)) return;
  for (std::size_t i = 0; i < count && m_operators > 0; ++i) {
    const pdf::Object value = resolved(view, (*list.as_array())[i]);
    const pdf::Dictionary* annotation = value.as_dictionary();
    if (annotation == nullptr || resolved(view, *annotation, "Subtype").is_name("Popup")) continue;
    pdf::Object type = resolved(view, *annotation, "FT");
    const pdf::Object parent = resolved(view, *annotation, "Parent");
    if (type.is_null() && parent.as_dictionary() != nullptr) type = resolved(view, *parent.as_dictionary(), "FT");
    if (type.is_name("Sig")) continue;
    constexpr std::int64_t kHidden = 2;
    if ((resolved(view, *annotation, "F").as_integer().value_or(0) & kHidden) != 0) continue;
    const auto rect = pdf::rect_of(resolved(view, *annotation, "Rect"));
    const pdf::Object appearance = pdf::normal_appearance(view, *annotation);
    if (!rect || appearance.as_stream() == nullptr) continue;
    const auto placement = pdf::appearance_placement(view, *appearance.as_stream(), *rect);
    if (!placement) continue;
    const auto id = (*list.as_array())[i].as_reference();
    BoxSink sink;
    const auto text = pdf::paint_appearance(view, page, *appearance.as_stream(), *placement, &sink, m_operators);
    if (!text) continue;
    for (const pdf::Line& line : text->lines) {
      for (const pdf::Word& word : line.words) known.annotations.push_back({word.box, true, id ? id->number : 0});
    }
    for (const pdf::Rect& box : sink.boxes) known.annotations.push_back({box, false, id ? id->number : 0});
  }
}

void PagePaint::forget_annotations(std::size_t page) {
  if (const auto found = m_pages.find(page); found != m_pages.end()) found->second.has_annotations = false;
}

Covering PagePaint::covering(const PaintRaster& raster, const pdf::ObjectView& before, const pdf::Page& page,
                             std::uint32_t own) {
  if (raster.is_empty()) return Covering::nothing;
  const Known& items = known(before, page);
  Covering worst = Covering::nothing;
  for (const auto* list : {&items.content, &items.annotations}) {
    if (!m_work.spend(list->size() / 8 + 1)) return Covering::hides;
    for (const Item& item : *list) {
      if (item.owner != 0 && item.owner == own) continue;
      const pdf::Rect common = item.box.intersection(raster.area());
      if (!(common.width() >= 0) || !(common.height() >= 0)) continue;
      worst = std::max(worst, item.is_text ? raster.over_text(item.box) : raster.over_mark(item.box));
      if (worst == Covering::hides) return worst;
    }
  }
  return worst;
}

// Most signatures stand on blank paper: what they paint need not be known then.
bool PagePaint::is_over_anything(const pdf::ObjectView& before, const pdf::Page& page, const pdf::Rect& rect,
                                 std::uint32_t own) {
  const Known& items = known(before, page);
  if (!m_work.spend((items.content.size() + items.annotations.size()) / 8 + 1)) return true;
  const auto is_below = [&](const Item& item) {
    const pdf::Rect common = item.box.intersection(rect);
    return common.width() >= 0 && common.height() >= 0 && (item.owner == 0 || item.owner != own);
  };
  return std::ranges::any_of(items.content, is_below) || std::ranges::any_of(items.annotations, is_below);
}

PagePaint::Judgement PagePaint::judge(const pdf::ObjectView& before, const pdf::ObjectView& after,
                                      const pdf::Page& page, const pdf::Object& appearance, const pdf::Rect& rect,
                                      std::uint32_t own) {
  Judgement out;
  const pdf::Stream* form = appearance.as_stream();
  if (form == nullptr) return out;
  const auto placement = pdf::appearance_placement(after, *form, rect);
  const auto box = pdf::form_box(after, *form);
  if (rect.area() <= 0) return out;
  const pdf::Matrix matrix = pdf::form_matrix(after, *form);
  const bool is_flat = std::fabs(matrix.a * matrix.d - matrix.b * matrix.c) < 1e-9;
  if (!placement || !box || is_flat || is_odd(placement->a) || is_odd(placement->d)) {
    // Nothing, or something else than is drawn: viewers that map it carelessly paint beside the rectangle.
    out.is_degenerate = true;
  }
  if (!placement) return out;
  if (!is_over_anything(before, page, rect, own)) return out;
  PaintRaster raster(after, rect.intersection(page.crop_box), m_opacity, m_work);
  if (!pdf::paint_appearance(after, page, *form, *placement, &raster, m_operators)) {
    raster.cover(rect);
    m_operators = 0;
  }
  out.covering = covering(raster, before, page, own);
  return out;
}

Covering PagePaint::judge_covered(const pdf::ObjectView& before, const pdf::Page& page, const pdf::Rect& rect,
                                  std::uint32_t own) {
  PaintRaster raster(before, rect.intersection(page.crop_box), m_opacity, m_work);
  raster.cover(rect);
  return covering(raster, before, page, own);
}

std::optional<std::uint64_t> PagePaint::picture_hash(const pdf::ObjectView& view, const pdf::Stream& image) {
  if (const auto found = m_hashes.find(image.id.number); found != m_hashes.end()) return found->second;
  std::optional<std::uint64_t> hash;
  pdf::Object mask = resolved(view, *image.dictionary, "SMask");
  if (mask.as_stream() == nullptr) mask = resolved(view, *image.dictionary, "Mask");
  const auto width = resolved(view, *image.dictionary, "Width").as_integer().value_or(0);
  const auto height = resolved(view, *image.dictionary, "Height").as_integer().value_or(0);
  const auto size = [](const pdf::Stream& stream) {
    const auto* extent = std::get_if<pdf::Extent>(&stream.data);
    return extent != nullptr ? extent->length : 0;
  };
  const bool is_picture = mask.as_stream() != nullptr || (width > 8 && height > 8);
  if (is_picture && size(image) <= kLargestPicture) {
    if (const auto bytes = view.raw(image)) {
      hash = hash_of(*bytes, static_cast<std::uint64_t>(width) << 32U | static_cast<std::uint64_t>(height));
      (void)m_work.spend(bytes->size() / 64);
    }
    if (hash && mask.as_stream() != nullptr && size(*mask.as_stream()) <= kLargestPicture) {
      if (const auto bytes = view.raw(*mask.as_stream())) hash = hash_of(*bytes, *hash);
    }
  }
  if (image.id.number != 0) m_hashes.emplace(image.id.number, hash);
  return hash;
}

void PagePaint::collect_pictures(const pdf::ObjectView& view, const pdf::Object& form, int depth,
                                 std::vector<std::uint64_t>& out) {
  const pdf::Stream* stream = form.as_stream();
  if (stream == nullptr || depth > 4 || out.size() >= kMostPictures || !m_work.spend(8)) return;
  const pdf::Object resources = resolved(view, *stream->dictionary, "Resources");
  pdf::Object objects;
  if (resources.as_dictionary() != nullptr) objects = resolved(view, *resources.as_dictionary(), "XObject");
  std::size_t looked = 0;
  if (const pdf::Dictionary* named = objects.as_dictionary()) {
    for (const auto& [name, entry] : *named) {
      if (++looked > kMostPictures) break;
      const pdf::Object object = resolved(view, entry);
      if (object.as_stream() == nullptr) continue;
      if (resolved(view, *object.as_dictionary(), "Subtype").is_name("Image")) {
        if (const auto hash = picture_hash(view, *object.as_stream())) out.push_back(*hash);
      } else {
        collect_pictures(view, object, depth + 1, out);
      }
    }
  }
}

Likeness PagePaint::likeness_of(const pdf::ObjectView& view, const pdf::Object& appearance) {
  if (appearance.as_stream() == nullptr) return {};
  Likeness out = drawn_likeness(view, *appearance.as_stream(), m_work, m_operators);
  collect_pictures(view, appearance, 0, out.pictures);
  return out;
}

void PagePaint::remember(Likeness likeness, const std::string& field) {
  for (const std::uint64_t hash : likeness.pictures) m_pictures.try_emplace(hash, field);
  likeness.pictures.clear();
  if (likeness.is_empty() || m_drawings.size() >= kMostDrawings) return;
  if (!m_work.spend(m_drawings.size() / 4 + 1)) return;
  if (std::ranges::find(m_drawings, likeness, &std::pair<Likeness, std::string>::first) != m_drawings.end()) return;
  m_drawings.emplace_back(std::move(likeness), field);
}

std::optional<PagePaint::Imitated> PagePaint::imitated(const Likeness& likeness, const std::string& field) {
  for (const std::uint64_t hash : likeness.pictures) {
    if (const auto found = m_pictures.find(hash); found != m_pictures.end() && found->second != field) {
      return Imitated{found->second, Likeness::Match::picture};
    }
  }
  std::optional<Imitated> best;
  if (likeness.is_empty() || !m_work.spend(m_drawings.size() + 1)) return best;
  for (const auto& [drawing, owner] : m_drawings) {
    const Likeness::Match match = owner != field ? likeness.match(drawing) : Likeness::Match::none;
    if (match != Likeness::Match::none && (!best || match < best->match)) best = Imitated{owner, match};
  }
  return best;
}

}  // namespace kyso::verify
