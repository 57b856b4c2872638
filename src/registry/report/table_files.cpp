#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "decree30/letter.h"
#include "registry/report/reports.h"
#include "sheet/workbook.h"

// Reports as files: a workbook, and a letter after Decree 30/2020/NĐ-CP that can be signed.
namespace kyso::registry {
namespace {

using Kind = ReportColumn::Kind;

constexpr double kTextWidth = 34, kNumberWidth = 14;
constexpr std::size_t kWideFrom = 7;  // columns

std::string about(const ReportScope& scope) {
  return scope.name.empty() ? std::string() : "Phạm vi: " + scope.name;
}

std::string shown_number(double value) {
  if (value == static_cast<double>(static_cast<std::int64_t>(value)))
    return fmt::format("{}", static_cast<std::int64_t>(value));
  std::string text = fmt::format("{:.2f}", value);
  while (text.ends_with('0')) text.pop_back();
  std::ranges::replace(text, '.', ',');
  return text;
}

Result<std::string> shown(const ReportCell& cell, Kind kind) {
  if (const auto* value = std::get_if<double>(&cell)) return shown_number(*value);
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr) return std::string();
  if (kind != Kind::date) return *text;
  return shown_day(KYSO_TRY(read_day(*text, "day")));
}

Result<sheet::WorkbookWriter::Value> to_value(const ReportCell& cell, Kind kind) {
  using Value = sheet::WorkbookWriter::Value;
  if (const auto* value = std::get_if<double>(&cell)) return Value(*value);
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr) return Value(std::monostate());
  if (kind != Kind::date) return Value(*text);
  const std::chrono::year_month_day day(KYSO_TRY(read_day(*text, "day")));
  return Value(sheet::Date{static_cast<int>(day.year()), static_cast<int>(static_cast<unsigned>(day.month())),
                           static_cast<int>(static_cast<unsigned>(day.day()))});
}

constexpr std::string_view kCut =
    "Danh sách đã được cắt bớt vì quá dài: thu hẹp thời gian hoặc chọn cơ quan rồi xuất lại.";

}  // namespace

Result<Bytes> report_to_xlsx(const ReportTable& table, const ReportHead& head, const ReportScope& scope, Instant made) {
  sheet::Sheet sheet;
  sheet.name = "Báo cáo";
  sheet.head = {table.title, head.organisation, table.period, "Lập lúc " + display_vietnam(made)};
  if (const std::string line = about(scope); !line.empty()) sheet.head.insert(sheet.head.begin() + 2, line);
  if (table.is_cut) sheet.head.emplace_back(kCut);
  for (const ReportColumn& column : table.columns) {
    sheet::Column out;
    out.title = column.title;
    out.width = column.kind == Kind::text ? kTextWidth : kNumberWidth;
    using Format = sheet::Column::Format;
    out.format = column.kind == Kind::text ? Format::text : column.kind == Kind::date ? Format::date : Format::number;
    sheet.columns.push_back(std::move(out));
  }
  auto writer = KYSO_TRY(sheet::WorkbookWriter::create());
  KYSO_TRY(writer.begin_sheet(sheet));
  for (const auto& row : table.rows) {
    std::vector<sheet::WorkbookWriter::Value> values;
    for (std::size_t i = 0; i < row.size(); ++i) values.push_back(KYSO_TRY(to_value(row[i], table.columns[i].kind)));
    KYSO_TRY(writer.row(values));
  }
  return writer.finish();
}

Result<Bytes> report_to_pdf(const ReportTable& table, const ReportHead& head, const ReportScope& scope, Instant made) {
  using decree30::LetterColumn;
  using decree30::LetterParagraph;
  decree30::Letter letter;
  letter.superior = head.superior;
  letter.organisation = head.organisation;
  letter.title = "BÁO CÁO";
  letter.subject = table.title;
  letter.place = head.place;
  letter.date = made;
  letter.body.emplace_back(LetterParagraph{table.period + ".", LetterParagraph::Look::body});
  if (const std::string line = about(scope); !line.empty())
    letter.body.emplace_back(LetterParagraph{line + ".", LetterParagraph::Look::body});
  decree30::LetterTable rows;
  rows.title = to_upper(table.title);
  rows.columns.push_back({"TT", 0.6, LetterColumn::Align::centre});
  for (const ReportColumn& column : table.columns) {
    const bool is_text = column.kind == Kind::text;
    rows.columns.push_back(
        {column.title, is_text ? 2.6 : 1.1, is_text ? LetterColumn::Align::left : LetterColumn::Align::right});
  }
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    std::vector<std::string> cells = {fmt::format("{}", i + 1)};
    for (std::size_t column = 0; column < table.rows[i].size(); ++column)
      cells.push_back(KYSO_TRY(shown(table.rows[i][column], table.columns[column].kind)));
    rows.rows.push_back(std::move(cells));
  }
  letter.has_wide_tables = table.columns.size() >= kWideFrom;
  letter.body.emplace_back(std::move(rows));
  letter.position = "THỦ TRƯỞNG CƠ QUAN";
  letter.recipients = {"Lưu: VT"};
  if (table.is_cut) letter.notes.emplace_back(kCut);
  return decree30::letter_to_pdf(letter, {{}, made, "vi"});
}

}  // namespace kyso::registry
