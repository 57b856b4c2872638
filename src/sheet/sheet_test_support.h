#pragma once
#include <map>

#include "base/test_support.h"
#include "sheet/package.h"
#include "sheet/workbook.h"

// Workbooks made part by part, for tests.
namespace kyso::sheet {

inline std::string in_worksheet(const std::string& content) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet "
         "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">" +
         content + "</worksheet>";
}
inline std::string in_rows(const std::string& rows) {
  return in_worksheet("<sheetData>" + rows + "</sheetData>");
}

// The parts of a small workbook with one sheet; any of them may be replaced, added or (by an empty text) left out.
class TestWorkbook {
 public:
  TestWorkbook() {
    const std::string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const std::string main = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
    set("[Content_Types].xml",
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" "
        "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override "
        "PartName=\"/xl/workbook.xml\" ContentType=\"" +
            main +
            "sheet.main+xml\"/><Override "
            "PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"" +
            main + "worksheet+xml\"/></Types>");
    set("_rels/.rels", relationships({{"rId1", office + "/officeDocument", "xl/workbook.xml"}}));
    set("xl/workbook.xml", workbook("<sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/>"));
    set("xl/_rels/workbook.xml.rels", relationships({{"rId1", office + "/worksheet", "worksheets/sheet1.xml"},
                                                     {"rId2", office + "/sharedStrings", "sharedStrings.xml"},
                                                     {"rId3", office + "/styles", "styles.xml"}}));
    set("xl/sharedStrings.xml", strings(""));
    set("xl/styles.xml", styles({}));
    set("xl/worksheets/sheet1.xml", in_rows(""));
  }

  TestWorkbook& set(const std::string& name, const std::string& content) {
    if (!m_parts.contains(name)) m_order.push_back(name);
    m_parts[name] = content;
    return *this;
  }
  TestWorkbook& rows(const std::string& rows) { return set("xl/worksheets/sheet1.xml", in_rows(rows)); }
  TestWorkbook& replace(const std::string& name, const std::string& from, const std::string& to) {
    std::string& content = m_parts.at(name);
    const std::size_t at = content.find(from);
    REQUIRE(at != std::string::npos);
    content.replace(at, from.size(), to);
    return *this;
  }
  Bytes bytes() const {
    std::vector<PackagePart> parts;
    for (const std::string& name : m_order)
      if (!m_parts.at(name).empty()) parts.push_back({name, to_bytes(m_parts.at(name))});
    return must(write_package(parts));
  }

  struct Target {
    std::string id, type, target, more = {};
  };
  static std::string relationships(const std::vector<Target>& targets) {
    std::string text = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">";
    for (const Target& t : targets)
      text += fmt::format("<Relationship Id=\"{}\" Type=\"{}\" Target=\"{}\"{}/>", t.id, t.type, t.target, t.more);
    return text + "</Relationships>";
  }
  static std::string workbook(const std::string& sheets, const std::string& before = {}) {
    return "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "
           "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">" +
           before + "<sheets>" + sheets + "</sheets></workbook>";
  }
  static std::string strings(const std::string& items) {
    return "<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">" + items + "</sst>";
  }
  // Style n + 1 has the n-th code; style 0 is General.
  static std::string styles(const std::vector<std::string>& codes) {
    std::string formats, cells = "<xf numFmtId=\"0\"/>";
    for (std::size_t i = 0; i < codes.size(); ++i) {
      formats += fmt::format("<numFmt numFmtId=\"{}\" formatCode=\"{}\"/>", 164 + i, escape_xml(codes[i]));
      cells += fmt::format("<xf numFmtId=\"{}\"/>", 164 + i);
    }
    return "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><numFmts>" + formats +
           "</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs>" + cells + "</cellXfs></styleSheet>";
  }

 private:
  std::vector<std::string> m_order;
  std::map<std::string, std::string> m_parts;
};

struct ReadSheet {
  Remarks remarks;
  std::vector<Row> rows;
};
inline Result<ReadSheet> read_all(ByteView file, const ReadOptions& options = {}) {
  ReadSheet sheet;
  sheet.remarks = KYSO_TRY(read_xlsx(file, options, [&](Row&& row) -> Result<bool> {
    sheet.rows.push_back(std::move(row));
    return true;
  }));
  return sheet;
}

// The code of the refusal, with its first parameter: "sheet.kind PDF".
inline std::string refusal(const Result<ReadSheet>& result) {
  if (result) return "ok";
  const Error& error = result.error();
  return std::string(error.code) + (error.params.empty() ? "" : " " + error.params.front().second);
}

}  // namespace kyso::sheet
