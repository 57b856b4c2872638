#include <xlsxwriter.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numeric>

#include "base/file.h"
#include "base/text.h"
#include "sheet/cell_text.h"
#include "sheet/date_serial.h"
#include "sheet/sheet_error.h"
#include "sheet/workbook.h"

namespace kyso::sheet {
namespace {

// The same workbook gives the same bytes: it tells no time of its own. 1 January 1980, as in packages.
constexpr std::time_t kCreated = 315'532'800;
constexpr std::size_t kMaxWorkbook = 1U << 30U;
// Excel's limit of a list that stands in the rule itself.
constexpr std::size_t kMaxInlineChoices = 255;

struct FreeWorkbook {
  void operator()(lxw_workbook* workbook) const { ::lxw_workbook_free(workbook); }
};

// A folder of our own, gone with everything in it: rows with personal data pass through it.
class TemporaryFolder {
 public:
  TemporaryFolder() = default;
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!m_path.empty()) std::filesystem::remove_all(m_path, ignored);
  }
  bool create() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "kyso-sheet-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr) return false;
    m_path = std::move(name);
    return true;
  }
  const std::string& path() const { return m_path; }

 private:
  std::string m_path;
};

// Text as a cell keeps it: nothing that XML forbids, and what looks like an escape "_x000D_" is one letter by letter.
std::string cell_string(std::string_view text) {
  std::string result;
  for (const char32_t c : to_utf32(text)) {
    const bool is_forbidden = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xFFFE || c == 0xFFFF;
    if (c != '\r') append_utf8(result, is_forbidden ? U'\uFFFD' : c);
  }
  for (std::size_t at = result.find("_x"); at != std::string::npos; at = result.find("_x", at + 1)) {
    if (!is_escape(std::string_view(result).substr(at))) continue;
    result.insert(at, "_x005F");
    at += 6;  // to the former place
  }
  return result;
}

struct Formats {
  lxw_format *large, *head, *title, *required, *text, *date, *number;
};

lxw_format* make_title(lxw_workbook* workbook, bool is_required) {
  lxw_format* format = ::workbook_add_format(workbook);
  ::format_set_bold(format);
  ::format_set_text_wrap(format);
  ::format_set_align(format, LXW_ALIGN_CENTER);
  ::format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
  ::format_set_border(format, LXW_BORDER_THIN);
  ::format_set_bg_color(format, 0xE8EEF7);
  if (is_required) ::format_set_font_color(format, 0xB00020);
  return format;
}

Formats make_formats(lxw_workbook* workbook) {
  Formats formats{};
  formats.large = ::workbook_add_format(workbook);
  ::format_set_bold(formats.large);
  ::format_set_font_size(formats.large, 16);
  formats.head = ::workbook_add_format(workbook);
  formats.title = make_title(workbook, false);
  formats.required = make_title(workbook, true);
  // "@": what is typed stays as it is typed, with its leading zeros.
  formats.text = ::workbook_add_format(workbook);
  ::format_set_num_format(formats.text, "@");
  formats.date = ::workbook_add_format(workbook);
  ::format_set_num_format(formats.date, "dd/mm/yyyy");
  formats.number = ::workbook_add_format(workbook);
  return formats;
}

// A list in the rule itself is one text with commas between.
bool fits_inline(const std::vector<std::string>& choices) {
  const auto is_plain = [](const std::string& c) { return c.find_first_of(",\"\n") == std::string::npos; };
  const auto size = std::accumulate(choices.begin(), choices.end(), choices.size(),
                                    [](std::size_t sum, const std::string& c) { return sum + count_characters(c); });
  return size <= kMaxInlineChoices && std::ranges::all_of(choices, is_plain);
}

std::string column_letters(std::size_t column) {
  std::string letters;
  for (++column; column > 0; column = (column - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (column - 1) % 26));
  return letters;
}

}  // namespace

struct WorkbookWriter::State {
  TemporaryFolder folder;
  std::string path, temporary;
  std::unique_ptr<lxw_workbook, FreeWorkbook> workbook;
  Formats formats{};
  lxw_worksheet* worksheet = nullptr;
  Sheet sheet;
  lxw_row_t next_row = 0;
  int lists = 0;

  Result<> check(lxw_error error, std::string_view what) const {
    if (error == LXW_NO_ERROR) return {};
    return unwritable(fmt::format("{}: {}", what, ::lxw_strerror(error)));
  }
  lxw_format* format_of(Column::Format format) const {
    return format == Column::Format::date     ? formats.date
           : format == Column::Format::number ? formats.number
                                              : formats.text;
  }
  Result<lxw_worksheet*> add_worksheet(const std::string& name) const;
  Result<> write_head();
  Result<> write_title(lxw_col_t column);
  Result<> write_lists();
  Result<> add_choices(lxw_col_t column, const std::string* range);
  Result<> write_value(lxw_col_t column, const Value& value);
};

