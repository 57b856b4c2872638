#pragma once
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace kyso::db {

// StatementCache: prepared statements by their text; the one that was not used for the longest time goes first.
template <typename T>
class StatementCache {
 public:
  explicit StatementCache(std::size_t capacity) : m_capacity(capacity) {}

  T* find(std::string_view text) {
    const auto found = m_index.find(text);
    if (found == m_index.end()) return nullptr;
    m_entries.splice(m_entries.begin(), m_entries, found->second);
    return &found->second->second;
  }
  // What had to make room, for the caller to close.
  std::unique_ptr<T> insert(std::string text, T statement) {
    m_entries.emplace_front(std::move(text), std::move(statement));
    m_index.emplace(std::string_view(m_entries.front().first), m_entries.begin());
    if (m_entries.size() <= m_capacity) return nullptr;
    m_index.erase(m_entries.back().first);
    auto oldest = std::make_unique<T>(std::move(m_entries.back().second));
    m_entries.pop_back();
    return oldest;
  }
  void erase(std::string_view text) {
    const auto found = m_index.find(text);
    if (found == m_index.end()) return;
    const auto entry = found->second;
    m_index.erase(found);
    m_entries.erase(entry);
  }
  std::size_t size() const { return m_entries.size(); }

 private:
  std::size_t m_capacity;
  std::list<std::pair<std::string, T>> m_entries;
  std::unordered_map<std::string_view, typename std::list<std::pair<std::string, T>>::iterator> m_index;
};

}  // namespace kyso::db
