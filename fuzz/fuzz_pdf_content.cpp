#include <cstdint>
#include <cstdlib>

#include "pdf/text/test_page_pdf.h"

// Arbitrary bytes as a page's content stream, as a form and as CMaps: read_page_text answers or says pdf.limit.
// Input: two bytes for the length of the CMap, the CMap, the content.
using namespace kyso;
using namespace kyso::pdf;

namespace {

std::string document_with(std::string_view map, std::string_view content) {
  test::PagePdf pdf;
  const int stream = pdf.add_stream(map);
  const int form = pdf.add_stream(content, "/Type/XObject/Subtype/Form/BBox[0 0 300 300]/Matrix[0.5 0 0 0.5 20 20]");
  const int image = pdf.add_stream("x", "/Type/XObject/Subtype/Image/Width 1/Height 1");
  const std::string resources = fmt::format(
      "/Font<</F <</Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>"
      "/L <</Subtype/TrueType/BaseFont/.VnTime/ToUnicode {0} 0 R>>"
      "/T <</Subtype/Type3/FontMatrix[0.01 0 0 0.01 0 0]/FontBBox[0 0 0 0]/FirstChar 65/Widths[60]"
      "/Encoding<</Differences[65/edotbelow/g1]>>>>"
      "/C <</Subtype/Type0/BaseFont/Y/Encoding {0} 0 R/ToUnicode {0} 0 R/DescendantFonts[<</W[1[800]2 9 600]>>]>>"
      "/V <</Subtype/Type0/BaseFont/Y/Encoding/Identity-V/ToUnicode {0} 0 R/DescendantFonts[<</DW2[880 -900]>>]>>>>"
      "/XObject<</X {1} 0 R/I {2} 0 R>>/ExtGState<</G <</ca 0/LW 3>>>>/Properties<</P <</ActualText(a b)>>>>"
      "/ColorSpace<</S [/Separation/Red/DeviceCMYK<<>>]>>",
      stream, form, image);
  const std::string annotation = fmt::format("/Rotate 90/Annots[<</Rect[9 9 99 99]/AP<</N {} 0 R>>>>]", form);
  return pdf.build(content, resources, annotation);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t split = std::min<std::size_t>(input.size(), data[0] | data[1] << 8U);
  auto page = test::read_first_page(document_with(input.substr(0, split), input.substr(split)));
  if (!page) {
    if (page.error().code != "pdf.limit") std::abort();
    return 0;
  }
  for (const Line& line : page->lines) {
    if (line.words.empty() || line.text().empty()) std::abort();
    const Rect box = line.box();
    if (!(box.x0 <= box.x1 && box.y0 <= box.y1)) std::abort();
  }
  for (const Mark& mark : page->marks) {
    if (!(mark.box.x0 <= mark.box.x1 && mark.box.y0 <= mark.box.y1)) std::abort();
  }
  if (!page->lines.empty()) {
    // Whatever word is read can be found again.
    const std::string& word = page->lines.front().words.front().text;
    if (word.size() < 64) (void)find_text(*page, 0, word);
  }
  return 0;
}
