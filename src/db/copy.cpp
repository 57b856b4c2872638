#include "db/copy.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "db/migration.h"

namespace kyso::db {
namespace {

// Rows that travel together: few round trips, little memory.
constexpr std::size_t kRowsTogether = 500;
constexpr std::size_t kBytesTogether = 4U << 20U;

struct Table {
  std::string name;
  std::vector<std::string> columns, key, parents;
  std::string identity;  // the column whose numbers the database gives, if any

  std::string list() const { return fmt::format("{}", fmt::join(columns, ", ")); }
  std::string select() const {
    return fmt::format("SELECT {} FROM {} ORDER BY {}", list(), name, fmt::join(key, ", "));
  }
  std::string insert() const {
    const std::vector<std::string_view> marks(columns.size(), "?");
    return fmt::format("INSERT INTO {} ({}) VALUES ({})", name, list(), fmt::join(marks, ", "));
  }
};

// What a new database looks like: its tables, and what migrations put into them. One in memory is asked, so that
// neither engine's catalogue needs to be understood.
Result<std::vector<std::string>> texts(Transaction& transaction, std::string_view sql, const Values& parameters = {}) {
  std::vector<std::string> out;
  for (const Row& row : KYSO_TRY(transaction.query(sql, parameters))) out.push_back(KYSO_TRY(row.get<std::string>(0)));
  return out;
}

Result<Table> describe_table(Transaction& transaction, const std::string& name, bool has_identity) {
  Table table;
  table.name = name;
  table.columns = KYSO_TRY(texts(transaction, "SELECT name FROM pragma_table_info(?) ORDER BY cid", {name}));
  table.key = KYSO_TRY(texts(transaction, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", {name}));
  table.parents = KYSO_TRY(texts(transaction, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?)", {name}));
  if (table.key.empty()) return fail("base.internal", "the table {} has no primary key", name);
  if (has_identity) table.identity = table.key.front();
  return table;
}

// Parents before children; a table that refers to itself comes in the order of its key.
Result<std::vector<Table>> in_order(std::vector<Table> tables) {
  std::vector<Table> out;
  while (!tables.empty()) {
    const auto waits = [&](const Table& table) {
      return std::ranges::any_of(table.parents, [&](const std::string& parent) {
        return parent != table.name && std::ranges::find(tables, parent, &Table::name) != tables.end();
      });
    };
    const auto next = std::ranges::find_if_not(tables, waits);
    if (next == tables.end()) return fail("base.internal", "foreign keys in a circle at {}", tables.front().name);
    out.push_back(std::move(*next));
    tables.erase(next);
  }
  return out;
}

Result<std::vector<Table>> describe_tables(Transaction& transaction) {
  std::vector<Table> tables;
  const Rows rows = KYSO_TRY(transaction.query(
      "SELECT name, CASE WHEN instr(sql, 'AUTOINCREMENT') > 0 THEN 1 ELSE 0 END FROM sqlite_schema "
      "WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migration' ORDER BY name"));
  for (const Row& row : rows)
    tables.push_back(
        KYSO_TRY(describe_table(transaction, KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<bool>(1)))));
  return in_order(std::move(tables));
}

// RowsDigest: SHA-256 over values with their types and lengths, so that no two contents have one text.
class RowsDigest {
 public:
  RowsDigest() : m_context(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    m_is_well = m_context && EVP_DigestInit_ex(m_context.get(), EVP_sha256(), nullptr) == 1;
  }
  // The bytes of the row's values.
  std::size_t add(const Values& values) {
    std::size_t size = 0;
    for (const Value& value : values)
      size += std::visit([this](const auto& held) { return add_value(held); }, value.storage());
    ++m_rows;
    return size;
  }
  Result<CopiedTable> finish(const std::string& table) {
    std::array<std::uint8_t, 32> digest{};
    if (!m_is_well || EVP_DigestFinal_ex(m_context.get(), digest.data(), nullptr) != 1)
      return fail("base.internal", "SHA-256");
    return CopiedTable{table, m_rows, to_hex(digest)};
  }

 private:
  std::size_t add_value(std::monostate) { return put(0, nullptr, 0); }
  std::size_t add_value(std::int64_t value) { return put(1, &value, sizeof value); }
  std::size_t add_value(double value) { return put(2, &value, sizeof value); }
  std::size_t add_value(const std::string& value) { return put(3, value.data(), value.size()); }
  std::size_t add_value(const Bytes& value) { return put(4, value.data(), value.size()); }
  std::size_t put(std::uint8_t type, const void* data, std::uint64_t size) {
    m_is_well = m_is_well && EVP_DigestUpdate(m_context.get(), &type, 1) == 1 &&
                EVP_DigestUpdate(m_context.get(), &size, sizeof size) == 1 &&
                (size == 0 || EVP_DigestUpdate(m_context.get(), data, size) == 1);
    return size;
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> m_context;
  bool m_is_well = false;
  std::int64_t m_rows = 0;
};

Result<CopiedTable> digest_table(Transaction& transaction, const Table& table) {
  RowsDigest digest;
  KYSO_TRY(transaction.for_each(table.select(), {}, [&](const Row& row) -> Result<bool> {
    Values values;
    values.reserve(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) values.push_back(row[i]);
    digest.add(values);
    return true;
  }));
  return digest.finish(table.name);
}

struct Reference {
  std::vector<Table> tables;
  std::vector<CopiedTable> contents;
};

Result<Reference> make_reference(const std::filesystem::path& migrations, const Clock& clock) {
  const auto database = KYSO_TRY(Database::open({.url = "sqlite::memory:", .connections = 1}));
  KYSO_TRY(migrate(*database, migrations, clock));
  return database->read([](Transaction& transaction) -> Result<Reference> {
    Reference out;
    out.tables = KYSO_TRY(describe_tables(transaction));
    for (const Table& table : out.tables) out.contents.push_back(KYSO_TRY(digest_table(transaction, table)));
    return out;
  });
}

Result<> require_empty(Transaction& transaction, const Reference& reference) {
  for (std::size_t i = 0; i < reference.tables.size(); ++i) {
    const Table& table = reference.tables[i];
    const auto row = KYSO_TRY(transaction.one("SELECT count(*) FROM " + table.name));
    if (KYSO_TRY(row.get<std::int64_t>(0)) != reference.contents[i].rows ||
        KYSO_TRY(digest_table(transaction, table)).sha256 != reference.contents[i].sha256)
      return fail("db.copy.not_empty").with("table", table.name);
  }
  // Children first.
  for (auto table = reference.tables.rbegin(); table != reference.tables.rend(); ++table)
    KYSO_TRY(transaction.execute("DELETE FROM " + table->name));
  return {};
}

Result<CopiedTable> copy_table(Transaction& from, Transaction& to, const Table& table, const CopyProgress& progress) {
  const std::string insert = table.insert();
  RowsDigest digest;
  std::vector<Values> batch;
  std::size_t size = 0;
  std::int64_t copied = 0;
  const auto send = [&]() -> Result<> {
    KYSO_TRY(to.execute_many(insert, batch));
    copied += static_cast<std::int64_t>(batch.size());
    batch.clear();
    size = 0;
    if (progress) progress(table.name, copied);
    return {};
  };
  KYSO_TRY(from.for_each(table.select(), {}, [&](const Row& row) -> Result<bool> {
    size += digest.add(batch.emplace_back(Row(row).release()));
    if (batch.size() >= kRowsTogether || size >= kBytesTogether) KYSO_TRY(send());
    return true;
  }));
  KYSO_TRY(send());
  return digest.finish(table.name);
}

// The last number that was given, also when its row is gone: it must not be given again.
Result<std::optional<std::int64_t>> last_number(Transaction& transaction, const Table& table) {
  const bool is_sqlite = transaction.engine() == Engine::sqlite;
  const auto row =
      is_sqlite
          ? KYSO_TRY(transaction.maybe("SELECT seq FROM sqlite_sequence WHERE name = ?", {table.name}))
          : KYSO_TRY(transaction.maybe("SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(?, ?) AS regclass))",
                                       {table.name, table.identity}));
  if (!row) return std::optional<std::int64_t>();
  return row->get<std::optional<std::int64_t>>(0);
}

Result<> set_last_number(Transaction& transaction, const Table& table, std::optional<std::int64_t> number) {
  if (!number) return {};
  if (transaction.engine() == Engine::postgresql) {
    KYSO_TRY(transaction.query("SELECT setval(CAST(pg_get_serial_sequence(?, ?) AS regclass), ?)",
                               {table.name, table.identity, *number}));
    return {};
  }
  KYSO_TRY(transaction.execute("DELETE FROM sqlite_sequence WHERE name = ?", {table.name}));
  KYSO_TRY(transaction.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", {table.name, *number}));
  return {};
}

Result<std::vector<CopiedTable>> copy_tables(Transaction& from, Transaction& to, const Reference& reference,
                                             const CopyProgress& progress) {
  std::vector<CopiedTable> copied;
  for (const Table& table : reference.tables) {
    copied.push_back(KYSO_TRY(copy_table(from, to, table, progress)));
    if (!table.identity.empty()) KYSO_TRY(set_last_number(to, table, KYSO_TRY(last_number(from, table))));
  }
  return copied;
}

Result<> compare(Transaction& transaction, const Reference& reference, const std::vector<CopiedTable>& copied,
                 const char* error) {
  for (std::size_t i = 0; i < copied.size(); ++i) {
    const CopiedTable there = KYSO_TRY(digest_table(transaction, reference.tables[i]));
    if (there.rows != copied[i].rows || there.sha256 != copied[i].sha256)
      return fail(error, "{} rows, then {}", copied[i].rows, there.rows).with("table", copied[i].name);
  }
  return {};
}

}  // namespace

Result<std::vector<CopiedTable>> copy_database(Database& from, Database& to, const std::filesystem::path& migrations,
                                               const Clock& clock, const CopyProgress& progress) {
  KYSO_TRY(check_migrations(from, migrations));
  const Reference reference = KYSO_TRY(make_reference(migrations, clock));
  KYSO_TRY(migrate(to, migrations, clock));
  return to.write([&](Transaction& target) -> Result<std::vector<CopiedTable>> {
    KYSO_TRY(require_empty(target, reference));
    auto copied =
        KYSO_TRY(from.read([&](Transaction& source) { return copy_tables(source, target, reference, progress); }));
    KYSO_TRY(compare(target, reference, copied, "db.copy.different"));
    KYSO_TRY(from.read([&](Transaction& source) { return compare(source, reference, copied, "db.copy.changed"); }));
    return copied;
  });
}

}  // namespace kyso::db
