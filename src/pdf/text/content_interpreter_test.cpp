#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "pdf/text/test_page_pdf.h"

using namespace kyso;
using namespace kyso::pdf;
using test::line_texts;
using test::PagePdf;
using test::read_first_page;

namespace {

constexpr std::string_view kTimes =
    "/Font<</F <</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>>>";
using Texts = std::vector<std::string>;

PageText read(std::string_view content, std::string_view resources = kTimes, std::string_view page_entries = {}) {
  PagePdf pdf;
  auto page = read_first_page(pdf.build(content, resources, page_entries));
  REQUIRE(page);
  return *page;
}

PageText read(PagePdf& pdf, std::string_view content, std::string_view resources, std::string_view page_entries = {}) {
  auto page = read_first_page(pdf.build(content, resources, page_entries));
  REQUIRE(page);
  return *page;
}

void check_box(const Rect& box, const Rect& expected, double tolerance = 0.01) {
  CHECK(box.x0 == doctest::Approx(expected.x0).epsilon(tolerance));
  CHECK(box.y0 == doctest::Approx(expected.y0).epsilon(tolerance));
  CHECK(box.x1 == doctest::Approx(expected.x1).epsilon(tolerance));
  CHECK(box.y1 == doctest::Approx(expected.y1).epsilon(tolerance));
}

}  // namespace

TEST_CASE("content: text operators move the pen as the standard says") {
  CHECK(line_texts(
            read("BT /F 10 Tf 100 700 Td (one two) Tj 0 -20 TD (three) Tj T* (four) Tj (five) ' 3 0 (six) \" ET")) ==
        Texts{"one two", "three", "four", "five", "six"});
  const PageText page = read("BT /F 10 Tf 100 700 Td (AA) Tj ET");
  REQUIRE(page.lines.size() == 1);
  check_box(page.lines[0].box(), {100, 700 - 2.17, 114.44, 700 + 6.83});
  CHECK(page.lines[0].words[0].font_size == doctest::Approx(10));
  const PageText scaled = read("2 0 0 2 0 0 cm BT /F 10 Tf 50 Tz 5 Ts 50 300 Td (AA) Tj ET");
  check_box(scaled.lines[0].box(), {100, 610 - 4.34, 114.44, 610 + 13.66});
}

TEST_CASE("content: kerning joins, gaps and blanks part, letter spacing does neither") {
  CHECK(line_texts(read("BT /F 10 Tf 100 700 Td [(A)80(V)-50(AT)-300(next)] TJ ET")) == Texts{"AVAT next"});
  CHECK(line_texts(read("BT /F 10 Tf 3 Tc 100 700 Td (CONG HOA) Tj ET")) == Texts{"CONG HOA"});
  CHECK(line_texts(read("BT /F 10 Tf 20 Tw 100 700 Td (a b) Tj ET")) == Texts{"a b"});
  CHECK(line_texts(read("BT /F 10 Tf 100 700 Td (second) Tj -21 0 Td (first) Tj ET")) == Texts{"first second"});
  // A word in pieces, the later one drawn first.
  CHECK(line_texts(read("BT /F 10 Tf 114.44 700 Td (BB) Tj -14.44 0 Td (AA) Tj ET")) == Texts{"AABB"});
}

TEST_CASE("content: columns side by side are lines of their own") {
  CHECK(line_texts(read("BT /F 10 Tf 50 700 Td (Noi nhan:) Tj 250 0 Td (KT. GIAM DOC) Tj -250 -30 Td (left) Tj 250 0 "
                        "Td (right) Tj ET")) == Texts{"Noi nhan:", "KT. GIAM DOC", "left", "right"});
  CHECK(line_texts(read("BT /F 10 Tf 50 700 Td (Noi nhan:                     GIAM DOC) Tj ET")) ==
        Texts{"Noi nhan:", "GIAM DOC"});
}

