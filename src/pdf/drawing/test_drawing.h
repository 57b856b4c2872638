#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/test_support.h"
#include "pdf/drawing/appearance.h"
#include "pdf/drawing/test_fonts.h"

// Drawings put into documents, and what other people's programs (poppler, qpdf) say of them.
namespace kyso::pdf::test {

inline std::string run(const std::string& command) {
  return output_of(command + " 2>&1");
}

inline Document open(ByteView bytes) {
  auto document = Document::open(Source::from_bytes(Bytes(bytes.begin(), bytes.end())));
  REQUIRE(document);
  return *std::move(document);
}

inline Bytes file(const std::string& name) {
  return *read_file(KYSO_SOURCE_DIR "/tests/data/pdf/" + name);
}

inline Image picture(const std::string& name) {
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
    const ObjectId widget = m_writer.add(
        Dictionary{{"Type", Name{"Annot"}},
                   {"Subtype", Name{"Widget"}},
                   {"FT", Name{"Sig"}},
                   {"T", text_string(fmt::format("Field{}", m_document.form().fields().size() + m_added++))},
                   {"F", 4},
                   {"Rect", to_object(rect)},
                   {"P", page.id},
                   {"AP", Dictionary{{"N", form(drawing, page.rotate)}}}});
    const Object current = *m_writer.get(page.id);
    REQUIRE(m_writer.update_entry(page.id, "Annots", with(current.as_dictionary()->get("Annots"), widget)));
    const Object catalog = *m_writer.get(*m_document.view().catalog_id());
    const Object old = *m_writer.resolve(catalog.as_dictionary()->get("AcroForm"));
    Dictionary acro_form = old.as_dictionary() == nullptr ? Dictionary{} : *old.as_dictionary();
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
    const Object resolved = *m_writer.resolve(list);
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
  std::size_t m_painted = 0, m_added = 0;
};

inline void save(const Bytes& bytes, const std::string& path) {
  std::ofstream(path, std::ios::binary) << as_chars(bytes);
}

// An empty document with one page.
inline Bytes blank(int width, int height, int rotate = 0) {
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

inline Gray render(const std::string& pdf, int dpi) {
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

inline std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

// How many lines of pdffonts say embedded, subset, Unicode; all must.
inline std::size_t good_fonts(const std::string& path) {
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

inline void check_file(const std::string& path) {
  CHECK(run("qpdf --check '" + path + "'").find("No syntax or stream encoding errors") != std::string::npos);
}

// The object numbers whose dictionary has `key`.
inline std::vector<ObjectId> objects_with(const ObjectView& view, std::string_view key) {
  std::vector<ObjectId> ids;
  for (std::uint32_t number = 1; number < view.size(); ++number) {
    const auto object = view.get({number, 0});
    if (object && object->as_dictionary() != nullptr && object->as_dictionary()->has(key)) ids.push_back({number, 0});
  }
  return ids;
}

inline Drawing signature_box(const Image& image, const std::string& name, const std::string& date) {
  Drawing drawing(240, 105);
  drawing.image(image, {0, 0, 105, 105});
  drawing.paragraph({{"Ký bởi: ", FontStyle::regular, 10, {}},
                     {name, FontStyle::bold, 10, {}},
                     {"\nCơ quan: Sở Khoa học và Công nghệ\nThời gian ký: " + date, FontStyle::regular, 10, {}}},
                    {110, 0, 240, 105}, Drawing::Align::left);
  return drawing;
}

}  // namespace kyso::pdf::test
