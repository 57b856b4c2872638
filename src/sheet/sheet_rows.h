#pragma once
#include "sheet/merged_cells.h"
#include "sheet/workbook_parts.h"
#include "sheet/xml_events.h"

namespace kyso::sheet {

// What the cells of a sheet refer to.
struct CellContext {
  const std::vector<std::string>& strings;
  const Styles& styles;
  DateSystem dates;
  const ReadLimits& limits;
};
// SheetRows: the rows of a worksheet (ISO/IEC 29500-1 section 18.3.1.80), handed on as they end.
class SheetRows final : public XmlHandler {
 public:
  SheetRows(const CellContext& context, MergedCells& merged, const std::function<Result<bool>(Row&&)>& each)
      : m_context(context), m_merged(merged), m_each(each), m_buffer(context.limits.max_text) {}
  bool has_hidden_rows() const { return m_has_hidden_rows; }

  Result<> start(const XmlElement& element) override;
  Result<> text(std::string_view piece) override { return m_collects ? m_buffer.add(piece) : Result<>(); }
  Result<> end(std::string_view name) override;

 private:
  enum class Type : std::uint8_t { number, shared, formula_text, inline_text, boolean, error, iso_date };
  Result<> start_row(const XmlElement& element);
  Result<> start_cell(const XmlElement& element);
  Result<> end_cell();
  Result<> end_row();
  Result<> set_value(Cell& cell);
  Result<> set_number(Cell& cell);
  Result<> set_shared(Cell& cell);
  Result<> set_iso_date(Cell& cell);
  Error broken(std::string_view what) const;

  const CellContext& m_context;
  MergedCells& m_merged;
  const std::function<Result<bool>(Row&&)>& m_each;
  TextBuffer m_buffer;
  Row m_row;
  std::uint32_t m_row_number = 0, m_column = 0;
  std::size_t m_rows = 0, m_style = 0;
  Type m_type = Type::number;
  bool m_in_data = false, m_in_row = false, m_in_cell = false, m_in_inline = false, m_collects = false;
  bool m_is_formula = false, m_has_hidden_rows = false;
  int m_phonetic = 0;
};

// What a number with a format is to a person.
void show_number(Cell& cell, double value, const NumberFormat& format, DateSystem dates);

}  // namespace kyso::sheet
