#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Configuration and template files: TOML 1.0 (toml++ stays inside toml_reader.cpp).
namespace kyso {

// TomlReader: typed access to one TOML document that remembers which keys were read.
//
// A key is written with dots from the root: "tsa.url"; an entry of an array of tables by its index: "mark[0].text".
// Only bare keys (letters, digits, _ and -) are accepted in the file, so that this is unambiguous. At most 1 MiB, and
// 32 tables in tables. A get_ function gives nullopt when the key is absent; require_ makes that an error.
//
// Errors, all exit code 81 and all with {path} {line} {problem}, those about one key also with {key}:
//   base.config.invalid      not TOML, or a value refused by the caller (see invalid())
//   base.config.wrong_type   the value has another type ({expected}: how it should look)
//   base.config.missing      a required key is absent
//   base.config.unknown_key  nobody asked for this key
// Reading the file: the errors of read_file(). Copies share the memory of what was read.
class TomlReader {
 public:
  static Result<TomlReader> load(const std::filesystem::path& path);
  // `name` stands for the path in errors.
  static Result<TomlReader> parse(std::string_view text, std::string_view name);

  Result<std::optional<std::string>> get_string(std::string_view key) const;  // as in the file: not normalised
  Result<std::optional<std::int64_t>> get_int(std::string_view key) const;
  Result<std::optional<double>> get_double(
      std::string_view key) const;  // an integer is accepted; never NaN or infinite
  Result<std::optional<bool>> get_bool(std::string_view key) const;
  Result<std::optional<std::vector<std::string>>> get_strings(std::string_view key) const;
  Result<std::optional<std::vector<double>>> get_doubles(std::string_view key) const;

  Result<std::string> require_string(std::string_view key) const;
  Result<std::int64_t> require_int(std::string_view key) const;
  Result<double> require_double(std::string_view key) const;

  // True when a value, a table or an array of tables has this name. Does not count as reading it.
  bool contains(std::string_view key) const;
  // The names directly below a table ("" = the root), in alphabetical order. Does not count as reading them.
  std::vector<std::string> children(std::string_view table) const;
  // Entries of an array of tables; 0 when there is none.
  std::size_t count(std::string_view array_of_tables) const;

  // For the caller's own rules: base.config.invalid at the line of `key`. `problem` is for people: keep it to values
  // and names that read the same in Vietnamese and English, e.g. "page = 0 (1…9999)".
  Error invalid(std::string_view key, std::string problem,
                std::source_location where = std::source_location::current()) const;
  // Call last: the first key (in the order of the file) that nobody read is base.config.unknown_key.
  Result<> refuse_unknown_keys() const;

 private:
  struct State;
  explicit TomlReader(std::shared_ptr<State> state);
  std::shared_ptr<State> m_state;
};

// TomlWriter: a TOML text of keys and one level of tables. Keys that are set before the first table() belong to the
// root. Names that are not bare keys are quoted; text must be UTF-8 (ill-formed sequences become U+FFFD).
class TomlWriter {
 public:
  TomlWriter& comment(std::string_view text);  // one "# " line for each line of `text`
  TomlWriter& table(std::string_view name);
  TomlWriter& table_entry(std::string_view name);  // [[name]]
  TomlWriter& set(std::string_view key, std::string_view value);
  TomlWriter& set(std::string_view key, const char* value) { return set(key, std::string_view(value)); }
  TomlWriter& set(std::string_view key, const std::string& value) { return set(key, std::string_view(value)); }
  TomlWriter& set(std::string_view key, std::int64_t value);
  TomlWriter& set(std::string_view key, int value) { return set(key, static_cast<std::int64_t>(value)); }
  TomlWriter& set(std::string_view key, double value);
  TomlWriter& set(std::string_view key, bool value);
  TomlWriter& set(std::string_view key, const std::vector<std::string>& values);
  const std::string& text() const { return m_text; }

 private:
  TomlWriter& line(std::string_view key, std::string_view value);
  std::string m_text;
};

}  // namespace kyso
