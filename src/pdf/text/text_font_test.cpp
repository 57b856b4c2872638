#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/text.h"
#include "pdf/text/legacy_vietnamese.h"
#include "pdf/text/standard_widths.h"
#include "pdf/text/text_cmap.h"
#include "pdf/text/text_encoding.h"

using namespace kyso;
using namespace kyso::pdf;

namespace {

CMap cmap(std::string_view text) {
  CMap map;
  map.parse(as_bytes(text));
  return map;
}

std::string glyph(std::string_view name) {
  return to_utf8(text_of_glyph_name(name));
}

std::string legacy(LegacyEncoding encoding, std::string_view latin1) {
  std::u32string out;
  for (char c : latin1) out += legacy_text(encoding, static_cast<unsigned char>(c));
  return to_nfc(to_utf8(out));
}

}  // namespace

TEST_CASE("ToUnicode: characters, ranges, arrays, surrogates, ligatures") {
  const CMap map = cmap(
      "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
      "3 beginbfchar <0001> <1EA4> <0002> <D83DDE00> <0003> <006600660069> endbfchar\n"
      "2 beginbfrange <0010> <0012> <0041> <0020> <0022> [<0061> <0062 0301> <1EF9>] endbfrange endcmap");
  CHECK(map.has_unicode());
  CHECK(to_utf8(map.unicode(1)) == "Ấ");
  CHECK(map.unicode(2) == U"\U0001F600");
  CHECK(map.unicode(3) == U"ffi");
  CHECK(map.unicode(0x12) == U"C");
  CHECK(map.unicode(0x13).empty());
  CHECK(map.unicode(0x21) == U"b\u0301");
  CHECK(map.unicode(0x22) == U"ỹ");
  CHECK(map.names_vietnamese_letters());
}

TEST_CASE("CMap: codes of one to four bytes, CID ranges, the one that it builds on") {
  const CMap map = cmap(
      "/WMode 1 def 4 begincodespacerange <00> <80> <8140> <9FFC> <E0808080> <E08080FF> <A1A1A1> <A1A1FF> "
      "endcodespacerange 2 begincidrange <20> <7E> 1 <8140> <817E> 633 endcidrange 1 begincidchar <E0808081> 9000 "
      "endcidchar");
  CHECK(map.is_vertical());
  CHECK(map.first_code("A").length == 1);
  CHECK(map.cid(map.first_code("A").value) == 34);
  CHECK(map.first_code("\x81\x41z").length == 2);
  CHECK(map.cid(0x8141) == 634);
  CHECK(map.first_code("\xE0\x80\x80\x81").length == 4);
  CHECK(map.cid(0xE0808081) == 9000);
  CHECK(map.first_code("\xA1\xA1\xB0").length == 3);
  CHECK(map.first_code("\xFF\xFF").length == 1);
  const CMap built = cmap("/Identity-V usecmap 1 begincidchar <0041> 7 endcidchar");
  CHECK(built.is_vertical());
  CHECK(built.cid(0x41) == 7);
  CHECK(built.cid(0x42) == 0x42);
  CMap utf16;
  utf16.set_predefined("UniGB-UCS2-H");
  CHECK(utf16.unicode(0x1EA4) == U"Ấ");
}

