#include "sheet/number_format.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>

#include "sheet/sheet_rows.h"
#include "sheet/sheet_test_support.h"

namespace kyso::sheet {
namespace {

std::string shown(double value, std::string_view code, DateSystem dates = DateSystem::from_1900) {
  Cell cell;
  show_number(cell, value, NumberFormat::parse(code), dates);
  return cell.text;
}

TEST_CASE("A number without format shows every digit that the file keeps") {
  CHECK(show_general(0) == "0");
  CHECK(show_general(-0.0) == "0");
  CHECK(show_general(12345678910) == "12345678910");
  CHECK(show_general(123456789101) == "123456789101");
  CHECK(show_general(999999999999999) == "999999999999999");
  CHECK(show_general(8.98404800070002E+18) == "8984048000700020000");
  CHECK(show_general(0.1 + 0.2) == "0.3");
  CHECK(show_general(1.5) == "1.5");
  CHECK(show_general(-1234.5) == "-1234.5");
  CHECK(show_general(1e-5) == "0.00001");
  CHECK(show_general(1e30) == "1E+30");
  CHECK(show_general(-1.25e-30) == "-1.25E-30");
  CHECK(show_general(1e21) == "1E+21");
  CHECK(show_general(1e20) == "100000000000000000000");
}

TEST_CASE("Whole numbers up to fifteen digits are shown digit by digit") {
  CHECK(rc::check([] {
    const auto value = *rc::gen::inRange<std::int64_t>(-999'999'999'999'999, 1'000'000'000'000'000);
    RC_ASSERT(show_general(static_cast<double>(value)) == std::to_string(value));
    RC_ASSERT(shown(static_cast<double>(value), "0") == std::to_string(value));
    RC_ASSERT(shown(static_cast<double>(value), "#,##0") == std::to_string(value));
  }));
}

TEST_CASE("Formats decide zeros, decimals, signs and literals") {
  CHECK(shown(12345678910, "000000000000") == "012345678910");
  CHECK(shown(912345678, "0000000000") == "0912345678");
  CHECK(shown(912345678, "0000 000 000") == "0912 345 678");
  CHECK(shown(912345678, "\"0\"#") == "0912345678");
  CHECK(shown(123, "\"H\"00.00") == "H123.00");
  CHECK(shown(1500000, "#,##0") == "1500000");
  CHECK(shown(1500000, "#,##0\\ \"đồng\"") == "1500000 đồng");
  CHECK(shown(1500000, "#,##0 [$₫-42A]") == "1500000 ₫");
  CHECK(shown(1500000, "#,##0,") == "1500");
  CHECK(shown(1.5, "0.00") == "1.50");
  CHECK(shown(1.5, "0.##") == "1.5");
  CHECK(shown(1, "0.##") == "1");
  CHECK(shown(0.5, ".00") == ".50");
  CHECK(shown(12.5, ".00") == "12.50");
  CHECK(shown(0.125, "0%") == "13%");
  CHECK(shown(0.125, "0.0%") == "12.5%");
  CHECK(shown(1.005, "0.00") == "1.01");
  CHECK(shown(9.995, "0.00") == "10.00");
  CHECK(shown(0.4, "0") == "0");
  CHECK(shown(-0.4, "0") == "0");
  CHECK(shown(-12, "0") == "-12");
  CHECK(shown(-12, "0;(0)") == "(12)");
  CHECK(shown(0, "0;(0);\"không\"") == "0");
  CHECK(shown(-12, "[Red]0.0;[Blue]-0.0") == "-12.0");
  CHECK(shown(5551234, "[<=9999999]###-####;(###) ###-####") == "555-1234");
  CHECK(shown(8005551234, "[<=9999999]###-####;(###) ###-####") == "(800) 555-1234");
  CHECK(shown(7, "General\" tuổi\"") == "7 tuổi");
  CHECK(shown(-7, "General\" tuổi\"") == "-7 tuổi");
  CHECK(shown(12345678910, "@") == "12345678910");
}

TEST_CASE("Formats that would hide digits do not") {
  CHECK(shown(12345678910, "0.00E+00") == "12345678910");
  CHECK(shown(12345678910, "##0.0E+0") == "12345678910");
  CHECK(shown(1.25, "# ?/?") == "1.25");
  CHECK(shown(12345678910, ";;;") == "12345678910");
  CHECK(shown(12, "\"x\"") == "12");
  CHECK(shown(12, std::string(2'000, '0')) == "12");
}

TEST_CASE("A format is a date's by its letters, not by what is quoted") {
  const auto kind = [](std::string_view code) { return NumberFormat::parse(code).kind(); };
  using Kind = NumberFormat::Kind;
  CHECK(kind("dd/mm/yyyy") == Kind::date);
  CHECK(kind("[$-42A]dd\\/mm\\/yyyy;@") == Kind::date);
  CHECK(kind("mmm") == Kind::date);
  CHECK(kind("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy") == Kind::date);
  CHECK(kind("m/d/yy h:mm") == Kind::date_time);
  CHECK(kind("h:mm AM/PM") == Kind::time);
  CHECK(kind("mm:ss.0") == Kind::time);
  CHECK(kind("[h]:mm:ss") == Kind::time);
  CHECK(kind("General") == Kind::number);
  CHECK(kind("GENERAL") == Kind::number);
  CHECK(kind("0\" day\"") == Kind::number);
  CHECK(kind("0\\d") == Kind::number);
  CHECK(kind("_d0") == Kind::number);
  CHECK(kind("[Red]0") == Kind::number);
  CHECK(kind("0.00E+00") == Kind::number);
  CHECK(kind("\"unfinished") == Kind::number);
  CHECK(kind("[unfinished") == Kind::number);
  CHECK(kind("\\") == Kind::number);
  for (const unsigned id : {14U, 15U, 16U, 17U, 27U, 31U, 50U, 58U})
    CHECK(NumberFormat::built_in(id).kind() == Kind::date);
  CHECK(NumberFormat::built_in(22).kind() == Kind::date_time);
  for (const unsigned id : {18U, 21U, 45U, 47U}) CHECK(NumberFormat::built_in(id).kind() == Kind::time);
  for (const unsigned id : {0U, 1U, 4U, 9U, 11U, 12U, 37U, 49U, 163U, 4'000'000'000U})
    CHECK(NumberFormat::built_in(id).kind() == Kind::number);
}

TEST_CASE("Dates of both systems, with the day that never was") {
  CHECK(shown(31970, "dd/mm/yyyy") == "12/07/1987");
  CHECK(shown(31970, "m/d/yy") == "12/07/1987");
  CHECK(shown(1, "d/m/yyyy") == "01/01/1900");
  CHECK(shown(59, "d/m/yyyy") == "28/02/1900");
  CHECK(shown(60, "d/m/yyyy") == "29/02/1900");
  CHECK(shown(61, "d/m/yyyy") == "01/03/1900");
  CHECK(shown(0, "d/m/yyyy") == "00/01/1900");
  CHECK(shown(0, "d/m/yyyy", DateSystem::from_1904) == "01/01/1904");
  CHECK(shown(31970 - 1462, "d/m/yyyy", DateSystem::from_1904) == "12/07/1987");
  CHECK(shown(2958465, "d/m/yyyy") == "31/12/9999");
  CHECK(shown(2958466, "d/m/yyyy") == "2958466");
  CHECK(shown(-1, "d/m/yyyy") == "-1");
  CHECK(shown(31970.354166666664, "d/m/yyyy h:mm") == "12/07/1987 08:30");
  CHECK(shown(31970.5, "d/m/yyyy") == "12/07/1987");
  CHECK(shown(0.354166666666667, "h:mm") == "08:30");
  CHECK(shown(0.35434027777, "h:mm:ss") == "08:30:15");
  CHECK(shown(1.5, "[h]:mm") == "36:00");
  CHECK(shown(1e12, "h:mm") == "1000000000000");
  CHECK(shown(1e300, "d/m/yyyy") == "1E+300");

  Cell cell;
  show_number(cell, 60, NumberFormat::parse("dd/mm/yyyy"), DateSystem::from_1900);
  CHECK(cell.kind == Cell::Kind::text);
  CHECK_FALSE(cell.date.has_value());
}

TEST_CASE("Days and their numbers agree in both systems") {
  CHECK(rc::check([] {
    const auto system = *rc::gen::element(DateSystem::from_1900, DateSystem::from_1904);
    const auto day = *rc::gen::inRange(system == DateSystem::from_1900 ? 61 : 0, 2'900'000);
    const auto moment = moment_of(day, system);
    RC_ASSERT(moment.has_value());
    RC_ASSERT(is_date(moment->date));
    RC_ASSERT(serial_of(moment->date, system) == std::optional(static_cast<double>(day)));
  }));
  CHECK_FALSE(serial_of({1899, 12, 31}, DateSystem::from_1900).has_value());
  CHECK_FALSE(serial_of({1903, 12, 31}, DateSystem::from_1904).has_value());
  CHECK_FALSE(serial_of({2023, 2, 29}, DateSystem::from_1900).has_value());
  CHECK_FALSE(moment_of(std::nan(""), DateSystem::from_1900).has_value());
}

TEST_CASE("Whatever a code says, a number is shown as valid text") {
  CHECK(rc::check([] {
    const auto code =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0#?.,%;\"\\_*[]@/dmyhsE+-$<>= Ag1")));
    const auto value = *rc::gen::arbitrary<double>();
    RC_PRE(std::isfinite(value));
    RC_ASSERT(shown(value, code).size() < 2'000);
  }));
}

}  // namespace
}  // namespace kyso::sheet
