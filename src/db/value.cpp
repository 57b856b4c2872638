#include "db/value.h"

#include <limits>
#include <type_traits>

namespace kyso::db {
namespace {

template <typename T>
concept Optional = requires { typename T::value_type; } && std::is_same_v<T, std::optional<typename T::value_type>>;

// The type in which a value is stored that is read as T.
template <typename T>
using Stored = std::conditional_t<
    std::is_same_v<T, double>, double,
    std::conditional_t<
        std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>, std::string,
        std::conditional_t<std::is_same_v<T, Bytes> || std::is_same_v<T, ByteView>, Bytes, std::int64_t>>>;

Error wrong_type(std::size_t column, const Value* value) {
  static constexpr const char* kNames[] = {"NULL", "integer", "number", "text", "bytes"};
  return fail("db.column.type", "column {} holds {}", column, value ? kNames[value->storage().index()] : "nothing");
}

template <typename T>
std::optional<T> convert(const Stored<T>& stored) {
  if constexpr (std::is_same_v<T, bool>) {
    if (stored != 0 && stored != 1) return std::nullopt;
    return stored == 1;
  } else if constexpr (std::is_same_v<T, int>) {
    if (stored < std::numeric_limits<int>::min() || stored > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(stored);
  } else if constexpr (std::is_same_v<T, std::size_t>) {
    if (stored < 0) return std::nullopt;
    return static_cast<std::size_t>(stored);
  } else if constexpr (std::is_same_v<T, Instant>) {
    return Instant(std::chrono::seconds(stored));
  } else {
    return T(stored);
  }
}

template <typename T>
Result<T> read(const Values& values, std::size_t column) {
  if (column >= values.size()) return wrong_type(column, nullptr);
  if constexpr (Optional<T>) {
    if (values[column].is_null()) return T();
    return T(KYSO_TRY(read<typename T::value_type>(values, column)));
  } else {
    const auto* stored = std::get_if<Stored<T>>(&values[column].storage());
    if (stored == nullptr) return wrong_type(column, &values[column]);
    std::optional<T> converted = convert<T>(*stored);
    if (!converted) return wrong_type(column, &values[column]);
    return *std::move(converted);
  }
}

}  // namespace

template <typename T>
Result<T> Row::get(std::size_t column) const {
  return read<T>(m_values, column);
}

#define KYSO_DB_READABLE(T)                          \
  template Result<T> Row::get<T>(std::size_t) const; \
  template Result<std::optional<T>> Row::get<std::optional<T>>(std::size_t) const;
KYSO_DB_READABLE(bool)
KYSO_DB_READABLE(int)
KYSO_DB_READABLE(std::int64_t)
KYSO_DB_READABLE(std::size_t)
KYSO_DB_READABLE(double)
KYSO_DB_READABLE(std::string)
KYSO_DB_READABLE(std::string_view)
KYSO_DB_READABLE(Bytes)
KYSO_DB_READABLE(ByteView)
KYSO_DB_READABLE(Instant)
#undef KYSO_DB_READABLE

}  // namespace kyso::db