TEST_CASE("CMap: hostile ranges cost no memory and no time") {
  std::string text = "1 beginbfrange\n";
  for (int i = 0; i < 20'000; ++i) text += "<00000000> <FFFFFFFF> <0041>\n";
  const CMap map = cmap(text + "endbfrange");
  CHECK(map.unicode(1) == U"B");
  CHECK(map.unicode(0xFFFFFFFF) == U"\uFFFD");
  CHECK(rc::check([](const std::string& noise, std::uint32_t code) {
    const CMap any = cmap("1 begincodespacerange " + noise + " 1 beginbfrange <00> <FF> " + noise);
    any.unicode(code);
    any.cid(code);
    if (!noise.empty()) RC_ASSERT(any.first_code(noise).length <= noise.size());
  }));
}

TEST_CASE("glyph names") {
  CHECK(glyph("A") == "A");
  CHECK(glyph("space") == " ");
  CHECK(glyph("Acircumflexacute") == "Ấ");
  CHECK(glyph("acircumflexdotbelow") == "ậ");
  CHECK(glyph("abrevehookabove") == "ẳ");
  CHECK(glyph("ohorn") == "ơ");
  CHECK(glyph("uhorngrave") == "ừ");
  CHECK(glyph("Uhornhookabove") == "Ử");
  CHECK(glyph("dcroat") == "đ");
  CHECK(glyph("Dcroat") == "Đ");
  CHECK(glyph("ydotbelow") == "ỵ");
  CHECK(glyph("uni1EA4") == "Ấ");
  CHECK(glyph("uni00610302") == "a\u0302");
  CHECK(glyph("u1F600") == "\U0001F600");
  CHECK(glyph("f_f_i") == "ffi");
  CHECK(glyph("eacute.sc") == "é");
  CHECK(glyph("quotedblleft") == "“");
  CHECK(glyph("germandbls") == "ß");
  CHECK(glyph("endash") == "–");
  CHECK(glyph("alpha") == "α");
  for (std::string_view name : {".notdef", "", "g12", "uniD800", "u110000", "cid1234", "acutegrave", "_"}) {
    CHECK_MESSAGE(glyph(name).empty(), name);
  }
  CHECK(rc::check([](const std::string& name) { text_of_glyph_name(name); }));
}

TEST_CASE("base encodings") {
  CHECK(character_of(BaseEncoding::win_ansi, 0x80) == U'€');
  CHECK(character_of(BaseEncoding::win_ansi, 0xC0) == U'À');
  CHECK(character_of(BaseEncoding::mac_roman, 0x80) == U'Ä');
  CHECK(character_of(BaseEncoding::mac_roman, 0xDE) == U'\uFB01');
  CHECK(character_of(BaseEncoding::standard, 0x27) == U'’');
  CHECK(character_of(BaseEncoding::standard, 0xD0) == U'—');
  CHECK(character_of(BaseEncoding::standard, 0xFB) == U'ß');
  CHECK(character_of(BaseEncoding::symbol, 0x61) == U'α');
  CHECK(character_of(BaseEncoding::symbol, 0xB7) == U'•');
  CHECK(character_of(BaseEncoding::zapf_dingbats, 0x34) == U'✔');
  CHECK(character_of(BaseEncoding::win_ansi, 0x07) == 0);
}

TEST_CASE("widths of the standard fonts") {
  const StandardFace times = nearest_face("Times-Roman"), bold = nearest_face("ABCDEF+TimesNewRomanPS-BoldMT");
  CHECK(standard_width(times, U'A') == doctest::Approx(0.722));
  CHECK(standard_width(times, U' ') == doctest::Approx(0.25));
  CHECK(standard_width(bold, U'm') == doctest::Approx(0.833));
  CHECK(standard_width(times, U'ấ') == doctest::Approx(0.444));
  CHECK(standard_width(times, U'Ấ') == doctest::Approx(0.722));
  CHECK(standard_width(nearest_face("Arial,Bold"), U'đ') == doctest::Approx(0.611));
  CHECK(standard_width(nearest_face("CourierNew"), U'i') == doctest::Approx(0.6));
  CHECK(standard_width(times, U'—') == doctest::Approx(1.0));
}

TEST_CASE("fonts made before Unicode") {
  CHECK(legacy_encoding_of(".VnTime") == LegacyEncoding::tcvn3);
  CHECK(legacy_encoding_of("ABCDEF+.VnTimeH,Bold") == LegacyEncoding::tcvn3_capitals);
  CHECK(legacy_encoding_of(".VnArial NarrowH") == LegacyEncoding::tcvn3);
  CHECK(legacy_encoding_of("VNI-Times") == LegacyEncoding::vni);
  CHECK(legacy_encoding_of("Times-Roman") == LegacyEncoding::none);
  // "Nguyễn Văn Độ" and "Cộng hòa xã hội chủ nghĩa Việt Nam" as TCVN 5712 writes them.
  CHECK(legacy(LegacyEncoding::tcvn3, "Nguy\xD4n V\xA8n \xA7\xE9") == "Nguyễn Văn Độ");
  CHECK(legacy(LegacyEncoding::tcvn3,
               "C\xE9ng h\xDF"
               "a x\xB7 h\xE9i ch\xF1 ngh\xDC"
               "a Vi\xD6t Nam") == "Cộng hòa xã hội chủ nghĩa Việt Nam");
  CHECK(legacy(LegacyEncoding::tcvn3_capitals, "Nguy\xD4n V\xA8n") == "NGUYỄN VĂN");
  CHECK(legacy(LegacyEncoding::vni, "Nguye\xE3n Va\xEAn \xD1o\xE4") == "Nguyễn Văn Độ");
  CHECK(legacy(LegacyEncoding::vni,
               "CO\xC4NG HO\xD8"
               "A") == "CỘNG HÒA");
  CHECK(legacy(LegacyEncoding::vni,
               "tr\xF6\xF4\xF9"
               "c ng\xE6 \xF1\xF4\xEF"
               "i") == "trước ngỉ đợi");
}
