#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <sstream>

#include "pdf/appearance.h"
#include "pdf/test_fonts.h"

// Other people's programs judge the drawings here: poppler reads and renders them, qpdf checks the file.
namespace kyso::pdf {
namespace {

constexpr std::array kStyles{FontStyle::regular, FontStyle::bold, FontStyle::italic, FontStyle::bold_italic};
const std::string kData = KYSO_SOURCE_DIR "/tests/data/pdf/";

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "kyso-drawing-XXXXXX").string();
    m_path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(m_path); }
  std::string operator/(std::string_view name) const { return (m_path / name).string(); }

 private:
  std::filesystem::path m_path;
};

std::string run(const std::string& command) {
  std::string out;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
  const int status = pclose(pipe);
  INFO(command << ": " << out);
  CHECK(status == 0);
  return out;
}

Document open(ByteView bytes) {
  auto document = Document::open(Source::from_bytes(Bytes(bytes.begin(), bytes.end())));
  REQUIRE(document);
  return *std::move(document);
}

Bytes file(const std::string& name) {
  return *read_file(kData + name);
}

Image picture(const std::string& name) {
  return *Image::from_png(file(name));
}

// One update of a file: drawings as page content or as the appearance of a signature field.
class Update {
 public:
  explicit Update(ByteView bytes)
      : m_bytes(bytes.begin(), bytes.end()),
        m_document(open(bytes)),
        m_writer(m_document.view()),
        m_resources(m_document, m_writer) {}

  IncrementalWriter& writer() { return m_writer; }
  ResourceWriter& resources() { return m_resources; }
  const Document& document() const { return m_document; }

  ObjectId form(const Drawing& drawing, int rotate = 0) {
    auto id = drawing.write(m_writer, m_resources, rotate);
    REQUIRE(id);
    return *id;
  }

  void paint(const Drawing& drawing, double x, double y) {
    const std::string name = fmt::format("Kyso{}", m_painted++);
    m_painted_forms.set(name, form(drawing));
    m_content += fmt::format("q 1 0 0 1 {} {} cm /{} Do Q\n", x, y, name);
  }

  // A signature field that shows the drawing, upright for the reader, with its lower left corner at (x, y) as he sees
  // it.
  void add_field(const Drawing& drawing, double x, double y) {
    const Page page = *m_document.pages().page(0);
    const Rect rect = page.visible_to_user().apply(
        Rect{x, y, x + drawing.width() / page.user_unit, y + drawing.height() / page.user_unit});
    const ObjectId widget =
        m_writer.add(Dictionary{{"Type", Name{"Annot"}},
                                {"Subtype", Name{"Widget"}},
                                {"FT", Name{"Sig"}},
                                {"T", text_string(fmt::format("Field{}", m_document.form().fields().size()))},
                                {"F", 4},
                                {"Rect", to_object(rect)},
                                {"P", page.id},
                                {"AP", Dictionary{{"N", form(drawing, page.rotate)}}}});
    REQUIRE(m_writer.update_entry(page.id, "Annots", with(page.dictionary.get("Annots"), widget)));
    const Dictionary catalog = *m_document.view().catalog();
    Dictionary acro_form;
    if (auto old = *m_document.view().dictionary_at(catalog, "AcroForm")) acro_form = *old;
    acro_form.set("Fields", with(acro_form.get("Fields"), widget));
    REQUIRE(m_writer.update_entry(*m_document.view().catalog_id(), "AcroForm", acro_form));
  }

  Bytes finish() {
    REQUIRE(m_resources.finish());
    if (!m_content.empty()) finish_page();
    auto appendix = m_writer.finish(Bytes(16, 7));
    REQUIRE(appendix);
    append(m_bytes, appendix->bytes);
    return m_bytes;
  }

 private:
  Object with(const Object& list, ObjectId more) {
    const Object resolved = *m_document.view().resolve(list);
    Array array = resolved.as_array() == nullptr ? Array{} : *resolved.as_array();
    array.emplace_back(more);
    return array;
  }
  void finish_page() {
    const Page page = *m_document.pages().page(0);
    Dictionary resources = page.resources;
    resources.set("XObject", m_painted_forms);
    REQUIRE(m_writer.update_entry(page.id, "Resources", resources));
    const ObjectId content = m_writer.add_stream({}, to_bytes(m_content));
    REQUIRE(m_writer.update_entry(page.id, "Contents", Array{Object(content)}));
  }

  Bytes m_bytes;
  Document m_document;
  IncrementalWriter m_writer;
  ResourceWriter m_resources;
  std::string m_content;
  Dictionary m_painted_forms;
  int m_painted = 0;
};

void save(const Bytes& bytes, const std::string& path) {
  std::ofstream(path, std::ios::binary) << as_chars(bytes);
}

