#include <variant>

#include "base/text.h"
#include "pdf/drawing/content.h"
#include "pdf/drawing/text_layout.h"

namespace kyso::pdf {
namespace {

struct ImageItem {
  Image image;
  Rect box;
};
struct TextItem {
  TextRun run;
  double x, y;
  Drawing::Align align;
};
struct ParagraphItem {
  std::vector<TextRun> runs;
  Rect box;
  Drawing::Align align;
  double line_spacing, min_size;
};
struct FrameItem {
  Rect box;
  double line_width;
  Colour colour;
};
struct LineItem {
  double x0, y0, x1, y1, line_width;
  Colour colour;
};
struct ClipItem {
  Rect box;
};
struct EndClipItem {};

using AnyItem = std::variant<ImageItem, TextItem, ParagraphItem, FrameItem, LineItem, ClipItem, EndClipItem>;

// How far left of x a text of this width begins.
double shift(Drawing::Align align, double width) {
  if (align == Drawing::Align::left) return 0;
  return align == Drawing::Align::right ? width : width / 2;
}

// Painter: turns items into operators and collects the resources that they name.
class Painter {
 public:
  explicit Painter(ResourceWriter& resources) : m_writer(resources) {}

  Result<> operator()(const ImageItem& item);
  Result<> operator()(const TextItem& item);
  Result<> operator()(const ParagraphItem& item);
  Result<> operator()(const FrameItem& item);
  Result<> operator()(const LineItem& item);
  Result<> operator()(const ClipItem& item);
  Result<> operator()(const EndClipItem& item);

  Bytes content();
  Dictionary resources() const;

 private:
  void put(std::string_view operators) {
    m_content += operators;
    m_content += '\n';
  }
  void fill(Colour colour);
  Result<> show(const TextRun& style, std::string_view text, double size, double x, double y);
  // "/F0": the name of an object in a resource category; the same object keeps its name.
  static std::string name(std::map<ObjectId, std::string>& names, std::string_view stem, ObjectId id);
  static Dictionary named(const std::map<ObjectId, std::string>& names);

