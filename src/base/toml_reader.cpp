#include "base/config.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <variant>

#include "base/bytes.h"
#include "base/file.h"
#include "base/toml_key.h"
#include "base/toml_scanner.h"

namespace kyso {
namespace {

constexpr std::size_t kMaxConfigSize = 1U << 20U;
// Of the keys with all the tables around them, which take far more than the file when a long name holds many keys.
constexpr std::size_t kMaxNames = 16U << 20U;
constexpr int kMaxDepth = 32;

struct Value {
  std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>, std::vector<double>, std::monostate>
      content = std::monostate();  // monostate: a kind that nothing asks for (date, mixed array)
  int line = 0;
};

std::string join(std::string_view table, std::string_view key) {
  return table.empty() ? std::string(key) : fmt::format("{}.{}", table, key);
}

int line_of(const toml::node& node) {
  return static_cast<int>(node.source().begin.line);
}

}  // namespace

struct TomlReader::State {
  std::string path;
  std::map<std::string, Value, std::less<>> values;
  std::map<std::string, int, std::less<>> tables;  // their lines; "" is the root
  std::map<std::string, std::vector<std::string>, std::less<>> children;
  std::map<std::string, std::size_t, std::less<>> counts;  // of arrays of tables
  std::set<std::string, std::less<>> read;
  std::size_t name_bytes = 0;  // see kMaxNames

