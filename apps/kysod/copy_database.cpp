#include "kysod/copy_database.h"

#include <unistd.h>

#include <cstdio>

#include "base/file.h"
#include "db/copy.h"

namespace kyso::daemon {
namespace {

// A statement may read all rows of a table.
constexpr std::chrono::hours kPatience{24};

Result<std::unique_ptr<db::Database>> open(const std::string& url) {
  return db::Database::open({.url = url, .connections = 2, .statement_timeout = kPatience});
}

}  // namespace

Result<> copy_database(const std::string& from, const std::string& to, const std::filesystem::path& migrations,
                       const app::Console& console) {
  // A source that isn't there is a mistake, not a new database.
  if (constexpr std::string_view kSqlite = "sqlite:"; from.starts_with(kSqlite))
    if (const std::string file = from.substr(kSqlite.size()); !std::filesystem::exists(file))
      return fail("base.file.missing").with("path", file);
  const auto source = KYSO_TRY(open(from));
  const auto target = KYSO_TRY(open(to));
  db::CopyProgress progress;
  if (::isatty(STDERR_FILENO) != 0)
    progress = [](std::string_view table, std::int64_t rows) {
      std::fprintf(stderr, "\r\033[K%.*s %lld", static_cast<int>(table.size()), table.data(),
                   static_cast<long long>(rows));
    };
  const auto copied = db::copy_database(*source, *target, migrations, system_clock(), progress);
  if (progress) std::fputs("\r\033[K", stderr);
  if (!copied) return copied.error();
  for (const db::CopiedTable& table : *copied)
    console.say("{:<24} {:>10} dòng  SHA-256 {}", "{:<24} {:>10} rows  SHA-256 {}", table.name, table.rows,
                table.sha256);
  console.say("Đã sao chép và đối chiếu. Sửa database.url trong kysod.toml trước khi khởi động lại.",
              "Copied and compared. Change database.url in kysod.toml before kysod is started again.");
  return {};
}

Result<> back_up(const Configuration& configuration, const std::filesystem::path& file, const app::Console& console) {
  db::DatabaseOptions options = configuration.database;
  options.statement_timeout = kPatience;
  const auto database = KYSO_TRY(db::Database::open(options));
  KYSO_TRY(database->back_up(file));
  console.say("Đã sao lưu vào {}.", "The backup is in {}.", file.string());
  return {};
}

}  // namespace kyso::daemon
