#pragma once
#include <fmt/format.h>

#include <string>
#include <vector>

#include "pdf/document/document.h"
#include "pdf/text/page_text.h"

namespace kyso::pdf::test {

// A small PDF with one page, made in memory from the text of its objects.
class PagePdf {
 public:
  // The body of an object; its number.
  int add(std::string body) {
    m_objects.push_back(std::move(body));
    return static_cast<int>(m_objects.size()) + 3;
  }
  int add_stream(std::string_view data, std::string_view entries = {}) {
    return add(fmt::format("<<{} /Length {}>>\nstream\n{}\nendstream", entries, data.size(), data));
  }
  std::string build(std::string_view content, std::string_view resources, std::string_view page_entries = {}) {
    const int stream = add_stream(content);
    std::vector<std::string> all = {
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        fmt::format("<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {} 0 R/Resources<<{}>>{}>>", stream,
                    resources, page_entries)};
    all.insert(all.end(), m_objects.begin(), m_objects.end());
    std::string out = "%PDF-1.7\n", table;
    for (std::size_t i = 0; i < all.size(); ++i) {
      table += fmt::format("{:010} 00000 n \n", out.size());
      out += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, all[i]);
    }
    const std::size_t start = out.size();
    out += fmt::format("xref\n0 {}\n0000000000 65535 f \n{}trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n",
                       all.size() + 1, table, all.size() + 1, start);
    return out;
  }

 private:
  std::vector<std::string> m_objects;
};

inline Result<PageText> read_first_page(std::string_view pdf) {
  const Document document = KYSO_TRY(Document::open(Source::from_bytes(to_bytes(pdf))));
  return read_page_text(document, 0);
}

inline std::vector<std::string> line_texts(const PageText& page) {
  std::vector<std::string> out;
  for (const Line& line : page.lines) out.push_back(line.text());
  return out;
}

}  // namespace kyso::pdf::test
