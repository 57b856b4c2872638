#pragma once
#include "sheet/date_serial.h"
#include "sheet/number_format.h"
#include "sheet/zip_archive.h"

namespace kyso::sheet {

struct SheetPart {
  std::string name, relationship;
  bool is_hidden = false;
};
struct WorkbookPart {
  DateSystem dates = DateSystem::from_1900;
  std::vector<SheetPart> sheets;
};
// ISO/IEC 29500-1 section 18.2.
Result<WorkbookPart> read_workbook_part(ZipArchive& archive, const ZipEntry& entry);

// Section 18.8: the number formats of cells by their style.
class Styles {
 public:
  static Result<Styles> read(ZipArchive& archive, const ZipEntry& entry);
  const NumberFormat& of(std::size_t style) const;  // General beyond the last one

 private:
  std::vector<NumberFormat> m_formats;
  std::vector<std::size_t> m_format_of_style;
  NumberFormat m_general = NumberFormat::parse("General");
  friend class StylesHandler;
};

// Section 18.4: texts that cells share; runs joined, phonetic hints left out. sheet.limit.text.
Result<std::vector<std::string>> read_shared_strings(ZipArchive& archive, const ZipEntry& entry, std::size_t max_text);

// Text from its pieces, never longer than characters can be. sheet.limit.text.
class TextBuffer {
 public:
  explicit TextBuffer(std::size_t max_text) : m_max_text(max_text) {}
  void clear() { m_text.clear(); }
  Result<> add(std::string_view piece);
  std::string_view raw() const { return m_text; }
  Result<std::string> cleaned(bool has_escapes) const;

 private:
  std::size_t m_max_text;
  std::string m_text;
};

}  // namespace kyso::sheet
