#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "db/database.h"
#include "json/json.h"
#include "registry/web/caller.h"

// News, guides, resources, contact and the legal basis: what administrators write for everybody.
namespace kyso::registry {

struct Content {
  std::string id, kind;  // news, guide, resource, contact, legal
  std::string title, title_en, text, text_en, group, link;
  Instant published{};
  std::string file, file_name, file_type;  // file: empty when there is none
  std::int64_t file_size = 0;
};
json::Value to_json(const Content& content);
bool is_content_kind(std::string_view kind);

// Markdown without HTML, whose links lead to http, https, mailto, tel, or a place of this portal.
// registry.content.markup {near}.
Result<> check_markup(std::string_view text);
// registry.content.link
Result<> check_link(std::string_view link);

// All SQL of content.
namespace content_store {

struct Filter {
  std::string kind;
  std::optional<Instant> published_until;  // absent: also what is not published yet
  std::optional<std::pair<Instant, std::string>> after;
  std::size_t limit = 50;
};
// Newest first.
Result<std::vector<Content>> list(db::Transaction& transaction, const Filter& filter);
Result<std::optional<Content>> find(db::Transaction& transaction, std::string_view id);
Result<> insert(db::Transaction& transaction, const Content& content);
// Everything but the file.
Result<> update(db::Transaction& transaction, const Content& content);
Result<bool> remove(db::Transaction& transaction, std::string_view id);
Result<> set_file(db::Transaction& transaction, Content& content, ByteView bytes);
// A piece of a file; empty behind its end. registry.content.missing: it was replaced meanwhile.
Result<Bytes> piece(db::Transaction& transaction, std::string_view file, std::int64_t number);
// True the first time.
Result<bool> take_origin(db::Transaction& transaction, std::string_view name, Instant now);

}  // namespace content_store

// Contents: what administrators do. Every change is written to the audit log.
class Contents {
 public:
  explicit Contents(db::Database& database) : m_database(database) {}
  Result<std::vector<Content>> list(const content_store::Filter& filter);
  // registry.content.missing: there is none, or it is not published at that moment (absent: whatever its time).
  Result<Content> find(const std::string& id, std::optional<Instant> published_until);
  Result<Content> add(const Caller& caller, Content content, Instant now);
  Result<Content> change(const Caller& caller, const Content& content, Instant now);
  Result<> remove(const Caller& caller, const std::string& id, Instant now);
  // registry.content.kind {name}: not of a kind that is allowed.
  Result<> set_file(const Caller& caller, const std::string& id, const std::string& file_name, ByteView bytes,
                    Instant now);
  // The bytes one after the other, with little memory.
  std::function<Result<Bytes>()> pieces(const Content& content);

 private:
  db::Database& m_database;
};

// What comes with the software (share/content): "<name>.vi.md" and "<name>.en.md", each with "Title:", "Kind:",
// "Group:", "Link:" lines, an empty one, and the text. Put in once: what administrators change or remove stays so.
// How many were added. registry.content.origin {path} {problem}.
Result<std::size_t> add_original_content(db::Database& database, const std::filesystem::path& folder, Instant now);

}  // namespace kyso::registry
