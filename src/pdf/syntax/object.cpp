#include "pdf/syntax/object.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace kyso::pdf {

Object::Object(Array value) : m_value(std::make_shared<const Array>(std::move(value))) {}
Object::Object(Dictionary value) : m_value(std::make_shared<const Dictionary>(std::move(value))) {}
Object::Object(Stream value) : m_value(std::make_shared<const Stream>(std::move(value))) {}

std::optional<bool> Object::as_bool() const {
  const bool* value = std::get_if<bool>(&m_value);
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<std::int64_t> Object::as_integer() const {
  const std::int64_t* value = std::get_if<std::int64_t>(&m_value);
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<double> Object::as_number() const {
  if (const std::int64_t* value = std::get_if<std::int64_t>(&m_value)) return static_cast<double>(*value);
  const double* value = std::get_if<double>(&m_value);
  return value ? std::optional(*value) : std::nullopt;
}

const std::string* Object::as_name() const {
  const Name* value = std::get_if<Name>(&m_value);
  return value ? &value->value : nullptr;
}

const String* Object::as_string() const {
  return std::get_if<String>(&m_value);
}

const Array* Object::as_array() const {
  const auto* value = std::get_if<std::shared_ptr<const Array>>(&m_value);
  return value ? value->get() : nullptr;
}

const Dictionary* Object::as_dictionary() const {
  if (const auto* value = std::get_if<std::shared_ptr<const Dictionary>>(&m_value)) return value->get();
  const Stream* stream = as_stream();
  return stream ? stream->dictionary.get() : nullptr;
}

const Stream* Object::as_stream() const {
  const auto* value = std::get_if<std::shared_ptr<const Stream>>(&m_value);
  return value ? value->get() : nullptr;
}

std::optional<ObjectId> Object::as_reference() const {
  const ObjectId* value = std::get_if<ObjectId>(&m_value);
  return value ? std::optional(*value) : std::nullopt;
}

bool Object::is_name(std::string_view value) const {
  const std::string* name = as_name();
  return name != nullptr && *name == value;
}

namespace {

// The entries that count (the last one of each key), by key.
std::vector<const std::pair<std::string, Object>*> effective_entries(const Dictionary& dictionary) {
  std::vector<const std::pair<std::string, Object>*> entries;
  entries.reserve(dictionary.size());
  for (const auto& entry : dictionary) entries.push_back(&entry);
  std::ranges::sort(entries, [](const auto* x, const auto* y) {
    const int order = x->first.compare(y->first);
    return order != 0 ? order < 0 : x < y;  // equal keys in file order
  });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + 1 < entries.size() && entries[i + 1]->first == entries[i]->first) continue;
    entries[kept++] = entries[i];
  }
  entries.resize(kept);
  return entries;
}

bool are_equal(const Dictionary& a, const Dictionary& b) {
  return std::ranges::equal(effective_entries(a), effective_entries(b), [](const auto* x, const auto* y) {
    return x->first == y->first && x->second == y->second;
  });
}

bool are_equal(const Stream& a, const Stream& b) {
  return a.data == b.data && are_equal(*a.dictionary, *b.dictionary);
}

}  // namespace

bool operator==(const Object& a, const Object& b) {
  const auto integer_a = a.as_integer(), integer_b = b.as_integer();
  if (integer_a && integer_b) return *integer_a == *integer_b;
  const auto number_a = a.as_number(), number_b = b.as_number();
  if (number_a && number_b) return *number_a == *number_b;
  if (a.m_value.index() != b.m_value.index()) return false;
  if (const Stream* stream = a.as_stream()) return stream == b.as_stream() || are_equal(*stream, *b.as_stream());
  if (const Dictionary* dictionary = a.as_dictionary()) {
    return dictionary == b.as_dictionary() || are_equal(*dictionary, *b.as_dictionary());
  }
  if (const Array* array = a.as_array()) return array == b.as_array() || *array == *b.as_array();
  return a.m_value == b.m_value;
}

// Below this a linear search is as quick.
constexpr std::size_t kIndexedFrom = 48;

struct Dictionary::Index {
  std::unordered_map<std::string, std::size_t> last;
  bool has_duplicates = false;
};

Dictionary::Dictionary(std::initializer_list<std::pair<std::string_view, Object>> entries) {
  for (const auto& [key, value] : entries) set(key, value);
}

std::size_t Dictionary::find(std::string_view key) const {
  if (m_index) {
    const auto found = m_index->last.find(std::string(key));
    return found == m_index->last.end() ? m_entries.size() : found->second;
  }
  for (std::size_t i = m_entries.size(); i-- > 0;) {
    if (m_entries[i].first == key) return i;
  }
  return m_entries.size();
}

const Object& Dictionary::get(std::string_view key) const {
  static const Object null;
  const std::size_t at = find(key);
  return at < m_entries.size() ? m_entries[at].second : null;
}

bool Dictionary::has(std::string_view key) const {
  return find(key) < m_entries.size();
}

void Dictionary::set(std::string_view key, Object value) {
  const std::size_t at = find(key);
  if (at < m_entries.size()) {
    m_entries[at].second = std::move(value);
  } else {
    add(std::string(key), std::move(value));
  }
}

void Dictionary::add(std::string key, Object value) {
  m_entries.emplace_back(std::move(key), std::move(value));
  if (m_entries.size() < kIndexedFrom) return;
  std::size_t from = m_entries.size() - 1;
  if (!m_index) {
    m_index = std::make_shared<Index>();
    from = 0;
  } else if (m_index.use_count() > 1) {  // a copy of this dictionary uses it too
    m_index = std::make_shared<Index>(*m_index);
  }
  for (std::size_t i = from; i < m_entries.size(); ++i) {
    if (!m_index->last.insert_or_assign(m_entries[i].first, i).second) m_index->has_duplicates = true;
  }
}

void Dictionary::erase(std::string_view key) {
  if (std::erase_if(m_entries, [&](const auto& entry) { return entry.first == key; }) == 0 || !m_index) return;
  m_index.reset();
  if (m_entries.size() < kIndexedFrom) return;
  auto last = std::move(m_entries.back());
  m_entries.pop_back();
  add(std::move(last.first), std::move(last.second));  // builds the index anew
}

bool Dictionary::has_duplicate_keys() const {
  if (m_index) return m_index->has_duplicates;
  for (std::size_t i = 0; i < m_entries.size(); ++i) {
    if (find(m_entries[i].first) != i) return true;
  }
  return false;
}

}  // namespace kyso::pdf