TEST_CASE("content: letters drawn twice to look bold are read once") {
  const PageText page = read("BT /F 10 Tf 100 700 Td (Bold) Tj 0.3 0 Td (Bold) Tj ET");
  CHECK(line_texts(page) == Texts{"Bold"});
  CHECK(read("BT /F 10 Tf 2 Tr 100 700 Td (Bold) Tj ET").lines[0].words[0].bold);
  CHECK(read("BT /F 10 Tf 1 0 0.3 1 100 700 Tm (Slanted) Tj ET").lines[0].words[0].italic);
}

TEST_CASE("content: rotated text and rotated pages are read in the order of the eye") {
  const PageText up = read("BT /F 10 Tf 0 1 -1 0 300 100 Tm (going up) Tj ET");
  CHECK(line_texts(up) == Texts{"going up"});
  CHECK(up.lines[0].box().height() > up.lines[0].box().width());
  // The page is turned clockwise by 90: text that runs up the sheet lies flat.
  CHECK(line_texts(read("BT /F 10 Tf 0 1 -1 0 100 50 Tm (first) Tj 0 1 -1 0 200 50 Tm (second) Tj ET", kTimes,
                        "/Rotate 90")) == Texts{"first", "second"});
  CHECK(line_texts(read("BT /F 10 Tf -1 0 0 -1 500 100 Tm (first) Tj -1 0 0 -1 500 200 Tm (second) Tj ET", kTimes,
                        "/Rotate 180")) == Texts{"first", "second"});
}

TEST_CASE("content: invisible text counts, text off the page does not") {
  CHECK(line_texts(read("BT /F 10 Tf 3 Tr 100 700 Td (scanned) Tj ET")) == Texts{"scanned"});
  CHECK(read("BT /F 10 Tf 100 7000 Td (far) Tj ET").lines.empty());
}

TEST_CASE("content: actual text replaces what the glyphs say") {
  CHECK(line_texts(read("BT /F 10 Tf 100 700 Td /Span <</ActualText <FEFF1EA5>>> BDC (xx) Tj EMC (n) Tj ET")) ==
        Texts{"ấn"});
  CHECK(line_texts(read("BT /F 10 Tf 100 700 Td /Span <</ActualText (two words)>> BDC (xxxxxxxxx) Tj EMC ET")) ==
        Texts{"two words"});
  CHECK(line_texts(read("BT /F 10 Tf 100 700 Td /P /MC0 BDC (x) Tj EMC ET",
                        std::string(kTimes) + "/Properties<</MC0 <</ActualText(y)>>>>")) == Texts{"y"});
  // Over two lines: the glyphs speak for themselves. Never closed: still read.
  CHECK(line_texts(read("/Span <</ActualText (gone)>> BDC BT /F 10 Tf 100 700 Td (up) Tj 0 -20 Td (down) Tj ET EMC")) ==
        Texts{"up", "down"});
  CHECK(line_texts(read("/Span <</ActualText (kept)>> BDC BT /F 10 Tf 100 700 Td (up) Tj ET")) == Texts{"kept"});
}

TEST_CASE("content: painted paths are marks, white and unpainted ones are not") {
  CHECK(read("100 100 50 20 re f").marks.size() == 1);
  check_box(read("100 100 50 20 re f").marks[0].box, {100, 100, 150, 120});
  CHECK(read("1 g 100 100 50 20 re f").marks.empty());
  CHECK(read("1 1 1 rg 100 100 50 20 re f").marks.empty());
  CHECK(read("0 0 0 0 k 100 100 50 20 re f").marks.empty());
  CHECK(read("/DeviceRGB cs 1 1 1 sc 100 100 50 20 re f 0 0 0 sc 1 1 5 5 re f").marks.size() == 1);
  CHECK(read("1 g q 0 g Q 100 100 50 20 re f").marks.empty());
  CHECK(read("100 100 50 20 re n 100 100 50 20 re W n").marks.empty());
  CHECK(read("0 0 10 10 re W n 100 100 50 20 re f").marks.empty());
  CHECK(read("1 g 100 100 m 200 100 l S").marks.size() == 1);  // the stroke is still black
  const PageText frame = read("20 20 500 700 re S");
  REQUIRE(frame.marks.size() == 4);
  for (const Mark& mark : frame.marks) CHECK(std::min(mark.box.width(), mark.box.height()) < 2);
  check_box(read("2 w 100 100 m 100 150 150 150 150 100 c s").marks[0].box, {99, 99, 151, 151});
}

