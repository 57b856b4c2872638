#pragma once
#include <type_traits>

#include "json/json.h"
#include "verify/facts/facts.h"

// One description of each structure serves writing and reading, so that both stay the same. Private to the module.
//
// Members are required and stand in the order of the description, but for optional values, which are left out when
// there is none. Reading refuses members that are missing, superfluous or of another kind.
namespace kyso::verify {

class FactsWriter {
 public:
  template <typename T>
  void member(const char* name, const T& value) {
    m_value.set(name, write(value));
  }
  template <typename T>
  void member(const char* name, const std::optional<T>& value) {
    if (value) m_value.set(name, write(*value));
  }
  void page(const char* name, std::size_t page) {
    if (page != pdf::kNoPage) m_value.set(name, json::Value(page));
  }
  json::Value take() { return std::move(m_value); }

  template <typename T>
  static json::Value write(const T& value);

 private:
  json::Value m_value = json::Value::object();
};

class FactsReader {
 public:
  explicit FactsReader(const json::Value& value, std::string path) : m_value(value), m_path(std::move(path)) {
    if (value.as_object() == nullptr) refuse({});
  }
  template <typename T>
  void member(const char* name, T& value) {
    if (!m_bad.empty()) return;
    const json::Value* found = find(name);
    if (found == nullptr) return refuse(name);
    read(*found, value, path_of(name), m_bad);
  }
  template <typename T>
  void member(const char* name, std::optional<T>& value) {
    if (!m_bad.empty()) return;
    const json::Value* found = find(name);
    if (found == nullptr) return;
    T one{};
    read(*found, one, path_of(name), m_bad);
    value = std::move(one);
  }
  void page(const char* name, std::size_t& page) {
    std::optional<std::size_t> found;
    member(name, found);
    page = found.value_or(pdf::kNoPage);
  }
  // The path of the first member that is not as it should be; empty: all are.
  std::string finish() {
    if (m_bad.empty() && m_value.as_object() != nullptr && m_value.as_object()->size() != m_used) {
      for (const auto& [name, value] : *m_value.as_object()) {
        if (std::find(m_names.begin(), m_names.end(), name) == m_names.end()) refuse(name.c_str());
      }
    }
    return m_bad;
  }

  template <typename T>
  static void read(const json::Value& value, T& out, const std::string& path, std::string& bad);

 private:
  const json::Value* find(const char* name) {
    const json::Value* found = m_value.find(name);
    if (found != nullptr) {
      ++m_used;
      m_names.emplace_back(name);
    }
    return found;
  }
  std::string path_of(const char* name) const { return m_path.empty() ? name : fmt::format("{}.{}", m_path, name); }
  void refuse(const char* name) {
    if (m_bad.empty()) m_bad = name == nullptr ? (m_path.empty() ? "." : m_path) : path_of(name);
  }

  const json::Value& m_value;
  std::string m_path, m_bad;
  std::size_t m_used = 0;
  std::vector<std::string_view> m_names;
};

}  // namespace kyso::verify
