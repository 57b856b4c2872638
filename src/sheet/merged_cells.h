#pragma once
#include "sheet/cell_reference.h"
#include "sheet/workbook.h"
#include "sheet/zip_archive.h"

namespace kyso::sheet {

// MergedCells: which cells of a row belong to a merged range. A sheet tells its ranges behind its rows, so they are
// read before the rows are.
class MergedCells {
 public:
  // Unpacks the whole part; its XML is parsed only when it seems to have such ranges.
  static Result<MergedCells> read(ZipArchive& archive, const ZipEntry& sheet, const ReadLimits& limits);
  std::vector<std::string> names() const;  // the first hundred
  // Marks the row's cells; rows in rising order. Ranges that overlap: sheet.malformed.
  Result<> mark(Row& row);

 private:
  struct Column {
    std::uint32_t last_row = 0;  // of the range that was begun last; 0: none
    CellReference first;
  };
  friend class MergedCellsHandler;
  std::vector<CellRange> m_ranges;  // by their first row, once read
  std::vector<std::string> m_names;
  std::vector<Column> m_columns;
  std::size_t m_next = 0;
  std::uint32_t m_last_row = 0;  // no begun range goes beyond
};

}  // namespace kyso::sheet
