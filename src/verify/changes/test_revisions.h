#pragma once
#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "base/test_support.h"
#include "verify/changes/change.h"

// A small signed document, written object by object, and updates to it as an attacker or an honest program makes them.
namespace kyso::verify::test {

using Objects = std::map<int, std::string>;

inline std::string stream_object(std::string_view data, std::string_view entries = {}) {
  return fmt::format("<<{}/Length {}>>\nstream\n{}\nendstream", entries, data.size(), data);
}
inline std::string form_object(std::string_view content, std::string_view box, std::string_view entries = {}) {
  return stream_object(content, fmt::format("/Type/XObject/Subtype/Form/BBox[{}]{}", box, entries));
}
inline std::string text_form(std::string_view text, std::string_view box = "0 0 100 20",
                             std::string_view font = "5 0 R") {
  return form_object(fmt::format("/Tx BMC q BT /Helv 12 Tf 2 5 Td ({}) Tj ET Q EMC", text), box,
                     fmt::format("/Resources<</Font<</Helv {}>>>>", font));
}
// Image of 16 × 16 red points; opaque where the mask is not given.
inline std::string image_object(std::string_view mask = {}) {
  std::string data;
  for (int i = 0; i < 256; ++i) data += "ff0000";
  return stream_object(data + ">", fmt::format("/Type/XObject/Subtype/Image/Width 16/Height 16/BitsPerComponent 8"
                                               "/ColorSpace/DeviceRGB/Filter/ASCIIHexDecode{}",
                                               mask));
}

// The document: page 300 × 200 with "Hello signed world" at (50, 100), 14 points high, in Helvetica; fields:
//   20 Signed    signature, invisible, dictionary 30
//   21 Empty     signature, [150 20 250 60]
//   22 Name      text, [20 20 120 40], value empty, appearance 40
//   23 Agree     check box, [20 60 32 72], states 41 Yes, 42 Off
//   24 City      combo box, [20 150 120 170], value Hue, appearance 43
//   26 Seal      push-button, [250 80 290 120], appearance 45
// annotations: 25 a note; 31 a visible signature Shown with dictionary 32, its picture 46 → 47, at [200 130 260 170].
inline Objects signed_document() {
  Objects o;
  o[1] = "<</Type/Catalog/Pages 2 0 R/AcroForm 10 0 R/Names 11 0 R/Outlines 12 0 R/OCProperties 13 0 R>>";
  o[2] = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
  o[3] =
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources 6 0 R"
      "/Annots[20 0 R 21 0 R 22 0 R 23 0 R 24 0 R 26 0 R 25 0 R 31 0 R]>>";
  o[4] = stream_object("BT /F1 14 Tf 50 100 Td (Hello signed world) Tj ET");
  o[5] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
  o[6] = "<</Font<</F1 5 0 R>>/XObject<</X1 7 0 R>>>>";
  o[7] = form_object("0 0 1 1 re f", "0 0 1 1");
  o[10] =
      "<</Fields[20 0 R 21 0 R 22 0 R 23 0 R 24 0 R 26 0 R 31 0 R]/SigFlags 3/DA(/Helv 0 Tf 0 g)"
      "/DR<</Font<</Helv 5 0 R>>>>>>";
  o[11] = "<</Dests 14 0 R>>";
  o[12] = "<</Type/Outlines/Count 0>>";
  o[13] = "<</OCGs[15 0 R]/D<</ON[15 0 R]>>>>";
  o[14] = "<</Names[]>>";
  o[15] = "<</Type/OCG/Name(Layer)>>";
  o[16] = "<</Title(Old)/ModDate(D:20260101000000Z)>>";
  o[20] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signed)/Rect[0 0 0 0]/F 132/P 3 0 R/V 30 0 R>>";
  o[21] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Empty)/Rect[150 20 250 60]/F 4/P 3 0 R>>";
  o[22] =
      "<</Type/Annot/Subtype/Widget/FT/Tx/T(Name)/Rect[20 20 120 40]/F 4/P 3 0 R/DA(/Helv 12 Tf 0 g)/AP<</N 40 0 R>>>>";
  o[23] =
      "<</Type/Annot/Subtype/Widget/FT/Btn/T(Agree)/Rect[20 60 32 72]/F 4/P 3 0 R/V/Off/AS/Off"
      "/AP<</N<</Yes 41 0 R/Off 42 0 R>>>>>>";
  o[24] =
      "<</Type/Annot/Subtype/Widget/FT/Ch/T(City)/Ff 131072/Rect[20 150 120 170]/F 4/P 3 0 R/V(Hue)"
      "/Opt[(Hue)[(HN)(Ha Noi)]]/DA(/Helv 12 Tf 0 g)/AP<</N 43 0 R>>>>";
  o[25] = "<</Type/Annot/Subtype/Text/Rect[280 180 298 198]/Contents(note)/F 4/P 3 0 R>>";
  o[26] = "<</Type/Annot/Subtype/Widget/FT/Btn/Ff 65537/T(Seal)/Rect[250 80 290 120]/F 132/P 3 0 R/AP<</N 45 0 R>>>>";
  o[30] =
      "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<00>/M(D:20260101)>>";
  o[31] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Shown)/Rect[200 130 260 170]/F 132/P 3 0 R/V 32 0 R/AP<</N 46 0 R>>>>";
  o[32] = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 4 5 6]/Contents<01>>>";
  o[40] = form_object("/Tx BMC EMC", "0 0 100 20");
  o[41] = form_object("0 0 m 12 12 l S", "0 0 12 12");
  o[42] = form_object("", "0 0 12 12");
  o[43] = text_form("Hue");
  o[45] = form_object("", "0 0 40 40");
  o[46] = form_object("q 60 0 0 40 0 0 cm /Im Do Q", "0 0 60 40", "/Resources<</XObject<</Im 47 0 R>>>>");
  o[47] = image_object();
  return o;
}

