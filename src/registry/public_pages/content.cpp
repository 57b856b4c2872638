#include "registry/public_pages/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "audit/audit.h"
#include "base/text.h"
#include "crypto/password.h"
#include "registry/public_pages/file_kind.h"

namespace kyso::registry {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"news", "guide", "resource", "contact", "legal"};
constexpr std::size_t kMaxTarget = 2'000;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Error markup(std::string_view text, std::size_t at) {
  return fail("registry.content.markup").with("near", to_valid_utf8(text.substr(at, 30)));
}

// CommonMark section 4.6 and 6.6: what begins a tag, a comment, an instruction or a declaration; autolinks begin so
// too.
bool begins_tag(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return false;
  const char next = text[at + 1];
  return is_letter(next) || next == '/' || next == '!' || next == '?';
}

// The target of a link: no scheme, or one of those that only lead somewhere. Character references could hide one.
bool is_good_target(std::string_view target) {
  if (target.size() > kMaxTarget) return false;
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == '&' || c == '\\' || c == '<'; };
  // "&" may stand in a query, where no scheme can follow.
  const std::string_view head = target.substr(0, target.find_first_of("/?#"));
  if (std::ranges::any_of(head, is_odd)) return false;
  const std::size_t colon = head.find(':');
  if (colon == std::string_view::npos) return !target.starts_with("//");
  const std::string scheme = fold_case(head.substr(0, colon));
  return scheme == "https" || scheme == "http" || scheme == "mailto" || scheme == "tel";
}

// From behind "](" or "]:" up to a blank, a parenthesis or the end of the line.
std::string_view target_at(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
  const std::size_t end = text.find_first_of(" \t\r\n)", at);
  return text.substr(at, end == std::string_view::npos ? end : end - at);
}

Result<> record(db::Transaction& transaction, const Caller& caller, std::string_view what, const Content& content,
                Instant now) {
  audit::Event event;
  event.kind = fmt::format("content.{}", what);
  event.actor = caller.actor();
  event.subject = "content:" + content.id;
  event.details.set("kind", content.kind).set("title", content.title).set("file", content.file_name);
  KYSO_TRY(audit::append(transaction, event, now));
  return {};
}

Result<Content> must_find(db::Transaction& transaction, const std::string& id) {
  auto found = KYSO_TRY(content_store::find(transaction, id));
  if (!found) return fail("registry.content.missing");
  return *std::move(found);
}

}  // namespace

json::Value to_json(const Content& content) {
  json::Value out = json::Value::object();
  out.set("id", content.id).set("kind", content.kind).set("title", content.title);
  out.set("title_en", content.title_en).set("text", content.text).set("text_en", content.text_en);
  out.set("published", iso8601_vietnam(content.published));
  if (!content.group.empty()) out.set("group", content.group);
  if (!content.link.empty()) out.set("link", content.link);
  if (!content.file.empty()) out.set("file", content.file_name).set("size", content.file_size);
  return out;
}

bool is_content_kind(std::string_view kind) {
  return std::ranges::find(kKinds, kind) != kKinds.end();
}

Result<> check_markup(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '<' && begins_tag(text, at)) return markup(text, at);
    if (text[at] != ']' || at + 1 >= text.size() || (text[at + 1] != '(' && text[at + 1] != ':')) continue;
    if (!is_good_target(target_at(text, at + 2))) return markup(text, at);
  }
  return {};
}

Result<> check_link(std::string_view link) {
  const bool is_place = link.starts_with("/") && !link.starts_with("//") && !link.starts_with("/\\");
  const bool is_odd =
      std::ranges::any_of(link, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == '\\'; });
  if (is_odd || (!is_place && !link.starts_with("https://") && !link.starts_with("http://")))
    return fail("registry.content.link");
  return {};
}

Result<std::vector<Content>> Contents::list(const content_store::Filter& filter) {
  return m_database.read([&](db::Transaction& transaction) { return content_store::list(transaction, filter); });
}

Result<Content> Contents::find(const std::string& id, std::optional<Instant> published_until) {
  return m_database.read([&](db::Transaction& transaction) -> Result<Content> {
    Content found = KYSO_TRY(must_find(transaction, id));
    if (published_until && found.published > *published_until) return fail("registry.content.missing");
    return found;
  });
}

Result<Content> Contents::add(const Caller& caller, Content content, Instant now) {
  content.id = crypto::random_uuid();
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(content_store::insert(transaction, content));
    return record(transaction, caller, "added", content, now);
  }));
  return content;
}

Result<Content> Contents::change(const Caller& caller, const Content& content, Instant now) {
  return m_database.write([&](db::Transaction& transaction) -> Result<Content> {
    KYSO_TRY(content_store::update(transaction, content));
    Content changed = KYSO_TRY(must_find(transaction, content.id));
    KYSO_TRY(record(transaction, caller, "changed", changed, now));
    return changed;
  });
}

Result<> Contents::remove(const Caller& caller, const std::string& id, Instant now) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    const Content found = KYSO_TRY(must_find(transaction, id));
    KYSO_TRY(content_store::remove(transaction, id));
    return record(transaction, caller, "removed", found, now);
  });
}

Result<> Contents::set_file(const Caller& caller, const std::string& id, const std::string& file_name, ByteView bytes,
                            Instant now) {
  const std::optional<FileKind> kind = file_kind(file_name, bytes);
  if (!kind) return fail("registry.content.kind").with("name", file_name);
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    Content content = KYSO_TRY(must_find(transaction, id));
    content.file_name = file_name;
    content.file_type = kind->content_type;
    KYSO_TRY(content_store::set_file(transaction, content, bytes));
    return record(transaction, caller, "file_set", content, now);
  });
}

std::function<Result<Bytes>()> Contents::pieces(const Content& content) {
  return [this, file = content.file, size = content.file_size, sent = std::int64_t{0},
          number = std::int64_t{0}]() mutable -> Result<Bytes> {
    if (sent >= size) return Bytes();
    Bytes piece = KYSO_TRY(
        m_database.read([&](db::Transaction& transaction) { return content_store::piece(transaction, file, number); }));
    ++number;
    sent += static_cast<std::int64_t>(piece.size());
    return piece;
  };
}

}  // namespace kyso::registry