// An empty document with one page.
Bytes blank(int width, int height, int rotate = 0) {
  std::string pdf = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
  std::vector<std::size_t> offsets;
  for (const std::string& body :
       {std::string("<< /Type /Catalog /Pages 2 0 R >>"), std::string("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Rotate {} /Resources << >> >>", width, height,
                    rotate)}) {
    offsets.push_back(pdf.size());
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", offsets.size(), body);
  }
  const std::size_t start = pdf.size();
  pdf += "xref\n0 4\n0000000000 65535 f \n";
  for (const std::size_t offset : offsets) pdf += fmt::format("{:010} 00000 n \n", offset);
  pdf += fmt::format("trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", start);
  return to_bytes(pdf);
}

struct Gray {  // 8 bits a pixel
  int width = 0, height = 0;
  std::string pixels;
  int at(int x, int y) const { return static_cast<unsigned char>(pixels[static_cast<std::size_t>(y * width + x)]); }
};

Gray render(const std::string& pdf, int dpi) {
  run(fmt::format("pdftoppm -r {} -gray -f 1 -l 1 -singlefile '{}' '{}'", dpi, pdf, pdf));
  std::ifstream in(pdf + ".pgm", std::ios::binary);
  std::string magic;
  int most = 0;
  Gray image;
  in >> magic >> image.width >> image.height >> most;
  in.get();
  image.pixels.assign(std::istreambuf_iterator<char>(in), {});
  REQUIRE(magic == "P5");
  REQUIRE(image.pixels.size() == static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
  return image;
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

// How many lines of pdffonts say embedded, subset, Unicode; all must.
std::size_t good_fonts(const std::string& path) {
  std::istringstream lines(run("pdffonts '" + path + "'"));
  std::string line;
  std::size_t good = 0;
  while (std::getline(lines, line)) {
    if (line.find("LiberationSerif") == std::string::npos) continue;
    CHECK(line.find("CID TrueType      Identity-H       yes yes yes") != std::string::npos);
    ++good;
  }
  return good;
}

void check_file(const std::string& path) {
  CHECK(run("qpdf --check '" + path + "'").find("No syntax or stream encoding errors") != std::string::npos);
}

TEST_CASE(
    "all 134 letters, composed and decomposed, in four styles and sizes 8 to 16, extract as the same NFC letters") {
  Folder folder;
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
  if (const char* keep = std::getenv("KYSO_TEST_KEEP"))
    std::filesystem::copy_file(path, std::string(keep) + "/letters.pdf");
  REQUIRE(extracted.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(extracted[i] == expected[i]);
}

TEST_CASE("every letter has ink of its own, none is cut off or stands for another") {
  Folder folder;
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

// The object numbers whose dictionary has `key`.
std::vector<ObjectId> objects_with(const ObjectView& view, std::string_view key) {
  std::vector<ObjectId> ids;
  for (std::uint32_t number = 1; number < view.size(); ++number) {
    const auto object = view.get({number, 0});
    if (object && object->as_dictionary() != nullptr && object->as_dictionary()->has(key)) ids.push_back({number, 0});
  }
  return ids;
}

Drawing signature_box(const Image& image, const std::string& name, const std::string& date) {
  Drawing drawing(240, 105);
  drawing.image(image, {0, 0, 105, 105});
  drawing.paragraph({{"Ký bởi: ", FontStyle::regular, 10, {}},
                     {name, FontStyle::bold, 10, {}},
                     {"\nCơ quan: Sở Khoa học và Công nghệ\nThời gian ký: " + date, FontStyle::regular, 10, {}}},
                    {110, 0, 240, 105}, Drawing::Align::left);
  return drawing;
}

TEST_CASE("a seal with two fonts costs at most 40 kB the first time and 8 kB each further time") {
  Folder folder;
  const Bytes original = file("pyhanko/minimal.pdf");
  Bytes bytes = original;
  std::vector<std::size_t> growth;
  for (const std::string_view date :
       {"06/09/2026 16:01:42 +07:00", "17/10/2027 23:58:39 +07:00", "28.12.2031, 08:45"}) {
    Update update(bytes);
    update.add_field(signature_box(picture("sample-seal-red-37mm.png"), "Nguyễn Văn A", std::string(date)), 20,
                     20 + 120.0 * static_cast<double>(growth.size()));
    const Bytes next = update.finish();
    growth.push_back(next.size() - bytes.size());
    bytes = next;
  }
  MESSAGE("growth " << growth[0] << ", " << growth[1] << ", " << growth[2]);
  CHECK(growth[0] < 34'000);  // the signature's CMS comes on top, within 40 kB
  CHECK(growth[1] < 2'000);
  CHECK(growth[2] < 2'000);
  const std::string path = folder / "three.pdf";
  save(bytes, path);
  check_file(path);
  CHECK(good_fonts(path) == 2);
  CHECK(objects_with(open(bytes).view(), "SMask").size() == 1);  // one seal for three signatures
  if (const char* keep = std::getenv("KYSO_TEST_KEEP")) save(bytes, std::string(keep) + "/seal.pdf");
}

TEST_CASE("a new letter makes a new subset; the old one stays in use for what it has") {
  Update first(blank(300, 300));
  REQUIRE(first.resources().encode(FontStyle::bold, "Nguyễn"));
  const ObjectId font = first.resources().font(FontStyle::bold);
  Drawing drawing(100, 20);
  drawing.text({"Nguyễn", FontStyle::bold, 10, {}}, 0, 5);
  first.add_field(drawing, 10, 10);
  Update second(first.finish());
  const auto old_letters = second.resources().encode(FontStyle::bold, "yễn 2026");
  REQUIRE(old_letters);
  CHECK(second.resources().font(FontStyle::bold) == font);
  REQUIRE(second.resources().encode(FontStyle::bold, "Trần"));
  CHECK(second.resources().font(FontStyle::bold) != font);
  CHECK(*second.resources().encode(FontStyle::bold, "yễn 2026") == *old_letters);
  CHECK(second.resources().font(FontStyle::bold) == font);
  REQUIRE(second.resources().encode(FontStyle::regular, "yễn"));
  CHECK(second.resources().font(FontStyle::regular) != font);
}

TEST_CASE("a planted font or image that looks like ours is never used") {
  Update honest(blank(300, 300));
  const Image seal = picture("sample-seal-red-37mm.png");
  Drawing drawing(200, 100);
  drawing.text({"Nguyễn", FontStyle::regular, 10, {}}, 0, 5);
  drawing.image(seal, {100, 0, 200, 100});
  honest.add_field(drawing, 10, 10);
  const Bytes bytes = honest.finish();
  const auto reuse = [&](const std::function<void(IncrementalWriter&, const ObjectView&)>& change) {
    Update forged(bytes);
    change(forged.writer(), forged.document().view());
    Update next(forged.finish());
    const std::uint32_t known = next.document().view().size();
    REQUIRE(next.resources().encode(FontStyle::regular, "Nguyễn"));
    const bool font = next.resources().font(FontStyle::regular).number < known;
    return std::pair(font, next.resources().image(seal)->id.number < known);
  };
  const auto only = [](const ObjectView& view, std::string_view key) {
    const auto ids = objects_with(view, key);
    REQUIRE(ids.size() == 1);
    return ids.front();
  };
  const auto stream = [](Dictionary dictionary, std::string_view data) {
    return Object(Stream{
        std::make_shared<const Dictionary>(std::move(dictionary)), std::make_shared<const Bytes>(to_bytes(data)), {}});
  };
  CHECK(reuse([](auto&, auto&) {}) == std::pair(true, true));
  // Letters exchanged in the map to glyphs: "Nguyễn" would be shown as something else.
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          const ObjectId font = only(view, "CIDToGIDMap");
          const auto map = *view.get(font)->as_dictionary()->get("CIDToGIDMap").as_reference();
          Bytes gids = *view.decode(*view.get(map)->as_stream());
          std::swap(gids[gids.size() - 1], gids[gids.size() - 3]);
          writer.set(map, stream({}, as_chars(gids)));
        }) == std::pair(false, true));
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          const ObjectId font = only(view, "ToUnicode");
          const auto map = *view.get(font)->as_dictionary()->get("ToUnicode").as_reference();
          Bytes cmap = *view.decode(*view.get(map)->as_stream());
          std::swap(cmap[cmap.size() / 2], cmap[cmap.size() / 2 + 5]);
          writer.set(map, stream({}, as_chars(cmap)));
        }) == std::pair(false, true));
  // Another font program beside ours, other widths, another look of the same samples.
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          REQUIRE(writer.update_entry(only(view, "FontFile2"), "FontFile3", Object(ObjectId{1, 0})));
        }) == std::pair(false, true));
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          REQUIRE(writer.update_entry(only(view, "W"), "W", Array{Object(1), Object(Array{Object(1)})}));
        }) == std::pair(false, true));
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          const auto mask = *view.get(only(view, "SMask"))->as_dictionary()->get("SMask").as_reference();
          REQUIRE(writer.update_entry(mask, "Decode", Array{Object(1), Object(0)}));
        }) == std::pair(true, false));
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          REQUIRE(writer.update_entry(only(view, "SMask"), "Intent", Name{"Perceptual"}));
        }) == std::pair(true, false));
}

TEST_CASE("a drawing stands upright and undistorted on pages of every rotation") {
  Folder folder;
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
  Folder folder;
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
