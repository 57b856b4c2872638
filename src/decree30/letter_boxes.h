#pragma once
#include <optional>
#include <string>

#include "base/time.h"
#include "decree30/sheet.h"
#include "pdf/drawing/appearance.h"

// Boxes 3 (số, ký hiệu) and 4 (địa danh, ngày tháng năm) of Decree 30/2020/NĐ-CP, Appendix I: what is printed there and
// which gaps wait for the clerk.
namespace kyso::decree30 {

// A gap between printed words, to be written into.
struct Gap {
  pdf::Rect box;  // visible space; as high as the line
  double font_size = 13;
  pdf::FontStyle style = pdf::FontStyle::regular;
};

struct NumberBox {
  std::optional<Gap> gap;
  std::string printed;  // the number, when it is already there
  std::string suffix;   // what is printed after the number, without "/": "CQM-VP"
  pdf::Rect label;      // of "Số:"
};
std::optional<NumberBox> find_number_box(const Sheet& sheet);

struct DateBox {
  std::optional<Gap> day, month, year;
  std::string printed_day, printed_month;
  std::string printed_year;  // may be a beginning: "202", then `year` takes the rest
  pdf::Rect line;
};
std::optional<DateBox> find_date_box(const Sheet& sheet);

// "5" → "05", "12/CQM-VP" → number and suffix. decree30.number.invalid {text}.
struct DocumentNumber {
  std::string number;
  std::string suffix;
  std::string text() const { return suffix.empty() ? number : number + "/" + suffix; }
};
Result<DocumentNumber> parse_number(std::string_view text);

// What to write for the number when the page already prints `box`: the suffix is not repeated.
// decree30.number.mismatch {given} {printed}.
Result<std::string> number_to_write(const DocumentNumber& number, const std::optional<NumberBox>& box);

// Day below 10 and months 1 and 2 with a leading zero (Appendix I, II.4).
std::string day_text(const CivilTime& date);
std::string month_text(const CivilTime& date);
// The rest of the year behind what is printed. decree30.date.mismatch {given} {printed}, also for a printed day or
// month.
Result<> check_date(const CivilTime& date, const DateBox& box);
std::string year_text(const CivilTime& date, const DateBox& box);

}  // namespace kyso::decree30
