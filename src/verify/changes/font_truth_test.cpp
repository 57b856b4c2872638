#include "base/file.h"
#include "pdf/text/glyph_outlines.h"
#include "verify/changes/test_revisions.h"

// Fonts that say other letters than they show.
namespace kyso::verify::test {
namespace {

constexpr std::u32string_view kLetters = U" 0123456789ABĐạ";  // CIDs from 1 on

struct Parts {
  Bytes file, cid_to_gid;
  std::string to_unicode;
};
Parts parts_of(const char* file) {
  Parts out{must(read_file(std::filesystem::path(KYSO_SOURCE_DIR "/share/fonts") / file)), Bytes(2), {}};
  const auto font = pdf::GlyphOutlines::open(out.file);
  REQUIRE(font.has_value());
  out.to_unicode = "1 begincodespacerange <0000> <FFFF> endcodespacerange\n";
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    const std::uint32_t glyph = font->glyph_of(kLetters[i]);
    out.cid_to_gid.push_back(static_cast<std::uint8_t>(glyph >> 8U));
    out.cid_to_gid.push_back(static_cast<std::uint8_t>(glyph));
    out.to_unicode +=
        fmt::format("1 beginbfchar <{:04X}> <{:04X}> endbfchar\n", i + 1, static_cast<std::uint32_t>(kLetters[i]));
  }
  return out;
}
const Parts& parts() {
  static const Parts out = parts_of("LiberationSerif-Regular.ttf");
  return out;
}
std::string bytes(const Bytes& data) {
  return std::string(as_chars(data));
}
// The font as objects `first` to `first` + 5.
Objects font(int first, std::string_view name, const Bytes& glyphs, const std::string& to_unicode,
             const Bytes& program = parts().file) {
  return {{first, fmt::format("<</Type/Font/Subtype/Type0/BaseFont/{}/Encoding/Identity-H/DescendantFonts[{} 0 R]"
                              "/ToUnicode {} 0 R>>",
                              name, first + 1, first + 2)},
          {first + 1, fmt::format("<</Type/Font/Subtype/CIDFontType2/BaseFont/{}/FontDescriptor {} 0 R/DW 500"
                                  "/CIDToGIDMap {} 0 R/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
                                  "/Supplement 0>>>>",
                                  name, first + 3, first + 4)},
          {first + 2, stream_object(to_unicode)},
          {first + 3, fmt::format("<</Type/FontDescriptor/FontName/{}/FontFile2 {} 0 R>>", name, first + 5)},
          {first + 4, stream_object(bytes(glyphs))},
          {first + 5, stream_object(bytes(program))}};
}
// Field 22 shows "12" by this font.
Objects filled_by(const Objects& font, int number) {
  Objects out{{22, replaced(22, "/AP<</N 40 0 R>>", "/V(12)/AP<</N 93 0 R>>")},
              {93, form_object("/Tx BMC q BT /F 12 Tf 2 5 Td <00030004> Tj ET Q EMC", "0 0 100 20",
                               fmt::format("/Resources<</Font<</F {} 0 R>>>>", number))}};
  out.insert(font.begin(), font.end());
  return out;
}
Bytes exchanged_glyphs(std::size_t a, std::size_t b) {
  Bytes glyphs = parts().cid_to_gid;
  for (const std::size_t i : {0U, 1U}) std::swap(glyphs.at(2 * a + i), glyphs.at(2 * b + i));
  return glyphs;
}
constexpr std::string_view kShipped = "ABCDEF+LiberationSerif", kOther = "ABCDEF+Unheard";

TEST_CASE("a subset of a known font shows what it says") {
  CHECK(judged(filled_by(font(100, kShipped, parts().cid_to_gid, parts().to_unicode), 100)) ==
        "form_filled form.filled");
  CHECK(judged(filled_by(font(100, "LiberationSerif", parts().cid_to_gid, parts().to_unicode), 100)) ==
        "form_filled form.filled");
}

TEST_CASE("a font whose letters were exchanged lies") {
  // "12" is said, "92" is shown.
  CHECK(judged(filled_by(font(100, kShipped, exchanged_glyphs(3, 11), parts().to_unicode), 100)) ==
        "form_mismatch form.value-appearance-mismatch");
  // A blank with ink, a letter without.
  CHECK(judged(filled_by(font(100, kShipped, exchanged_glyphs(1, 11), parts().to_unicode), 100)) ==
        "form_mismatch form.value-appearance-mismatch");
}

TEST_CASE("a font that nothing is known of can't be believed") {
  CHECK(judged(filled_by(font(100, kOther, parts().cid_to_gid, parts().to_unicode), 100)) ==
        "form_filled form.unverified-font");
  CHECK(judged(filled_by(font(100, kShipped, parts().cid_to_gid, parts().to_unicode, to_bytes("no font")), 100)) ==
        "form_filled form.unverified-font");
  // Bold under the name of regular.
  const Parts other = parts_of("LiberationSerif-Bold.ttf");
  CHECK(judged(filled_by(font(100, kShipped, other.cid_to_gid, other.to_unicode, other.file), 100)) ==
        "form_filled form.unverified-font");
}

TEST_CASE("a font of the signed revision vouches for one of the same name") {
  Objects base = signed_document();
  base[5] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
  base[6] = "<</Font<</F1 5 0 R/F2 110 0 R>>/XObject<</X1 7 0 R>>>>";
  base.merge(font(110, "GHIJKL+Unheard", parts().cid_to_gid, parts().to_unicode));
  const auto outcome = [&](const Objects& update) { return label(RevisedPdf(base).update(update).changes()); };
  CHECK(outcome(filled_by(font(100, kOther, parts().cid_to_gid, parts().to_unicode), 100)) ==
        "form_filled form.filled");
  CHECK(outcome(filled_by(font(100, kOther, exchanged_glyphs(3, 11), parts().to_unicode), 100)) ==
        "form_mismatch form.value-appearance-mismatch");
  CHECK(outcome(filled_by(font(100, "ABCDEF+Third", parts().cid_to_gid, parts().to_unicode), 100)) ==
        "form_filled form.unverified-font");
  // The font itself.
  CHECK(outcome(filled_by({}, 110)) == "form_filled form.filled");
}

TEST_CASE("so many fonts are not compared") {
  Objects base = signed_document(), update;
  std::string fields;
  const Objects one = font(100, kShipped, parts().cid_to_gid, parts().to_unicode);
  for (int i = 0; i < 60; ++i) {
    const int number = 200 + 3 * i;
    fields += fmt::format("{} 0 R ", number);
    const std::string field =
        fmt::format("<</Type/Annot/Subtype/Widget/FT/Tx/T(F{})/Rect[20 20 120 40]/F 4/P 3 0 R", i);
    base[number] = field + ">>";
    update[number] = fmt::format("{}/V(12)/AP<</N {} 0 R>>>>", field, number + 1);
    update[number + 1] = form_object("/Tx BMC q BT /F 12 Tf 2 5 Td <00030004> Tj ET Q EMC", "0 0 100 20",
                                     fmt::format("/Resources<</Font<</F {} 0 R>>>>", number + 2));
    update[number + 2] = one.at(100);
  }
  base[10] = with_field(fields);
  base[3] = with_annotation(fields);
  for (const auto& [number, body] : one) update[number] = body;
  std::size_t filled = 0, unverified = 0;
  for (const std::string& line : labels(RevisedPdf(base).update(update).changes())) {
    filled += line == "form_filled form.filled" ? 1 : 0;
    unverified += line == "form_filled form.unverified-font" ? 1 : 0;
  }
  CHECK(filled == 16);
  CHECK(unverified == 44);
}

}  // namespace
}  // namespace kyso::verify::test
