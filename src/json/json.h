#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

// JSON (RFC 8259) with limits: 64 MiB, depth 64, 2,000,000 values, no duplicate keys, no invalid UTF-8.
// Boost.JSON stays inside the module.
namespace kyso::json {

// Value: any JSON value. A copy is cheap and independent: the content is shared until one of them is changed.
class Value {
 public:
  Value();  // null
  Value(bool value);
  Value(std::int64_t value);
  Value(int value) : Value(static_cast<std::int64_t>(value)) {}
  Value(unsigned value) : Value(static_cast<std::int64_t>(value)) {}
  Value(std::size_t value) : Value(static_cast<std::int64_t>(value)) {}
  Value(double value);
  Value(std::string_view value);
  Value(const char* value) : Value(std::string_view(value)) {}
  Value(const std::string& value) : Value(std::string_view(value)) {}
  static Value array();
  static Value object();

  // Reading. nullopt / nullptr when the kind is another.
  bool is_null() const;
  std::optional<bool> as_bool() const;
  std::optional<std::int64_t> as_integer() const;  // written without fraction and exponent, and within 64 bits
  std::optional<double> as_number() const;
  std::optional<std::string_view> as_string() const;
  const std::vector<Value>* as_array() const;
  const std::vector<std::pair<std::string, Value>>* as_object() const;
  const Value* find(std::string_view key) const;  // of an object; looks at one member after the other

  // Building; keys keep their order, and a key that is there already gets the new value. A value of another kind is
  // first made an empty object (array). Both return *this.
  Value& set(std::string key, Value value);
  Value& push_back(Value value);

 private:
  friend class Builder;
  struct Node;
  std::shared_ptr<Node> m_node;
};

// json.malformed with {offset} (in bytes); json.limit with {limit}.
Result<Value> parse(std::string_view text);
enum class Style { compact, indented };
// Always valid JSON: ill-formed UTF-8 becomes U+FFFD, a number that is not finite becomes null. No newline at the end.
std::string serialize(const Value& value, Style style = Style::compact);

// Typed access for reading configuration and state: json.member with {member}.
Result<std::string> require_string(const Value& object, std::string_view key);
Result<std::int64_t> require_integer(const Value& object, std::string_view key);

}  // namespace kyso::json
