#include "decree30/letter_boxes.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace kyso::decree30 {
namespace {

constexpr double kTopShare = 0.4;     // boxes 3 and 4 stand in the upper part of the first page
constexpr double kNarrowest = 8;      // a blank between two words is no gap
constexpr double kBesideWords = 0.3;  // air between printed words and what is written

using Row = std::vector<SheetWord>;

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

pdf::FontStyle style_of(const SheetWord& word) {
  if (word.bold) return word.italic ? pdf::FontStyle::bold_italic : pdf::FontStyle::bold;
  return word.italic ? pdf::FontStyle::italic : pdf::FontStyle::regular;
}

// As high as a line of Times New Roman on the baseline of the word beside it: what is written there stands level with
// it, whatever ascent and descent the document's own font claims.
Gap gap_beside(double x0, double x1, const SheetWord& beside) {
  const double baseline = beside.box.y0 + beside.descent_share * beside.box.height();
  const double size = beside.font_size;
  return {{x0, baseline - 0.216 * size, x1, baseline + 0.891 * size}, size, style_of(beside)};
}

std::optional<Gap> gap_between(double x0, double x1, const SheetWord& beside) {
  if (x1 - x0 < kNarrowest) return std::nullopt;
  return gap_beside(x0 + kBesideWords, x1 - kBesideWords, beside);
}

// Where the next printed word after `at` begins; dots are to be written over.
double next_word_x(const Row& row, std::size_t at, double fallback) {
  for (std::size_t i = at; i < row.size(); ++i)
    if (!row[i].is_leader) return row[i].box.x0;
  return fallback;
}

// "Số:" at the beginning of a column. The index of the label's last word.
std::optional<std::size_t> find_label(const Row& row, double page_width) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string word = to_nfc(row[i].text);
    if (row[i].box.x0 > 0.5 * page_width) break;
    if (word != "Số" && word != "Số:" && word != "SỐ:") continue;
    if (i > 0 && row[i].box.x0 - row[i - 1].box.x1 < 1.5 * row[i].font_size) continue;  // "Nghị định Số …"
    if (word.back() == ':') return i;
    if (i + 1 < row.size() && row[i + 1].text == ":") return i + 1;
  }
  return std::nullopt;
}

// Continues `text` with the words that follow without a wide gap ("/QĐ" "-" "UBND").
std::string suffix_from(const Row& row, std::size_t at, std::string text) {
  for (std::size_t i = at + 1; i < row.size(); ++i) {
    if (row[i].is_leader || row[i].box.x0 - row[i - 1].box.x1 > 0.4 * row[i].font_size) break;
    text += row[i].text;
  }
  return text;
}

NumberBox read_number(const Row& row, std::size_t label, double page_width) {
  NumberBox out;
  out.label = row[label].box;
  const double from = row[label].box.x1;
  std::size_t next = label + 1;
  while (next < row.size() && row[next].is_leader) ++next;
  const double column_end = std::min(from + 110, 0.5 * page_width);
  if (next == row.size() || row[next].box.x0 > column_end + 20) {
    out.gap = gap_between(from, std::min(column_end, next < row.size() ? row[next].box.x0 : column_end), row[label]);
    return out;
  }
  std::string word = row[next].text;
  const std::size_t slash = word.find('/');
  if (slash == 0) {
    out.suffix = suffix_from(row, next, word.substr(1));
    out.gap = gap_between(from, row[next].box.x0, row[label]);
  } else if (slash != std::string::npos) {
    out.printed = word.substr(0, slash);
    out.suffix = suffix_from(row, next, word.substr(slash + 1));
  } else {
    out.printed = word;
    if (next + 1 < row.size() && row[next + 1].text.starts_with('/'))
      out.suffix = suffix_from(row, next + 1, row[next + 1].text.substr(1));
  }
  return out;
}

}  // namespace

std::optional<NumberBox> find_number_box(const Sheet& sheet) {
  for (const Row& row : sheet.rows) {
    if (row.front().box.y1 < (1 - kTopShare) * sheet.height) break;
    if (const auto label = find_label(row, sheet.width)) return read_number(row, *label, sheet.width);
  }
  return std::nullopt;
}

