#pragma once
#include "pdf/drawing/font_face.h"

// A font subset as PDF objects: Type0 with one CIDFontType2, Identity-H. Every letter has a CID of its own, in the
// order of need, so that text can be coded before the subset is known and two letters that share a glyph (Đ and Ð) stay
// apart in ToUnicode; /CIDToGIDMap leads to the glyphs.
namespace kyso::pdf {

// Digits and punctuation of numbers, dates and times: in every subset, so that the next signature's date finds them.
inline constexpr std::u32string_view kAlwaysEmbedded = U" 0123456789-/:;.,+";

struct FontParts {
  std::string base_font;  // "ABCDEF+LiberationSerif"
  Bytes file, cid_to_gid, cid_set;
  std::string to_unicode;
  Array widths;
};
// letters[i] has CID i + 1. The same letters always give the same parts.
Result<FontParts> make_font_parts(const FontFace& face, std::u32string_view letters);

// ObjectSink: where objects go, an update of a file or a new file.
class ObjectSink {
 public:
  virtual ~ObjectSink() = default;
  virtual ObjectId add(Object object) = 0;
  virtual void set(ObjectId id, Object object) = 0;
  virtual ObjectId add_stream(Dictionary dictionary, Bytes plain_data) = 0;
};

// Puts the parts there; `id` becomes the Type0 font. `cid_set`: PDF/A-1 (ISO 19005-1 section 6.3.5) wants it.
void write_font(ObjectSink& sink, ObjectId id, const FontFace& face, const FontParts& parts, bool cid_set);
void write_font(IncrementalWriter& writer, ObjectId id, const FontFace& face, const FontParts& parts, bool cid_set);

// The letters of a font made by write_font, in CID order, when `id` is one and is, part for part, what write_font would
// make of them now. Anything else, damaged objects too: nullopt.
std::optional<std::u32string> recognise_font(const ObjectView& view, ObjectId id, const FontFace& face);

}  // namespace kyso::pdf
