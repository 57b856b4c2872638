#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/text.h"
#include "sheet/workbook.h"

// Any file: rows with rising numbers, cells of valid text within the limits, or an answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kyso::sheet::ReadOptions options;
  options.limits.max_unpacked = 4U << 20U;
  options.limits.max_rows = 1'000;
  options.limits.max_columns = 64;
  std::uint32_t last = 0;
  const auto result = kyso::sheet::read_table({data, size}, options, [&](kyso::sheet::Row&& row) -> kyso::Result<bool> {
    if (row.number <= last || row.cells.empty() || row.cells.size() > 64) std::abort();
    last = row.number;
    for (const kyso::sheet::Cell& cell : row.cells)
      if (!kyso::is_valid_utf8(cell.text) || kyso::to_nfc(cell.text) != cell.text) std::abort();
    return true;
  });
  if (!result && !result.error().code.starts_with("sheet.")) std::abort();
  return 0;
}