TEST_CASE("content: states of transparency and colour spaces") {
  const std::string resources =
      "/ExtGState<</Clear <</ca 0>>>>/ColorSpace<</Spot [/Separation/Red/DeviceCMYK<<>>]/Cal[/CalRGB<<>>]>>";
  CHECK(read("/Clear gs 1 1 5 5 re f", resources).marks.empty());
  CHECK(read("/Spot cs 0 scn 1 1 5 5 re f", resources).marks.empty());
  CHECK(read("/Spot cs 1 1 5 5 re f 0.5 scn 1 1 5 5 re f", resources).marks.size() == 2);
  CHECK(read("/Cal cs 1 1 1 scn 1 1 5 5 re f", resources).marks.empty());
}

TEST_CASE("content: images are marks, inline ones are stepped over") {
  PagePdf pdf;
  const int image = pdf.add_stream("x", "/Type/XObject/Subtype/Image/Width 1/Height 1");
  const PageText page = read(pdf, "q 70 0 0 30 100 200 cm /Im Do Q", fmt::format("/XObject<</Im {} 0 R>>", image));
  REQUIRE(page.marks.size() == 1);
  CHECK(page.marks[0].kind == Mark::Kind::image);
  check_box(page.marks[0].box, {100, 200, 170, 230});

  const std::string after = " BT /F 10 Tf 100 700 Td (after) Tj ET";
  for (const std::string& image_text :
       {std::string("BI /W 4 /H 1 /BPC 8 /CS /G ID \x01 EI EI"), std::string("BI /W 8 /H 1 /IM true ID \xFF EI"),
        std::string("BI /W 2 /H 2 /F /Fl /CS /RGB /BPC 8 ID (\x80 EI\x01\x02)<< EI"),
        std::string("BI /W 1 /H 1 /CS [/Indexed /RGB 1 <000000FFFFFF>] /BPC 8 /DP <</K -1>> ID \x01 EI")}) {
    const PageText inline_page = read("q 50 0 0 50 10 10 cm " + image_text + "\nQ" + after);
    INFO(image_text);
    CHECK(line_texts(inline_page) == Texts{"after"});
    REQUIRE(inline_page.marks.size() == 1);
    check_box(inline_page.marks[0].box, {10, 10, 60, 60});
  }
  CHECK(read("BI /W 4 ID no end" + after).marks.empty());
}

TEST_CASE("content: forms with matrix, box and resources; loops and depth end") {
  PagePdf pdf;
  const int form = pdf.add_stream("BT /F 10 Tf 10 10 Td (inside) Tj ET 0 0 400 400 re f /Me Do /Next Do",
                                  fmt::format("/Type/XObject/Subtype/Form/BBox[0 0 50 50]/Matrix[1 0 0 1 100 100]"
                                              "/Resources<<{}/XObject<</Me 4 0 R/Next 5 0 R>>>>",
                                              kTimes));
  pdf.add_stream("BT /F 10 Tf 5 30 Td (page fonts) Tj ET /Me Do", "/Type/XObject/Subtype/Form/BBox[0 0 90 90]");
  const PageText page = read(pdf, "/Fm Do", fmt::format("{}/XObject<</Fm {} 0 R/Me 4 0 R>>", kTimes, form));
  CHECK(line_texts(page) == Texts{"page fonts", "inside"});
  REQUIRE(page.marks.size() == 1);
  check_box(page.marks[0].box, {100, 100, 150, 150});
}

