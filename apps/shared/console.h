#pragma once
#include <fmt/core.h>

#include <cstdio>
#include <optional>
#include <string>

#include "base/error_text.h"
#include "json/json.h"

namespace kyso::app {

// What the program says: results on standard output, everything else on standard error, in the person's language.
// With --json the only thing on standard output is one JSON value (or one per line, for batches).
class Console {
 public:
  Language language = Language::vietnamese;
  bool json = false;
  bool quiet = false;

  const char* pick(const char* vietnamese, const char* english) const {
    return language == Language::vietnamese ? vietnamese : english;
  }
  template <typename... Args>
  std::string text(fmt::format_string<Args...> vietnamese, fmt::format_string<Args...> english, Args&&... args) const {
    return fmt::format(language == Language::vietnamese ? vietnamese : english, std::forward<Args>(args)...);
  }
  // A line of the result, for people.
  template <typename... Args>
  void say(fmt::format_string<Args...> vietnamese, fmt::format_string<Args...> english, Args&&... args) const {
    if (!json && !quiet) print(text(vietnamese, english, std::forward<Args>(args)...) + "\n");
  }
  // Something to know that is not the result.
  template <typename... Args>
  void note(fmt::format_string<Args...> vietnamese, fmt::format_string<Args...> english, Args&&... args) const {
    std::fputs((text(vietnamese, english, std::forward<Args>(args)...) + "\n").c_str(), stderr);
  }
  void print(const std::string& text) const { std::fputs(text.c_str(), stdout); }

  // Says what happened, why and what to do; gives the exit code: the error's own, unless the command has few of its
  // own.
  int report(const Error& error, std::optional<int> exit_code = std::nullopt) const;
  json::Value to_json(const Error& error) const;
};

// A name that somebody else may have chosen, such as a file's, as one piece of a line: control characters and those
// that turn or hide the text around them become U+FFFD, so that no name looks like a result.
std::string shown(std::string_view name);

// A column that lines up although Vietnamese letters take several bytes.
std::string pad_right(const std::string& text, std::size_t width);

}  // namespace kyso::app