  Error error(std::string_view code, int line, std::string_view problem, std::source_location where) const {
    return Error(code, fmt::format("{}:{}: {}", path, line, problem), where)
        .with("path", path)
        .with("line", line)
        .with("problem", problem);
  }
  int line_near(std::string_view key) const;
  Result<> count_name(std::size_t size, int line);
  Result<> take_table(const std::string& name, const toml::table& table, int depth);
  Result<> take(const std::string& key, const toml::node& node, int depth);
  Result<> take_tables(const std::string& key, const toml::array& array, int depth);
};

// The line of the value or table, else of the table around it.
int TomlReader::State::line_near(std::string_view key) const {
  if (const auto value = values.find(key); value != values.end()) return value->second.line;
  while (true) {
    if (const auto table = tables.find(key); table != tables.end()) return table->second;
    const std::size_t dot = key.rfind('.');
    if (dot == std::string_view::npos) return 1;
    key = key.substr(0, dot);
  }
}

namespace {

template <typename T>
std::vector<T> items_of(const toml::array& array) {
  std::vector<T> items;
  for (const auto& item : array) items.push_back(*item.value<T>());
  return items;
}

bool all_numbers(const toml::array& array) {
  return std::ranges::all_of(array, [](const toml::node& item) {
    const auto number = item.value<double>();
    return item.is_number() && number && std::isfinite(*number);
  });
}

Value scalar_or_array(const toml::node& node) {
  Value value{.line = line_of(node)};
  if (const auto* text = node.as_string()) {
    value.content = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.content = integer->get();
  } else if (const auto* number = node.as_floating_point(); number != nullptr && std::isfinite(number->get())) {
    value.content = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.content = boolean->get();
  } else if (const auto* array = node.as_array(); array != nullptr && array->is_homogeneous<std::string>()) {
    value.content = items_of<std::string>(*array);
  } else if (array != nullptr && array->empty()) {
    value.content = std::vector<std::string>();
  } else if (array != nullptr && all_numbers(*array)) {
    value.content = items_of<double>(*array);
  }
  return value;
}

}  // namespace

Result<> TomlReader::State::count_name(std::size_t size, int line) {
  name_bytes += size;
  if (name_bytes <= kMaxNames) return {};
  return error("base.config.invalid", line, "too large", std::source_location::current());
}

Result<> TomlReader::State::take(const std::string& key, const toml::node& node, int depth) {
  if (const auto* table = node.as_table()) return take_table(key, *table, depth);
  if (const auto* array = node.as_array(); array != nullptr && !array->empty() && array->is_array_of_tables()) {
    return take_tables(key, *array, depth);
  }
  values.emplace(key, scalar_or_array(node));
  return {};
}

Result<> TomlReader::State::take_table(const std::string& name, const toml::table& table, int depth) {
  if (depth > kMaxDepth) {
    return error("base.config.invalid", line_of(table), fmt::format("tables in tables > {}", kMaxDepth),
                 std::source_location::current());
  }
  tables.emplace(name, std::max(line_of(table), 1));
  for (const auto& [key, node] : table) {
    if (!is_bare_key(key.str())) {
      return error("base.config.invalid", static_cast<int>(key.source().begin.line), fmt::format("“{}”", key.str()),
                   std::source_location::current())
          .with("key", key.str());
    }
    KYSO_TRY(count_name(name.size() + 1 + key.str().size(), line_of(node)));
    children[name].emplace_back(key.str());
    KYSO_TRY(take(join(name, key.str()), node, depth + 1));
  }
  return {};
}

Result<> TomlReader::State::take_tables(const std::string& key, const toml::array& array, int depth) {
  counts[key] = array.size();
  tables.emplace(key, line_of(array));
  std::size_t index = 0;
  for (const auto& item : array) {
    KYSO_TRY(count_name(key.size(), line_of(item)));
    KYSO_TRY(take_table(fmt::format("{}[{}]", key, index++), *item.as_table(), depth));
  }
  return {};
}

TomlReader::TomlReader(std::shared_ptr<State> state) : m_state(std::move(state)) {}

Result<TomlReader> TomlReader::load(const std::filesystem::path& path) {
  const Bytes text = KYSO_TRY(read_file(path, kMaxConfigSize));
  return parse(as_chars(text), path.string());
}

Result<TomlReader> TomlReader::parse(std::string_view text, std::string_view name) {
  auto state = std::make_shared<State>();
  state->path = name;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // the mark that editors on Windows write
  if (text.size() > kMaxConfigSize) {
    return state->error("base.config.invalid", 1, "too large", std::source_location::current());
  }
  if (const auto flaw = find_toml_flaw(text)) {
    return state->error("base.config.invalid", flaw->line, flaw->problem, std::source_location::current());
  }
  try {
    const toml::table document = toml::parse(text);
    KYSO_TRY(state->take_table("", document, 0));
  } catch (const toml::parse_error& problem) {
    return state->error("base.config.invalid", static_cast<int>(problem.source().begin.line), problem.description(),
                        std::source_location::current());
  }
  return TomlReader(std::move(state));
}

namespace {

// How a value of the asked type looks: the same in every language.
template <typename T>
constexpr std::string_view kExample = "";
template <>
constexpr std::string_view kExample<std::string> = "\"…\"";
template <>
constexpr std::string_view kExample<std::int64_t> = "123";
template <>
constexpr std::string_view kExample<double> = "12.5";
template <>
constexpr std::string_view kExample<bool> = "true / false";
template <>
constexpr std::string_view kExample<std::vector<std::string>> = "[\"…\", \"…\"]";
template <>
constexpr std::string_view kExample<std::vector<double>> = "[1, 2.5]";

template <typename T>
std::optional<T> content_as(const Value& value) {
  if constexpr (std::is_same_v<T, double>) {
    if (const auto* integer = std::get_if<std::int64_t>(&value.content)) return static_cast<double>(*integer);
  }
  if constexpr (std::is_same_v<T, std::vector<double>>) {
    const auto* texts = std::get_if<std::vector<std::string>>(&value.content);
    if (texts != nullptr && texts->empty()) return std::vector<double>();
  }
  const T* content = std::get_if<T>(&value.content);
  return content == nullptr ? std::nullopt : std::optional(*content);
}

template <typename T, typename State>
Result<std::optional<T>> get(State& state, std::string_view key) {
  const auto found = state.values.find(key);
  const bool other_kind = found == state.values.end() && (state.tables.contains(key) || state.counts.contains(key));
  if (found == state.values.end() && !other_kind) return std::optional<T>();
  std::optional<T> content = other_kind ? std::nullopt : content_as<T>(found->second);
  if (!content) {
    return state
        .error("base.config.wrong_type", state.line_near(key), fmt::format("{} = {}", key, kExample<T>),
               std::source_location::current())
        .with("key", key)
        .with("expected", kExample<T>);
  }
  state.read.emplace(key);
  return content;
}

template <typename T, typename State>
Result<T> require(State& state, std::string_view key) {
  std::optional<T> content = KYSO_TRY(get<T>(state, key));
  if (!content) {
    return state.error("base.config.missing", state.line_near(key), key, std::source_location::current())
        .with("key", key);
  }
  return *std::move(content);
}

}  // namespace

Result<std::optional<std::string>> TomlReader::get_string(std::string_view key) const {
  return get<std::string>(*m_state, key);
}
Result<std::optional<std::int64_t>> TomlReader::get_int(std::string_view key) const {
  return get<std::int64_t>(*m_state, key);
}
Result<std::optional<double>> TomlReader::get_double(std::string_view key) const {
  return get<double>(*m_state, key);
}
Result<std::optional<bool>> TomlReader::get_bool(std::string_view key) const {
  return get<bool>(*m_state, key);
}
Result<std::optional<std::vector<std::string>>> TomlReader::get_strings(std::string_view key) const {
  return get<std::vector<std::string>>(*m_state, key);
}
Result<std::optional<std::vector<double>>> TomlReader::get_doubles(std::string_view key) const {
  return get<std::vector<double>>(*m_state, key);
}

Result<std::string> TomlReader::require_string(std::string_view key) const {
  return require<std::string>(*m_state, key);
}
Result<std::int64_t> TomlReader::require_int(std::string_view key) const {
  return require<std::int64_t>(*m_state, key);
}
Result<double> TomlReader::require_double(std::string_view key) const {
  return require<double>(*m_state, key);
}

bool TomlReader::contains(std::string_view key) const {
  return m_state->values.contains(key) || m_state->tables.contains(key) || m_state->counts.contains(key);
}

std::vector<std::string> TomlReader::children(std::string_view table) const {
  const auto found = m_state->children.find(table);
  return found == m_state->children.end() ? std::vector<std::string>() : found->second;
}

std::size_t TomlReader::count(std::string_view array_of_tables) const {
  const auto found = m_state->counts.find(array_of_tables);
  return found == m_state->counts.end() ? 0 : found->second;
}

Error TomlReader::invalid(std::string_view key, std::string problem, std::source_location where) const {
  return m_state->error("base.config.invalid", m_state->line_near(key), problem, where).with("key", key);
}

Result<> TomlReader::refuse_unknown_keys() const {
  const auto* first = static_cast<const std::pair<const std::string, Value>*>(nullptr);
  for (const auto& entry : m_state->values) {
    const bool is_first = first == nullptr || entry.second.line < first->second.line;
    if (!m_state->read.contains(entry.first) && is_first) first = &entry;
  }
  if (first == nullptr) return {};
  return m_state->error("base.config.unknown_key", first->second.line, first->first, std::source_location::current())
      .with("key", first->first);
}

}  // namespace kyso
