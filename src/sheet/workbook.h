#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

// Workbooks (.xlsx, ISO/IEC 29500) and text tables (.csv), read with limits and written. Nothing is ever calculated: a
// formula counts as what the last program that saved the file has stored as its value, and says that it is one.
namespace kyso::sheet {

// A day without time, as people write it in a cell.
struct Date {
  int year = 0, month = 0, day = 0;
  friend bool operator==(const Date&, const Date&) = default;
};

// Numbers show every digit that the file has, with the leading zeros, decimals and literals of their format, "." before
// decimals and no grouping: "012345678910", "12345678910", "0.5". A number of more than 15 digits has lost the others
// when it was typed (as spreadsheet programs do): zeros stand there. Dates are "dd/MM/yyyy", with " HH:mm" when the
// format has a clock, whatever order it asks for; a day that never was ("29/02/1900") is text. Booleans are "TRUE" and
// "FALSE", errors "#N/A" and the like.
struct Cell {
  enum class Kind : std::uint8_t { empty, text, number, date, boolean, error };
  Kind kind = Kind::empty;
  std::string text;  // NFC, trimmed; of every kind as a person sees it: "12/07/1987", "0912345678", "1500000"
  std::optional<double> number;                // number and date
  std::optional<Date> date;                    // of a cell with a date's format
  bool is_formula = false, is_merged = false;  // merged: part of a merged range, not its first cell
};

struct Row {
  std::uint32_t number = 0;  // as in the file, from 1
  std::vector<Cell> cells;   // by column, from A; empty ones at the end are left out
  bool is_hidden = false;    // also by a filter
};

struct ReadLimits {
  std::size_t max_file = 16U << 20U;
  std::size_t max_unpacked = 256U << 20U;  // of all parts that are read
  std::size_t max_ratio = 200;             // unpacked to packed, of one part above 1 MiB
  std::size_t max_entries = 2'000;         // of the package
  std::size_t max_rows = 100'000, max_columns = 256;
  std::size_t max_text = 32'767;  // characters of a cell, Excel's own limit
};

// What stands in a file besides cells.
struct Remarks {
  std::string sheet;  // the name of the one that was read
  bool has_macros = false, has_external_links = false, has_hidden_rows = false, has_hidden_sheets = false;
  std::vector<std::string> merged_ranges;  // "B4:C4", the first hundred
};

// Rows of one sheet (the first visible one, or of this name) one after the other; empty rows are left out. False from
// `each` ends it, an Error from it is handed back. By content, not by name: an .xls, .xlsb, .ods, PDF or encrypted file
// gets an answer of its own.
// sheet.empty, sheet.kind {kind} (what it is instead, and how to save it as .xlsx), sheet.encrypted, sheet.malformed
// {reason}, sheet.limit {limit}, sheet.limit.size {limit} (MiB), sheet.limit.rows {limit}, sheet.limit.columns {limit,
// row}, sheet.limit.text {limit}, sheet.bomb, sheet.missing {name}, sheet.none (no visible sheet).
struct ReadOptions {
  std::string sheet;  // empty: the first visible one
  ReadLimits limits;
};
Result<Remarks> read_xlsx(ByteView file, const ReadOptions& options, const std::function<Result<bool>(Row&&)>& each);
// RFC 4180; "," ";" or tab, told by the first line; UTF-8 with or without byte order mark, or UTF-16 with one. Every
// cell is text. Rows count as records, as spreadsheet programs number them. Errors as above, and sheet.encoding.
Result<> read_csv(ByteView file, const ReadLimits& limits, const std::function<Result<bool>(Row&&)>& each);
// Whichever of the two the content is.
Result<Remarks> read_table(ByteView file, const ReadOptions& options, const std::function<Result<bool>(Row&&)>& each);

// Writing. Text stays text, whatever it begins with: no cell of ours is ever a formula.
inline constexpr std::string_view kRequiredMark = " *";  // behind the title of a column that must be filled
// A title without such marks and blanks around it: "Họ tên *" and "Họ tên*" are "Họ tên".
std::string_view bare_title(std::string_view title);
struct Column {
  std::string title;
  double width = 16;                 // characters
  std::string note;                  // a comment on the title: what to write here
  std::vector<std::string> choices;  // a list to choose from
  bool is_required = false;          // marked in the title
  enum class Format : std::uint8_t { text, date, number } format = Format::text;
};
struct Sheet {
  std::string name;
  std::vector<std::string> head;  // lines above the table, the first one large
  std::vector<Column> columns;
};
// WorkbookWriter: rows go to a temporary file as they come (constant memory). The lines of a sheet's head, an empty
// row, the titles (frozen), then the rows; lists that are too long for a rule stand on a hidden sheet "Danh mục n". The
// same calls give the same bytes. Days before 1900 become text. sheet.unwritable.
class WorkbookWriter {
 public:
  static Result<WorkbookWriter> create();
  WorkbookWriter(WorkbookWriter&&) noexcept;
  WorkbookWriter& operator=(WorkbookWriter&&) noexcept;
  ~WorkbookWriter();
  Result<> begin_sheet(const Sheet& sheet);
  using Value = std::variant<std::monostate, std::string, double, Date>;
  Result<> row(const std::vector<Value>& values);
  Result<Bytes> finish();

 private:
  struct State;
  explicit WorkbookWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::sheet
