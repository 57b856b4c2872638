#include <fmt/format.h>

#include "crypto/password.h"
#include "registry/public_pages/content.h"

namespace kyso::registry::content_store {
namespace {

constexpr std::size_t kPiece = 1U << 20U;
constexpr std::string_view kColumns =
    "id, kind, title, title_en, text, text_en, group_name, link, published, COALESCE(file, ''), file_name, file_type, "
    "file_size";

Result<Content> read(const db::Row& row) {
  Content out;
  std::size_t column = 0;
  for (std::string* text :
       {&out.id, &out.kind, &out.title, &out.title_en, &out.text, &out.text_en, &out.group, &out.link})
    *text = KYSO_TRY(row.get<std::string>(column++));
  out.published = KYSO_TRY(row.get<Instant>(column++));
  for (std::string* text : {&out.file, &out.file_name, &out.file_type})
    *text = KYSO_TRY(row.get<std::string>(column++));
  out.file_size = KYSO_TRY(row.get<std::int64_t>(column));
  return out;
}

}  // namespace

Result<std::vector<Content>> list(db::Transaction& transaction, const Filter& filter) {
  std::string sql = fmt::format("SELECT {} FROM content WHERE kind = ?", kColumns);
  db::Values values = {filter.kind};
  if (filter.published_until) {
    sql += " AND published <= ?";
    values.emplace_back(*filter.published_until);
  }
  if (filter.after) {
    sql += " AND (published, id) < (?, ?)";
    values.emplace_back(filter.after->first);
    values.emplace_back(filter.after->second);
  }
  sql += " ORDER BY published DESC, id DESC LIMIT ?";
  values.emplace_back(filter.limit);
  std::vector<Content> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(sql, values))) out.push_back(KYSO_TRY(read(row)));
  return out;
}

Result<std::optional<Content>> find(db::Transaction& transaction, std::string_view id) {
  const std::optional<db::Row> row =
      KYSO_TRY(transaction.maybe(fmt::format("SELECT {} FROM content WHERE id = ?", kColumns), {id}));
  if (!row) return std::optional<Content>();
  return std::optional(KYSO_TRY(read(*row)));
}

Result<> insert(db::Transaction& transaction, const Content& content) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO content (id, kind, title, title_en, text, text_en, group_name, link, published, file_name, "
      "file_type, file_size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', 0)",
      {content.id, content.kind, content.title, content.title_en, content.text, content.text_en, content.group,
       content.link, content.published}));
  return {};
}

Result<> update(db::Transaction& transaction, const Content& content) {
  const std::int64_t changed = KYSO_TRY(transaction.execute(
      "UPDATE content SET kind = ?, title = ?, title_en = ?, text = ?, text_en = ?, group_name = ?, link = ?, "
      "published = ? WHERE id = ?",
      {content.kind, content.title, content.title_en, content.text, content.text_en, content.group, content.link,
       content.published, content.id}));
  if (changed != 1) return fail("registry.content.missing");
  return {};
}

Result<bool> remove(db::Transaction& transaction, std::string_view id) {
  KYSO_TRY(transaction.execute(
      "DELETE FROM content_file WHERE file IN (SELECT file FROM content WHERE id = ? AND file IS NOT NULL)", {id}));
  return KYSO_TRY(transaction.execute("DELETE FROM content WHERE id = ?", {id})) > 0;
}

Result<> set_file(db::Transaction& transaction, Content& content, ByteView bytes) {
  if (!content.file.empty()) KYSO_TRY(transaction.execute("DELETE FROM content_file WHERE file = ?", {content.file}));
  content.file = crypto::random_uuid();
  content.file_size = static_cast<std::int64_t>(bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += kPiece)
    KYSO_TRY(transaction.execute("INSERT INTO content_file (file, piece, bytes) VALUES (?, ?, ?)",
                                 {content.file, at / kPiece, bytes.subspan(at, std::min(kPiece, bytes.size() - at))}));
  KYSO_TRY(transaction.execute("UPDATE content SET file = ?, file_name = ?, file_type = ?, file_size = ? WHERE id = ?",
                               {content.file, content.file_name, content.file_type, content.file_size, content.id}));
  return {};
}

Result<Bytes> piece(db::Transaction& transaction, std::string_view file, std::int64_t number) {
  const std::optional<db::Row> row =
      KYSO_TRY(transaction.maybe("SELECT bytes FROM content_file WHERE file = ? AND piece = ?", {file, number}));
  if (!row) return fail("registry.content.missing");
  return row->get<Bytes>(0);
}

Result<bool> take_origin(db::Transaction& transaction, std::string_view name, Instant now) {
  return KYSO_TRY(transaction.execute("INSERT INTO content_origin (name, added) VALUES (?, ?) ON CONFLICT DO NOTHING",
                                      {name, now})) > 0;
}

}  // namespace kyso::registry::content_store
