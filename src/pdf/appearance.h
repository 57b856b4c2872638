#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pdf/document.h"

// What is drawn: images with transparency, Vietnamese text with embedded subset fonts, form XObjects.
namespace kyso::pdf {

struct Colour {
  double r = 0, g = 0, b = 0;
};

// A picture from a PNG file. Limits: 64 megapixels, 16384 px a side, 64 MB file: pdf.image.too_large {width} {height};
// pdf.image.malformed; a bomb never costs more memory than the limit. Any colour type and bit depth; colour management
// chunks are ignored. A picture of one ink is kept as ink + alpha (facts: about a quarter of the size).
class Image {
 public:
  static Result<Image> from_png(ByteView file);
  int width() const { return m_width; }
  int height() const { return m_height; }
  bool is_one_ink() const { return m_one_ink; }
  bool has_transparency() const { return m_has_alpha; }
  Colour ink() const { return m_ink; }      // of the opaque-most pixels (average when not one ink)
  // Fraction of the picture's width/height that the ink leaves empty: left, bottom, right, top.
  std::array<double, 4> empty_margins() const;

 private:
  friend class ResourceWriter;
  int m_width = 0, m_height = 0;
  bool m_one_ink = false, m_has_alpha = false;
  Colour m_ink;
  Bytes m_rgb;    // 3 bytes a pixel; empty when one ink
  Bytes m_alpha;  // 1 byte a pixel; empty when opaque
};

enum class FontStyle { regular, bold, italic, bold_italic };

// A TrueType font for drawing. The default family is the one shipped in share/fonts (metric-compatible with Times New
// Roman, all 134 accented Vietnamese letters). pdf.font.missing {path}, pdf.font.no_embedding.
class Font {
 public:
  static Result<Font> open(const std::filesystem::path& path);
  static Result<Font> shipped(FontStyle style);
  // Width in 1/1000 em of NFC text. A letter without glyph is pdf.font.no_glyph {letter} {code_point}: never a blank or box.
  Result<double> width(std::string_view text) const;
  double ascent() const;   // 1/1000 em
  double descent() const;  // negative
  const std::string& postscript_name() const;

 private:
  friend class ResourceWriter;
  struct State;
  std::shared_ptr<State> m_state;
};

struct TextRun {
  std::string text;  // UTF-8; drawn as NFC
  FontStyle style = FontStyle::regular;
  double size = 10;
  Colour colour;
};

// Puts shared resources into a revision: an image or a font subset that the document already has from an earlier Kyso
// update is used again (images by content, fonts when the subset has every glyph needed).
class ResourceWriter {
 public:
  ResourceWriter(const Document& document, IncrementalWriter& writer);
  ~ResourceWriter();
  // An image XObject; PDF/A-1: a 1-bit stencil, painted with the ink's colour by `paint_prefix`.
  struct PlacedImage {
    ObjectId id;
    bool is_stencil = false;
    Colour ink;
  };
  Result<PlacedImage> image(const Image& image);
  // Fonts are collected with what they must show, then written once by finish().
  Result<std::string> encode(FontStyle style, std::string_view text);  // hex string for Tj, e.g. "<00120034>"
  ObjectId font(FontStyle style);
  // The colour operator in the document's terms ("0 g", "1 0 0 rg", or through /CalRGB when PDF/A has no RGB intent).
  std::string fill_colour(Colour colour, Dictionary& resources);
  Result<> finish();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

// A drawing in its own space: origin lower left, points. Turned into a form XObject.
class Drawing {
 public:
  Drawing(double width, double height) : m_width(width), m_height(height) {}
  double width() const { return m_width; }
  double height() const { return m_height; }

  enum class Align { left, centre, right };
  // Fits the image into the box, keeping its shape, centred.
  void image(const Image& image, Rect box);
  // One line with its baseline at y; align says where x is in it.
  void text(TextRun run, double x, double y, Align align = Align::left);
  // Lines from the top of the box, wrapped at blanks and, where a word is too long, inside it; shrinks to `min_size` to
  // fit, else pdf.text.does_not_fit {text}. Never clips.
  void paragraph(std::vector<TextRun> runs, Rect box, Align align, double line_spacing = 1.15, double min_size = 5);
  void frame(Rect box, double line_width, Colour colour);  // stroked rectangle
  void line(double x0, double y0, double x1, double y1, double line_width, Colour colour);
  // Clips what follows until end_clip().
  void begin_clip(Rect box);
  void end_clip();

  // The form XObject: BBox [0 0 w h] and, for pages with /Rotate, a Matrix so that it stands upright for the reader.
  Result<ObjectId> write(IncrementalWriter& writer, ResourceWriter& resources, int page_rotate) const;
  bool is_empty() const { return m_items.empty(); }

 private:
  struct Item;
  double m_width, m_height;
  std::vector<std::shared_ptr<const Item>> m_items;
};

// Word-wrapping height and lines for layout decisions before drawing.
struct TextLayout {
  std::vector<std::string> lines;
  double size = 0, height = 0, width = 0;
};
Result<TextLayout> lay_out(std::string_view text, FontStyle style, double size, double width, double min_size, double max_height,
                           double line_spacing = 1.15);

}  // namespace kyso::pdf