Result<lxw_worksheet*> WorkbookWriter::State::add_worksheet(const std::string& name) const {
  if (name.empty() || !is_valid_utf8(name)) return unwritable("sheet name");
  KYSO_TRY(check(::workbook_validate_sheet_name(workbook.get(), name.c_str()), "sheet name"));
  lxw_worksheet* added = ::workbook_add_worksheet(workbook.get(), name.c_str());
  if (added == nullptr) return unwritable("sheet: " + name);
  return added;
}

Result<> WorkbookWriter::State::write_head() {
  lxw_row_t row = 0;
  for (const std::string& line : sheet.head) {
    if (row == 0) ::worksheet_set_row(worksheet, row, 24, nullptr);
    KYSO_TRY(check(
        ::worksheet_write_string(worksheet, row, 0, cell_string(line).c_str(), row == 0 ? formats.large : formats.head),
        "head"));
    ++row;
  }
  next_row = sheet.head.empty() ? 0 : row + 1;  // one empty row below the lines
  ::worksheet_set_row(worksheet, next_row, 33, nullptr);
  for (std::size_t i = 0; i < sheet.columns.size(); ++i) KYSO_TRY(write_title(static_cast<lxw_col_t>(i)));
  ++next_row;
  ::worksheet_freeze_panes(worksheet, next_row, 0);
  ::worksheet_repeat_rows(worksheet, next_row - 1, next_row - 1);
  ::worksheet_set_landscape(worksheet);
  ::worksheet_set_paper(worksheet, 9);  // A4
  ::worksheet_fit_to_pages(worksheet, 1, 0);
  return {};
}

Result<> WorkbookWriter::State::write_title(lxw_col_t place) {
  const Column& column = sheet.columns[place];
  const std::string title = cell_string(column.title) + std::string(column.is_required ? kRequiredMark : "");
  KYSO_TRY(check(::worksheet_set_column(worksheet, place, place, column.width, format_of(column.format)), "column"));
  KYSO_TRY(check(::worksheet_write_string(worksheet, next_row, place, title.c_str(),
                                          column.is_required ? formats.required : formats.title),
                 "title"));
  if (column.note.empty()) return {};
  lxw_comment_options options{};
  std::string author = "Kyso";
  options.author = author.data();
  options.width = 260;
  options.height = static_cast<std::uint16_t>(std::clamp<std::size_t>(40 + count_characters(column.note) / 2, 60, 400));
  return check(::worksheet_write_comment_opt(worksheet, next_row, place, cell_string(column.note).c_str(), &options),
               "note");
}

// Long lists stand on a hidden sheet of their own, one in each column, written row by row.
Result<> WorkbookWriter::State::write_lists() {
  std::vector<std::pair<std::size_t, const std::vector<std::string>*>> long_lists;
  for (std::size_t i = 0; i < sheet.columns.size(); ++i) {
    const auto& choices = sheet.columns[i].choices;
    if (choices.empty()) continue;
    if (fits_inline(choices))
      KYSO_TRY(add_choices(static_cast<lxw_col_t>(i), nullptr));
    else
      long_lists.emplace_back(i, &choices);
  }
  if (long_lists.empty()) return {};
  const std::string name = fmt::format("Danh mục {}", ++lists);
  lxw_worksheet* hidden = KYSO_TRY(add_worksheet(name));
  ::worksheet_hide(hidden);
  std::size_t longest = 0;
  for (const auto& [column, list] : long_lists) longest = std::max(longest, list->size());
  for (std::size_t row = 0; row < longest; ++row)
    for (std::size_t i = 0; i < long_lists.size(); ++i) {
      const auto& list = *long_lists[i].second;
      if (row < list.size())
        KYSO_TRY(check(::worksheet_write_string(hidden, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(i),
                                                cell_string(list[row]).c_str(), formats.text),
                       "list"));
    }
  for (std::size_t i = 0; i < long_lists.size(); ++i) {
    const std::string letters = column_letters(i);
    const std::string range = fmt::format("'{}'!${}$1:${}${}", name, letters, letters, long_lists[i].second->size());
    KYSO_TRY(add_choices(static_cast<lxw_col_t>(long_lists[i].first), &range));
  }
  return {};
}

