#pragma once
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/test_support.h"
#include "base/text.h"
#include "pdf/file/object_view.h"

// For tests: what another program (qpdf) reads in a file, as our objects.
namespace kyso::pdf::test {

struct QpdfObject {
  Object value;
  std::optional<Bytes> data;  // of a stream, decoded as far as qpdf does
};

// qpdf's JSON, version 2: names are "/Name", strings "u:text" or "b:hex", references "5 0 R".
class QpdfJson {
 public:
  explicit QpdfJson(std::string text) : m_text(std::move(text)) {}

  std::map<ObjectId, QpdfObject> objects() {
    std::map<ObjectId, QpdfObject> found;
    m_position = m_text.find("\"obj:");
    while (m_position != std::string::npos && m_position < m_text.size() && m_text[m_position] == '"') {
      const std::string key = string();
      expect(':');
      const Object wrapper = value();
      const auto id = key.starts_with("obj:") ? reference(key.substr(4)) : std::nullopt;
      if (id) {
        if (const Dictionary* stream = wrapper.as_dictionary()->get("stream").as_dictionary()) {
          const std::string* data = stream->get("data").as_name();
          const auto bytes = data != nullptr ? from_base64(*data) : Result<Bytes>(Bytes());
          found[*id] = {stream->get("dict"), bytes ? std::optional(*bytes) : std::nullopt};
        } else {
          found[*id] = {wrapper.as_dictionary()->get("value"), std::nullopt};
        }
      }
      if (peek() != ',') break;
      ++m_position;
      (void)peek();
    }
    return found;
  }

 private:
  static std::optional<ObjectId> reference(const std::string& text) {
    unsigned number = 0, generation = 0;
    char r = 0, more = 0;
    if (std::sscanf(text.c_str(), "%u %u %c%c", &number, &generation, &r, &more) != 3 || r != 'R') return std::nullopt;
    return ObjectId{number, static_cast<std::uint16_t>(generation)};
  }
  char peek() {
    while (m_position < m_text.size() && (m_text[m_position] == ' ' || m_text[m_position] == '\n')) ++m_position;
    return m_position < m_text.size() ? m_text[m_position] : '\0';
  }
  void expect(char c) {
    if (peek() == c) ++m_position;
  }
  std::string string() {
    std::string out;
    expect('"');
    std::u16string pending;
    for (; m_position < m_text.size() && m_text[m_position] != '"'; ++m_position) {
      if (m_text[m_position] != '\\') {
        out += m_text[m_position];
        continue;
      }
      const char c = m_text[++m_position];
      if (c == 'u') {
        append_utf8(out, static_cast<char32_t>(std::stoul(m_text.substr(m_position + 1, 4), nullptr, 16)));
        m_position += 4;
      } else {
        out += c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
      }
    }
    ++m_position;
    return out;
  }
  // Strings that are neither PDF strings nor references come back as names, keys without "/" too.
  Object value() {
    switch (peek()) {
      case '"': {
        const std::string text = string();
        if (text.starts_with("u:")) return String{"\xEF\xBB\xBF" + text.substr(2), false};
        if (text.starts_with("b:")) {
          const auto bytes = from_hex(text.substr(2));
          return String{bytes ? std::string(bytes->begin(), bytes->end()) : "?", true};
        }
        if (const auto id = reference(text)) return *id;
        return Name{text.starts_with("/") ? text.substr(1) : text};
      }
      case '{': {
        Dictionary dictionary;
        for (++m_position; peek() == '"';) {
          const std::string key = string();
          expect(':');
          dictionary.set(key.starts_with("/") ? key.substr(1) : key, value());
          if (peek() == ',') ++m_position;
        }
        expect('}');
        return dictionary;
      }
      case '[': {
        Array items;
        for (++m_position; peek() != ']' && peek() != '\0';) {
          items.push_back(value());
          if (peek() == ',') ++m_position;
        }
        expect(']');
        return items;
      }
      default:
        break;
    }
    const std::size_t start = m_position;
    while (m_position < m_text.size() &&
           std::string_view(",]} \n").find(m_text[m_position]) == std::string_view::npos) {
      ++m_position;
    }
    const std::string word = m_text.substr(start, m_position - start);
    if (word == "true" || word == "false") return word == "true";
    if (word == "null") return {};
    if (word.find_first_of(".eE") != std::string::npos) return std::stod(word);
    return static_cast<std::int64_t>(std::stoll(word));
  }

  std::string m_text;
  std::size_t m_position = 0;
};

inline std::map<ObjectId, QpdfObject> objects_by_qpdf(const std::filesystem::path& file, const std::string& password) {
  return QpdfJson(
             run_command(
                 "qpdf --json=2 --json-key=qpdf --json-stream-data=inline --decode-level=specialized --password='" +
                 password + "' '" + file.string() + "' 2>/dev/null")
                 .output)
      .objects();
}

// Equal as far as qpdf's notation lets one see.
inline bool is_same(const Object& ours, const Object& theirs, const std::vector<std::string_view>& ignored = {}) {
  if (theirs.is_null() && ours.as_reference()) return true;  // qpdf shows references to nothing as null
  if (const String* text = theirs.as_string()) {
    if (ours.as_string() == nullptr) return false;
    return ours.as_string()->bytes == text->bytes ||
           (!text->hexadecimal && text_of(*ours.as_string()) == text_of(*text));
  }
  if (const Array* array = theirs.as_array()) {
    if (ours.as_array() == nullptr || ours.as_array()->size() != array->size()) return false;
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (!is_same((*ours.as_array())[i], (*array)[i])) return false;
    }
    return true;
  }
  if (const Dictionary* dictionary = theirs.as_dictionary()) {
    if (ours.as_dictionary() == nullptr) return false;
    const auto counts = [&](const std::string& key) {
      return std::find(ignored.begin(), ignored.end(), key) == ignored.end();
    };
    for (const auto& [key, value] : *dictionary) {
      if (counts(key) && !is_same(ours.as_dictionary()->get(key), value)) return false;
    }
    for (const auto& [key, value] : *ours.as_dictionary()) {
      if (counts(key) && !value.is_null() && !dictionary->has(key)) return false;
    }
    return true;
  }
  if (const auto number = theirs.as_number()) {
    const auto own = ours.as_number();
    return own && std::abs(*own - *number) <= 1e-9 * (1 + std::abs(*number));
  }
  return ours == theirs;
}

}  // namespace kyso::pdf::test
