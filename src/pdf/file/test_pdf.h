#pragma once
#include <map>

#include "pdf/file/object_view.h"

// For tests: files written byte by byte, so that they may be wrong.
namespace kyso::pdf::test {

class PdfText {
 public:
  std::string text = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
  std::map<unsigned, std::size_t> offsets;
  std::size_t last_xref = 0;

  PdfText& object(unsigned number, std::string_view body, unsigned generation = 0) {
    offsets[number] = text.size();
    text += fmt::format("{} {} obj\n{}\nendobj\n", number, generation, body);
    return *this;
  }
  PdfText& stream(unsigned number, std::string_view entries, std::string_view data) {
    return object(number, fmt::format("<< {} /Length {} >>\nstream\n{}\nendstream", entries, data.size(), data));
  }
  // The three objects that every document has.
  PdfText& basics() {
    object(1, "<< /Type /Catalog /Pages 2 0 R >>");
    object(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    return object(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>");
  }
  // A table over what was added since the last one.
  PdfText& table(std::string_view trailer = {}, bool with_prev = true) {
    const std::size_t start = text.size();
    text += "xref\n0 1\n0000000000 65535 f \n";
    for (const auto& [number, offset] : offsets) text += fmt::format("{} 1\n{:010} 00000 n \n", number, offset);
    text += "trailer\n<< /Root 1 0 R ";
    if (trailer.find("/Size") == std::string_view::npos) text += "/Size 100 ";
    if (with_prev && last_xref > 0) text += fmt::format("/Prev {} ", last_xref);
    text += fmt::format("{} >>\n", trailer);
    return end(start);
  }
  PdfText& end(std::size_t start) {
    text += fmt::format("startxref\n{}\n%%EOF\n", start);
    last_xref = start;
    offsets.clear();
    return *this;
  }
  Source source() const { return Source::from_bytes(to_bytes(text)); }
};

inline std::string big_endian(std::uint64_t value, int width) {
  std::string out;
  for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

}  // namespace kyso::pdf::test
