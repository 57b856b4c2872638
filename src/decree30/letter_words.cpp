#include "decree30/letter_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "decree30/letter_boxes.h"

namespace kyso::decree30 {
namespace {

// A line break takes a whole line, whatever its length.
std::size_t weight(std::string_view text) {
  return text.size() + 30 * static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

Result<> check(bool fits, std::string_view limit) {
  if (fits) return {};
  return fail("decree30.letter.limit", "{}", limit).with("limit", limit);
}

// What stands in one box must leave room on its page; bytes, Vietnamese letters have up to three.
Result<> check_boxes(const Letter& letter) {
  struct Box {
    const std::string& text;
    std::size_t most;
    std::string_view name;
  };
  const std::array boxes{Box{letter.superior, 500, "superior"}, Box{letter.organisation, 500, "organisation"},
                         Box{letter.number, 20, "number"},      Box{letter.notation, 100, "notation"},
                         Box{letter.subject, 1500, "subject"},  Box{letter.title, 500, "title"},
                         Box{letter.place, 200, "place"},       Box{letter.capacity, 500, "capacity"},
                         Box{letter.position, 500, "position"}, Box{letter.signer, 200, "signer"}};
  for (const Box& box : boxes) KYSO_TRY(check(weight(box.text) <= box.most, box.name));
  return {};
}

Result<> check_list(const std::vector<std::string>& list, std::string_view name) {
  KYSO_TRY(check(list.size() <= 500, name));
  return check(std::ranges::all_of(list, [](const std::string& text) { return weight(text) <= 4000; }), name);
}

Result<> check_table(const LetterTable& table, std::size_t& size) {
  KYSO_TRY(check(!table.columns.empty() && table.columns.size() <= 40, "columns"));
  KYSO_TRY(check(table.rows.size() <= 100'000, "rows"));
  KYSO_TRY(check(weight(table.title) <= 1500, "table title"));
  for (const LetterColumn& column : table.columns) KYSO_TRY(check(weight(column.title) <= 500, "column title"));
  for (const auto& row : table.rows) {
    for (const std::string& cell : row) size += 8 + cell.size();
  }
  return {};
}

std::string number_line(const Letter& letter) {
  std::string number(trim(letter.number));
  const std::string_view notation = trim(letter.notation);
  if (number.size() == 1 && number[0] >= '0' && number[0] <= '9') number.insert(0, "0");
  // The clerk's gap: four digits of 13 points and air.
  if (number.empty()) return notation.empty() ? "Số:" : fmt::format("Số:{:11}/{}", "", notation);
  return notation.empty() ? "Số: " + number : fmt::format("Số: {}/{}", number, notation);
}

std::string date_line(const Letter& letter) {
  const std::string place = trim(letter.place).empty() ? "" : std::string(trim(letter.place)) + ", ";
  // A letter that waits for its signature may pass into the next year: the year is open too, but for the century.
  if (!letter.date) return fmt::format("{}ngày{:7}tháng{:7}năm 20{:5}", place, "", "", "");
  const CivilTime date = vietnam_time(*letter.date);
  return fmt::format("{}ngày {} tháng {} năm {}", place, day_text(date), month_text(date), date.year);
}

bool ends_a_clause(std::string_view text) {
  return text.ends_with('.') || text.ends_with(';') || text.ends_with(',') || text.ends_with("…");
}

// "- Như trên;" … "- Lưu: VT." (Appendix I, II.9).
std::vector<std::string> dashed(const std::vector<std::string>& list) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::string text(trim(list[i]));
    if (!text.starts_with("- ")) text.insert(0, "- ");
    if (!ends_a_clause(text)) text += i + 1 == list.size() ? '.' : ';';
    out.push_back(std::move(text));
  }
  return out;
}

std::vector<std::string> addressees(const Letter& letter) {
  if (letter.addressees.size() > 1) return dashed(letter.addressees);
  std::vector<std::string> out;
  for (const std::string& name : letter.addressees) {
    out.emplace_back(trim(name));
    if (!ends_a_clause(out.back())) out.back() += '.';
  }
  return out;
}

std::string roman(std::size_t number) {
  constexpr std::array<std::pair<std::size_t, std::string_view>, 9> kSigns{
      {{100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}};
  std::string out;
  for (const auto& [value, sign] : kSigns) {
    for (; number >= value; number -= value) out += sign;
  }
  return out;
}

// On paper the gaps are filled by hand; in an electronic document the appendix of the same file needs no entries.
std::string reference_of(const Letter& letter) {
  const LetterWords words = words_of(letter);
  const std::string kind = letter.title.empty() ? "Công văn" : "Văn bản";
  std::string number = trim(letter.number).empty() ? "…" : words.number.substr(std::string_view("Số: ").size());
  if (trim(letter.number).empty() && !trim(letter.notation).empty()) number += '/' + std::string(trim(letter.notation));
  std::string date = "ngày … tháng … năm …";
  if (letter.date) {
    const CivilTime day = vietnam_time(*letter.date);
    date = fmt::format("ngày {} tháng {} năm {}", day_text(day), month_text(day), day.year);
  }
  return fmt::format("(Kèm theo {} số {} {} của {})", kind, number, date, words.organisation);
}

}  // namespace

Result<> check_letter(const Letter& letter) {
  KYSO_TRY(check_boxes(letter));
  KYSO_TRY(check_list(letter.addressees, "addressees"));
  KYSO_TRY(check_list(letter.recipients, "recipients"));
  KYSO_TRY(check_list(letter.notes, "notes"));
  KYSO_TRY(check(letter.body.size() <= 10'000, "blocks"));
  std::size_t size = 0, tables = 0;
  for (const LetterBlock& block : letter.body) {
    if (const auto* paragraph = std::get_if<LetterParagraph>(&block)) {
      size += paragraph->text.size();
    } else {
      ++tables;
      KYSO_TRY(check_table(std::get<LetterTable>(block), size));
    }
  }
  KYSO_TRY(check(tables <= 100, "tables"));
  return check(size <= 64U << 20U, "text");
}

LetterWords words_of(const Letter& letter) {
  LetterWords words;
  words.superior = to_upper(trim(letter.superior));
  words.organisation = to_upper(trim(letter.organisation));
  words.number = number_line(letter);
  words.date = date_line(letter);
  words.title = to_upper(trim(letter.title));
  words.subject = trim(letter.subject);
  words.addressees = addressees(letter);
  for (const std::string& text : {letter.capacity, letter.position}) {
    if (!trim(text).empty()) words.authority.push_back(to_upper(trim(text)));
  }
  words.signer = trim(letter.signer);
  words.recipients = dashed(letter.recipients);
  words.name = words.title.empty() ? words.subject : words.title + (words.subject.empty() ? "" : " " + words.subject);
  std::ranges::replace(words.name, '\n', ' ');
  return words;
}

std::vector<LetterAppendix> appendices_of(const Letter& letter) {
  std::vector<LetterAppendix> out;
  if (!letter.has_wide_tables) return out;
  for (const LetterBlock& block : letter.body) {
    if (const auto* table = std::get_if<LetterTable>(&block)) out.push_back({table, {}, {}, {}, {}});
  }
  const std::string reference = out.empty() ? "" : reference_of(letter);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].heading = out.size() == 1 ? "Phụ lục" : "Phụ lục " + roman(i + 1);
    out[i].hint = fmt::format("({} kèm theo)", out[i].heading);
    out[i].title = to_upper(trim(out[i].table->title));
    out[i].reference = reference;
  }
  return out;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t end = text.find_first_of("\r\n");
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
}

}  // namespace kyso::decree30
