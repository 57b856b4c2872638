#include "kyso/authority_policy_files.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"

namespace kyso::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 4U << 20U;

Result<> add_file(const fs::path& path, std::string name, std::vector<vault::PolicyFile>& files) {
  if (!vault::is_policy_file_name(name)) return {};
  const Bytes content = KYSO_TRY(read_file(path, kMaxFile));
  files.push_back({std::move(name), std::string(as_chars(content))});
  return {};
}

Result<std::vector<fs::path>> entries_of(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code problem;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem))
    out.push_back(entry->path());
  if (problem) return fail("base.file.unreadable", "{}", problem.message()).with("path", folder.string());
  std::ranges::sort(out);
  return out;
}

}  // namespace

Result<std::vector<vault::PolicyFile>> read_policy_folder(const std::string& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return fail("base.file.missing").with("path", folder);
  std::vector<vault::PolicyFile> files;
  for (const fs::path& path : KYSO_TRY(entries_of(folder))) KYSO_TRY(add_file(path, path.filename().string(), files));
  const fs::path profiles = fs::path(folder) / "profiles";
  if (fs::is_directory(profiles, ignored))
    for (const fs::path& path : KYSO_TRY(entries_of(profiles)))
      KYSO_TRY(add_file(path, "profiles/" + path.filename().string(), files));
  return files;
}

Result<> write_policy_folder(const std::string& folder, const std::vector<vault::PolicyFile>& files) {
  std::error_code problem;
  if (fs::exists(folder, problem) && !fs::is_empty(folder, problem))
    return fail("base.file.exists").with("path", folder);
  for (const vault::PolicyFile& file : files) {
    // Names come from a server.
    if (!vault::is_policy_file_name(file.name)) return fail("vault.policy.file").with("name", file.name);
    const fs::path path = fs::path(folder) / file.name;
    fs::create_directories(path.parent_path(), problem);
    if (problem) return fail("base.file.unwritable", "{}", problem.message()).with("path", folder);
    OutputFile out = KYSO_TRY(OutputFile::create(path, OutputFile::Existing::keep));
    KYSO_TRY(out.write(as_bytes(file.content)));
    KYSO_TRY(out.commit());
  }
  return {};
}

}  // namespace kyso::app
