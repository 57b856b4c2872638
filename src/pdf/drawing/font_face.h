#pragma once
#include "pdf/drawing/appearance.h"
#include "pdf/drawing/harfbuzz.h"

namespace kyso::pdf {

// FontFace: an opened TrueType font. Immutable, thread-safe.
class FontFace {
 public:
  static Result<std::shared_ptr<const FontFace>> open(const std::filesystem::path& path);
  // Opened once per path, kept for the life of the process.
  static Result<std::shared_ptr<const FontFace>> shipped(FontStyle style);
  FontFace(const FontFace&) = delete;
  FontFace& operator=(const FontFace&) = delete;
  ~FontFace();

  // The text as it will be drawn: NFC, white space as blanks, invisible format characters left out; every code point
  // has a glyph. pdf.font.no_glyph {letter} {code_point}.
  Result<std::u32string> drawable(std::string_view utf8) const;
  // Advance in 1/1000 em, rounded as /W states it: readers advance by /W, so layout must count with the same number.
  int width(char32_t letter) const;

  struct Metrics {
    std::string postscript_name;
    double ascent = 0, descent = 0;  // for layout: of lines and of all Vietnamese ink
    double cap_height = 0, italic_angle = 0;
    Rect box;
    int stem_v = 0;
  };
  const Metrics& metrics() const { return m_metrics; }  // 1/1000 em, degrees

  // A font program with the glyphs of these letters only; glyphs[i] is that of letters[i] in it.
  struct Subset {
    Bytes file;
    std::vector<std::uint16_t> glyphs;
  };
  Result<Subset> subset(std::u32string_view letters) const;

 private:
  FontFace() = default;
  Result<> load(const std::filesystem::path& path);
  void read_metrics();
  std::uint32_t glyph(char32_t letter) const;  // 0: none
  Bytes table(hb_tag_t tag) const;

  const HarfBuzz* m_hb = nullptr;
  Bytes m_file;
  hb_face_t* m_face = nullptr;
  hb_font_t* m_font = nullptr;
  double m_scale = 1;  // font units to 1/1000 em
  Metrics m_metrics;
};

}  // namespace kyso::pdf