  ResourceWriter& m_writer;
  std::string m_content;
  Dictionary m_resources;
  std::map<ObjectId, std::string> m_fonts, m_images;
  std::optional<Colour> m_fill;  // the current one; a form inherits an unknown one
  int m_clips = 0;
};

std::string Painter::name(std::map<ObjectId, std::string>& names, std::string_view stem, ObjectId id) {
  return '/' + names.try_emplace(id, fmt::format("{}{}", stem, names.size())).first->second;
}

Dictionary Painter::named(const std::map<ObjectId, std::string>& names) {
  Dictionary dictionary;
  for (const auto& [id, text] : names) dictionary.set(text, id);
  return dictionary;
}

void Painter::fill(Colour colour) {
  if (m_fill == colour) return;
  m_fill = colour;
  put(m_writer.fill_colour(colour, m_resources));
}

Result<> Painter::operator()(const ImageItem& item) {
  if (!(item.box.width() > 0 && item.box.height() > 0)) return {};
  const auto placed = KYSO_TRY(m_writer.image(item.image));
  const double scale = std::min(item.box.width() / item.image.width(), item.box.height() / item.image.height());
  const double w = item.image.width() * scale;
  const double h = item.image.height() * scale;
  const double x = item.box.x0 + (item.box.width() - w) / 2;
  const double y = item.box.y0 + (item.box.height() - h) / 2;
  std::string operators = "q ";
  if (placed.is_stencil) operators += m_writer.fill_colour(placed.ink, m_resources) + ' ';
  put(operators + numbers(w, 0, 0, h, x, y) + " cm " + name(m_images, "I", placed.id) + " Do Q");
  return {};
}

Result<> Painter::show(const TextRun& style, std::string_view text, double size, double x, double y) {
  const std::string code = KYSO_TRY(m_writer.encode(style.style, text));
  if (code == "<>") return {};
  fill(style.colour);
  put("BT " + name(m_fonts, "F", m_writer.font(style.style)) + ' ' + number(size) + " Tf " + numbers(x, y) + " Td " +
      code + " Tj ET");
  return {};
}

Result<> Painter::operator()(const TextItem& item) {
  double width = 0;
  if (item.align != Drawing::Align::left) {
    width = KYSO_TRY(KYSO_TRY(Font::shipped(item.run.style)).width(item.run.text)) * item.run.size / 1000;
  }
  return show(item.run, item.run.text, item.run.size, item.x - shift(item.align, width), item.y);
}

Result<> Painter::operator()(const ParagraphItem& item) {
  const LayoutBox box{item.box.width(), item.box.height(), item.line_spacing, item.min_size};
  const LaidText text = KYSO_TRY(lay_out_runs(item.runs, box));
  for (const LaidText::Line& line : text.lines) {
    const double x = item.box.x0 + shift(item.align, item.box.width() - line.width);
    for (const auto& fragment : line.fragments) {
      const TextRun& run = item.runs[fragment.run];
      KYSO_TRY(
          show(run, to_utf8(fragment.letters), run.size * text.scale, x + fragment.x, item.box.y1 - line.baseline));
    }
  }
  return {};
}

Result<> Painter::operator()(const FrameItem& item) {
  // The line's outer edge is the box: half of a line on the edge would be cut off by BBox.
  const double w = std::min({item.line_width, item.box.width(), item.box.height()});
  if (!(w > 0)) return {};
  put("q " + m_writer.stroke_colour(item.colour, m_resources) + ' ' + number(w) + " w " +
      numbers(item.box.x0 + w / 2, item.box.y0 + w / 2, item.box.width() - w, item.box.height() - w) + " re S Q");
  return {};
}

Result<> Painter::operator()(const LineItem& item) {
  put("q " + m_writer.stroke_colour(item.colour, m_resources) + ' ' + number(item.line_width) + " w " +
      numbers(item.x0, item.y0) + " m " + numbers(item.x1, item.y1) + " l S Q");
  return {};
}

Result<> Painter::operator()(const ClipItem& item) {
  put("q " + numbers(item.box.x0, item.box.y0, item.box.width(), item.box.height()) + " re W n");
  ++m_clips;
  return {};
}

Result<> Painter::operator()(const EndClipItem&) {
  if (m_clips == 0) return {};
  --m_clips;
  m_fill.reset();
  put("Q");
  return {};
}

Bytes Painter::content() {
  while (m_clips > 0) (void)(*this)(EndClipItem{});
  return to_bytes(m_content);
}

Dictionary Painter::resources() const {
  Dictionary resources = m_resources;
  if (!m_fonts.empty()) resources.set("Font", named(m_fonts));
  if (!m_images.empty()) resources.set("XObject", named(m_images));
  return resources;
}

// Turns counter-clockwise by what the page is turned clockwise, and back into the positive quadrant.
std::optional<Matrix> upright(int page_rotate, double width, double height) {
  switch (((page_rotate % 360) + 360) % 360) {
    case 90:
      return Matrix{0, 1, -1, 0, height, 0};
    case 180:
      return Matrix{-1, 0, 0, -1, width, height};
    case 270:
      return Matrix{0, -1, 1, 0, 0, width};
    default:
      return std::nullopt;
  }
}

// As a number of a dictionary: no more decimals than needed.
Object real(double value) {
  const double rounded = std::round(value * 1000) / 1000;
  if (rounded == std::round(rounded)) return static_cast<std::int64_t>(rounded);
  return rounded;
}

}  // namespace

struct Drawing::Item {
  AnyItem what;
};

void Drawing::image(const Image& image, Rect box) {
  m_items.push_back(std::make_shared<const Item>(Item{ImageItem{image, box}}));
}

void Drawing::text(TextRun run, double x, double y, Align align) {
  m_items.push_back(std::make_shared<const Item>(Item{TextItem{std::move(run), x, y, align}}));
}

void Drawing::paragraph(std::vector<TextRun> runs, Rect box, Align align, double line_spacing, double min_size) {
  m_items.push_back(
      std::make_shared<const Item>(Item{ParagraphItem{std::move(runs), box, align, line_spacing, min_size}}));
}

void Drawing::frame(Rect box, double line_width, Colour colour) {
  m_items.push_back(std::make_shared<const Item>(Item{FrameItem{box, line_width, colour}}));
}

void Drawing::line(double x0, double y0, double x1, double y1, double line_width, Colour colour) {
  m_items.push_back(std::make_shared<const Item>(Item{LineItem{x0, y0, x1, y1, line_width, colour}}));
}

void Drawing::begin_clip(Rect box) {
  m_items.push_back(std::make_shared<const Item>(Item{ClipItem{box}}));
}

void Drawing::end_clip() {
  m_items.push_back(std::make_shared<const Item>(Item{EndClipItem{}}));
}

Result<ObjectId> Drawing::write(IncrementalWriter& writer, ResourceWriter& resources, int page_rotate) const {
  Painter painter(resources);
  for (const auto& item : m_items) KYSO_TRY(std::visit([&](const auto& what) { return painter(what); }, item->what));
  Dictionary form{{"Type", Name{"XObject"}},
                  {"Subtype", Name{"Form"}},
                  {"BBox", Array{Object(0), Object(0), real(m_width), real(m_height)}}};
  if (const auto m = upright(page_rotate, m_width, m_height)) {
    form.set("Matrix", Array{real(m->a), real(m->b), real(m->c), real(m->d), real(m->e), real(m->f)});
  }
  Bytes content = painter.content();
  form.set("Resources", painter.resources());
  return writer.add_stream(std::move(form), std::move(content));
}

}  // namespace kyso::pdf