// A range comes in place of a list of one word: given as a formula, the library would copy it twice and free it once.
Result<> WorkbookWriter::State::add_choices(lxw_col_t column, const std::string* range) {
  std::vector<std::string> choices;
  if (range != nullptr)
    choices.emplace_back("?");
  else
    for (const std::string& choice : sheet.columns[column].choices) choices.push_back(cell_string(choice));
  std::vector<char*> pointers;
  for (std::string& choice : choices) pointers.push_back(choice.data());
  pointers.push_back(nullptr);
  lxw_data_validation rule{};
  rule.validate = LXW_VALIDATION_TYPE_LIST;
  rule.value_list = pointers.data();
  KYSO_TRY(
      check(::worksheet_data_validation_range(worksheet, next_row, column, LXW_ROW_MAX - 1, column, &rule), "choices"));
  if (range == nullptr) return {};
  lxw_data_val_obj* last = STAILQ_FIRST(worksheet->data_validations);
  while (STAILQ_NEXT(last, list_pointers) != nullptr) last = STAILQ_NEXT(last, list_pointers);
  std::free(last->value_formula);
  last->value_formula = ::strdup(range->c_str());
  return {};
}

Result<> WorkbookWriter::State::write_value(lxw_col_t column, const Value& value) {
  lxw_format* format = format_of(sheet.columns[column].format);
  if (const auto* text = std::get_if<std::string>(&value)) {
    const std::string content = cell_string(*text);
    if (content.empty()) return {};
    return check(::worksheet_write_string(worksheet, next_row, column, content.c_str(), format), "text");
  }
  if (const auto* number = std::get_if<double>(&value)) {
    if (!std::isfinite(*number)) return unwritable("number without value");
    return check(::worksheet_write_number(worksheet, next_row, column, *number, format), "number");
  }
  if (const auto* date = std::get_if<Date>(&value)) {
    if (!is_date(*date)) return unwritable("day that does not exist");
    const auto serial = serial_of(*date, DateSystem::from_1900);
    return serial ? check(::worksheet_write_number(worksheet, next_row, column, *serial, formats.date), "date")
                  : check(::worksheet_write_string(worksheet, next_row, column, show_date(*date).c_str(), formats.text),
                          "date");
  }
  return {};
}

WorkbookWriter::WorkbookWriter(std::unique_ptr<State> state) : m_state(std::move(state)) {}
WorkbookWriter::WorkbookWriter(WorkbookWriter&&) noexcept = default;
WorkbookWriter& WorkbookWriter::operator=(WorkbookWriter&&) noexcept = default;
WorkbookWriter::~WorkbookWriter() = default;

Result<WorkbookWriter> WorkbookWriter::create() {
  auto state = std::make_unique<State>();
  if (!state->folder.create()) return unwritable("temporary folder");
  state->path = state->folder.path() + "/book.xlsx";
  state->temporary = state->folder.path();
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  options.tmpdir = state->temporary.data();
  state->workbook.reset(::workbook_new_opt(state->path.c_str(), &options));
  if (state->workbook == nullptr) return unwritable("workbook");
  lxw_doc_properties properties{};
  properties.created = kCreated;
  ::workbook_set_properties(state->workbook.get(), &properties);
  state->formats = make_formats(state->workbook.get());
  return WorkbookWriter(std::move(state));
}

Result<> WorkbookWriter::begin_sheet(const Sheet& sheet) {
  if (m_state == nullptr || m_state->workbook == nullptr) return unwritable("finished already");
  if (sheet.columns.empty() || sheet.columns.size() > LXW_COL_MAX) return unwritable("number of columns");
  m_state->worksheet = KYSO_TRY(m_state->add_worksheet(sheet.name));
  m_state->sheet = sheet;
  KYSO_TRY(m_state->write_head());
  return m_state->write_lists();
}

Result<> WorkbookWriter::row(const std::vector<Value>& values) {
  if (m_state == nullptr || m_state->worksheet == nullptr) return unwritable("no sheet begun");
  if (values.size() > m_state->sheet.columns.size()) return unwritable("more values than columns");
  if (m_state->next_row >= LXW_ROW_MAX) return unwritable("more rows than a sheet can have");
  for (std::size_t i = 0; i < values.size(); ++i) KYSO_TRY(m_state->write_value(static_cast<lxw_col_t>(i), values[i]));
  ++m_state->next_row;
  return {};
}

Result<Bytes> WorkbookWriter::finish() {
  if (m_state == nullptr || m_state->worksheet == nullptr || m_state->workbook == nullptr)
    return unwritable("no sheet begun");
  m_state->worksheet = nullptr;
  KYSO_TRY(m_state->check(::workbook_close(m_state->workbook.release()), "workbook"));
  auto content = read_file(m_state->path, kMaxWorkbook);
  if (!content) return unwritable(std::string(content.error().code));
  return content;
}

std::string_view bare_title(std::string_view title) {
  title = trim(title);
  while (title.ends_with('*')) title = trim(title.substr(0, title.size() - 1));
  return title;
}

}  // namespace kyso::sheet
