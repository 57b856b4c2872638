#include "json/json.h"

#include <algorithm>

#include "json/node.h"

namespace kyso::json {

namespace {

template <typename T, typename Variant>
const T* part(const Variant& content) {
  return std::get_if<T>(&content);
}

Error member_error(std::string_view key) {
  return fail("json.member", "member {}", key).with("member", key);
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
  const auto found = std::ranges::find_if(*members, [&](const auto& member) { return member.first == key; });
  return found == members->end() ? nullptr : &found->second;
}

Value& Value::set(std::string key, Value value) {
  if (as_object() == nullptr) *this = object();
  if (m_node.use_count() > 1) m_node = std::make_shared<Node>(*m_node);
  auto& members = std::get<Node::Object>(m_node->content);
  const auto found = std::ranges::find_if(members, [&](const auto& member) { return member.first == key; });
  if (found != members.end()) {
    found->second = std::move(value);
  } else {
    members.emplace_back(std::move(key), std::move(value));
  }
  return *this;
}

Value& Value::push_back(Value value) {
  if (as_array() == nullptr) *this = array();
  if (m_node.use_count() > 1) m_node = std::make_shared<Node>(*m_node);
  std::get<Node::Array>(m_node->content).push_back(std::move(value));
  return *this;
}

Result<std::string> require_string(const Value& object, std::string_view key) {
  const Value* member = object.find(key);
  const auto text = member == nullptr ? std::nullopt : member->as_string();
  if (!text) return member_error(key);
  return std::string(*text);
}

Result<std::int64_t> require_integer(const Value& object, std::string_view key) {
  const Value* member = object.find(key);
  const auto integer = member == nullptr ? std::nullopt : member->as_integer();
  if (!integer) return member_error(key);
  return *integer;
}

}  // namespace kyso::json
