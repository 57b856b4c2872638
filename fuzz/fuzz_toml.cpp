#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/config.h"

// Every name that children() tells exists, and asking for it with any type gives a value or an error.
namespace {

void visit(const kyso::TomlReader& reader, const std::string& table) {
  for (const std::string& child : reader.children(table)) {
    const std::string key = table.empty() ? child : table + "." + child;
    if (!reader.contains(key)) __builtin_trap();
    (void)reader.get_string(key);
    (void)reader.get_double(key);
    (void)reader.get_strings(key);
    (void)reader.get_doubles(key);
    visit(reader, key);
    for (std::size_t i = 0; i < reader.count(key); ++i) visit(reader, key + "[" + std::to_string(i) + "]");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reader = kyso::TomlReader::parse(kyso::as_chars({data, size}), "fuzz");
  if (!reader) return 0;
  visit(*reader, "");
  (void)reader->refuse_unknown_keys();
  return 0;
}
