#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

// The objects of ISO 32000-2 section 7.3 as immutable values; copies are cheap (containers are shared).
namespace kyso::pdf {

struct ObjectId {  // names an indirect object
  std::uint32_t number = 0;
  std::uint16_t generation = 0;
  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

struct Name {
  std::string value;  // without "/", #xx decoded
  friend bool operator==(const Name&, const Name&) = default;
};

struct String {
  std::string bytes;         // decoded and, in an object from an encrypted file, decrypted
  bool hexadecimal = false;  // how it was or is to be written
  friend bool operator==(const String& a, const String& b) { return a.bytes == b.bytes; }
};

class Object;
class Dictionary;
using Array = std::vector<Object>;

struct Extent {  // bytes of the source
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint64_t end() const { return offset + length; }
  friend bool operator==(const Extent&, const Extent&) = default;
};

struct Stream {
  std::shared_ptr<const Dictionary> dictionary;
  // Raw (still encoded, still encrypted) bytes: an extent of the source, or bytes made in memory (plain).
  std::variant<Extent, std::shared_ptr<const Bytes>> data;
  ObjectId id;  // its own, needed for decryption; {0,0} for streams made in memory
};

class Object {
 public:
  Object() = default;  // null
  Object(bool value) : m_value(value) {}
  Object(std::int64_t value) : m_value(value) {}
  Object(int value) : m_value(static_cast<std::int64_t>(value)) {}
  Object(double value) : m_value(value) {}
  Object(Name value) : m_value(std::move(value)) {}
  Object(String value) : m_value(std::move(value)) {}
  Object(ObjectId reference) : m_value(reference) {}
  Object(Array value);
  Object(Dictionary value);
  Object(Stream value);

  bool is_null() const { return std::holds_alternative<std::monostate>(m_value); }
  std::optional<bool> as_bool() const;
  std::optional<std::int64_t> as_integer() const;  // integers only
  std::optional<double> as_number() const;         // integer or real
  const std::string* as_name() const;              // nullptr when it is something else
  const String* as_string() const;
  const Array* as_array() const;
  const Dictionary* as_dictionary() const;  // also the dictionary of a stream
  const Stream* as_stream() const;
  std::optional<ObjectId> as_reference() const;
  bool is_name(std::string_view value) const;
  // Equal values (numbers by value, dictionaries without regard to order); streams by identity of their data.
  friend bool operator==(const Object& a, const Object& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, Name, String, ObjectId, std::shared_ptr<const Array>,
               std::shared_ptr<const Dictionary>, std::shared_ptr<const Stream>>
      m_value;
};

// Entries in file order. A key that stands twice is kept twice; lookups give the last one.
class Dictionary {
 public:
  Dictionary() = default;
  Dictionary(std::initializer_list<std::pair<std::string_view, Object>> entries);
  const Object& get(std::string_view key) const;  // the null object when absent; never resolves references
  bool has(std::string_view key) const;
  void set(std::string_view key, Object value);  // replaces in place, else appends
  void erase(std::string_view key);
  void add(std::string key, Object value);  // parser only: keeps duplicates
  bool has_duplicate_keys() const;          // after decoding #xx
  std::size_t size() const { return m_entries.size(); }
  auto begin() const { return m_entries.begin(); }
  auto end() const { return m_entries.end(); }

 private:
  struct Index;
  std::size_t find(std::string_view key) const;  // position of the last entry with this key, or size()
  std::vector<std::pair<std::string, Object>> m_entries;
  std::shared_ptr<Index> m_index;  // of large dictionaries only, so that hostile ones cost no quadratic time
};

// A text string (UTF-16BE with mark, UTF-8 with mark, or PDFDocEncoding) as UTF-8 NFC.
std::string text_of(const String& string);
// The shortest legal text string for UTF-8 text: ASCII as it is, anything else UTF-16BE with mark.
String text_string(std::string_view utf8);

// Writes the object as PDF syntax: direct values only need nothing else. Reals get at most 5 decimals (6 significant
// when small), never an exponent. Streams are written by IncrementalWriter.
void serialize(const Object& object, std::string& out);
std::string serialize(const Object& object);

}  // namespace kyso::pdf