TEST_CASE("content: appearances of annotations are read where they are shown") {
  PagePdf pdf;
  const int form =
      pdf.add_stream("BT /F 10 Tf 1 1 Td (stamp) Tj ET q 20 0 0 20 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q",
                     fmt::format("/Subtype/Form/BBox[0 0 20 20]/Resources<<{}>>", kTimes));
  const std::string shown = fmt::format("<</Subtype/Stamp/Rect[100 200 140 240]/AP<</N {} 0 R>>>>", form);
  const std::string hidden = fmt::format("<</Subtype/Stamp/F 2/Rect[300 200 340 240]/AP<</N {} 0 R>>>>", form);
  const std::string state = fmt::format("<</Subtype/Widget/AS/On/Rect[400 200 440 240]/AP<</N<</On {} 0 R>>>>>>", form);
  const PageText page = read(pdf, "", "", "/Annots[" + shown + hidden + state + "]");
  CHECK(line_texts(page) == Texts{"stamp", "stamp"});
  REQUIRE(page.marks.size() == 2);
  check_box(page.marks[0].box, {100, 200, 140, 240});
  CHECK(page.lines[0].words[0].font_size == doctest::Approx(20));
}

TEST_CASE("fonts: differences, composite fonts, widths, vertical writing") {
  PagePdf pdf;
  const std::string simple =
      "<</Type/Font/Subtype/Type1/BaseFont/X/FirstChar 65/Widths[500 600 "
      "700]/Encoding<</Differences[65/Acircumflexacute"
      "/uhorngrave/uni1EF9]>>/FontDescriptor<</Ascent 900/Descent -200/Flags 64/StemV 150/FontName/X>>>>";
  const int unicode =
      pdf.add_stream("1 beginbfchar <0001> <0110> endbfchar 1 beginbfrange <0002> <0003> <1ED9> endbfrange");
  const std::string composite = fmt::format(
      "<</Subtype/Type0/BaseFont/Y/Encoding/Identity-H/ToUnicode {} 0 R/DescendantFonts[<</Subtype"
      "/CIDFontType2/DW 500/W[1[800] 2 3 600]>>]>>",
      unicode);
  const std::string resources = "/Font<</S " + simple + "/C " + composite + ">>";
  const PageText page =
      read(pdf, "BT /S 10 Tf 100 700 Td (ABC) Tj 0 -20 Td /C 10 Tf <000100020003> Tj <0009> Tj ET", resources);
  CHECK(line_texts(page) == Texts{"Ấừỹ", "ĐộỚ\uFFFD"});
  check_box(page.lines[0].box(), {100, 698, 118, 709});
  CHECK(page.lines[0].words[0].bold);
  CHECK(page.lines[0].words[0].italic);
  check_box(page.lines[1].box(), {100, 678, 125, 688});
  CHECK(page.has_unreadable_text);
}

TEST_CASE("fonts: legacy Vietnamese fonts, whatever their ToUnicode pretends") {
  PagePdf pdf;
  const int unicode =
      pdf.add_stream("2 beginbfchar <D4> <00D4> <A8> <00A8> endbfchar 1 beginbfrange <20> <7E> <0020> endbfrange");
  const std::string resources = fmt::format(
      "/Font<</A <</Subtype/TrueType/BaseFont/.VnTime/Encoding/WinAnsiEncoding>>"
      "/B <</Subtype/TrueType/BaseFont/ABCDEF+.VnTimeH/Encoding/WinAnsiEncoding/ToUnicode {} 0 R>>"
      "/C <</Subtype/TrueType/BaseFont/VNI-Times/Encoding/WinAnsiEncoding>>>>",
      unicode);
  const PageText page = read(pdf,
                             "BT /A 12 Tf 100 700 Td (Nguy\xD4n V\xA8n A) Tj 0 -20 Td /B 12 Tf (Nguy\xD4n V\xA8n A) Tj "
                             "0 -20 Td /C 12 Tf (Nguye\xE3n Va\xEAn A) Tj ET",
                             resources);
  CHECK(line_texts(page) == Texts{"Nguyễn Văn A", "NGUYỄN VĂN A", "Nguyễn Văn A"});
  CHECK(find_text(page, 0, "Nguyễn Văn A").size() == 2);
}

