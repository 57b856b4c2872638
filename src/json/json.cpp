#include "json/json.h"

#include <variant>

namespace kyso::json {

struct Value::Node {
  using Array = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> content;
};

namespace {
template <typename T, typename Variant>
const T* part(const Variant& content) {
  return std::get_if<T>(&content);
}
}  // namespace

Value::Value() = default;
Value::Value(bool value) : m_node(std::make_shared<Node>(Node{value})) {}
Value::Value(std::int64_t value) : m_node(std::make_shared<Node>(Node{value})) {}
Value::Value(double value) : m_node(std::make_shared<Node>(Node{value})) {}
Value::Value(std::string_view value) : m_node(std::make_shared<Node>(Node{std::string(value)})) {}

Value Value::array() {
  Value value;
  value.m_node = std::make_shared<Node>(Node{Node::Array()});
  return value;
}

Value Value::object() {
  Value value;
  value.m_node = std::make_shared<Node>(Node{Node::Object()});
  return value;
}

bool Value::is_null() const {
  return m_node == nullptr;
}

std::optional<bool> Value::as_bool() const {
  const bool* value = m_node ? part<bool>(m_node->content) : nullptr;
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::int64_t> Value::as_integer() const {
  const auto* value = m_node ? part<std::int64_t>(m_node->content) : nullptr;
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<double> Value::as_number() const {
  if (const auto integer = as_integer()) return static_cast<double>(*integer);
  const double* value = m_node ? part<double>(m_node->content) : nullptr;
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::string_view> Value::as_string() const {
  const auto* value = m_node ? part<std::string>(m_node->content) : nullptr;
  return value == nullptr ? std::nullopt : std::optional<std::string_view>(*value);
}

const std::vector<Value>* Value::as_array() const {
  return m_node ? part<Node::Array>(m_node->content) : nullptr;
}

const std::vector<std::pair<std::string, Value>>* Value::as_object() const {
  return m_node ? part<Node::Object>(m_node->content) : nullptr;
}

const Value* Value::find(std::string_view key) const {
  const auto* members = as_object();
  if (members == nullptr) return nullptr;
  for (const auto& [name, value] : *members) {
    if (name == key) return &value;
  }
  return nullptr;
}

}  // namespace kyso::json
