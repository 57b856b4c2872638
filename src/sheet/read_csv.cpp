#include <algorithm>

#include "base/text.h"
#include "sheet/cell_text.h"
#include "sheet/file_kind.h"
#include "sheet/sheet_error.h"
#include "sheet/workbook.h"

namespace kyso::sheet {
namespace {

Result<std::string> decode_utf16(ByteView units, bool is_little) {
  if (units.size() % 2 != 0) return fail("sheet.encoding", "half a UTF-16 unit");
  if (!is_little) return from_utf16be(units);
  Bytes swapped(units.size());
  for (std::size_t i = 0; i < units.size(); i += 2) {
    swapped[i] = units[i + 1];
    swapped[i + 1] = units[i];
  }
  return from_utf16be(swapped);
}

Result<std::string> decode(ByteView file) {
  const std::string_view bytes = as_chars(file);
  if (bytes.starts_with("\xFF\xFE")) return decode_utf16(file.subspan(2), true);
  if (bytes.starts_with("\xFE\xFF")) return decode_utf16(file.subspan(2), false);
  const std::string_view text = bytes.substr(bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  if (!is_valid_utf8(text)) return fail("sheet.encoding", "not UTF-8");
  return std::string(text);
}

// "sep=;" on a line of its own is Excel's own hint; else what the first line has most of outside quotation marks.
char take_separator(std::string_view& text) {
  if (text.size() > 5 && text.starts_with("sep=") && text[4] != '"' && (text[5] == '\r' || text[5] == '\n')) {
    const char told = text[4];
    text.remove_prefix(text.substr(5).starts_with("\r\n") ? 7 : 6);
    return told;
  }
  constexpr std::string_view kCandidates = ",;\t";
  std::size_t counts[3] = {};
  bool is_quoted = false;
  for (const char c : text) {
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    if (c == '\n' || c == '\r') break;
    if (const std::size_t place = kCandidates.find(c); place != std::string_view::npos) ++counts[place];
  }
  return kCandidates[static_cast<std::size_t>(std::ranges::max_element(counts) - counts)];
}

// The records of a text, one after the other.
class Records {
 public:
  Records(std::string_view text, char separator, const ReadLimits& limits)
      : m_rest(text), m_separator(separator), m_limits(limits) {}

  bool at_end() const { return m_rest.empty(); }
  Result<Row> next() {
    Row row;
    row.number = ++m_number;
    for (std::size_t column = 1;; ++column) {
      Cell cell;
      cell.text = clean_text(KYSO_TRY(field()));
      if (cell.text.size() > m_limits.max_text && count_characters(cell.text) > m_limits.max_text)
        return fail("sheet.limit.text").with("limit", m_limits.max_text);
      if (!cell.text.empty()) {
        if (column > m_limits.max_columns)
          return fail("sheet.limit.columns").with("row", row.number).with("limit", m_limits.max_columns);
        cell.kind = Cell::Kind::text;
        row.cells.resize(column);
        row.cells.back() = std::move(cell);
      }
      if (!m_rest.starts_with(m_separator)) break;
      m_rest.remove_prefix(1);
    }
    if (m_rest.starts_with("\r\n"))
      m_rest.remove_prefix(2);
    else if (!m_rest.empty())
      m_rest.remove_prefix(1);
    return row;
  }

 private:
  bool is_end_of_field(char c) const { return c == m_separator || c == '\r' || c == '\n'; }

  Result<std::string> field() {
    std::string text;
    if (m_rest.starts_with('"')) {
      m_rest.remove_prefix(1);
      for (;;) {
        const std::size_t quote = m_rest.find('"');
        if (quote == std::string_view::npos)
          return malformed(fmt::format("row {}: quotation mark without its end", m_number));
        text += m_rest.substr(0, quote);
        m_rest.remove_prefix(quote + 1);
        if (!m_rest.starts_with('"')) break;
        text += '"';
        m_rest.remove_prefix(1);
      }
    }
    // Behind a closing quotation mark too: spreadsheet programs take what stands there as it is.
    const auto end = std::ranges::find_if(m_rest, [this](char c) { return is_end_of_field(c); });
    const auto size = static_cast<std::size_t>(end - m_rest.begin());
    text += m_rest.substr(0, size);
    m_rest.remove_prefix(size);
    return text;
  }

  std::string_view m_rest;
  char m_separator;
  const ReadLimits& m_limits;
  std::uint32_t m_number = 0;
};

}  // namespace

Result<> read_csv(ByteView file, const ReadLimits& limits, const std::function<Result<bool>(Row&&)>& each) {
  if (file.size() > limits.max_file) return too_large(limits.max_file);
  if (KYSO_TRY(kind_of(file)) != FileKind::text) return other_kind("Excel (.xlsx) / ZIP");
  const std::string text = KYSO_TRY(decode(file));
  std::string_view rest = text;
  const char separator = take_separator(rest);
  Records records(rest, separator, limits);
  std::size_t rows = 0;
  while (!records.at_end()) {
    Row row = KYSO_TRY(records.next());
    if (row.cells.empty()) continue;
    if (++rows > limits.max_rows) return fail("sheet.limit.rows").with("limit", limits.max_rows);
    if (!KYSO_TRY(each(std::move(row)))) break;
  }
  return {};
}

}  // namespace kyso::sheet
