#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "sheet/workbook.h"

namespace kyso::sheet {

// ISO/IEC 29500-1 section 18.17.4: day 1 is 1 January 1900, and 29 February 1900, which never was, is day 60; or day 0
// is 1 January 1904.
enum class DateSystem { from_1900, from_1904 };

struct Moment {
  Date date;
  bool exists = true;  // false: "00/01/1900" and "29/02/1900"
  int hour = 0, minute = 0, second = 0;
};
// Nothing before the first and after the last day, 31 December 9999.
std::optional<Moment> moment_of(double serial, DateSystem system);
std::optional<double> serial_of(const Date& date, DateSystem system);
bool is_date(const Date& date);

std::string show_date(const Date& date);      // "12/07/1987"
std::string show_time(double serial);         // "08:30", "08:30:15", "36:00"
std::string show_time(const Moment& moment);  // "08:30", "08:30:15"
// Of cells with type "d": "1987-07-12", "1987-07-12T08:30:00", "1987-07-12T08:30:00Z".
std::optional<Moment> parse_iso_moment(std::string_view text);

}  // namespace kyso::sheet
