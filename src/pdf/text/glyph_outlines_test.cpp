#include "pdf/text/glyph_outlines.h"

#include <rapidcheck.h>

#include "base/file.h"
#include "base/test_support.h"

namespace kyso::pdf {
namespace {

Bytes shipped(const char* name = "LiberationSerif-Regular.ttf") {
  return must(read_file(std::filesystem::path(KYSO_SOURCE_DIR "/share/fonts") / name));
}
Bytes shape_of(const GlyphOutlines& font, char32_t letter) {
  const std::uint32_t glyph = font.glyph_of(letter);
  REQUIRE(glyph != 0);
  const auto shape = font.shape(glyph);
  REQUIRE(shape.has_value());
  return *shape;
}

TEST_CASE("letters of a font and their shapes") {
  const auto font = GlyphOutlines::open(shipped());
  REQUIRE(font.has_value());
  CHECK(font->count() > 1000);
  CHECK(shape_of(*font, U' ').empty());
  CHECK(shape_of(*font, U'1') != shape_of(*font, U'9'));
  CHECK(!shape_of(*font, U'ậ').empty());
  CHECK(font->glyph_of(0xE000) == 0);
  CHECK(!font->shape(font->count()));
  const auto bold = GlyphOutlines::open(shipped("LiberationSerif-Bold.ttf"));
  CHECK(shape_of(*bold, U'1') != shape_of(*font, U'1'));
}

TEST_CASE("what is no TrueType font has no shapes") {
  CHECK(!GlyphOutlines::open({}));
  CHECK(!GlyphOutlines::open(to_bytes("OTTO and more")));
  CHECK(!GlyphOutlines::open(to_bytes(std::string("\0\1\0\0\0\1\0\0\0\0\0\0", 12))));
}

TEST_CASE("damaged fonts are read without harm") {
  const Bytes whole = shipped();
  CHECK(rc::check([&] {
    Bytes damaged = whole;
    const auto places = *rc::gen::container<std::vector<std::size_t>>(8, rc::gen::inRange<std::size_t>(0, 4000));
    for (const std::size_t at : places) damaged[at] = *rc::gen::arbitrary<std::uint8_t>();
    damaged.resize(*rc::gen::inRange<std::size_t>(0, damaged.size() + 1));
    if (const auto font = GlyphOutlines::open(damaged)) {
      for (std::uint32_t glyph = 0; glyph < 200; ++glyph) (void)font->shape(glyph);
      for (char32_t letter = 0; letter < 500; ++letter) (void)font->glyph_of(letter);
    }
  }));
}

}  // namespace
}  // namespace kyso::pdf