namespace {

struct DateWords {
  std::size_t day, month, year;
};

std::optional<DateWords> find_date_words(const Row& row, double page_width) {
  const auto find = [&](std::string_view wanted, std::size_t from) {
    for (std::size_t i = from; i < row.size(); ++i)
      if (fold_case(row[i].text) == wanted) return i;
    return row.size();
  };
  std::size_t day = find("ngày", 0);
  while (day < row.size() && row[day].box.x0 < 0.35 * page_width) day = find("ngày", day + 1);
  const std::size_t month = find("tháng", day);
  const std::size_t year = find("năm", month);
  if (year >= row.size() || month - day > 3 || year - month > 3) return std::nullopt;
  return DateWords{day, month, year};
}

// Between two printed words: a gap, or the number that is already there. False: other words are in between.
bool read_part(const Row& row, std::size_t from, std::size_t to, std::optional<Gap>& gap, std::string& printed) {
  for (std::size_t i = from + 1; i < to; ++i) {
    if (row[i].is_leader) continue;
    if (!is_digits(row[i].text) || !printed.empty()) return false;
    printed = row[i].text;
  }
  if (printed.empty()) gap = gap_between(row[from].box.x1, row[to].box.x0, row[from]);
  return true;
}

void read_year(const Row& row, std::size_t label, double page_width, DateBox& out) {
  std::size_t next = label + 1;
  if (next < row.size() && is_digits(row[next].text) && row[next].text.size() <= 4) out.printed_year = row[next++].text;
  if (out.printed_year.size() == 4) return;
  const SheetWord& before = row[next - 1];
  const double missing = static_cast<double>(4 - out.printed_year.size()) * 0.5 * before.font_size + 4;
  double end = std::min(before.box.x1 + missing, page_width - 5);
  if (next < row.size() && row[next].is_leader) end = std::max(end, row[next].box.x1);
  const Gap whole = gap_beside(before.box.x1 + (out.printed_year.empty() ? kBesideWords : 0),
                               std::min(end, next_word_x(row, next, end)), before);
  if (whole.box.width() >= 4) out.year = whole;
}

}  // namespace

std::optional<DateBox> find_date_box(const Sheet& sheet) {
  for (const Row& row : sheet.rows) {
    if (row.front().box.y1 < (1 - kTopShare) * sheet.height) break;
    const auto words = find_date_words(row, sheet.width);
    if (!words) continue;
    DateBox out;
    if (!read_part(row, words->day, words->month, out.day, out.printed_day)) continue;
    if (!read_part(row, words->month, words->year, out.month, out.printed_month)) continue;
    read_year(row, words->year, sheet.width, out);
    out.line = {row[words->day].box.x0, row[words->day].box.y0, row[words->year].box.x1, row[words->day].box.y1};
    return out;
  }
  return std::nullopt;
}

Result<DocumentNumber> parse_number(std::string_view given) {
  const std::string text = to_nfc(trim(given));
  const std::size_t slash = text.find('/');
  DocumentNumber out{text.substr(0, slash), slash == std::string::npos ? "" : text.substr(slash + 1)};
  const std::size_t digits = std::min(out.number.find_first_not_of("0123456789"), out.number.size());
  // "12", also "12a" and "12-1" for numbers slipped in between; nothing that would not be one.
  const bool sane = digits > 0 && digits <= 9 && out.number.size() <= 12 && out.suffix.size() <= 60 &&
                    out.number.find_first_of(" /") == std::string::npos &&
                    (slash == std::string::npos || !trim(out.suffix).empty());
  if (!sane) return fail("decree30.number.invalid").with("text", given);
  if (digits == 1) out.number.insert(0, "0");  // Appendix I, II.3: numbers below 10 with a leading zero
  return out;
}

Result<std::string> number_to_write(const DocumentNumber& number, const std::optional<NumberBox>& box) {
  const std::string printed = box ? box->suffix : "";
  if (!printed.empty() && !number.suffix.empty() && to_upper(printed) != to_upper(number.suffix))
    return fail("decree30.number.mismatch").with("given", number.text()).with("printed", "/" + printed);
  return printed.empty() ? number.text() : number.number;
}

std::string day_text(const CivilTime& date) {
  return fmt::format("{:02}", date.day);
}
std::string month_text(const CivilTime& date) {
  return fmt::format("{}{}", date.month <= 2 ? "0" : "", date.month);
}

namespace {

bool is_number(std::string_view text, int value) {
  int parsed = 0;
  const auto done = std::from_chars(text.data(), text.data() + text.size(), parsed);
  return done.ec == std::errc{} && parsed == value;
}

}  // namespace

Result<> check_date(const CivilTime& date, const DateBox& box) {
  const bool agrees = (box.printed_day.empty() || is_number(box.printed_day, date.day)) &&
                      (box.printed_month.empty() || is_number(box.printed_month, date.month)) &&
                      std::to_string(date.year).starts_with(box.printed_year);
  if (agrees) return {};
  const auto shown = [](const std::string& text) { return text.empty() ? std::string("…") : text; };
  return fail("decree30.date.mismatch")
      .with("given", fmt::format("{:02}/{:02}/{}", date.day, date.month, date.year))
      .with("printed",
            fmt::format("{}/{}/{}", shown(box.printed_day), shown(box.printed_month), shown(box.printed_year)));
}

std::string year_text(const CivilTime& date, const DateBox& box) {
  return std::to_string(date.year).substr(box.printed_year.size());
}

}  // namespace kyso::decree30
