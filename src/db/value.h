#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace kyso::db {

// What a column holds and a parameter gives: NULL, a 64-bit integer, a number, UTF-8 text, or bytes.
// Booleans are the integers 0 and 1, times are seconds since 1970 as integers: both engines keep them exactly.
class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}
  template <std::same_as<bool> B>  // not whatever turns into one, as pointers do
  Value(B value) : m_value(std::int64_t{value}) {}
  Value(int value) : m_value(std::int64_t{value}) {}
  Value(unsigned value) : m_value(std::int64_t{value}) {}
  Value(std::int64_t value) : m_value(value) {}
  Value(long long value) : m_value(std::int64_t{value}) {}
  Value(std::size_t value) : m_value(static_cast<std::int64_t>(value)) {}
  Value(double value) : m_value(value) {}
  Value(const char* value) : m_value(std::string(value)) {}
  Value(std::string_view value) : m_value(std::string(value)) {}
  Value(std::string value) : m_value(std::move(value)) {}
  Value(ByteView value) : m_value(Bytes(value.begin(), value.end())) {}
  Value(Bytes value) : m_value(std::move(value)) {}
  Value(Instant value) : m_value(std::int64_t{value.time_since_epoch().count()}) {}
  template <typename T>
  Value(const std::optional<T>& value) {
    if (value) *this = Value(*value);
  }

  using Storage = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;
  const Storage& storage() const { return m_value; }
  bool is_null() const { return std::holds_alternative<std::monostate>(m_value); }

 private:
  Storage m_value;
};
using Values = std::vector<Value>;

// One row of an answer; columns in the order of the SELECT. Reading a column as another type than it holds, or NULL as
// anything but an optional, is a mistake of the program: it ends in db.column.type, never in a wrong value.
class Row {
 public:
  explicit Row(Values values) : m_values(std::move(values)) {}
  std::size_t size() const { return m_values.size(); }
  const Value& operator[](std::size_t column) const { return m_values.at(column); }
  bool is_null(std::size_t column) const { return m_values.at(column).is_null(); }
  // T: bool, int, std::int64_t, std::size_t, double, std::string, Bytes, Instant, std::string_view and ByteView (of
  // this row: they live as long as it does), or std::optional of these.
  template <typename T>
  Result<T> get(std::size_t column) const;
  Values release() && { return std::move(m_values); }

 private:
  Values m_values;
};
using Rows = std::vector<Row>;

}  // namespace kyso::db
