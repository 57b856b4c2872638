#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pdf/file/object_view.h"

// What the glyphs of embedded TrueType fonts look like, for comparing a font that says which letters it shows with one
// that is known to show them.
namespace kyso::pdf {

class GlyphOutlines {
 public:
  // nullopt: no TrueType font with glyphs.
  static std::optional<GlyphOutlines> open(Bytes program);
  // Contours with everything that glyphs consist of, without hints; equal looks in fonts of one design have equal
  // bytes. Empty for a blank; nullopt when it is broken or too complex.
  std::optional<Bytes> shape(std::uint32_t glyph) const;
  // By the font's Unicode table; 0: none.
  std::uint32_t glyph_of(char32_t letter) const;
  std::uint32_t count() const { return m_count; }

 private:
  struct Table {
    std::size_t offset = 0, length = 0;
  };
  ByteView bytes_of(std::uint32_t glyph) const;
  bool add_shape(std::uint32_t glyph, int depth, std::size_t& left, Bytes& out) const;
  bool add_simple(ByteView data, std::size_t contours, std::size_t& left, Bytes& out) const;
  bool add_composite(ByteView data, int depth, std::size_t& left, Bytes& out) const;

  Bytes m_program;
  Table m_glyf, m_loca, m_cmap;
  bool m_has_long_offsets = false;
  std::uint32_t m_count = 0, m_units = 0;
};

// The texts that a composite font (Type 0, Identity-H, an embedded TrueType program) says its codes stand for, with the
// shapes that they show. nullopt for any other font, and where that can't be told.
using LetterShapes = std::vector<std::pair<std::u32string, Bytes>>;
std::optional<LetterShapes> letter_shapes(const ObjectView& view, const Dictionary& font);
// /BaseFont without the prefix of a subset.
std::string family_of(const ObjectView& view, const Dictionary& font);

}  // namespace kyso::pdf