class RevisedPdf {
 public:
  explicit RevisedPdf(const Objects& objects = signed_document()) { append(objects, "/Root 1 0 R/Info 16 0 R", true); }

  // One more revision; an empty body frees the object.
  RevisedPdf& update(const Objects& objects, std::string_view trailer = "/Root 1 0 R/Info 16 0 R") {
    append(objects, trailer, false);
    return *this;
  }
  // A revision that writes nothing but says that an object stands elsewhere.
  RevisedPdf& repoint(int number, std::size_t offset) {
    const std::size_t start = m_bytes.size();
    m_bytes += fmt::format(
        "xref\n{} 1\n{:010} 00000 n \ntrailer\n<</Size {}/Root 1 0 R/Info 16 0 R/Prev {}>>\nstartxref\n{}\n%%EOF\n",
        number, offset, m_size, m_last, start);
    m_last = start;
    return *this;
  }
  std::size_t offset_of(int number) const { return m_bytes.rfind(fmt::format("\n{} 0 obj\n", number)) + 1; }
  const std::string& bytes() const { return m_bytes; }
  ChangeReport changes(std::size_t first = 0, const ChangeLimits& limits = {}) const {
    auto graph = must(pdf::RevisionGraph::open(pdf::Source::from_bytes(to_bytes(m_bytes))));
    return find_changes(std::make_shared<const pdf::RevisionGraph>(std::move(graph)), first, nullptr, limits);
  }

 private:
  void append(const Objects& objects, std::string_view trailer, bool is_first) {
    if (is_first) m_bytes = "%PDF-1.7\n";
    std::string table = is_first ? "0 1\n0000000000 65535 f \n" : "";
    for (const auto& [number, body] : objects) {
      m_size = std::max(m_size, number + 1);
      if (body.empty()) {
        table += fmt::format("{} 1\n0000000000 00001 f \n", number);
        continue;
      }
      table += fmt::format("{} 1\n{:010} 00000 n \n", number, m_bytes.size());
      m_bytes += fmt::format("{} 0 obj\n{}\nendobj\n", number, body);
    }
    const std::size_t start = m_bytes.size();
    if (table.empty()) table = "0 0\n";
    const std::string previous = is_first ? "" : fmt::format("/Prev {}", m_last);
    m_bytes += fmt::format("xref\n{}trailer\n<</Size {}{}{}>>\nstartxref\n{}\n%%EOF\n", table, m_size, trailer,
                           previous, start);
    m_last = start;
  }
  std::string m_bytes;
  std::size_t m_last = 0;
  int m_size = 1;
};

// "kind code", one for each change.
inline std::vector<std::string> labels(const ChangeReport& report) {
  std::vector<std::string> out;
  for (const Change& change : report.changes) out.push_back(fmt::format("{} {}", name_of(change.kind), change.code));
  return out;
}
inline std::string label(const ChangeReport& report) {
  std::string out;
  for (const std::string& line : labels(report)) out += (out.empty() ? "" : "; ") + line;
  return out;
}
// What one update of the document amounts to.
inline std::string judged(const Objects& update) {
  return label(RevisedPdf().update(update).changes());
}
inline Change only_change(const Objects& update) {
  const ChangeReport report = RevisedPdf().update(update).changes();
  REQUIRE_MESSAGE(report.changes.size() == 1, label(report));
  return report.changes.front();
}

// The document's object with a piece of it replaced, or with something put before its last ">>".
inline std::string replaced(int number, std::string_view from, std::string_view to) {
  std::string body = signed_document().at(number);
  const std::size_t at = body.find(from);
  REQUIRE(at != std::string::npos);
  return body.replace(at, from.size(), to);
}
inline std::string extended(int number, std::string_view entries) {
  std::string body = signed_document().at(number);
  return body.insert(body.rfind(">>"), entries);
}
inline std::string with_field(std::string_view field) {
  return replaced(10, "/Fields[", fmt::format("/Fields[{} ", field));
}
inline std::string with_annotation(std::string_view annotation) {
  return replaced(3, "31 0 R]", fmt::format("31 0 R {}]", annotation));
}

}  // namespace kyso::verify::test
