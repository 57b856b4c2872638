#include "decree30/letter_boxes.h"

#include "decree30/test_support.h"

namespace kyso::decree30 {
namespace {

using namespace test;

struct W {
  std::string text;
  double x0, x1;
  double y = 720;
  bool italic = false;
};

// A page of words whose boxes are 13 pt high.
Sheet sheet_of(const std::vector<W>& words) {
  pdf::PageText text;
  for (const W& w : words) text.lines.push_back({{{w.text, {w.x0, w.y, w.x1, w.y + 15}, 13, false, w.italic}}});
  pdf::Page page;
  page.media_box = page.crop_box = {0, 0, 595, 842};
  return Sheet::of(page, text);
}

TEST_CASE("the number's gap lies between the printed words") {
  const auto box = find_number_box(sheet_of({{"Số:", 125, 142}, {"/CQM-VP", 178, 232}, {"Hà", 330, 345}}));
  REQUIRE(box);
  CHECK(box->suffix == "CQM-VP");
  CHECK(box->printed.empty());
  REQUIRE(box->gap);
  CHECK(box->gap->box.x0 >= 142);
  CHECK(box->gap->box.x1 <= 178);
  CHECK(box->gap->box.width() > 34);
}

TEST_CASE("dots are a gap too, alone or glued to the words") {
  for (const auto& words : {std::vector<W>{{"Số:", 125, 142}, {".......", 145, 175}, {"/CQM-VP", 178, 232}},
                            std::vector<W>{{"Số:.........../CQM-VP", 125, 232}},
                            std::vector<W>{{"Số:", 125, 142}, {"………/CQM-VP", 145, 232}}}) {
    const auto box = find_number_box(sheet_of(words));
    REQUIRE(box);
    CHECK(box->suffix == "CQM-VP");
    REQUIRE(box->gap);
    CHECK(box->gap->box.x0 >= 139);
    CHECK(box->gap->box.x1 <= 190);
    CHECK(box->gap->box.width() > 15);
  }
}

TEST_CASE("a printed number is read, other numbers are not") {
  const auto one_word = find_number_box(sheet_of({{"Số:", 125, 142}, {"12/CQM-VP", 146, 210}}));
  REQUIRE(one_word);
  CHECK(one_word->printed == "12");
  CHECK(one_word->suffix == "CQM-VP");
  CHECK(!one_word->gap);
  // In running text, or in the lower part of the page.
  CHECK(!find_number_box(sheet_of({{"Quyết", 85, 118}, {"định", 121, 140}, {"Số", 144, 156}, {"5", 160, 166}})));
  CHECK(!find_number_box(sheet_of({{"Số:", 125, 142, 300}, {"/CQM-VP", 178, 232, 300}})));
  // Small blanks are none.
  const auto narrow = find_number_box(sheet_of({{"Số:", 125, 142}, {"/CQM-VP", 146, 210}}));
  REQUIRE(narrow);
  CHECK(!narrow->gap);
}

std::vector<W> date_words(double day, double month, const std::string& year, double year_x = 0) {
  std::vector<W> out{{"Hà", 310, 325, 720, true},
                     {"Nội,", 328, 350, 720, true},
                     {"ngày", 353, 380, 720, true},
                     {"tháng", 380 + day, 412 + day, 720, true}};
  const double x = 412 + day + month;
  out.push_back({"năm", x, x + 22, 720, true});
  if (!year.empty()) out.push_back({year, x + 25 + year_x, x + 50 + year_x, 720, true});
  return out;
}

TEST_CASE("the date's gaps: day and month, and the year when it is open") {
  const auto box = find_date_box(sheet_of(date_words(20, 22, "2027")));
  REQUIRE(box);
  REQUIRE(box->day);
  REQUIRE(box->month);
  CHECK(!box->year);
  CHECK(box->day->box.x0 >= 380);
  CHECK(box->day->box.x1 <= 400);
  CHECK(box->day->style == pdf::FontStyle::italic);
  CHECK(box->printed_year == "2027");
  CHECK(must(Result<bool>(check_date(vietnam_time(kNow), *box).has_value())));
  CHECK(year_text(vietnam_time(kNow), *box).empty());

  const auto open = find_date_box(sheet_of(date_words(20, 22, "")));
  REQUIRE(open);
  REQUIRE(open->year);
  CHECK(year_text(vietnam_time(kNow), *open) == "2027");

  const auto begun = find_date_box(sheet_of(date_words(20, 22, "202…")));
  REQUIRE(begun);
  CHECK(begun->printed_year == "202");
  REQUIRE(begun->year);
  CHECK(year_text(vietnam_time(kNow), *begun) == "7");
}

TEST_CASE("a date that is printed must agree") {
  auto words = date_words(20, 22, "2026");
  CHECK(check_date(vietnam_time(kNow), *find_date_box(sheet_of(words))).error().code == "decree30.date.mismatch");
  words = date_words(20, 22, "2027");
  words.insert(words.begin() + 3, {"05", 384, 396, 720, true});
  const auto printed = find_date_box(sheet_of(words));
  REQUIRE(printed);
  CHECK(printed->printed_day == "05");
  CHECK(!printed->day);
  CHECK(check_date(vietnam_time(kNow), *printed));
  words[3].text = "6";
  CHECK(check_date(vietnam_time(kNow), *find_date_box(sheet_of(words))).error().code == "decree30.date.mismatch");
}

TEST_CASE("a date in running text is no date line") {
  CHECK(!find_date_box(sheet_of({{"từ", 85, 96},
                                 {"ngày", 100, 127},
                                 {"01", 130, 142},
                                 {"tháng", 145, 177},
                                 {"12", 180, 192},
                                 {"năm", 195, 217},
                                 {"2026", 220, 245}})));
}

TEST_CASE("numbers get a leading zero below ten and keep their sign") {
  CHECK(must(parse_number("5")).number == "05");
  CHECK(must(parse_number("05/CQM-VP")).text() == "05/CQM-VP");
  CHECK(must(parse_number(" 12/QĐ-UBND ")).suffix == "QĐ-UBND");
  CHECK(must(parse_number("12a")).number == "12a");
  for (const char* wrong : {"", "abc", "1 2", "/CQM", "12/", "12/ ", "-3", "1234567890123"})
    CHECK(parse_number(wrong).error().code == "decree30.number.invalid");
}

TEST_CASE("a printed sign is not repeated and must agree") {
  NumberBox box;
  box.suffix = "CQM-VP";
  CHECK(must(number_to_write({"12", "CQM-VP"}, box)) == "12");
  CHECK(must(number_to_write({"12", "cqm-vp"}, box)) == "12");
  CHECK(must(number_to_write({"12", ""}, box)) == "12");
  CHECK(number_to_write({"12", "UBND"}, box).error().code == "decree30.number.mismatch");
  CHECK(must(number_to_write({"12", "UBND"}, std::nullopt)) == "12/UBND");
}

TEST_CASE("days below 10 and months 1 and 2 have a leading zero") {
  CHECK(day_text({2020, 3, 5, 0, 0, 0}) == "05");
  CHECK(day_text({2020, 3, 15, 0, 0, 0}) == "15");
  CHECK(month_text({2020, 3, 5, 0, 0, 0}) == "3");
  CHECK(month_text({2020, 2, 5, 0, 0, 0}) == "02");
  CHECK(month_text({2020, 11, 5, 0, 0, 0}) == "11");
}

}  // namespace
}  // namespace kyso::decree30
