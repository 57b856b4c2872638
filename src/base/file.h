#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace kyso {

// Reads a whole small file. Missing: base.file.missing; unreadable: base.file.unreadable; larger than `limit`:
// base.file.too_large. All with {path}.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit = 64U << 20U);

// The folder with fonts, templates and sample images: $KYSO_SHARE, else <folder of the program>/../share/kyso.
std::filesystem::path share_folder();
// $XDG_CONFIG_HOME/kyso or ~/.config/kyso; $XDG_CACHE_HOME/kyso or ~/.cache/kyso. Not created.
std::filesystem::path config_folder();
std::filesystem::path cache_folder();

// True when both name the same existing file (hard and symbolic links followed).
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

// OutputFile: a file that appears under its name complete or not at all.
//
// It is written without a name in the target's folder (O_TMPFILE; where the file system cannot, a hidden temporary
// name), so that kill -9 leaves nothing behind; commit() makes the data durable and gives it its name in one step.
// Errors: base.file.unwritable, base.file.disk_full, base.file.exists, all with {path}.
class OutputFile {
 public:
  enum class Existing { keep, replace };
  static Result<OutputFile> create(const std::filesystem::path& target, Existing existing = Existing::replace);
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;
  ~OutputFile();  // without commit: nothing remains

  Result<> write(ByteView bytes);  // appends
  Result<> write_at(std::uint64_t offset, ByteView bytes);
  // Appends `length` bytes of another open file from `offset`; in the kernel where it can (shared extents or copy).
  Result<> append_from(int source_descriptor, std::uint64_t offset, std::uint64_t length);
  Result<Bytes> read_at(std::uint64_t offset, std::size_t length) const;
  std::uint64_t size() const;
  int descriptor() const;
  const std::filesystem::path& target() const;
  Result<> commit();

 private:
  struct State;
  explicit OutputFile(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

}  // namespace kyso
