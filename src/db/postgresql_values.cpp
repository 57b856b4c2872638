#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "db/postgresql_connection.h"

// Values as they come from the server, in binary form.
namespace kyso::db {
namespace {

// Object identifiers of built-in types (pg_type.dat): part of the protocol, they never change.
enum Type : Oid {
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kFloat4 = 700,
  kFloat8 = 701,
  kUnknown = 705,
  kBpchar = 1042,
  kVarchar = 1043,
  kNumeric = 1700,
  kVoid = 2278,
};

template <typename T>
T big_endian(const char* bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value << 8U | static_cast<std::uint8_t>(bytes[i]));
  return value;
}

// NUMERIC is what SUM and AVG of BIGINT answer: digits to the base 10,000, the first of the weight 10,000^weight.
std::optional<Value> read_numeric(const char* bytes, int length) {
  if (length < 8) return std::nullopt;
  const int digits = big_endian<std::uint16_t>(bytes);
  const int weight = static_cast<std::int16_t>(big_endian<std::uint16_t>(bytes + 2));
  const unsigned sign = big_endian<std::uint16_t>(bytes + 4);
  const unsigned scale = big_endian<std::uint16_t>(bytes + 6);
  if (length != 8 + 2 * digits || (sign != 0 && sign != 0x4000)) return std::nullopt;
  const auto digit = [&](int i) -> int { return i < digits ? big_endian<std::uint16_t>(bytes + 8 + 2 * i) : 0; };
  const bool is_negative = sign != 0;
  if (scale > 0) {
    double value = 0;
    for (int i = 0; i < digits; ++i) value += digit(i) * std::pow(10'000.0, weight - i);
    return Value(is_negative ? -value : value);
  }
  std::int64_t value = 0;  // kept negative: its range is one larger
  for (int i = 0; i <= weight; ++i) {
    if (__builtin_mul_overflow(value, std::int64_t{10'000}, &value)) return std::nullopt;
    if (__builtin_sub_overflow(value, std::int64_t{digit(i)}, &value)) return std::nullopt;
  }
  if (!is_negative && __builtin_sub_overflow(std::int64_t{0}, value, &value)) return std::nullopt;
  return Value(value);
}

std::optional<Value> read_value(Oid type, const char* bytes, int length) {
  const auto size = static_cast<std::size_t>(length);
  switch (type) {
    case kInt8:
      if (length == 8) return Value(static_cast<std::int64_t>(big_endian<std::uint64_t>(bytes)));
      return std::nullopt;
    case kInt4:
      if (length == 4)
        return Value(static_cast<std::int64_t>(static_cast<std::int32_t>(big_endian<std::uint32_t>(bytes))));
      return std::nullopt;
    case kInt2:
      if (length == 2)
        return Value(static_cast<std::int64_t>(static_cast<std::int16_t>(big_endian<std::uint16_t>(bytes))));
      return std::nullopt;
    case kBool:
      if (length == 1) return Value(bytes[0] != 0);
      return std::nullopt;
    case kFloat8:
      if (length == 8) return Value(std::bit_cast<double>(big_endian<std::uint64_t>(bytes)));
      return std::nullopt;
    case kFloat4:
      if (length == 4) return Value(static_cast<double>(std::bit_cast<float>(big_endian<std::uint32_t>(bytes))));
      return std::nullopt;
    case kText:
    case kVarchar:
    case kBpchar:
    case kName:
    case kUnknown:
      return Value(std::string(bytes, size));
    case kBytea:
      return Value(Bytes(bytes, bytes + size));
    case kNumeric:
      return read_numeric(bytes, length);
    case kVoid:
      return Value();
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<Values> pg_row(const PGresult* result, int row) {
  const int columns = PQnfields(result);
  Values values;
  values.reserve(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i) {
    if (PQgetisnull(result, row, i) != 0) {
      values.emplace_back();
      continue;
    }
    auto value = read_value(PQftype(result, i), PQgetvalue(result, row, i), PQgetlength(result, row, i));
    if (!value)
      return fail("db.column.type", "column {} has the type {}, or a number too large", i, PQftype(result, i));
    values.push_back(*std::move(value));
  }
  return values;
}

std::int64_t pg_changed_rows(PGresult* result) {
  // "INSERT 0 5", "UPDATE 5"; SELECT counts its rows there too, but changes none.
  if (std::string_view(PQcmdStatus(result)).starts_with("SELECT")) return 0;
  const std::string_view digits = PQcmdTuples(result);
  std::int64_t rows = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), rows);
  return rows;
}

}  // namespace kyso::db
