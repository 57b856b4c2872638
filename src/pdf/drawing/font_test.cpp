#include <doctest/doctest.h>

#include <fstream>

#include "base/file.h"
#include "base/test_support.h"
#include "pdf/drawing/font_embedding.h"
#include "pdf/drawing/test_fonts.h"

namespace kyso::pdf {
namespace {

constexpr std::array kStyles{FontStyle::regular, FontStyle::bold, FontStyle::italic, FontStyle::bold_italic};

// A copy of the shipped font with other bytes, in a folder that goes with the test.
class AlteredFont {
 public:
  explicit AlteredFont(std::string_view stem) : m_path(m_folder / stem) {
    m_bytes = *read_file(share_folder() / "fonts/LiberationSerif-Regular.ttf");
  }
  // Where the table's directory record stands.
  std::size_t record(std::string_view tag) const { return as_chars(m_bytes).find(tag); }
  std::size_t offset(std::string_view tag) const {
    const std::size_t at = record(tag) + 8;
    return m_bytes[at] << 24U | m_bytes[at + 1] << 16U | m_bytes[at + 2] << 8U | m_bytes[at + 3];
  }
  Bytes& bytes() { return m_bytes; }
  std::string open() {
    std::ofstream(m_path, std::ios::binary) << as_chars(m_bytes);
    return code_of(Font::open(m_path));
  }

 private:
  TestFolder m_folder;
  std::filesystem::path m_path;
  Bytes m_bytes;
};

TEST_CASE("the shipped family has all 134 letters in every style, NFC and NFD alike") {
  const auto letters = test::vietnamese_letters();
  REQUIRE(letters.size() == 134);
  for (const FontStyle style : kStyles) {
    const auto font = Font::shipped(style);
    REQUIRE(font);
    CHECK(font->postscript_name().starts_with("LiberationSerif"));
    CHECK(font->ascent() > 880);
    CHECK(font->descent() < -200);
    for (const auto& letter : letters) {
      CAPTURE(letter);
      const auto composed = font->width(letter), parts = font->width(to_nfd(letter));
      REQUIRE(composed);
      REQUIRE(parts);
      CHECK(*composed == *parts);
      CHECK(*composed > 200);
      // The accent does not change the advance of the letter below it.
      const auto base = font->width(to_nfd(letter).substr(0, 1));
      if (letter != "đ" && letter != "Đ") CHECK(std::abs(*composed - *base) <= 150);
    }
  }
}

TEST_CASE("widths are those of Times New Roman") {
  const auto font = Font::shipped(FontStyle::regular);
  REQUIRE(font);
  CHECK(*font->width("0") == 500);
  CHECK(*font->width(" ") == 250);
  CHECK(*font->width("m") == 778);
  CHECK(*font->width("06/09/2026") == 8 * 500 + 2 * 278);
}

TEST_CASE("what cannot be shown rightly is refused and named") {
  const auto font = Font::shipped(FontStyle::regular);
  REQUIRE(font);
  const auto refused = [&](std::string_view text) {
    const auto width = font->width(text);
    REQUIRE_FALSE(width);
    CHECK(width.error().code == "pdf.font.no_glyph");
    return parameter(width.error(), "letter") + "=" + parameter(width.error(), "code_point");
  };
  CHECK(refused("Họ tên 漢") == "漢=U+6F22");
  CHECK(refused("x\u0323") == "x\u0323=U+0323");  // composes with nothing
  CHECK(refused("שלום") == "ש=U+05E9");           // the font has it, but it runs the other way
  CHECK(refused("a\u202Eb") == "\u202E=U+202E");  // would turn what follows around
  CHECK(refused(std::string_view("\x01", 1)) == "=U+0001");
  CHECK(refused("\U0001F600") == "\U0001F600=U+1F600");
  CHECK(refused("\xff") == "\uFFFD=U+FFFD");
}

TEST_CASE("white space is a blank and invisible format characters are nothing") {
  const auto face = FontFace::shipped(FontStyle::regular);
  REQUIRE(face);
  CHECK(*(*face)->drawable("a\tb\u200Bc\uFEFF\r") == U"a bc ");
}

TEST_CASE("fonts that may not or cannot be embedded are refused") {
  const auto missing = Font::open("/nonexistent/font.ttf");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == "pdf.font.missing");
  AlteredFont font("altered.ttf");
  CHECK(font.open() == "ok");
  const std::size_t fs_type = font.offset("OS/2") + 9;
  for (const auto& [bits, code] :
       std::vector<std::pair<int, std::string>>{{2, "pdf.font.no_embedding"}, {4, "ok"}, {8, "ok"}, {6, "ok"}}) {
    font.bytes()[fs_type] = static_cast<std::uint8_t>(bits);
    CHECK(font.open() == code);
  }
  font.bytes()[fs_type] = 0;
  font.bytes()[fs_type - 1] = 1;  // no subsetting
  CHECK(font.open() == "pdf.font.no_embedding");
  font.bytes()[fs_type - 1] = 0;
  font.bytes()[font.record("glyf")] = 'G';
  CHECK(font.open() == "pdf.font.unsupported");
  font.bytes().resize(200);
  CHECK(font.open() == "pdf.font.unsupported");
  font.bytes() = to_bytes("not a font at all");
  CHECK(font.open() == "pdf.font.unsupported");
}

TEST_CASE("a subset is small, the same every time, and keeps letters that share a glyph apart") {
  const auto face = *FontFace::shipped(FontStyle::regular);
  const std::u32string letters = std::u32string(kAlwaysEmbedded) + U"ĐÐNguyễnVă";
  const auto parts = make_font_parts(*face, letters);
  REQUIRE(parts);
  CHECK(parts->file.size() < 12'000);
  CHECK(parts->cid_to_gid.size() == 2 * (letters.size() + 1));
  CHECK(parts->to_unicode.find("<0013> <0110>") != std::string::npos);
  CHECK(parts->to_unicode.find("<0014> <00d0>") != std::string::npos);
  const auto again = make_font_parts(*face, letters);
  CHECK(again->file == parts->file);
  CHECK(again->base_font == parts->base_font);
  CHECK(parts->base_font.substr(6) == "+LiberationSerif");
  CHECK(make_font_parts(*face, letters + U"n")->base_font != parts->base_font);
}

}  // namespace
}  // namespace kyso::pdf
