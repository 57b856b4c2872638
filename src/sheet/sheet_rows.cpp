#include "sheet/sheet_rows.h"

#include <charconv>
#include <cmath>

#include "base/text.h"
#include "sheet/cell_text.h"
#include "sheet/sheet_error.h"

namespace kyso::sheet {
namespace {

template <typename T>
std::optional<T> number_of(std::string_view text) {
  T value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_empty(const Cell& cell) {
  return cell.kind == Cell::Kind::empty && !cell.is_formula;
}

void show_moment(Cell& cell, const Moment& moment, bool has_clock) {
  cell.text = show_date(moment.date);
  if (has_clock && moment.hour + moment.minute + moment.second > 0) cell.text += " " + show_time(moment);
  cell.kind = moment.exists ? Cell::Kind::date : Cell::Kind::text;
  if (moment.exists) cell.date = moment.date;
}

}  // namespace

void show_number(Cell& cell, double value, const NumberFormat& format, DateSystem dates) {
  cell.kind = Cell::Kind::number;
  cell.number = value;
  const bool is_date = format.kind() == NumberFormat::Kind::date || format.kind() == NumberFormat::Kind::date_time;
  if (const auto moment = is_date ? moment_of(value, dates) : std::nullopt)
    return show_moment(cell, *moment, format.kind() == NumberFormat::Kind::date_time);
  // Hours beyond any clock are a number in a wrong format.
  if (format.kind() == NumberFormat::Kind::time && std::fabs(value) < 1e6)
    cell.text = show_time(value);
  else
    cell.text = format.kind() == NumberFormat::Kind::number ? format.show(value) : show_general(value);
}

Error SheetRows::broken(std::string_view what) const {
  return malformed(fmt::format("row {}, column {}: {}", m_row_number, m_column, what));
}

Result<> SheetRows::start(const XmlElement& element) {
  const std::string_view name = element.name;
  if (name == "c") return m_in_row ? start_cell(element) : Result<>();
  if (name == "v") {
    m_collects = m_in_cell && m_type != Type::inline_text;
    m_buffer.clear();
  } else if (name == "f") {
    m_is_formula = m_in_cell;
  } else if (name == "row") {
    return m_in_data ? start_row(element) : Result<>();
  } else if (name == "is") {
    m_in_inline = m_in_cell && m_type == Type::inline_text;
  } else if (name == "rPh") {
    ++m_phonetic;
  } else if (name == "t") {
    m_collects = m_in_inline && m_phonetic == 0;
  } else if (name == "sheetData") {
    m_in_data = true;
  }
  return {};
}

Result<> SheetRows::end(std::string_view name) {
  if (name == "c") return m_in_cell ? end_cell() : Result<>();
  if (name == "v" || name == "t")
    m_collects = false;
  else if (name == "row" && m_in_row)
    return end_row();
  else if (name == "is")
    m_in_inline = false;
  else if (name == "rPh")
    --m_phonetic;
  else if (name == "sheetData")
    set_done();
  return {};
}

Result<> SheetRows::start_row(const XmlElement& element) {
  if (m_in_row) return broken("row in a row");
  std::uint32_t number = m_row_number + 1;
  if (const auto told = element.find("r")) number = number_of<std::uint32_t>(*told).value_or(0);
  if (number <= m_row_number || number > kMaxRowNumber) return broken("row number");
  m_row_number = number;
  m_column = 0;
  m_row = Row{number, {}, element.is_true("hidden")};
  m_has_hidden_rows = m_has_hidden_rows || m_row.is_hidden;
  m_in_row = true;
  return {};
}

Result<> SheetRows::start_cell(const XmlElement& element) {
  if (m_in_cell) return broken("cell in a cell");
  CellReference place{m_row_number, m_column + 1};
  if (const auto told = element.find("r")) place = parse_reference(*told).value_or(CellReference{});
  if (place.row != m_row_number || place.column <= m_column || place.column > kMaxColumnNumber)
    return broken("cell reference");
  m_column = place.column;
  m_style = number_of<std::size_t>(element.value("s")).value_or(0);
  const std::string_view type = element.value("t");
  if (type.empty() || type == "n")
    m_type = Type::number;
  else if (type == "s")
    m_type = Type::shared;
  else if (type == "str")
    m_type = Type::formula_text;
  else if (type == "inlineStr")
    m_type = Type::inline_text;
  else if (type == "b")
    m_type = Type::boolean;
  else if (type == "e")
    m_type = Type::error;
  else if (type == "d")
    m_type = Type::iso_date;
  else
    return broken("cell type");
  m_is_formula = false;
  m_buffer.clear();
  m_in_cell = true;
  return {};
}

Result<> SheetRows::end_cell() {
  m_in_cell = m_in_inline = m_collects = false;
  Cell cell;
  cell.is_formula = m_is_formula;
  KYSO_TRY(set_value(cell));
  if (is_empty(cell)) return {};
  if (m_column > m_context.limits.max_columns)
    return fail("sheet.limit.columns").with("row", m_row_number).with("limit", m_context.limits.max_columns);
  m_row.cells.resize(m_column);
  m_row.cells.back() = std::move(cell);
  return {};
}

Result<> SheetRows::end_row() {
  m_in_row = false;
  if (m_row.cells.empty()) return {};
  if (++m_rows > m_context.limits.max_rows) return fail("sheet.limit.rows").with("limit", m_context.limits.max_rows);
  KYSO_TRY(m_merged.mark(m_row));
  if (!KYSO_TRY(m_each(std::move(m_row)))) set_done();
  return {};
}

Result<> SheetRows::set_value(Cell& cell) {
  if (m_buffer.raw().empty()) return {};
  switch (m_type) {
    case Type::number:
      return set_number(cell);
    case Type::shared:
      return set_shared(cell);
    case Type::iso_date:
      return set_iso_date(cell);
    case Type::boolean:
      cell.kind = Cell::Kind::boolean;
      cell.text = trim(m_buffer.raw()) == "0" || trim(m_buffer.raw()) == "false" ? "FALSE" : "TRUE";
      return {};
    case Type::error:
      cell.kind = Cell::Kind::error;
      cell.text = KYSO_TRY(m_buffer.cleaned(false));
      return {};
    case Type::formula_text:
    case Type::inline_text:
      cell.text = KYSO_TRY(m_buffer.cleaned(true));
      cell.kind = cell.text.empty() ? Cell::Kind::empty : Cell::Kind::text;
      return {};
  }
  return {};
}

Result<> SheetRows::set_number(Cell& cell) {
  const std::string_view text = trim(m_buffer.raw());
  if (text.empty()) return {};
  const auto value = number_of<double>(text.starts_with('+') ? text.substr(1) : text);
  if (!value || !std::isfinite(*value)) return broken("number");
  show_number(cell, *value, m_context.styles.of(m_style), m_context.dates);
  return {};
}

Result<> SheetRows::set_shared(Cell& cell) {
  const auto index = number_of<std::size_t>(trim(m_buffer.raw()));
  if (!index || *index >= m_context.strings.size()) return broken("shared string missing");
  cell.text = m_context.strings[*index];
  cell.kind = cell.text.empty() ? Cell::Kind::empty : Cell::Kind::text;
  return {};
}

Result<> SheetRows::set_iso_date(Cell& cell) {
  const auto moment = parse_iso_moment(trim(m_buffer.raw()));
  if (!moment) return broken("date");
  cell.number = serial_of(moment->date, m_context.dates);
  show_moment(cell, *moment, true);
  return {};
}

}  // namespace kyso::sheet
