#pragma once
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/result.h"

// What the tests of all modules need.
namespace kyso {

// A new empty folder that is removed with everything in it.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "kyso-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
    m_path = name;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
  }
  const std::filesystem::path& path() const { return m_path; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return m_path / name; }
  std::filesystem::path write(const std::filesystem::path& name, std::string_view content) const {
    std::ofstream(m_path / name, std::ios::binary) << content;
    return m_path / name;
  }

 private:
  std::filesystem::path m_path;
};

// The value, or the test ends with what the error says.
template <typename T>
T must(Result<T> result, std::string_view what = {}) {
  if (!result) {
    const Error& error = result.error();
    std::string text = fmt::format("{} {} {}", what, error.code, error.detail);
    for (const auto& [name, value] : error.params) text += fmt::format(" {}={}", name, value);
    FAIL(text, " at ", error.where.file_name(), ":", error.where.line());
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

template <typename T>
std::string code_of(const Result<T>& result) {
  return result ? "ok" : std::string(result.error().code);
}

// A parameter of the error's sentence; empty when it has none of that name.
inline std::string parameter(const Error& error, std::string_view name) {
  for (const auto& [key, value] : error.params)
    if (key == name) return value;
  return {};
}

struct CommandResult {
  int status = -1;  // -1: ended by a signal
  std::string output;
};
inline CommandResult run_command(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  CommandResult result;
  std::array<char, 65536> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    result.output.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  return result;
}

// What a command that must succeed prints.
inline std::string output_of(const std::string& command) {
  CommandResult result = run_command(command);
  REQUIRE_MESSAGE(result.status == 0, command, ": ", result.output);
  return std::move(result.output);
}

}  // namespace kyso