TEST_CASE("fonts: Type 3") {
  const std::string resources =
      "/Font<</T <</Type/Font/Subtype/Type3/FontMatrix[0.01 0 0 0.01 0 0]/FontBBox[0 -20 60 80]/FirstChar 65/Widths[60]"
      "/CharProcs<<>>/Encoding<</Differences[65/edotbelow]>>>>>>";
  const PageText page = read("BT /T 10 Tf 100 700 Td (AA) Tj ET", resources);
  CHECK(line_texts(page) == Texts{"ẹẹ"});
  check_box(page.lines[0].box(), {100, 698, 112, 708});
  CHECK(page.lines[0].words[0].font_size == doctest::Approx(10));
}

TEST_CASE("hostile content: what cannot be understood is stepped over once") {
  const auto repeated = [](std::string_view piece, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += piece;
    return out;
  };
  const std::string text = " ) ] >> ET BT /F 10 Tf 100 700 Td (read) Tj ET";
  for (const std::string_view piece :
       {"[", "<", "<< /", "<</A ", "BI ", "BI /F [ ", "BI /F << ", "q ", "q BT ", "/a <</b c>> BDC ", "BT ET W n ",
        "/X Do ", "1 0 0 1 5 5 cm 1e308 ", "(", "BI ID EI0 "}) {
    INFO(piece);
    CHECK(read(repeated(piece, 50'000) + text).lines.size() <= 1);
  }
  CHECK(line_texts(read(repeated("q ", 50'000) + repeated("Q ", 50'000) + text)) == Texts{"read"});
  CHECK(read("1e300 0 0 1e300 0 0 cm BT /F 1e300 Tf (x) Tj ET 1e300 1e300 1e300 1e300 re f").lines.empty());
  CHECK(line_texts(read("BT /F 10 Tf 1 1 Td (" + std::string(50'000, 'a') + ") Tj ET")).size() == 1);
}

TEST_CASE("hostile content: forms that draw forms end at a limit") {
  PagePdf bomb;
  std::string draws;
  for (int i = 0; i < 40; ++i) draws += "/X Do ";
  for (int level = 0; level < 4; ++level) {
    bomb.add_stream(draws, fmt::format("/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {} 0 R>>>>", 5 + level));
  }
  bomb.add_stream("BT /F 9 Tf (" + std::string(1000, 'a') + ") Tj",
                  fmt::format("/Subtype/Form/BBox[0 0 9 9]/Resources<<{}>>", kTimes));
  auto page = read_first_page(bomb.build("/X Do", "/XObject<</X 4 0 R>>"));
  REQUIRE_FALSE(page);
  CHECK(page.error().code == "pdf.limit");
  REQUIRE(page.error().params.size() == 1);
  CHECK(page.error().params[0].second == "glyphs");
}

TEST_CASE("hostile content: a broken stream is as good as none") {
  PagePdf broken;
  const int bad = broken.add_stream("not deflate", "/Filter/FlateDecode");
  CHECK(read(broken, "BT /F 9 Tf (gone) Tj ET", kTimes, fmt::format("/Contents {} 0 R", bad)).lines.empty());
  PagePdf parts;
  const int first = parts.add_stream("BT /F 10 Tf 100 700 Td (first) T");
  const int middle = parts.add_stream("not deflate", "/Filter/FlateDecode");
  const int last = parts.add_stream("j ET BT /F 10 Tf 100 600 Td (last) Tj ET");
  CHECK(line_texts(read(parts, "", kTimes,
                        fmt::format("/Contents[{} 0 R {} 0 R 99 0 R {} 0 R]", first, middle, last))) == Texts{"last"});
}
