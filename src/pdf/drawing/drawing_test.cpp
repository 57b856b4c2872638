#include <doctest/doctest.h>

#include <set>

#include "pdf/drawing/test_drawing.h"

// Other people's programs judge the drawings here: poppler reads and renders them, qpdf checks the file.
namespace kyso::pdf {
namespace {

using namespace test;

constexpr std::array kStyles{FontStyle::regular, FontStyle::bold, FontStyle::italic, FontStyle::bold_italic};

TEST_CASE(
    "all 134 letters, composed and decomposed, in four styles and sizes 8 to 16, extract as the same NFC letters") {
  const TestFolder folder;
  const auto letters = test::vietnamese_letters();
  Update update(blank(1200, 1600));
  Drawing drawing(1200, 1600);
  std::vector<std::string> expected;
  double y = 1560;
  for (const FontStyle style : kStyles) {
    for (int size = 8; size <= 16; ++size) {
      for (std::size_t first = 0; first < letters.size(); first += 67) {
        std::string line;
        for (std::size_t i = first; i < first + 67; ++i) {
          line += (size % 2 == 0 ? letters[i] : to_nfd(letters[i])) + ' ';
          expected.push_back(letters[i]);
        }
        drawing.text({line, style, static_cast<double>(size), {}}, 20, y);
        y -= 20;
      }
    }
  }
  update.paint(drawing, 0, 0);
  const std::string path = folder / "letters.pdf";
  save(update.finish(), path);
  check_file(path);
  CHECK(good_fonts(path) == 4);
  const auto extracted = words(run("pdftotext -raw '" + path + "' -"));
  REQUIRE(extracted.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(extracted[i] == expected[i]);
}

TEST_CASE("every letter has ink of its own, none is cut off or stands for another") {
  const TestFolder folder;
  const auto letters = test::vietnamese_letters();
  constexpr int kCell = 30, kColumns = 20;  // points
  for (const FontStyle style : kStyles) {
    Update update(blank(kCell * kColumns, kCell * 7));
    for (std::size_t i = 0; i < letters.size(); ++i) {
      // In a form as high as the font says a line is: what stands out of it would be cut off.
      const auto font = *Font::shipped(style);
      Drawing drawing(kCell, (font.ascent() - font.descent()) / 1000 * 20);
      drawing.text({letters[i], style, 20, {}}, kCell / 2.0, -font.descent() / 1000 * 20, Drawing::Align::centre);
      update.paint(drawing, static_cast<double>(i % kColumns) * kCell, static_cast<double>(i / kColumns) * kCell + 3);
    }
    const std::string path = folder / "grid.pdf";
    save(update.finish(), path);
    const Gray page = render(path, 144);
    std::set<std::string> shapes;
    for (int i = 0; i < static_cast<int>(letters.size()); ++i) {
      CAPTURE(letters[static_cast<std::size_t>(i)]);
      std::string shape;
      int ink = 0, edge = 0;
      for (int y = 0; y < 2 * kCell; ++y) {
        for (int x = 0; x < 2 * kCell; ++x) {
          const int value = page.at(i % kColumns * 2 * kCell + x, page.height - 1 - i / kColumns * 2 * kCell - y);
          shape += static_cast<char>(value);
          if (value > 128) continue;
          ++ink;
          if (x == 0 || y == 0 || x == 2 * kCell - 1 || y == 2 * kCell - 1) ++edge;
        }
      }
      CHECK(ink > 20);
      CHECK(edge == 0);
      CHECK(shapes.insert(shape).second);
    }
  }
}

TEST_CASE("a drawing stands upright and undistorted on pages of every rotation") {
  const TestFolder folder;
  std::optional<Gray> upright;
  for (const int rotate : {0, 90, 180, 270}) {
    CAPTURE(rotate);
    const bool turned = rotate % 180 != 0;
    Update update(blank(turned ? 300 : 400, turned ? 400 : 300, rotate));
    Drawing drawing(200, 60);
    drawing.frame({0, 0, 200, 60}, 1, {0, 0, 0.6});
    drawing.image(picture("sample-signature-blue.png"), {5, 5, 100, 55});
    drawing.paragraph({{"Nguyễn Văn A\nPhó Giám đốc", FontStyle::bold, 12, {}}}, {105, 0, 200, 58},
                      Drawing::Align::left);
    update.add_field(drawing, 50, 180);
    const std::string path = folder / fmt::format("rotate{}.pdf", rotate);
    save(update.finish(), path);
    const Gray page = render(path, 72);
    REQUIRE(page.width == 400);
    REQUIRE(page.height == 300);
    if (!upright) {
      upright = page;
      CHECK(page.at(50, 100) < 200);  // the frame's edge
      CHECK(page.at(40, 100) == 255);
      continue;
    }
    // Anti-aliasing differs a little where the raster meets the shape elsewhere; a wrong turn differs everywhere.
    long difference = 0, ink = 0;
    for (std::size_t i = 0; i < page.pixels.size(); ++i) {
      difference +=
          std::abs(static_cast<unsigned char>(page.pixels[i]) - static_cast<unsigned char>(upright->pixels[i]));
      ink += 255 - static_cast<unsigned char>(upright->pixels[i]);
    }
    CHECK(difference * 4 < ink);
  }
}

TEST_CASE("PDF/A-1 gets a stencil and a CIDSet and no transparency, PDF/A-2 a soft mask") {
  const auto keys = [](const std::string& name) {
    const Bytes original = file(name);
    Update update(original);
    const std::uint32_t known = update.document().view().size();
    update.add_field(signature_box(picture("sample-seal-red-37mm.png"), "Nguyễn Văn A", "06/09/2026"), 20, 20);
    const Document signed_once = open(update.finish());
    std::map<std::string, bool> found;
    for (const std::string_view key : {"SMask", "ImageMask", "CIDSet"}) {
      const auto ids = objects_with(signed_once.view(), key);
      found[std::string(key)] = std::ranges::any_of(ids, [&](ObjectId id) { return id.number >= known; });
    }
    return found;
  };
  CHECK(keys("vn-to-trinh.pdf") ==
        std::map<std::string, bool>{{"SMask", false}, {"ImageMask", true}, {"CIDSet", true}});
  CHECK(keys("vn-quyet-dinh.pdf") ==
        std::map<std::string, bool>{{"SMask", true}, {"ImageMask", false}, {"CIDSet", false}});
}

TEST_CASE("colours are device colours, or calibrated where PDF/A has no RGB output intent") {
  Update plain(blank(100, 100));
  Dictionary resources;
  CHECK(plain.resources().fill_colour({}, resources) == "0 g");
  CHECK(plain.resources().fill_colour({1, 0, 0.25}, resources) == "1 0 0.25 rg");
  CHECK(plain.resources().stroke_colour({0.5, 0.5, 0.5}, resources) == "0.5 G");
  CHECK(plain.resources().stroke_colour({2, -1, 0}, resources) == "1 0 0 RG");
  CHECK(resources.size() == 0);
  // The same, declaring PDF/A-2 without any output intent.
  Update declare(blank(100, 100));
  const ObjectId xmp = declare.writer().add_stream(
      {{"Type", Name{"Metadata"}}, {"Subtype", Name{"XML"}}},
      to_bytes("<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
               "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
               "xmlns:pdfaid='http://www.aiim.org/pdfa/ns/id/'><pdfaid:part>2</pdfaid:part><pdfaid:conformance>B"
               "</pdfaid:conformance></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"));
  REQUIRE(declare.writer().update_entry({1, 0}, "Metadata", xmp));
  Update calibrated(declare.finish());
  REQUIRE(calibrated.document().conformance().pdfa_part == 2);
  CHECK(calibrated.resources().fill_colour({}, resources) == "/C cs 0 0 0 sc");
  CHECK(calibrated.resources().stroke_colour({1, 0, 0}, resources) == "/C CS 1 0 0 SC");
  CHECK(resources.get("ColorSpace").as_dictionary()->get("C").as_array()->front().is_name("CalRGB"));
  const auto placed = calibrated.resources().image(picture("sample-signature-blue.png"));
  REQUIRE(placed);
  CHECK(placed->is_stencil);
}

TEST_CASE("an encrypted document shows and gives back what is drawn") {
  const TestFolder folder;
  Update update(file("own/vn-cong-van-aes256.pdf"));
  Drawing drawing(300, 30);
  drawing.text({"Đã ký số: Nguyễn Văn A", FontStyle::italic, 14, {}}, 0, 8);
  update.paint(drawing, 100, 400);
  const std::string path = folder / "encrypted.pdf";
  save(update.finish(), path);
  check_file(path);
  CHECK(run("pdftotext '" + path + "' -").find("Đã ký số: Nguyễn Văn A") != std::string::npos);
}

TEST_CASE("what cannot be drawn is an error of write()") {
  Update update(blank(100, 100));
  Drawing tight(50, 10);
  tight.paragraph({{"Sở Khoa học và Công nghệ", FontStyle::regular, 10, {}}}, {0, 0, 50, 10}, Drawing::Align::left);
  const auto refused = tight.write(update.writer(), update.resources(), 0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "pdf.text.does_not_fit");
  Drawing foreign(50, 10);
  foreign.text({"漢", FontStyle::regular, 10, {}}, 0, 0);
  CHECK(foreign.write(update.writer(), update.resources(), 0).error().code == "pdf.font.no_glyph");
}

TEST_CASE("clips are closed, empty drawings are empty forms, alignment places lines") {
  Update update(blank(400, 100));
  const auto content = [&](const Drawing& drawing) {
    const Object form = *update.writer().get(update.form(drawing));
    return std::string(as_chars(*update.writer().view().decode(*form.as_stream())));
  };
  Drawing clipped(10, 10);
  clipped.end_clip();
  clipped.begin_clip({1, 2, 4, 8});
  clipped.line(0, 0, 10.5, 10, 0.25, {1, 0, 0});
  CHECK(content(clipped) == "q 1 2 3 6 re W n\nq 1 0 0 RG 0.25 w 0 0 m 10.5 10 l S Q\nQ\n");
  CHECK(content(Drawing(0, 0)).empty());
  Drawing aligned(400, 100);
  aligned.text({"00", FontStyle::regular, 10, {}}, 100, 50, Drawing::Align::left);
  aligned.text({"00", FontStyle::regular, 10, {}}, 100, 50, Drawing::Align::centre);
  aligned.text({"00", FontStyle::regular, 10, {}}, 100, 50, Drawing::Align::right);
  const std::string text = content(aligned);
  CHECK(text.find(" 100 50 Td") < text.find(" 95 50 Td"));
  CHECK(text.find(" 95 50 Td") < text.find(" 90 50 Td"));
  CHECK(text.find(" 90 50 Td") != std::string::npos);
}

}  // namespace
}  // namespace kyso::pdf
