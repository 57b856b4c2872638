#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "sheet/package.h"
#include "sheet/workbook.h"

namespace {

using namespace kyso;
using namespace kyso::sheet;

constexpr std::string_view kTypes =
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Override PartName=\"/w.xml\" "
    "ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>";
constexpr std::string_view kRoot =
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r\" "
    "Type=\"x/officeDocument\" Target=\"w.xml\"/></Relationships>";
constexpr std::string_view kRelationships =
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"a\" "
    "Type=\"x/worksheet\" Target=\"s.xml\"/><Relationship Id=\"b\" Type=\"x/styles\" Target=\"f.xml\"/><Relationship "
    "Id=\"c\" Type=\"x/sharedStrings\" Target=\"t.xml\"/></Relationships>";
constexpr std::string_view kWorkbook =
    "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"urn:r\"><sheets><sheet "
    "name=\"S\" r:id=\"a\"/></sheets></workbook>";

std::string in(std::string_view root, std::string_view content) {
  return "<" + std::string(root) + " xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">" +
         std::string(content) + "</" + std::string(root) + ">";
}

}  // namespace

// The XML behind the ZIP: three pieces, parted by "|", stand in the sheet, the styles and the shared strings.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = as_chars({data, size});
  std::string_view pieces[3];
  for (std::string_view& piece : pieces) {
    const std::size_t end = std::min(rest.find('|'), rest.size());
    piece = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto file = write_package({{"[Content_Types].xml", to_bytes(kTypes)},
                                   {"_rels/.rels", to_bytes(kRoot)},
                                   {"w.xml", to_bytes(kWorkbook)},
                                   {"_rels/w.xml.rels", to_bytes(kRelationships)},
                                   {"s.xml", to_bytes(in("worksheet", pieces[0]))},
                                   {"f.xml", to_bytes(in("styleSheet", pieces[1]))},
                                   {"t.xml", to_bytes(in("sst", pieces[2]))}});
  if (!file) std::abort();
  const auto result = read_xlsx(*file, {}, [&](Row&& row) -> Result<bool> {
    for (const Cell& cell : row.cells)
      if (!is_valid_utf8(cell.text) || (cell.kind == Cell::Kind::date && !cell.date)) std::abort();
    return true;
  });
  if (!result && !result.error().code.starts_with("sheet.")) std::abort();
  return 0;
}
