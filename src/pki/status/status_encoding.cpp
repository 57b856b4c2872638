#include "pki/status/status_encoding.h"

#include <array>

namespace kyso::pki::status {
namespace {

namespace der = crypto::der;

void put_two(std::uint8_t* out, unsigned value) {
  out[0] = static_cast<std::uint8_t>('0' + value / 10);
  out[1] = static_cast<std::uint8_t>('0' + value % 10);
}

// "YYYYMMDDHHMMSSZ". Years beyond what the encoding can say are taken to its ends.
std::array<std::uint8_t, 15> digits_of(Instant instant) {
  using namespace std::chrono;
  constexpr Instant kFirst = sys_days(year(0) / January / 1);
  constexpr Instant kLast = sys_days(year(9999) / December / 31) + days(1) - seconds(1);
  instant = std::min(std::max(instant, kFirst), kLast);
  const sys_days midnight = floor<days>(instant);
  const year_month_day date(midnight);
  const auto since = static_cast<unsigned>((instant - midnight).count());
  const auto full_year = static_cast<unsigned>(static_cast<int>(date.year()));
  std::array<std::uint8_t, 15> out{};
  put_two(out.data(), full_year / 100);
  put_two(out.data() + 2, full_year % 100);
  put_two(out.data() + 4, static_cast<unsigned>(date.month()));
  put_two(out.data() + 6, static_cast<unsigned>(date.day()));
  put_two(out.data() + 8, since / 3600);
  put_two(out.data() + 10, since / 60 % 60);
  put_two(out.data() + 12, since % 60);
  out[14] = 'Z';
  return out;
}

void append_element(Bytes& out, std::uint8_t tag, ByteView content) {
  out.push_back(tag);
  out.push_back(static_cast<std::uint8_t>(content.size()));
  append(out, content);
}

}  // namespace

void append_generalized_time(Bytes& out, Instant instant) {
  append_element(out, der::kGeneralizedTime, digits_of(instant));
}

void append_list_time(Bytes& out, Instant instant) {
  using namespace std::chrono;
  constexpr Instant kFirst = sys_days(year(1950) / January / 1);
  constexpr Instant kEnd = sys_days(year(2050) / January / 1);
  if (instant < kFirst || instant >= kEnd) return append_generalized_time(out, instant);
  const auto digits = digits_of(instant);
  append_element(out, der::kUtcTime, ByteView(digits).subspan(2));
}

Bytes generalized_time(Instant instant) {
  Bytes out;
  append_generalized_time(out, instant);
  return out;
}

Bytes list_time(Instant instant) {
  Bytes out;
  append_list_time(out, instant);
  return out;
}

Bytes extension(std::string_view oid, ByteView value, bool is_critical) {
  const Bytes critical = is_critical ? der::encode(der::kBoolean, Bytes{0xff}) : Bytes();
  return der::sequence(der::encode_oid(oid), critical, der::encode(der::kOctetString, value));
}

Bytes header(std::uint8_t tag, std::size_t content_size) {
  Bytes out{tag};
  if (content_size < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content_size));
    return out;
  }
  std::size_t octets = 0;
  for (std::size_t rest = content_size; rest != 0; rest >>= 8U) ++octets;
  out.push_back(static_cast<std::uint8_t>(0x80U | octets));
  while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(content_size >> (8 * octets)));
  return out;
}

}  // namespace kyso::pki::status
