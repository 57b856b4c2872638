#include "sheet/merged_cells.h"

#include <algorithm>
#include <array>

#include "sheet/sheet_error.h"
#include "sheet/xml_events.h"

namespace kyso::sheet {

class MergedCellsHandler final : public XmlHandler {
 public:
  MergedCellsHandler(MergedCells& merged, std::size_t max_ranges) : m_merged(merged), m_max_ranges(max_ranges) {}
  Result<> start(const XmlElement& element) override {
    if (element.name != "mergeCell") return {};
    if (m_merged.m_ranges.size() >= m_max_ranges) return over_limit(fmt::format("{} merged ranges", m_max_ranges));
    const std::string_view name = element.value("ref");
    const auto range = parse_range(name);
    if (!range) return malformed("merged range");
    m_merged.m_ranges.push_back(*range);
    if (m_merged.m_names.size() < 100) m_merged.m_names.emplace_back(name);
    return {};
  }

 private:
  MergedCells& m_merged;
  std::size_t m_max_ranges;
};

namespace {

// Whether the part's bytes hold the element's name, or are in an encoding in which that can't be seen.
Result<bool> seems_merged(ZipArchive& archive, const ZipEntry& sheet) {
  constexpr std::string_view kName = "mergeCell";
  auto stream = KYSO_TRY(archive.stream(sheet));
  std::array<std::uint8_t, 1U << 16U> buffer;
  std::size_t kept = 0;
  bool is_first = true;
  for (;;) {
    const std::size_t got = KYSO_TRY(stream.read(std::span(buffer).subspan(kept)));
    if (got == 0) return false;
    const std::string_view seen = as_chars(ByteView(buffer).first(kept + got));
    if (seen.find(kName) != std::string_view::npos) return true;
    if (is_first && seen.substr(0, 256).find('\0') != std::string_view::npos) return true;  // UTF-16
    is_first = false;
    kept = std::min(seen.size(), kName.size() - 1);
    std::copy_n(buffer.begin() + static_cast<std::ptrdiff_t>(seen.size() - kept), kept, buffer.begin());
  }
}

}  // namespace

Result<MergedCells> MergedCells::read(ZipArchive& archive, const ZipEntry& sheet, const ReadLimits& limits) {
  MergedCells merged;
  merged.m_columns.resize(limits.max_columns + 1);
  if (!KYSO_TRY(seems_merged(archive, sheet))) return merged;
  auto stream = KYSO_TRY(archive.stream(sheet));
  MergedCellsHandler handler(merged, limits.max_rows);
  KYSO_TRY(read_xml(stream, kSpreadsheet, handler));
  std::ranges::sort(merged.m_ranges, {}, [](const CellRange& r) { return std::pair(r.first.row, r.first.column); });
  return merged;
}

std::vector<std::string> MergedCells::names() const {
  return m_names;
}

Result<> MergedCells::mark(Row& row) {
  for (; m_next < m_ranges.size() && m_ranges[m_next].first.row <= row.number; ++m_next) {
    const CellRange& range = m_ranges[m_next];
    const std::size_t end = std::min<std::size_t>(range.last.column + 1U, m_columns.size());
    for (std::size_t column = range.first.column; column < end; ++column) {
      if (m_columns[column].last_row >= range.first.row) return malformed("merged ranges overlap");
      m_columns[column] = {range.last.row, range.first};
    }
    m_last_row = std::max(m_last_row, range.last.row);
  }
  if (m_last_row < row.number) return {};
  for (std::size_t column = 1; column < m_columns.size(); ++column) {
    const Column& range = m_columns[column];
    if (range.last_row < row.number || (range.first.row == row.number && range.first.column == column)) continue;
    if (row.cells.size() < column) row.cells.resize(column);
    row.cells[column - 1].is_merged = true;
  }
  return {};
}

}  // namespace kyso::sheet
