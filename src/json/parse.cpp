#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <memory>
#include <optional>

#include "json/node.h"

namespace kyso::json {

// Builder: turns the events of Boost's parser into a Value, and refuses what is beyond the limits.
class Builder {
 public:
  using ErrorCode = boost::json::error_code;
  using Text = boost::json::string_view;
  // The whole text is limited, and all values together: no part needs a limit of its own.
  static constexpr std::size_t max_object_size = kMaxSize;
  static constexpr std::size_t max_array_size = kMaxSize;
  static constexpr std::size_t max_key_size = kMaxSize;
  static constexpr std::size_t max_string_size = kMaxSize;

  bool on_document_begin(ErrorCode&) { return true; }
  bool on_document_end(ErrorCode&) { return true; }
  bool on_object_begin(ErrorCode&) { return open(Value::object()); }
  bool on_object_end(std::size_t, ErrorCode& ec) {
    return has_unique_keys() ? close(ec) : stop(ec, Problem::duplicate);
  }
  bool on_array_begin(ErrorCode&) { return open(Value::array()); }
  bool on_array_end(std::size_t, ErrorCode& ec) { return close(ec); }

  bool on_key_part(Text part, std::size_t, ErrorCode&) { return collect(part); }
  bool on_key(Text rest, std::size_t, ErrorCode&) {
    collect(rest);
    m_open.back().key = std::move(m_text);
    m_text.clear();
    return true;
  }
  bool on_string_part(Text part, std::size_t, ErrorCode&) { return collect(part); }
  bool on_string(Text rest, std::size_t, ErrorCode& ec) {
    collect(rest);
    const bool added = add(Value(std::string_view(m_text)), ec);
    m_text.clear();
    return added;
  }
  bool on_number_part(Text part, ErrorCode&) { return collect(part); }
  bool on_int64(std::int64_t number, Text, ErrorCode& ec) {
    m_text.clear();
    return add(Value(number), ec);
  }
  bool on_uint64(std::uint64_t, Text rest, ErrorCode& ec) { return on_double(0, rest, ec); }
  // Boost's own conversion may be off by one unit in the last place: the digits are converted again.
  bool on_double(double, Text rest, ErrorCode& ec) {
    collect(rest);
    double number = 0;
    const auto [end, failed] = std::from_chars(m_text.data(), m_text.data() + m_text.size(), number);
    if (failed != std::errc() || end != m_text.data() + m_text.size()) return stop(ec, Problem::range);
    m_text.clear();
    return add(Value(number), ec);
  }
  bool on_bool(bool value, ErrorCode& ec) { return add(Value(value), ec); }
  bool on_null(ErrorCode& ec) { return add(Value(), ec); }
  bool on_comment_part(Text, ErrorCode&) { return true; }
  bool on_comment(Text, ErrorCode&) { return true; }

  enum class Problem { none, duplicate, range, values };
  Problem problem() const { return m_problem; }
  Value take() { return std::move(m_root); }

 private:
  struct Open {
    Value container;
    std::string key;  // of the member that comes next
  };

  bool collect(Text part) {
    m_text.append(part.data(), part.size());
    return true;
  }
  bool open(Value container) {
    m_open.push_back({std::move(container), {}});
    return true;
  }
  bool close(ErrorCode& ec) {
    Value finished = std::move(m_open.back().container);
    m_open.pop_back();
    return add(std::move(finished), ec);
  }
  bool add(Value value, ErrorCode& ec) {
    if (++m_count > kMaxValues) return stop(ec, Problem::values);
    if (m_open.empty()) {
      m_root = std::move(value);
      return true;
    }
    Open& parent = m_open.back();
    auto& content = parent.container.m_node->content;
    if (auto* items = std::get_if<Value::Node::Array>(&content)) {
      items->push_back(std::move(value));
    } else {
      std::get<Value::Node::Object>(content).emplace_back(std::move(parent.key), std::move(value));
    }
    return true;
  }
  bool has_unique_keys() const {
    std::vector<std::string_view> keys;
    for (const auto& member : *m_open.back().container.as_object()) keys.push_back(member.first);
    std::ranges::sort(keys);
    return std::ranges::adjacent_find(keys) == keys.end();
  }
  bool stop(ErrorCode& ec, Problem problem) {
    m_problem = problem;
    ec = boost::json::error::syntax;
    return false;
  }

  std::vector<Open> m_open;
  std::string m_text;
  Value m_root;
  std::size_t m_count = 0;
  Problem m_problem = Problem::none;
};

namespace {

Error limit_error(std::string_view limit) {
  return fail("json.limit", "{}", limit).with("limit", limit);
}

Error explain(const boost::json::error_code& code, Builder::Problem problem, std::size_t offset) {
  if (code == boost::json::error::too_deep) return limit_error(fmt::format("depth ≤ {}", kMaxDepth));
  if (problem == Builder::Problem::values) return limit_error(fmt::format("values ≤ {}", kMaxValues));
  if (problem == Builder::Problem::range) return limit_error("|number| < 1.8e308");
  const bool duplicate = problem == Builder::Problem::duplicate;
  return fail("json.malformed", "{} at {}", duplicate ? "duplicate key" : code.message(), offset)
      .with("offset", offset);
}

}  // namespace

Result<Value> parse(std::string_view text) {
  if (text.size() > kMaxSize) return limit_error(fmt::format("size ≤ {} MiB", kMaxSize >> 20U));
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<Builder> parser(options);
  boost::json::error_code code;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), code);
  if (code) return explain(code, parser.handler().problem(), consumed);
  if (consumed != text.size()) return fail("json.malformed", "text after the value").with("offset", consumed);
  return parser.handler().take();
}

}  // namespace kyso::json
