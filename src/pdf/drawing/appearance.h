#pragma once
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pdf/document/document.h"

// What is drawn: images with transparency, Vietnamese text with embedded subset fonts, form XObjects.
namespace kyso::pdf {

class FontFace;

struct Colour {
  double r = 0, g = 0, b = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

// A picture from a PNG file. Any colour type and bit depth (16 bits are reduced to 8); colour management chunks are
// ignored. A picture of one ink is kept as ink + alpha (about a quarter of the size).
//
// Limits: 36 megapixels (A4 scanned at 600 dpi), 16384 px a side, 64 MB file: pdf.image.too_large {width} {height}.
// They are checked on the header, before anything is decoded: whatever the file claims, decoding takes at most 4 bytes
// a pixel of them. Not a PNG: pdf.image.not_png; damaged or cut off: pdf.image.malformed; nothing but transparent
// pixels: pdf.image.empty.
class Image {
 public:
  static constexpr std::uint64_t kMaxPixels = 36'000'000;
  static constexpr std::uint32_t kMaxSide = 16'384;
  static constexpr std::size_t kMaxFile = 64U << 20U;

  static Result<Image> from_png(ByteView file);
  int width() const { return m_width; }
  int height() const { return m_height; }
  bool is_one_ink() const { return m_one_ink; }
  bool has_transparency() const { return m_has_alpha; }
  Colour ink() const { return m_ink; }  // of the opaque-most pixels (average when not one ink)
  // Fraction of the picture's width/height that the ink leaves empty: left, bottom, right, top. In an opaque picture
  // (nearly) white counts as empty.
  std::array<double, 4> empty_margins() const;
  ByteView rgb() const { return m_rgb; }      // 3 bytes a pixel, top row first; empty when one ink
  ByteView alpha() const { return m_alpha; }  // 1 byte a pixel; empty when opaque

 private:
  void classify(Bytes rgba);
  int m_width = 0, m_height = 0;
  bool m_one_ink = false, m_has_alpha = false;
  Colour m_ink;
  Bytes m_rgb;
  Bytes m_alpha;
};

enum class FontStyle { regular, bold, italic, bold_italic };

// A TrueType font for drawing. The default family is the one shipped in share/fonts (metric-compatible with Times New
// Roman, all 134 accented Vietnamese letters). pdf.font.missing {path}, pdf.font.no_embedding {path} (its licence bits
// forbid embedding a subset), pdf.font.unsupported {path} (no TrueType outlines), pdf.font.library_missing {library}.
class Font {
 public:
  static Result<Font> open(const std::filesystem::path& path);
  static Result<Font> shipped(FontStyle style);
  // Width in 1/1000 em of the text as NFC. A letter without glyph is pdf.font.no_glyph {letter} {code_point}: never a
  // blank or box. So is what plain advances cannot set: a mark that does not compose with its letter, right-to-left
  // text.
  Result<double> width(std::string_view text) const;
  double ascent() const;   // 1/1000 em, at least of the highest Vietnamese capital: no ink of that script is above it
  double descent() const;  // negative
  const std::string& postscript_name() const;
  const FontFace& face() const { return *m_face; }

 private:
  explicit Font(std::shared_ptr<const FontFace> face) : m_face(std::move(face)) {}
  std::shared_ptr<const FontFace> m_face;
};

struct TextRun {
  std::string text;  // UTF-8; drawn as NFC
  FontStyle style = FontStyle::regular;
  double size = 10;
  Colour colour;
};

// Puts shared resources into a revision. What an earlier update left in the appearance of a form field is used again
// when it is what would be written now: an image of the same content, a font subset that has every letter needed.
// (Compared with what would be written, not recognised by a mark: a planted font with exchanged letters is never used.)
//
// Colours and transparency follow what the document declares: DeviceGray and DeviceRGB by default, /CalRGB in PDF/A
// without an RGB output intent (ISO 19005-2 section 6.2.4.3); soft masks except in PDF/A-1 (ISO 19005-1 section 6.4)
// and in PDF/A without any output intent, where the page would need a blending space (ISO 19005-2 section 6.2.10).
class ResourceWriter {
 public:
  ResourceWriter(const Document& document, IncrementalWriter& writer);  // both must outlive it
  ~ResourceWriter();
  // An image XObject, or, where transparency is not allowed and the image is of one ink, a 1-bit stencil to be painted
  // with `ink` as the fill colour.
  struct PlacedImage {
    ObjectId id;
    bool is_stencil = false;
    Colour ink;
  };
  Result<PlacedImage> image(const Image& image);
  // The text (as NFC) as a hexadecimal string for Tj, e.g. "<00120034>". One text is shown by one font; which, font()
  // says. Errors: as Font::width and Font::shipped.
  Result<std::string> encode(FontStyle style, std::string_view text);
  // The font of the last encode() with this style: an earlier update's, or the one that finish() will write.
  ObjectId font(FontStyle style);
  // The colour operator in the document's terms ("0 g", "1 0 0 rg", "/C cs 1 0 0 sc" with /C put into `resources`).
  std::string fill_colour(Colour colour, Dictionary& resources);
  std::string stroke_colour(Colour colour, Dictionary& resources);
  // Writes the fonts that encode() collected. To be called once, after everything is drawn.
  Result<> finish();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

// A drawing in its own space: origin lower left, points, upright as the reader of the page sees it. Turned into a form
// XObject.
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
  // Lines from the top of the box, wrapped at blanks and line breaks and, where a word is too long, inside it; shrinks
  // to `min_size` to fit, else pdf.text.does_not_fit {text}, which write() returns. Never clips.
  void paragraph(std::vector<TextRun> runs, Rect box, Align align, double line_spacing = 1.15, double min_size = 5);
  void frame(Rect box, double line_width, Colour colour);  // stroked rectangle
  void line(double x0, double y0, double x1, double y1, double line_width, Colour colour);
  // Clips what follows until end_clip().
  void begin_clip(Rect box);
  void end_clip();

  // The form XObject. BBox is [0 0 width height]. For a page with /Rotate, /Matrix turns it so that it stands upright
  // for the reader; after /Matrix it fills [0 0 width height] for 0 and 180, [0 0 height width] for 90 and 270. So a
  // widget's /Rect in default user space has width and height exchanged there, and viewers need not stretch anything.
  Result<ObjectId> write(IncrementalWriter& writer, ResourceWriter& resources, int page_rotate) const;
  bool is_empty() const { return m_items.empty(); }

 private:
  struct Item;
  double m_width, m_height;
  std::vector<std::shared_ptr<const Item>> m_items;
};

// Word-wrapping height and lines for layout decisions before drawing; the same rules as Drawing::paragraph. The lines
// are NFC without the blanks at their ends; nothing else is lost. `size` is the font size chosen, `width` that of the
// longest line, both for the shipped font. pdf.text.does_not_fit {text}, pdf.font.no_glyph.
struct TextLayout {
  std::vector<std::string> lines;
  double size = 0, height = 0, width = 0;
};
Result<TextLayout> lay_out(std::string_view text, FontStyle style, double size, double width, double min_size,
                           double max_height, double line_spacing = 1.15);

}  // namespace kyso::pdf
