#include "db/migration.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/file.h"
#include "db/sql_text.h"

namespace kyso::db {
namespace {

namespace fs = std::filesystem;

struct Migration {
  int number = 0;
  std::string file, text, digest;
};
struct Recorded {
  std::string file, digest;
};

Error wrong_number(std::string file, std::string_view why) {
  return fail("db.migration.numbering", "{}", why).with("file", file);
}

Result<std::string> sha256_hex(ByteView bytes) {
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    return fail("base.internal", "SHA-256");
  return to_hex(digest);
}

// "0001_jobs.sql" -> 1; none when the name has another shape.
std::optional<int> number_of(std::string_view file) {
  constexpr std::size_t kDigits = 4;
  if (file.size() < kDigits + 2 || file[kDigits] != '_') return std::nullopt;
  int number = 0;
  for (const char digit : file.substr(0, kDigits)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = 10 * number + (digit - '0');
  }
  if (number == 0) return std::nullopt;
  return number;
}

Result<std::vector<Migration>> read_folder(const fs::path& folder) {
  std::vector<Migration> migrations;
  std::error_code problem;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem)) {
    if (entry->path().extension() != ".sql") continue;
    Migration migration;
    migration.file = entry->path().filename().string();
    const auto number = number_of(migration.file);
    if (!number) return wrong_number(migration.file, "not NNNN_name.sql");
    migration.number = *number;
    const Bytes content = KYSO_TRY(read_file(entry->path(), 1U << 20U));
    migration.text = as_chars(content);
    migration.digest = KYSO_TRY(sha256_hex(content));
    migrations.push_back(std::move(migration));
  }
  if (problem) return fail("db.migration.folder", "{}", problem.message()).with("path", folder.string());
  std::ranges::sort(migrations, {}, &Migration::number);
  const auto twice = std::ranges::adjacent_find(migrations, {}, &Migration::number);
  if (twice != migrations.end()) return wrong_number(std::next(twice)->file, "the number is used twice");
  return migrations;
}

using Records = std::map<int, Recorded>;

Result<Records> read_records(Transaction& transaction) {
  Records records;
  const Rows rows = KYSO_TRY(transaction.query("SELECT number, file, sha256 FROM schema_migration"));
  for (const Row& row : rows)
    records[KYSO_TRY(row.get<int>(0))] = {KYSO_TRY(row.get<std::string>(1)), KYSO_TRY(row.get<std::string>(2))};
  return records;
}

Result<bool> has_records(Transaction& transaction) {
  const bool is_sqlite = transaction.engine() == Engine::sqlite;
  const auto row = KYSO_TRY(transaction.one(
      is_sqlite ? "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migration'"
                : "SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 'schema_migration' AND relkind = 'r' AND "
                  "pg_catalog.pg_table_is_visible(oid)"));
  return KYSO_TRY(row.get<std::int64_t>(0)) == 1;
}

// The first migration that is not recorded, when all before it are as they were.
Result<const Migration*> next_pending(const std::vector<Migration>& migrations, const Records& records) {
  const int newest = records.empty() ? 0 : records.rbegin()->first;
  if (newest > (migrations.empty() ? 0 : migrations.back().number))
    return fail("db.migration.newer", "{}", records.rbegin()->second.file).with("number", newest);
  for (const auto& [number, recorded] : records) {
    const auto found = std::ranges::find(migrations, number, &Migration::number);
    if (found == migrations.end() || found->file != recorded.file || found->digest != recorded.digest)
      return fail("db.migration.changed").with("file", recorded.file);
  }
  for (const Migration& migration : migrations) {
    if (records.contains(migration.number)) continue;
    if (migration.number < newest) return wrong_number(migration.file, "below the newest recorded number");
    return &migration;
  }
  return nullptr;
}

// Others that start at the same time wait here until this transaction ends. SQLite's writer is alone anyway.
Result<> lock(Transaction& transaction) {
  if (transaction.engine() == Engine::sqlite) return {};
  KYSO_TRY(transaction.query("SELECT pg_advisory_xact_lock(hashtext('kyso.schema_migration.' || current_schema()))"));
  return {};
}

Result<> create_records(Transaction& transaction) {
  if (KYSO_TRY(has_records(transaction))) return {};
  KYSO_TRY(transaction.execute(KYSO_TRY(translate_types(
      "CREATE TABLE schema_migration (number BIGINT PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL, "
      "applied_at BIGINT NOT NULL)",
      transaction.engine()))));
  return {};
}

// Runs the next migration; the name of its file, or nothing when none is left.
Result<std::optional<std::string>> migrate_once(Transaction& transaction, const std::vector<Migration>& migrations,
                                                const Clock& clock) {
  KYSO_TRY(lock(transaction));
  KYSO_TRY(create_records(transaction));
  const Migration* migration = KYSO_TRY(next_pending(migrations, KYSO_TRY(read_records(transaction))));
  if (migration == nullptr) return std::optional<std::string>();
  for (const std::string& statement : KYSO_TRY(split_statements(migration->text)))
    KYSO_TRY(transaction.execute(KYSO_TRY(translate_types(statement, transaction.engine()))));
  KYSO_TRY(transaction.execute("INSERT INTO schema_migration (number, file, sha256, applied_at) VALUES (?, ?, ?, ?)",
                               {migration->number, migration->file, migration->digest, clock.now()}));
  return std::optional(migration->file);
}

Result<const Migration*> find_pending(Database& database, const std::vector<Migration>& migrations) {
  return database.read([&](Transaction& transaction) -> Result<const Migration*> {
    if (!KYSO_TRY(has_records(transaction))) return migrations.empty() ? nullptr : &migrations.front();
    return next_pending(migrations, KYSO_TRY(read_records(transaction)));
  });
}

}  // namespace

Result<MigrationReport> migrate(Database& database, const fs::path& folder, const Clock& clock) {
  const std::vector<Migration> migrations = KYSO_TRY(read_folder(folder));
  MigrationReport report;
  // The usual case changes nothing: then nobody is made to wait.
  while (KYSO_TRY(find_pending(database, migrations)) != nullptr) {
    // Each statement by itself: the records that another process has just written must be seen behind the lock.
    auto applied =
        KYSO_TRY(database.write([&](Transaction& transaction) { return migrate_once(transaction, migrations, clock); },
                                Isolation::each_statement));
    if (applied) report.applied.push_back(*std::move(applied));
  }
  if (!migrations.empty()) report.version = migrations.back().number;
  return report;
}

Result<> check_migrations(Database& database, const fs::path& folder) {
  const std::vector<Migration> migrations = KYSO_TRY(read_folder(folder));
  const Migration* pending = KYSO_TRY(find_pending(database, migrations));
  if (pending != nullptr) return fail("db.migration.pending").with("file", pending->file);
  return {};
}

}  // namespace kyso::db
