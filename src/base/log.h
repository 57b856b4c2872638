#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"

// JSON lines on standard error (or a file): {"time":…,"level":…,"event":"tsa.failover","url":…}. Thread-safe.
// Never pass a secret; values with pin, password, passphrase or secret as a word of their name are written as "***".
namespace kyso::log {

enum class Level { debug, info, warning, error, off };
struct Field {
  std::string_view name;
  std::string value;
};

void set_level(Level level);  // default: off for programs that talk to a person
Result<> open_file(const std::string& path);
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});
void write(Level level, std::string_view event, const Error& error);

}  // namespace kyso::log
